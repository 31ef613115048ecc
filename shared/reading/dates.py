"""Ranges of dates as CVs write them: `Apr 2022 — Present`, `2019 - 2021`, `03/2018 to 07/2020`, `Januar 2020 – heute`.

Months are counted from year 0. The names of months (`data/months.tsv`) are those of English, German, French, Spanish,
Italian, Dutch and Portuguese; its `short` ones are words of their own in English, so they are read beside a year only.
"""

import re
from datetime import date
from functools import cache
from typing import NamedTuple

from shared.reading.tables import parts, rows

_YEAR = r"(?:19[6-9]\d|20\d\d)"
_A_YEAR = re.compile(_YEAR)
_OPEN = (
    r"present|now|current(?:ly)?|today|ongoing|to date|heute|laufend|aujourd[’']hui|présent|à ce jour|actualidad|actualmente"
    r"|presente|oggi|heden|atual|o momento"
)
_DURATION = re.compile(
    r"(?:(\d{1,2})\s?(?:yrs?|years?|jahre?|ans?|años?|anni|jaar|anos?)\.?)?\s?"
    r"(?:(\d{1,2})\s?(?:mos?|months?|monate?|mois|meses|mes|mesi|maanden|mês)\.?)?\s*$",
    re.IGNORECASE,
)


class DateRange(NamedTuple):
    """`end` is None while it lasts. `stated_months` is a length written behind the dates. `span`: where the dates stand."""

    start: int
    end: int | None
    stated_months: int | None
    span: tuple[int, int]


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def find_range(line: str) -> DateRange | None:
    """The first range of dates in a line."""
    dates = _range().search(line) if _A_YEAR.search(line) else None
    if dates is None:
        return None
    start = _month(dates, "1") or 0
    end = None if dates["open"] else _end_month(dates, start)
    return DateRange(start, end, stated_months(line[dates.end() :]), dates.span())


def without_ranges(line: str) -> str:
    return _range().sub("", line)


@cache
def _range() -> re.Pattern[str]:
    return re.compile(
        rf"(?<!\d){_date('1')}\s{{0,2}}(?:-|–|—|−|to|until|till|through|bis|à|au|a|al|até|tot)\s{{0,2}}"
        rf"(?:{_date('2')}|(?P<open>{_OPEN}))(?!\d)",
        re.IGNORECASE,
    )


def _date(side: str) -> str:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return (
        rf"(?:(?:(?<![^\W\d_])(?P<name{side}>{names})\.?,?\s{{0,2}}(?:de\s)?)?(?P<year{side}>{_YEAR})"
        rf"(?:[-/.](?P<number{side}>\d{{1,2}})(?!\d)(?:[-/.]\d{{1,2}})?)?"
        rf"|(?P<first{side}>\d{{1,2}})[/.](?P<last{side}>{_YEAR}))"
    )


@cache
def _months() -> dict[str, int]:
    return {name: int(row["month"]) for row in rows("months") for name in _names(row)}


def _names(row: dict[str, str]) -> tuple[str, ...]:
    return parts(f"{row['written']}|{row.get('short') or ''}")


def _month(dates: re.Match[str], side: str) -> int | None:
    year = dates[f"year{side}"] or dates[f"last{side}"]
    if not year:
        return None
    name = dates[f"name{side}"]
    number = int(dates[f"number{side}"] or dates[f"first{side}"] or 0)
    month = _months()[name.lower()] if name else number if 1 <= number <= 12 else 1
    return int(year) * 12 + month - 1


def _end_month(dates: re.Match[str], start: int) -> int:
    """The last month; a job dated *2018 – 2018* is taken to have lasted half of that year."""
    end = _month(dates, "2") or start
    return start + 6 if end == start and not dates["name2"] and not dates["number2"] else max(end, start)


def stated_months(rest: str) -> int | None:
    """The length at the end of a line, such as `(1 year 10 months)`, in months."""
    found = _DURATION.search(rest.strip(" ·()|,"))
    months = int(found[1] or 0) * 12 + int(found[2] or 0) if found else 0
    return months or None
