"""What the words around a sum of money say of it: whether it is pay at all, and for which period.

Phrases stand in `data/pay_words.tsv` (kind of sum) and `data/periods.tsv`; the one nearest to the sum decides.
"""

import re
from enum import IntEnum
from functools import cache

from shared.reading.tables import parts, rows


class Kind(IntEnum):
    """What a sum is, surest pay first. `BARE` has no telling words near it, `OTHER` is no pay: a bonus, a budget.

    `NEVER` is no pay either, however near a word for pay stands: *life insurance of twice the salary, up to $300,000*.
    """

    BASE = 0
    PAY = 1
    TOTAL = 2
    BARE = 3
    OTHER = 4
    NEVER = 5


_Phrases = dict[tuple[str, ...], str]

_TOKEN = re.compile(r"/|[^\W\d_]+(?:[.'&-][^\W\d_]+)*")
_LONGEST = 3


@cache
def _kinds() -> _Phrases:
    return {tokens(phrase): row["kind"].upper() for row in rows("pay_words") for phrase in parts(row["words"])}


@cache
def _never() -> frozenset[str]:
    return frozenset(phrase[0] for phrase, kind in _kinds().items() if kind == Kind.NEVER.name and len(phrase) == 1)


@cache
def _periods(column: str) -> _Phrases:
    return {tokens(phrase): row["period"] for row in rows("periods") for phrase in parts(row[column])}


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, and its slashes, as they stand in the tables."""
    return tuple(_TOKEN.findall(text.replace("’", "'")))


def kind_after(words: tuple[str, ...]) -> Kind | None:
    """The kind that the first telling phrase names."""
    found = _first(words, _kinds())
    return Kind[found] if found else None


def kind_before(words: tuple[str, ...]) -> Kind | None:
    """The kind that the last telling phrase names, or `NEVER` where any does."""
    if not _never().isdisjoint(words):
        return Kind.NEVER
    found = _last(words, _kinds())
    return Kind[found] if found else None


def kind_of_heading(words: tuple[str, ...]) -> Kind | None:
    """The surest kind that a heading names: *Compensation & equity* stands above the pay."""
    found = [kind for end in range(len(words), 0, -1) if (kind := kind_before(words[:end])) is not None]
    return min(found, default=None)


def period_after(words: tuple[str, ...]) -> str | None:
    """`hour`, `day`, `week`, `month` or `year`, from the first phrase that names one after a sum."""
    return _first(words, _periods("written"))


def period_before(words: tuple[str, ...]) -> str | None:
    """As `period_after`, from the last such phrase before a sum, where a slash means nothing."""
    return _last(words, _periods("before"))


def _first(words: tuple[str, ...], phrases: _Phrases) -> str | None:
    for start in range(len(words)):
        for end in range(start + _LONGEST, start, -1):
            if words[start:end] in phrases:
                return phrases[words[start:end]]
    return None


def _last(words: tuple[str, ...], phrases: _Phrases) -> str | None:
    for end in range(len(words), 0, -1):
        for start in range(max(0, end - _LONGEST), end):
            if words[start:end] in phrases:
                return phrases[words[start:end]]
    return None
