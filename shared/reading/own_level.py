"""The level of the person of a CV: what they seek, hold or call themselves, else what their jobs and years come to."""

import re
from typing import TypeAlias

from shared.posting import Level
from shared.reading.careers import Block, Career, newest_first
from shared.reading.chapters import Chapter
from shared.reading.levels import level_of_years, read_level
from shared.reading.wishes import Wishes

_LADDER = (Level.INTERN, Level.JUNIOR, Level.MID, Level.SENIOR, Level.STAFF, Level.PRINCIPAL)
_FORMER = re.compile(r"\((?:former|ex|previous)[^)]*\)|\b(?:former(?:ly)?|previously|ex-)\b.*", re.IGNORECASE)
_STUDENT = re.compile(r"(?<!ph\.d )(?<!phd )(?<!doctoral )\b(?:undergraduate|student|werkstudent\w*)\b", re.IGNORECASE)
_Told: TypeAlias = tuple[Level | None, str]
"""A level, and the words that tell of it."""


def read_own_level(wishes: Wishes, headline: str, career: Career, current: Block | None, years: float | None) -> _Told:
    """What the person seeks, else holds, else is by the headline, else the higher of the last level held and of the years.

    With the words that say so.
    """
    held_now = current.title if current and current.end is None and current.is_engineering else ""
    for level, words in ((wishes.level, wishes.level_words), _by_title(held_now), _by_title(_FORMER.sub("", headline))):
        if level:
            return level, words
    jobs = [block for block in newest_first(career) if block.is_engineering]
    held = [(level, block.title) for block in jobs if (level := block.level) not in (None, Level.INTERN)]
    candidates = [*held[:1], (level_of_years(years), f"{years:g} years" if years else "")]
    found = max(candidates, key=lambda told: _LADDER.index(told[0]) if told[0] in _LADDER else len(_LADDER) * bool(told[0]))
    return found if found[0] else _learner(career)


def _by_title(title: str) -> _Told:
    return read_level(title), title


def _learner(career: Career) -> _Told:
    """An intern, where an internship is all the work there was, or the person studies."""
    internship = next((block for block in newest_first(career) if block.level is Level.INTERN), None)
    student = _STUDENT.search(career.words(Chapter.OPENING))
    words = internship.title if internship else student[0] if student else ""
    return Level.INTERN if words else None, words
