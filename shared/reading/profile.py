"""An engineer's profile, read from a CV or a portfolio page as text, or from a JSON Resume.

What is not said stays unknown. A text without any skill is refused, and so is a job posting: nobody is invented.
"""

import re
from datetime import date

from shared.errors import UnreadableInput
from shared.posting import Level, Place, Role
from shared.profile import Profile, ProfileSkill
from shared.reading.careers import Block, Career, Kind, months_covered, read_career
from shared.reading.chapters import Chapter
from shared.reading.dates import month_of
from shared.reading.documents import Document, read_document
from shared.reading.expertise import read_expertise, read_mentions, role_of_expertise
from shared.reading.html import plain_text
from shared.reading.json_resume import Resume, read_resume
from shared.reading.offers import is_posting
from shared.reading.places import read_places
from shared.reading.roles import level_of_years, read_level, read_role, read_years
from shared.reading.skills import is_ubiquitous
from shared.reading.titles import clean_title
from shared.reading.wishes import Wishes, read_wishes

MAX_PROFILE = 200_000
"""Characters of a CV. Eleven real ones have 400 to 9,300."""
LONG = 150
"""Words, for a text that tells of somebody without naming what that person is."""
BRIEF = 6
"""Months: a shorter job does not say what somebody is."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_BASED = re.compile(
    r"(?:\bbased (?:in|at|out of)|\bliv(?:e|es|ing) in|\blocated in|\blocation\s?:|\bresid(?:e|ing) in)\s*:?\s+([^\n.]{2,80})",
    re.IGNORECASE,
)
_TITLED_IN = re.compile(r"\b(?:engineer|developer|programmer|architect|scientist) (?:in|from) ([A-Z][^\n.;:|(]{2,40})")
_SINCE = re.compile(
    r"\b(?:professionally|for a living|(?:been )?doing (?:this|so|it)|in (?:the )?(?:software |tech |it )?industry"
    r"|(?:work(?:ed|ing)|employed) (?:as|in|with|on)\b[^.\n]{0,60}|(?:engineer|developer|programmer))\s(?:ever )?since\s"
    r"(?:(?:[a-z]+\s)?(19[6-9]\d|20\d\d))",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:I[’']?m|I am|is|as) an? ((?:\w[\w/+-]*\s){0,4}?(?:engineer|developer|programmer|architect)\b)", re.IGNORECASE
)
_LADDER = (Level.INTERN, Level.JUNIOR, Level.MID, Level.SENIOR, Level.STAFF, Level.PRINCIPAL)
_WISH = re.compile(
    r"\s*(?:(?:currently|now) )?(?:(?:I[’']?m|I am) )?(?:(?:currently|now) )?"
    r"(?:looking for|seeking|open to|available for|(?:salary|pay|rate) expect|expected (?:salary|pay|rate)|day rate)\b",
    re.IGNORECASE,
)
_FORMER = re.compile(r"\((?:former|ex|previous)[^)]*\)|\b(?:former(?:ly)?|previously|ex-)\b.*", re.IGNORECASE)
_SELF_TOLD = (Chapter.OPENING, Chapter.SUMMARY, Chapter.WORK)
_WISHED = (*_SELF_TOLD, Chapter.OTHER, Chapter.PROJECTS)


def read_profile(text: str, *, today: date | None = None) -> Profile:
    """The profile that a CV or portfolio page tells of. Offsets of skills are into `plain_text(text)`.

    `today` dates what is still going on; without it a current job is known to last until the newest date in the text.
    Raises `UnreadableInput`: `profile_empty`, `profile_too_long`, `profile_binary`, `profile_is_posting`,
    `profile_without_skills`.
    """
    _check(text)
    career = read_career(plain_text(text))
    if is_posting(career):
        raise UnreadableInput(
            "this reads like a job posting, not like a CV; paste what you have done yourself", code="profile_is_posting"
        )
    return _profile(career, today)


def read_json_resume(document: dict[str, object], *, today: date | None = None) -> Profile:
    """The profile of a JSON Resume (jsonresume.org 1.0 and older field names) or FRESH résumé. Raises as `read_profile`."""
    resume = read_resume(document)
    _check(resume.career.text)
    return _profile(resume.career, today, resume)


def read_profile_file(name: str, body: bytes, *, today: date | None = None) -> Profile:
    """The profile in a file of any format that `read_document` knows. Raises `UnreadableInput` naming the file.

    A PDF or Word file made to be slow takes its time here: `shared.apart` reads those of strangers.
    """
    try:
        return read_profile_document(read_document(body), today=today)
    except UnreadableInput as error:
        raise UnreadableInput(f"{name}: {error}", code=error.code) from error


def read_profile_document(document: Document, *, today: date | None = None) -> Profile:
    """The profile in what was made of a file. Raises as `read_profile`."""
    if isinstance(document, str):
        return read_profile(document, today=today)
    return read_json_resume(document, today=today)


def _check(text: str) -> None:
    if len(text) > MAX_PROFILE:
        message = f"the profile has {len(text):,} characters, more than {MAX_PROFILE:,}; paste only the CV itself"
        raise UnreadableInput(message, code="profile_too_long")
    if not text.strip():
        raise UnreadableInput("no skills found: there is no text; paste the text of a CV", code="profile_empty")
    if len(_CONTROL.findall(text)) * 100 > len(text):
        raise UnreadableInput("the profile is not text; paste the text of a CV", code="profile_binary")


def _profile(career: Career, today: date | None, resume: Resume | None = None) -> Profile:
    now = month_of(today) if today else max((block.end or block.start for block in career.blocks), default=0)
    current = _current(career)
    headline = _headline(career)
    mentions = read_mentions(career, headline, current)
    skills = read_expertise(career.text, mentions, now)
    line = career.text[slice(*headline)].strip()
    if not skills or _is_about_something_else(career, line, skills):
        raise UnreadableInput(
            "no skills found; paste a CV that names languages, tools or kinds of engineering work",
            code="profile_without_skills",
        )
    places = (resume.places if resume else ()) or _places(career, current)
    wishes = read_wishes(_wished(career), next((place.country for place in places), None))
    years = _years(career, now)
    return Profile(
        headline=line or (current.title if current else ""),
        skills=skills,
        role=_role(line, career) or role_of_expertise(mentions, current),
        level=_level(wishes, line, career, current, years),
        years=years,
        places=tuple(dict.fromkeys((*places, *wishes.places))),
        workplaces=wishes.workplaces,
        employments=wishes.employments,
        pay_floor=wishes.pay_floor,
    )


def _wished(career: Career) -> str:
    """Where wishes are told: outside the jobs, and in the lines that begin with one below the last job."""
    below = career.text[max((block.span[0] for block in career.blocks), default=len(career.text)) :]
    return "\n".join([career.words(*_WISHED), *(line for line in below.split("\n") if _WISH.match(line))])


def _is_about_something_else(career: Career, headline: str, skills: tuple[ProfileSkill, ...]) -> bool:
    """A long text with few skills, no list of them and nobody's job names them by chance: *go and boil the spaghetti*."""
    if headline or any(block.is_engineering for block in career.blocks):
        return False
    told = sum(not is_ubiquitous(skill.skill) for skill in skills)
    words = len(career.text.split())
    return words > LONG and words > LONG * told / 3


def _current(career: Career) -> Block | None:
    """The job held now: the first engineering job that still lasts, else the one that ended last."""
    jobs = [block for block in career.blocks if block.kind is Kind.JOB]
    held = [block for block in jobs if block.end is None]
    engineering = [block for block in held if block.is_engineering]
    latest = max(jobs, key=lambda block: block.end or 0, default=None)
    return next(iter(engineering or held), latest)


def _headline(career: Career) -> tuple[int, int]:
    """Where the first short line stands, of those before the jobs, that names an engineering role; (0, 0) where none does."""
    for passage in career.passages[:15]:
        whole = career.text[passage.start : passage.end]
        line = _opening(whole)
        named = len(line) <= 120 and not line.endswith(".") and read_role(clean_title(line)) not in (None, Role.OTHER)
        if named and passage.chapter not in (Chapter.STUDY, Chapter.SKILLS):
            return passage.start, passage.start + len(line)
    return 0, 0


def _opening(line: str) -> str:
    """`Backend Engineer, Oslo` of `Backend Engineer, Oslo. Nine years of services.`: what stands before a first full stop."""
    first, stop, rest = line.partition(". ")
    return first if stop and rest and len(first.split()) > 1 else line


def _role(headline: str, career: Career) -> Role | None:
    """What the headline says, else a title held now, else what the person says to be: the first that is exact."""
    held = [block.title for block in career.blocks if block.end is None and block.kind is Kind.JOB]
    itself = _SELF.search(career.words(*_SELF_TOLD))
    latest = [block.title for block in _newest_first(career) if block.kind is Kind.JOB and not _is_brief(block)][:1]
    for title in (clean_title(headline), *held, itself[1] if itself else "", *latest):
        role = read_role(title)
        if role not in (None, Role.OTHER, Role.ENGINEERING):
            return role
    return None


def _is_brief(block: Block) -> bool:
    return block.end is not None and block.end - block.start < BRIEF


def _level(wishes: Wishes, headline: str, career: Career, current: Block | None, years: float | None) -> Level | None:
    """What the person seeks, else holds, else is by the headline, else the higher of the last level held and of the years."""
    held_now = current.level if current and current.end is None and current.is_engineering else None
    if stated := wishes.level or held_now or read_level(_FORMER.sub("", headline)):
        return stated
    jobs = [block for block in _newest_first(career) if block.is_engineering]
    held = [level for block in jobs if (level := block.level) not in (None, Level.INTERN)]
    candidates = [level for level in (*held[:1], level_of_years(years)) if level]
    if not candidates:
        return Level.INTERN if any(block.level is Level.INTERN for block in jobs) else None
    return max(candidates, key=lambda level: _LADDER.index(level) if level in _LADDER else len(_LADDER))


def _newest_first(career: Career) -> list[Block]:
    return sorted(career.blocks, key=lambda block: block.start, reverse=True)


def _years(career: Career, now: int) -> float | None:
    """Years in engineering jobs, internships apart; what the person says of the whole counts when it is more."""
    jobs = [block for block in career.blocks if block.is_engineering and block.level is not Level.INTERN]
    worked = round(months_covered(jobs, now) / 12, 1)
    said = career.words(*_SELF_TOLD)
    since = _SINCE.search(career.words())
    stated = (read_years(said) or 0, now // 12 - int(since[1]) if since and now else 0)
    return max(worked, *stated) or None


def _places(career: Career, current: Block | None) -> tuple[Place, ...]:
    """Where the person is now: said outright, else at the top of the page, else where the current job is."""
    for based in _BASED.finditer(career.text):
        if places := _known(based[1]):
            return places[:1]
    for title in _TITLED_IN.finditer(career.words(*_SELF_TOLD)):
        if places := tuple(place for place in _known(title[1]) if place.city):
            return places[:1]
    for passage in career.passages[:8]:
        line = _opening(career.text[passage.start : passage.end])
        if len(line) <= 60 and len(line.split()) <= 6 and (places := _known(line)):
            return places
    return current.places if current else ()


def _known(text: str) -> tuple[Place, ...]:
    return tuple(place for place in read_places([text]) if place.country)
