"""Role family and level, from a title and what stands around it.

`data/roles.tsv` says which words mean which role: rows of effect `always` decide at once, `unless software` only where
nothing says software, `first` before the rest, and of `title` rows the words that come first in the title; words of the
`alone` row name an engineering job without *engineer* or *developer* beside them.
A title with no word of engineering in it is `Role.OTHER`: an engineer is never shown it for want of a row in the table.
"""

import re
from collections.abc import Iterator
from functools import cache

from shared.posting import Level, Role
from shared.reading.tables import parts, rows

MAX_TITLE = 300
MAX_YEARS_TEXT = 100_000
MOST_YEARS_ASKED = 15
"""Posted minimums above this are a company's age, not a requirement."""

_PUNCTUATION = re.compile(r"[^\w/+#]+")
_HEAD_END = re.compile(r"\s[-–—|@]\s|[,(\[:;]|\s(?:at|for|in)\s")
_SOFTWARE = re.compile(
    r" (?:software|backend|back end|frontend|front end|full stack|fullstack|firmware|embedded|devops|sre|sdet|qa|ios"
    r"|android|mobile|machine learning|ml|ai|data|cloud|python|java|web|developer|programmer|quality assurance"
    r"|site reliability|platform|test automation) "
)
_STAFF_MEMBER = re.compile(r" (?:member of (?:the )?technical staff|technical staff|chief of staff) ")
_EITHER = re.compile(r" (junior|mid|senior|sr|staff|lead|principal)(?: engineer| software engineer| level)? ?(?:/|or|to|and) ?")
_NUMBERS = {word: n for n, word in enumerate(parts("zero|one|two|three|four|five|six|seven|eight|nine|ten"))}
_YEARS = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_NUMBERS)})(?:\.\d)?\s{{0,2}}(?:\(\d{{1,2}}\)\s?)?(?:\+|plus|or more)?"
    r"(?:\s?(?:-|–|—|to)\s?\d{1,2}\s?\+?)?\s{0,2}(?:years?|yrs?|yoe)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"[yY](?i:ears?|rs?|oe)\b")
_BEFORE_YEARS = 40
"""Characters before the word that the longest wording of `_YEARS` may take; it takes 31."""
_EXPERIENCE = re.compile(
    r"experience|professional|industry|working|building|developing|programming|engineering|software|yoe", re.IGNORECASE
)


def read_role(title: str, department: str | None = None) -> Role | None:
    """The role family of a title; the department refines a title that says no more than *engineer*.

    None only when there is no title. *Data scientist* is data; mechanical, civil… and sales engineers are `OTHER`.
    """
    whole = _normal(title)
    if not whole.strip():
        return None
    head = _normal(_HEAD_END.split(title[:MAX_TITLE], maxsplit=1)[0])
    role = _not_ours(whole) or _management(whole) or _specific(head) or _specific(whole)
    if role is not None:
        return role
    if not _words("title", Role.ENGINEERING).search(whole):
        return Role.OTHER
    return (_specific(_normal(f"engineer / {department}")) if department else None) or Role.ENGINEERING


def _normal(text: str) -> str:
    """Lower-case words between single spaces, with a space at both ends."""
    return f" {_PUNCTUATION.sub(' ', text[:MAX_TITLE].lower().replace('/', ' / ')).strip()} "


@cache
def _words(effect: str, role: Role) -> re.Pattern[str]:
    found = (row for row in rows("roles") if (row["effect"], row["role"]) == (effect, role.value))
    phrases = sorted((phrase for row in found for phrase in parts(row["words"])), key=len, reverse=True)
    return _any_of(phrases)


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    return re.compile(rf" (?:{'|'.join(map(re.escape, phrases))})(?= )")


def _not_ours(whole: str) -> Role | None:
    if _words("always", Role.OTHER).search(whole):
        return Role.OTHER
    return Role.OTHER if _words("unless software", Role.OTHER).search(whole) and not _SOFTWARE.search(whole) else None


def _management(whole: str) -> Role | None:
    if _words("title", Role.MANAGEMENT).search(whole):
        return Role.MANAGEMENT
    leads = re.search(r" (?:manager|director|head|vp|svp|vice president) ", whole)
    return Role.MANAGEMENT if leads and _words("title", Role.ENGINEERING).search(whole) else None


def _specific(words: str) -> Role | None:
    """The role named first, of those more exact than *engineering*; None without a word of engineering or science."""
    if not _words("title", Role.ENGINEERING).search(words) and not _words("alone", Role.ENGINEERING).search(words):
        return None
    for role in (Role.SECURITY, Role.QA):
        if _words("first", role).search(words):
            return role
    found = ((match.start(), -match.end(), role) for role in _SPECIFIC if (match := _words("title", role).search(words)))
    return min(found, default=(0, 0, None))[2]


_SPECIFIC = (
    Role.FULLSTACK,
    Role.MOBILE,
    Role.ML,
    Role.DATA,
    Role.INFRASTRUCTURE,
    Role.EMBEDDED,
    Role.FRONTEND,
    Role.BACKEND,
)


def read_level(title: str, text: str = "") -> Level | None:
    """The level a title states, else the level that the years asked for in `text` stand for, else None."""
    words = _STAFF_MEMBER.sub(" ", _normal(title))
    either = _EITHER.search(words)
    for level, pattern in _levels():
        if pattern.search(either[0].rstrip(" /") + " " if either else words):
            return level
    return level_of_years(read_years(text))


@cache
def _levels() -> tuple[tuple[Level, re.Pattern[str]], ...]:
    """In the order of the table: *intern* and *manager* outrank the rungs, *staff* outranks *senior*."""
    return tuple((Level(row["level"]), _any_of(list(parts(row["words"])))) for row in rows("levels"))


def level_of_years(years: float | None) -> Level | None:
    """The rung that so many years usually stand for; beyond senior, years alone say nothing more."""
    if years is None:
        return None
    return Level.JUNIOR if years < 2 else Level.MID if years < 5 else Level.SENIOR


def read_years(text: str) -> float | None:
    """The most years of experience a posting asks for: 5 for *5+ years in backend, 2+ years of Go*, 3 for *3–5 years*."""
    asked = (_years_at(text, match) for match in _years_in(text))
    return max((years for years in asked if years is not None), default=None)


def _years_in(text: str) -> Iterator[re.Match[str]]:
    """Every number of years. The word is looked for first: a text has it once or twice, and `_YEARS` tries every word."""
    end = 0
    for word in _YEAR.finditer(text, 0, MAX_YEARS_TEXT):
        match = _YEARS.search(text, max(end, word.start() - _BEFORE_YEARS), word.end())
        if match:
            end = match.end()
            yield match


def _years_at(text: str, match: re.Match[str]) -> float | None:
    number = match[1].lower()
    years = float(number) if number.isdigit() else float(_NUMBERS[number])
    near = text[match.end() : match.end() + 60]
    return years if 0 < years <= MOST_YEARS_ASKED and _EXPERIENCE.search(near) else None
