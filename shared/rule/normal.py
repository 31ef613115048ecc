"""Rules in normal form: negations on predicates only, then clauses, which an index can count.

The laws used (De Morgan, distribution, absorption) hold in three-valued logic too. That of the excluded middle does not:
`skill:go or not skill:go` stays, because it is unknown where the skill is.
"""

from collections.abc import Iterable
from itertools import product
from typing import NamedTuple

from shared.rule.predicate import Predicate
from shared.rule.tree import Every, Is, Node, Not, Some, Truth

MAX_LITERALS = 64
_MAX_PRODUCT = 256
"""Clauses multiplied out at once; the most that absorption is asked to thin out."""


class Literal(NamedTuple):
    predicate: Predicate
    negated: bool = False

    def evaluate(self, truth: Truth) -> bool | None:
        found = truth(self.predicate)
        return None if found is None else found is not self.negated


Clause = tuple[Literal, ...]


class NormalForm(NamedTuple):
    """`conjunctive`: every clause needs one true literal. Otherwise one clause needs all of its literals."""

    conjunctive: bool
    clauses: tuple[Clause, ...]

    @property
    def size(self) -> int:
        """How many literals it has."""
        return sum(map(len, self.clauses))

    def evaluate(self, truth: Truth) -> bool | None:
        """The same answer as `shared.rule.tree.answer`."""
        inner, outer = (_some, _every) if self.conjunctive else (_every, _some)
        return outer(inner(literal.evaluate(truth) for literal in clause) for clause in self.clauses)


class _TooLarge(Exception):
    pass


def normal_form(root: Node) -> NormalForm | None:
    """The smaller of conjunctive and disjunctive normal form, or `None` where both have more than `MAX_LITERALS` literals."""
    forms = [form for conjunctive in (True, False) if (form := _form(root, conjunctive))]
    return min(forms, key=lambda form: (form.size, len(form.clauses)), default=None)


def _form(root: Node, conjunctive: bool) -> NormalForm | None:
    try:
        return NormalForm(conjunctive, tuple(_clauses(root, False, conjunctive)))
    except _TooLarge:
        return None


def _clauses(node: Node, negated: bool, conjunctive: bool) -> list[Clause]:
    """The clauses of `node`, or of its negation."""
    match node:
        case Is(predicate):
            return [(Literal(predicate, negated),)]
        case Not(part):
            return _clauses(part, not negated, conjunctive)
        case Every(parts) | Some(parts):
            inner = [_clauses(part, negated, conjunctive) for part in parts]
            is_every = isinstance(node, Every) is not negated
            return _side_by_side(inner) if is_every is conjunctive else _multiplied(inner)


def _side_by_side(parts: list[list[Clause]]) -> list[Clause]:
    return _thinned(clause for part in parts for clause in part)


def _multiplied(parts: list[list[Clause]]) -> list[Clause]:
    """Distribution: one clause of every part, together, in every way."""
    result, *rest = parts
    for part in rest:
        if len(result) * len(part) > _MAX_PRODUCT:
            raise _TooLarge
        result = _thinned(tuple(dict.fromkeys((*one, *other))) for one, other in product(result, part))
    return result


def _thinned(clauses: Iterable[Clause]) -> list[Clause]:
    """Without clauses that another one says already, with fewer literals. Keeps the order of the text."""
    given = list(clauses)
    kept: list[tuple[int, frozenset[Literal]]] = []
    size = 0
    for index, literals in sorted(enumerate(map(frozenset, given)), key=lambda item: (len(item[1]), item[0])):
        if not any(other <= literals for _, other in kept):
            kept.append((index, literals))
            size += len(literals)
        if size > MAX_LITERALS:
            raise _TooLarge
    return [given[index] for index, _ in sorted(kept, key=lambda item: item[0])]


def _every(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return False if False in found else (None if None in found else True)


def _some(answers: Iterable[bool | None]) -> bool | None:
    found = set(answers)
    return True if True in found else (None if None in found else False)
