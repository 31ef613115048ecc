"""The rules of all subscriptions, asked at once.

Every predicate is asked at most once per posting, and most are not asked at all: those whose key the posting lacks are false.
A rule in normal form is clauses of literals; here they are numbers in one flat array, so that any set of rules is answered by
counting the literals that hold.
"""

from collections.abc import Iterable

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned
from shared.rule import Literal, NormalForm, PostingView, Predicate, admits, keys_of, parse
from shared.rule import Rule as Tree

NO_RULE = -1
_NEGATED, _KEEP, _CODES = 2, 1, 4


class Rules:
    """Rules, numbered. One text with another choice for what is unknown is another rule."""

    def __init__(self) -> None:
        self.rules = Interned[tuple[str, bool]]()
        self._predicates = Predicates()
        self._codes, self._clause_ends = Growing(np.int32), Growing(np.int32)
        self._clauses = Growing(np.int32)
        self._conjunctive = Growing(np.bool_)
        self._large: dict[int, Tree] = {}
        self._clauses.append(0)
        self._clause_ends.append(0)

    def __len__(self) -> int:
        return len(self.rules)

    def number(self, text: str, keep_unknown: bool) -> int:
        """The number of a rule; `NO_RULE` for an empty one. Raises `RuleError` for what is no rule."""
        if not text:
            return NO_RULE
        number = self.rules.number((text, keep_unknown))
        if number == len(self._conjunctive):
            self._append(number, parse(text), keep_unknown)
        return number

    def _append(self, number: int, tree: Tree, keep_unknown: bool) -> None:
        form = tree.normal_form()
        if form is None:
            self._large[number] = tree
            form = NormalForm(True, ())
        for clause in form.clauses:
            self._codes.extend(self._code(literal, keep_unknown) for literal in clause)
            self._clause_ends.append(len(self._codes))
        self._clauses.append(len(self._clause_ends) - 1)
        self._conjunctive.append(form.conjunctive)

    def _code(self, literal: Literal, keep_unknown: bool) -> int:
        return self._predicates.number(literal.predicate) * _CODES + literal.negated * _NEGATED + keep_unknown * _KEEP

    def admitting(self, numbers: Array, view: PostingView) -> Array:
        """For each of the rules `numbers` (`NO_RULE` among them) whether the posting passes it."""
        passes = np.zeros(len(self) + 1, np.bool_)  # the last is for no rule
        passes[numbers] = True
        asked = np.flatnonzero(passes[:-1])
        if len(asked):
            passes[asked] = self._answers(asked, view)
        return passes[numbers]

    def _answers(self, numbers: Array, view: PostingView) -> Array:
        """For each of the distinct rules `numbers`, counted: true literals per clause, then true clauses per rule."""
        holds = self._predicates.holds(view)
        first, last = self._clauses.values[numbers], self._clauses.values[numbers + 1]
        clauses, owner = spans(first, last)
        starts, ends = self._clause_ends.values[clauses], self._clause_ends.values[clauses + 1]
        literals, clause = spans(starts, ends)
        true = np.bincount(clause[holds[self._codes.values[literals]]], minlength=len(clauses))
        conjunctive = self._conjunctive.values[numbers]
        met = np.where(conjunctive[owner], true > 0, true == ends - starts)
        count = np.bincount(owner[met], minlength=len(numbers))
        answers = np.where(conjunctive, count == last - first, count > 0)
        for place in np.flatnonzero(np.isin(numbers, list(self._large))).tolist() if self._large else ():
            number = int(numbers[place])
            answers[place] = admits(self._large[number], view, self.rules.keys[number][1])
        return answers


class Predicates:
    """Every predicate of every rule, numbered, and found by the key that a posting must have for it."""

    def __init__(self) -> None:
        self.predicates = Interned[Predicate]()
        self._keyed: dict[str, dict[str, list[int]]] = {}
        self._unkeyed: dict[str, list[int]] = {}

    def number(self, predicate: Predicate) -> int:
        known = len(self.predicates)
        number = self.predicates.number(predicate)
        if number == known:
            if predicate.key is None:
                self._unkeyed.setdefault(predicate.field, []).append(number)
            else:
                self._keyed.setdefault(predicate.field, {}).setdefault(predicate.key, []).append(number)
        return number

    def holds(self, view: PostingView) -> Array:
        """For each code (`Rules._code`) whether that literal holds of a posting."""
        holds = np.zeros((len(self.predicates), _CODES), np.bool_)
        holds[:, _NEGATED] = holds[:, _NEGATED + _KEEP] = True
        for number in self._open(view):
            found = self.predicates.keys[number].evaluate(view)
            if found is not False:
                holds[number] = (found is True, True, False, found is None)
        return holds.ravel()

    def _open(self, view: PostingView) -> Iterable[int]:
        """Predicates that may be true or unknown; all others are false."""
        for numbers in self._unkeyed.values():
            yield from numbers
        for field, keyed in self._keyed.items():
            keys = keys_of(view, field)
            for key in keyed if keys is None else keys & keyed.keys():
                yield from keyed[key]


def spans(first: Array, last: Array) -> tuple[Array, Array]:
    """The numbers of all half-open spans one after the other, and for each number which span it is of."""
    lengths = last - first
    owner = np.repeat(np.arange(len(first)), lengths)
    ends = np.cumsum(lengths)
    return np.arange(len(owner)) - np.repeat(ends - lengths, lengths) + np.repeat(first, lengths), owner
