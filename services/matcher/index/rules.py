"""The rules of all subscriptions, asked at once.

Every predicate is asked at most once per posting, and most are not asked at all: those whose key the posting lacks are false.
A rule in normal form is clauses of literals; here they are numbers in one flat array, so that any set of rules is answered by
counting the literals that hold.
"""

from collections.abc import Iterable

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned, numbered_anew
from shared.rule import Literal, NormalForm, PostingView, Predicate, admits, keys_of, parse
from shared.rule import Rule as Tree

NO_RULE = -1
_NEGATED, _KEEP, _CODES = 2, 1, 4
_HOLDS: dict[bool | None, tuple[bool, ...]] = {
    True: (True, True, False, False),
    None: (False, True, False, True),
    False: (False, False, True, True),
}
"""By what a predicate says: whether it holds, the unknown dropped or kept, and whether its negation does."""


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
        known = self.rules.find((text, keep_unknown))
        if known is not None:
            return known
        tree = parse(text)  # before it has a number: one that is refused gets none
        number = self.rules.number((text, keep_unknown))
        self._append(number, tree, keep_unknown)
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

    def only(self, numbers: Array) -> "Rules":
        """These rules, numbered anew in this order, and no predicate that only others had."""
        first, last = self._clauses.values[numbers], self._clauses.values[numbers + 1]
        clauses, _ = spans(first, last)
        starts, ends = self._clause_ends.values[clauses], self._clause_ends.values[clauses + 1]
        literals, _ = spans(starts, ends)
        predicates, kinds = np.divmod(self._codes.values[literals], _CODES)
        used, place = numbered_anew(predicates)
        left = Rules()
        left.rules = Interned(self.rules.keys[number] for number in numbers.tolist())
        for predicate in used.tolist():
            left._predicates.number(self._predicates.predicates.keys[predicate])
        left._codes = Growing(np.int32, place * _CODES + kinds)
        left._clause_ends = Growing(np.int32, np.concatenate(([0], np.cumsum(ends - starts))))
        left._clauses = Growing(np.int32, np.concatenate(([0], np.cumsum(last - first))))
        left._conjunctive = Growing(np.bool_, self._conjunctive.values[numbers])
        left._large = {new: self._large[old] for new, old in enumerate(numbers.tolist()) if old in self._large}
        return left

    def _code(self, literal: Literal, keep_unknown: bool) -> int:
        return self._predicates.number(literal.predicate) * _CODES + literal.negated * _NEGATED + keep_unknown * _KEEP

    def admitting(self, numbers: Array, view: PostingView) -> Array:
        """For each of the rules `numbers` (`NO_RULE` among them) whether the posting passes it."""
        admitting = np.ones(len(numbers), np.bool_)
        ruled = np.flatnonzero(numbers != NO_RULE)
        if len(ruled):
            own = np.take(numbers, ruled)
            passes = np.zeros(len(self), np.bool_)
            passes[own] = True
            asked = np.flatnonzero(passes)
            passes[asked] = self._answers(asked, view)
            admitting[ruled] = np.take(passes, own)
        return admitting

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
        holds = np.tile(_HOLDS[False], (len(self.predicates), 1))
        for number in self._open(view):
            found = self.predicates.keys[number].evaluate(view)
            if found is not False:
                holds[number] = _HOLDS[found]
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
