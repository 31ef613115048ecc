"""The syntax tree of a rule: what it asks about, its three-valued answer, and its text in canonical form.

Answers are Kleene's: unknown is not known to be either, `not` leaves it unknown, `and` is false as soon as one part is
false, `or` true as soon as one is true.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeAlias

from shared.rule.fields import IS
from shared.rule.predicate import Predicate, head

Truth = Callable[[Predicate], bool | None]


@dataclass(frozen=True, slots=True)
class Is:
    predicate: Predicate
    depth: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"
    depth: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Every:
    """All parts, at least two."""

    parts: tuple["Node", ...]
    depth: int = field(compare=False)


@dataclass(frozen=True, slots=True)
class Some:
    """Any of the parts, at least two."""

    parts: tuple["Node", ...]
    depth: int = field(compare=False)


Node: TypeAlias = Is | Not | Every | Some


def negation(part: Node) -> Node:
    """Not `part`; twice not is nothing."""
    return part.part if isinstance(part, Not) else Not(part, part.depth + 1)


def every(parts: Iterable[Node]) -> Node:
    """All of `parts`; what is all of something in itself joins its neighbours."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Every) else (part,)))
    return flat[0] if len(flat) == 1 else Every(flat, 1 + max(part.depth for part in flat))


def some(parts: Iterable[Node]) -> Node:
    """Any of `parts`, as `every`."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Some) else (part,)))
    return flat[0] if len(flat) == 1 else Some(flat, 1 + max(part.depth for part in flat))


def predicates(node: Node) -> Iterator[Predicate]:
    """Every predicate in the order of the text, as often as it stands there."""
    match node:
        case Is(predicate):
            yield predicate
        case Not(part):
            yield from predicates(part)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from predicates(part)


def answer(node: Node, truth: Truth) -> bool | None:
    """Kleene's answer. Parts that cannot change it any more are not asked."""
    match node:
        case Is(predicate):
            return truth(predicate)
        case Not(part):
            found = answer(part, truth)
            return None if found is None else not found
        case Every(parts):
            return _unless(False, parts, truth)
        case Some(parts):
            return _unless(True, parts, truth)


def _unless(decisive: bool, parts: tuple[Node, ...], truth: Truth) -> bool | None:
    """`decisive` if one part says so, unknown if one might, else the opposite."""
    result: bool | None = not decisive
    for part in parts:
        found = answer(part, truth)
        if found is decisive:
            return decisive
        if found is None:
            result = None
    return result


# -------------------------------------------------------------------------------------------------------------- as text


def text(node: Node) -> str:
    """The rule as it is understood; parsed again it is the same tree."""
    match node:
        case Is(predicate):
            return str(predicate)
        case Not(part):
            return f"not {_enclosed(part)}"
        case Every(parts):
            return " and ".join(_enclosed(part) for part in parts)
        case Some(parts):
            return " or ".join(_alternatives(parts))


def _enclosed(part: Node) -> str:
    """In parentheses where it would otherwise fall apart; a list has its own."""
    loose = isinstance(part, Every) or (isinstance(part, Some) and len(list(_alternatives(part.parts))) > 1)
    return f"({text(part)})" if loose else text(part)


def _alternatives(parts: tuple[Node, ...]) -> Iterator[str]:
    """Neighbours that ask the same field become a list: `country:(SG, MY)`."""
    for field_name, run in groupby(parts, key=_listed_field):
        group = list(run)
        if field_name is None or len(group) == 1:
            yield from map(_enclosed, group)
        else:
            yield f"{head(field_name, IS)}({', '.join(part.predicate.shown_value for part in group if isinstance(part, Is))})"


def _listed_field(part: Node) -> str | None:
    return part.predicate.field if isinstance(part, Is) and part.predicate.operator == IS else None
