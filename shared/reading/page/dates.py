"""Days as pages write them: `2026-03-12`, `12 March 2026`, `Mar 12, 2026`, and how long ago: `Posted 3 days ago`, `yesterday`.

A day that can be read in two ways (03/04/2026), or is only a bound (`30+ days ago`), stays unknown.
"""

import re
from datetime import date, timedelta

from shared.reading.tables import parts

_MONTHS = {name: n for n, name in enumerate(parts("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"), 1)}
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_ISO = re.compile(r"(?<!\d)(20\d\d)-(\d\d)-(\d\d)(?!\d)")
_DAY_FIRST = re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\.?\s{{0,2}}{_MONTH},?\s{{0,2}}(20\d\d)", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}\s{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?,?\s{{1,2}}(20\d\d)", re.IGNORECASE)
_NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[/.](\d{1,2})[/.](20\d\d)(?!\d)")
_AGO = re.compile(
    r"(?:(?:re)?posted:?\s{0,3})?(?:about |over )?(\d{1,3}|an?|one)(\+?)\s?"
    r"(minutes?|mins?|hours?|hrs?|h|days?|d|weeks?|w|months?|mo)\s+ago\b",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:just (?:now|posted)|(?:re)?posted (?:today|just now)|today)\b", re.IGNORECASE)
_YESTERDAY = re.compile(r"\b(?:(?:re)?posted )?yesterday\b", re.IGNORECASE)
_DAYS = {"mi": 0, "h": 0, "d": 1, "w": 7, "mo": 30}


def day_in(text: str) -> date | None:
    """The calendar day that `text` states."""
    if match := _ISO.search(text):
        return _date(match[1], match[2], match[3])
    if match := _DAY_FIRST.search(text):
        return _date(match[3], _MONTHS[match[2].lower()], match[1])
    if match := _MONTH_FIRST.search(text):
        return _date(match[3], _MONTHS[match[1].lower()], match[2])
    return _of_numbers(match) if (match := _NUMBERS.search(text)) else None


def day_ago(text: str, today: date) -> date | None:
    """The day that was so long ago, a month being 30 days."""
    if match := _AGO.search(text):
        amount = 1 if match[1].lower() in ("a", "an", "one") else int(match[1])
        return None if match[2] else today - timedelta(days=amount * _unit(match[3].lower()))
    if _YESTERDAY.search(text):
        return today - timedelta(days=1)
    return today if _NOW.search(text) else None


def without_days(text: str) -> str:
    """A line such as `4 days ago Singapore` or `Singapore 12 Mar 2026` without its day."""
    for pattern in (_AGO, _YESTERDAY, _NOW, _ISO, _DAY_FIRST, _MONTH_FIRST, _NUMBERS):
        text = pattern.sub(" ", text)
    return text


def _unit(word: str) -> int:
    return _DAYS["mo" if word.startswith("mo") else "mi" if word.startswith("mi") else word[0]]


def _of_numbers(match: re.Match[str]) -> date | None:
    first, second, year = int(match[1]), int(match[2]), match[3]
    if first > 12 >= second:
        return _date(year, second, first)
    return _date(year, first, second) if second > 12 or first == second else None


def _date(year: str | int, month: str | int, day: str | int) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
