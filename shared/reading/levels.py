"""Level of a title, and the level that years stand for. `data/levels.tsv` says which phrases are which rung.

Its rows are in the order of precedence: *intern* and *manager* outrank the rungs, *staff* outranks *senior*, words outrank
numbers. A `#` stands for any name of a job that companies number (*engineer*, *scientist*…, the row `numbered`).
"""

import re
from functools import cache

from shared.posting import Level
from shared.reading.tables import parts, rows
from shared.reading.title_words import MAX_TITLE, Hit, Phrases, parse_title
from shared.reading.years import read_years

_DIGIT = re.compile(r"\d")
_COUNT = re.compile(
    r"\(\s*\d+\s*\)|\b\d{1,2}\s?(?:\+|(?:-|–|to)\s?\d{1,2})?[\s-]?(?:yoe|years?|yrs?|months?|weeks?|days?|positions?|openings?)\b",
    re.IGNORECASE,
)
"""Numbers that are no rung: of years, of positions, and one in brackets."""
_EITHER = frozenset(parts("/|or|to|and"))
_LADDER = (Level.JUNIOR, Level.MID, Level.SENIOR, Level.STAFF, Level.PRINCIPAL)


def read_level(title: str, text: str = "") -> Level | None:
    """The level a title states, else the one that the years asked for in the title or `text` stand for, else None."""
    return _stated(title) or level_of_years(_years_of(title)) or level_of_years(read_years(text))


def _years_of(title: str) -> float | None:
    """The years a title asks for, as *Backend Engineer (5-8 years)* does."""
    return read_years(title) if _DIGIT.search(title, 0, MAX_TITLE) else None


def level_of_years(years: float | None) -> Level | None:
    """The rung that so many years usually stand for; beyond senior, years alone say nothing more."""
    if years is None:
        return None
    return Level.JUNIOR if years < 2 else Level.MID if years < 5 else Level.SENIOR


@cache
def _table() -> Phrases[int]:
    """Phrases tagged with the number of their row: the lower, the more it counts."""
    numbered = next(parts(row["words"]) for row in rows("levels") if row["level"] == "numbered")
    return Phrases(
        (phrase.replace("#", noun), number)
        for number, row in enumerate(rows("levels"))
        if row["level"] != "numbered"
        for phrase in parts(row["words"])
        for noun in (numbered if "#" in phrase else ("",))
    )


@cache
def _level_of_row(number: int) -> Level | None:
    level = rows("levels")[number]["level"]
    return None if level == "none" else Level(level)


def _stated(title: str) -> Level | None:
    """The level of the weightiest phrase; of two rungs offered (*Senior/Staff*) the lower."""
    words = parse_title(_COUNT.sub(" ", title[:MAX_TITLE]) if _DIGIT.search(title, 0, MAX_TITLE) else title).words
    hits = _table().find(words)
    if not hits:
        return None
    shown = [hit for hit in hits if not any(_holds(outer, hit) for outer in hits) and _level_of_row(hit.tag)]
    if not shown:
        return None
    level = _level_of_row(min(hit.tag for hit in shown))
    return _lower_offered(words, shown) if level in _LADDER and len(shown) > 1 else level


def _holds(outer: Hit[int], inner: Hit[int]) -> bool:
    """Whether one is a longer phrase around the other: *senior staff* around *senior*, *product manager* around *manager*."""
    return outer.start <= inner.start and inner.end <= outer.end and outer.end - outer.start > inner.end - inner.start


def _lower_offered(words: tuple[str, ...], hits: list[Hit[int]]) -> Level | None:
    """The lowest rung of those between which the title says *or*; without such a word the weightiest."""
    first, last = min(hit.start for hit in hits), max(hit.end for hit in hits)
    if _EITHER.isdisjoint(words[first:last]):
        return _level_of_row(min(hit.tag for hit in hits))
    rungs = [level for hit in hits if (level := _level_of_row(hit.tag)) in _LADDER]
    return min(rungs, key=_LADDER.index)
