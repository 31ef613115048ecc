"""Where a text names sums of money: around its currency signs, and around words for pay that name none.

Only the surroundings of a cue are looked at, so that a text takes time in proportion to its length.
"""

import re
from collections.abc import Iterator

from shared.reading.cues import Cues
from shared.reading.money import Sum, sum_of, sums_pattern

MAX_SUMS = 200
"""Sums weighed of one text; a price list may hold thousands."""

_DIGIT = re.compile(r"\d")
_BETWEEN = {"and": "between", "et": "entre", "y": "entre", "e": "tra", "und": "zwischen"}


def signed_sums(found: Cues) -> Iterator[Sum]:
    """The sums of money around the currency signs of a text, in order."""
    end = seen = 0
    for start in found.of("money"):
        if start < end or not _DIGIT.search(found.lower, max(0, start - 4), start + 9):
            continue
        total = _sum_at(found.lower, max(end, start - 40), start)
        if total:
            yield total
            seen, end = seen + 1, total.end
        if seen == MAX_SUMS:
            return


def _sum_at(lower: str, floor: int, start: int) -> Sum | None:
    """The sum whose currency stands at `start`."""
    for match in sums_pattern().finditer(lower, floor, start + 90):
        if _is_a_list(lower, match):
            match = sums_pattern().match(lower, match.start(), match.start("joint")) or match
        if match.end() > start:
            return sum_of(match)
    return None


def _is_a_list(lower: str, match: re.Match[str]) -> bool:
    """Whether *and* joins two sums and not the ends of a range, which takes a *between* before it."""
    opening = _BETWEEN.get(match["joint"] or "")
    return opening is not None and opening not in lower[max(0, match.start() - 30) : match.start()]


def unsigned_sums(found: Cues, home: str) -> Iterator[Sum]:
    """Ranges near words for pay that name no currency: `Salary: 80-100k`. They are in the country's own, `home`."""
    end = 0
    for start in found.of("pay")[:MAX_SUMS]:
        for match in sums_pattern().finditer(found.lower, max(end, start - 30), start + 110):
            total = sum_of(match, home) if match["number_high"] and not _is_a_list(found.lower, match) else None
            if total and total.high >= 1_000:
                end = match.end()
                yield total
