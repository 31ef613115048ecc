"""An engineer's profile, read from a CV or a portfolio page pasted as text, or from a JSON Resume.

What is not said stays unknown, and a text without any skill is refused: nobody is invented.
"""

import json
import re
from datetime import date
from typing import Any

from shared.errors import UnreadableInput
from shared.posting import Level, Place, Role
from shared.profile import Profile, ProfileSkill
from shared.reading.careers import Block, clean_title, month_of, months_covered, read_blocks
from shared.reading.expertise import read_expertise, role_of_expertise
from shared.reading.html import plain_text
from shared.reading.json_resume import resume_parts
from shared.reading.places import read_places
from shared.reading.roles import level_of_years, read_level, read_role, read_years

MAX_PROFILE = 200_000
"""Characters of a CV. Eleven real ones have 400 to 9,300."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_BASED = re.compile(
    r"(?:\bbased (?:in|at|out of)|\bliv(?:e|es|ing) in|\blocated in|\blocation\s?:|\bresid(?:e|ing) in)\s*:?\s+([^\n.]{2,80})",
    re.IGNORECASE,
)
_LEVEL_WORDS = r"senior|staff|principal|lead|junior|graduate|mid[ -]level"
_WISH = re.compile(
    rf"\b(?:open to|looking for|seeking|interested in)\s+(?:\w+\s){{0,3}}?((?:{_LEVEL_WORDS})\b[^\n.]{{0,40}}?)"
    r"\b(?:roles?|positions?|opportunit\w+|jobs?)\b",
    re.IGNORECASE,
)
_LADDER = (Level.INTERN, Level.JUNIOR, Level.MID, Level.SENIOR, Level.STAFF, Level.PRINCIPAL)
_FORMATS = {b"%PDF": "a PDF", b"PK\x03\x04": "a Word or zip file", b"\xd0\xcf\x11\xe0": "a Word file", b"{\\rtf": "an RTF file"}


def read_profile(text: str, *, today: date | None = None) -> Profile:
    """The profile that a CV or portfolio page tells of.

    `today` dates what is still going on; without it a current job is known to last until the newest date in the text.
    Raises `UnreadableInput`: `profile_empty`, `profile_too_long`, `profile_binary`, `profile_without_skills`.
    """
    _check(text)
    intro, blocks = read_blocks(plain_text(text))
    return _profile(intro, blocks, today)


def read_json_resume(document: dict[str, Any], *, today: date | None = None) -> Profile:
    """The profile of a JSON Resume (jsonresume.org schema 1.0 and older field names). Raises as `read_profile` does."""
    intro, places, blocks = resume_parts(document)
    _check("\n".join([intro, *(block.text for block in blocks)]))
    profile = _profile(intro, blocks, today)
    return profile.model_copy(update={"places": places}) if places else profile


def read_profile_file(name: str, body: bytes, *, today: date | None = None) -> Profile:
    """The profile in a file: JSON Resume or plain text (UTF-8, else Latin-1), told apart by its content.

    Raises `UnreadableInput` naming the file; `profile_format` for PDF, Word and other formats.
    """
    try:
        return _read_body(body, today)
    except UnreadableInput as error:
        raise UnreadableInput(f"{name}: {error}", code=error.code) from error


def _read_body(body: bytes, today: date | None) -> Profile:
    for magic, kind in _FORMATS.items():
        if body.startswith(magic):
            raise UnreadableInput(
                f"this is {kind}; paste its text, or save it as plain text or JSON Resume", code="profile_format"
            )
    if len(body) > 4 * MAX_PROFILE:
        raise _too_long(len(body))
    text = _decoded(body)
    document = _json_object(text) if text.lstrip()[:1] == "{" else None
    return read_json_resume(document, today=today) if document is not None else read_profile(text, today=today)


def _decoded(body: bytes) -> str:
    encoding = "utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode("latin-1")


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _check(text: str) -> None:
    if len(text) > MAX_PROFILE:
        raise _too_long(len(text))
    if not text.strip():
        raise UnreadableInput("no skills found: there is no text; paste the text of a CV", code="profile_empty")
    if len(_CONTROL.findall(text)) * 100 > len(text):
        raise UnreadableInput("the profile is not text; paste the text of a CV", code="profile_binary")


def _too_long(length: int) -> UnreadableInput:
    message = f"the profile has {length:,} characters, more than {MAX_PROFILE:,}; paste only the CV itself"
    return UnreadableInput(message, code="profile_too_long")


def _profile(intro: str, blocks: list[Block], today: date | None) -> Profile:
    now = month_of(today) if today else max((block.end or block.start for block in blocks), default=0)
    skills = read_expertise(intro, blocks, now)
    if not skills:
        raise UnreadableInput(
            "no skills found; paste a CV that names languages, tools or kinds of engineering work",
            code="profile_without_skills",
        )
    current = _current(blocks)
    headline = _headline(intro) or (current.title if current else "")
    years = _years(intro, blocks, now)
    return Profile(
        headline=headline,
        skills=skills,
        role=_role(headline, current, intro, blocks, skills),
        level=_level(intro, headline, blocks, current, years),
        years=years,
        places=_places(intro, blocks, current),
    )


def _current(blocks: list[Block]) -> Block | None:
    """The job held now: the first engineering job that still lasts, else the one that ended last."""
    jobs = [block for block in blocks if not block.is_study]
    held = [block for block in jobs if block.end is None]
    engineering = [block for block in held if block.is_engineering]
    latest = max(jobs, key=lambda block: block.end or 0, default=None)
    return next(iter(engineering or held), latest)


def _headline(intro: str) -> str:
    """The first short line before the jobs that names an engineering role."""
    for line in intro.split("\n")[:15]:
        if len(line) <= 100 and not line.endswith(".") and read_role(clean_title(line)) not in (None, Role.OTHER):
            return line.strip()
    return ""


def _role(
    headline: str, current: Block | None, intro: str, blocks: list[Block], skills: tuple[ProfileSkill, ...]
) -> Role | None:
    """The title held now if it is exact, else the headline, else what the skills speak of."""
    held = current.title if current and (current.end is None or not headline) else ""
    for title in (held, clean_title(headline)):
        role = read_role(title)
        if role not in (None, Role.OTHER, Role.ENGINEERING):
            return role
    return role_of_expertise(intro, blocks, current, skills)


def _level(intro: str, headline: str, blocks: list[Block], current: Block | None, years: float | None) -> Level | None:
    """What the person seeks, else holds, else the higher of the last level held and what the years stand for."""
    wish = _WISH.search("\n".join([intro, *(block.text for block in blocks)]))
    stated = read_level(wish[1]) if wish else (current.level if current and current.is_engineering else None)
    if stated:
        return stated
    held = [block.level for block in _newest_first(blocks) if block.is_engineering and block.level not in (None, Level.INTERN)]
    candidates = [level for level in (*held[:1], level_of_years(years)) if level]
    if not candidates:
        return read_level(headline) or (Level.INTERN if any(block.level is Level.INTERN for block in blocks) else None)
    return max(candidates, key=lambda level: _LADDER.index(level) if level in _LADDER else len(_LADDER))


def _newest_first(blocks: list[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: block.start, reverse=True)


def _years(intro: str, blocks: list[Block], now: int) -> float | None:
    """Years in engineering jobs, internships apart; what the introduction states counts when it is more."""
    jobs = [block for block in blocks if block.is_engineering and block.level is not Level.INTERN]
    worked = round(months_covered(jobs, now) / 12, 1)
    stated = read_years(intro)
    return max(worked, stated or 0) or None


def _places(intro: str, blocks: list[Block], current: Block | None) -> tuple[Place, ...]:
    """Where the person is now: said outright, else at the top of the page, else where the current job is."""
    whole = "\n".join([intro, *(block.text for block in blocks)])
    for based in _BASED.finditer(whole):
        if places := _known(based[1]):
            return places[:1]
    for line in [line for line in intro.split("\n") if line.strip()][:8]:
        if len(line) <= 60 and len(line.split()) <= 6 and (places := _known(line)):
            return places
    return current.places if current else ()


def _known(text: str) -> tuple[Place, ...]:
    return tuple(place for place in read_places([text]) if place.country)
