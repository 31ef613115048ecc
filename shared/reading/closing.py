"""The last day to apply that a posting's text states: *Applications close 30 November 2026*, *Closing date: 12/05/2026*.

`12/05/2026` is 5 December in the United States and the Philippines and 12 May wherever else the country is known; without
a country it is read only where one of the numbers is no month or both are the same. With dots the day comes first
everywhere that writes dots. A date without a year is the next such day after the posting; without a posting date, unknown.
"""

import re
from datetime import date, timedelta
from functools import cache

from shared.reading.cues import cues
from shared.reading.tables import parts, rows

LONGEST_OPEN = timedelta(days=400)
"""A closing date later than this after the posting is a slip of the keyboard, or another thing's date."""
MONTH_FIRST = frozenset({"US", "PH", "PR", "GU"})
"""Countries that write 12/31/2026."""

_CUE = re.compile(
    r"(?:clos(?:ing|e) date|deadline(?! (?:driven|oriented|pressure))|apply (?:by|before|no later than)"
    r"|applications?(?: \w+){0,2} (?:close[sd]?|by|until|accepted (?:until|through|by))"
    r"|closing on(?= \d|:)"
    r"|(?:posting|job|position|role|vacancy|advert\w*|requisition|window|applications?)(?: \w+){0,4}"
    r" (?:closes?|expires?|open until)"
    r"|open until|accepted (?:until|through|by)|job unposting|last date"
    r"|bewerbungsfrist|bewerbungsschluss|bewirb dich bis|date limite|fecha límite|data limite"
    r"|sluitingsdatum|sista ansökningsdag|ansøgningsfrist|søknadsfrist|hakuaika|截止)(?!\w)"
)
_SENTENCE_END = re.compile(r"(?<!\d)[.!?]\s(?!\d)")
_REACH = 70
"""Characters after the cue within which the date must stand."""


def read_closing(text: str, country: str | None = None, posted: date | None = None) -> date | None:
    """The last day to apply, or None. `country` settles the order of day and month, `posted` a year that is not written."""
    found = cues(text)
    for start in found.of("closing"):
        cue = _CUE.search(found.lower, max(0, start - 30), start + 60)
        day = _first_day(found.lower[cue.end() : cue.end() + _REACH], country, posted) if cue else None
        if day:
            return day
    return None


def _first_day(words: str, country: str | None, posted: date | None) -> date | None:
    """The first date in the words that can be a closing date."""
    sentence = _SENTENCE_END.split(words, maxsplit=1)[0]
    days = (_day(match, country, posted) for match in _date().finditer(sentence))
    return next((day for day in days if day and _is_plausible(day, posted)), None)


def _is_plausible(day: date, posted: date | None) -> bool:
    return posted is None or timedelta(0) <= day - posted <= LONGEST_OPEN


def _day(match: re.Match[str], country: str | None, posted: date | None) -> date | None:
    if match["first"]:
        return _of_numbers(match, country, posted)
    month = _months()[match["month"] or match["named"]]
    return _dated(int(match["day"] or match["nth"]), month, match["year"] or match["in"], posted)


def _of_numbers(match: re.Match[str], country: str | None, posted: date | None) -> date | None:
    first, second, third = match["first"], match["second"], match["third"]
    if len(first) == 4:
        return _dated(int(third), int(second), first, posted) if third else None
    if len(first) > 2:
        return None
    day, month = int(first), int(second)
    if match["mark"] == "/":
        ordered = _day_and_month(day, month, country)
        if ordered is None:
            return None
        day, month = ordered
    year = third if third is None or len(third) == 4 else f"20{third}"
    return _dated(day, month, year, posted) if year or match["mark"] != "-" else None


def _day_and_month(first: int, second: int, country: str | None) -> tuple[int, int] | None:
    """Which of two numbers is the day; None where nothing tells."""
    if first == second or second > 12 >= first:
        return second, first
    if first > 12:
        return first, second
    if country is None:
        return None
    return (second, first) if country in MONTH_FIRST else (first, second)


def _dated(day: int, month: int, year: str | None, posted: date | None) -> date | None:
    try:
        if year:
            return date(int(year), month, day)
        if posted is None:
            return None
        this_year = date(posted.year, month, day)
        return this_year if this_year >= posted else date(posted.year + 1, month, day)
    except ValueError:
        return None


@cache
def _date() -> re.Pattern[str]:
    """A date in numbers, or a day beside the name of a month, with or without a year."""
    month = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        r"(?<![\d/.\-$€£])(?:(?P<first>\d{1,4})(?P<mark>[/.\-])(?P<second>\d{1,2})(?:(?P=mark)(?P<third>\d{4}|\d{2}))?(?![\d/%])"
        rf"|(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?[\s\-]{{0,2}}(?:of |de |d')?(?P<month>{month})\b"
        r"(?:(?:\.|,| de| of|-)?\s{0,2}(?P<year>20\d\d))?)"
        rf"|\b(?P<named>{month})\.?\s{{1,2}}(?:the )?(?P<nth>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])(?:,?\s{{0,2}}(?P<in>20\d\d))?"
    )


@cache
def _months() -> dict[str, int]:
    return {word: int(row["month"]) for row in rows("months") for word in parts(row["written"])}
