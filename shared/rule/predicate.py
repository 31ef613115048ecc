"""One question about a posting: a field, an operator and a value."""

import re
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from shared.rule.fields import FIELDS, IS
from shared.rule.view import PostingView

_BARE = re.compile(r"(?!(?:and|or|not)$)[^\s()\":=<>!,“”‘’≥≤≠'\\]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Predicate:
    """`operator` is `:` for *is*, or a comparison. `value` is hashable; its kind depends on the field.

    `skill:go`, `skill:golang` and `Skill = Go` are one predicate, and as a rule one object: see `predicate`.
    """

    field: str
    operator: str
    value: Any

    def evaluate(self, view: PostingView) -> bool | None:
        """Whether it is true of a posting, or `None` where the posting does not say."""
        return FIELDS[self.field].truth(view, self.operator, self.value)

    @property
    def key(self) -> str | None:
        """A word to find it by: it is false of a posting whose `keys_of(field)` are known and lack it. `None`: no such word."""
        return FIELDS[self.field].key(self.value) if self.operator == IS else None

    def __str__(self) -> str:
        return f"{head(self.field, self.operator)}{self.shown_value}"

    @property
    def shown_value(self) -> str:
        """The value as it is written in a rule."""
        text = FIELDS[self.field].show(self.value)
        return text if self.operator != IS or _BARE.fullmatch(text) else quoted(text)

    def __reduce__(self) -> tuple[object, ...]:
        return predicate, (self.field, self.operator, self.value)


_KNOWN: WeakValueDictionary[tuple[str, str, Any], Predicate] = WeakValueDictionary()


def predicate(field: str, operator: str, value: Any) -> Predicate:
    """The one object for this question, for as long as anybody holds it: a million rules share their predicates."""
    return _KNOWN.setdefault((field, operator, value), Predicate(field, operator, value))


def keys_of(view: PostingView, field: str) -> frozenset[str] | None:
    """The keys of all predicates of a field with operator `:` that may be true or unknown of a posting.

    All others are false. `None` where each has to be asked: the posting does not say, or not exactly.
    """
    return FIELDS[field].keys(view)


def head(field: str, operator: str) -> str:
    """What stands before the value: `skill:`, `pay >= `."""
    return f"{field}:" if operator == IS else f"{field} {operator} "


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
