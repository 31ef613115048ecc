"""An engineer's profile, read from a CV or a portfolio page as text, or from a JSON Resume.

What is not said stays unknown. A text without any skill is refused, and so is a job posting: nobody is invented.
"""

import re
from datetime import date

from shared.errors import UnreadableInput
from shared.posting import Level, Role
from shared.profile import Profile, ProfileSkill, Standing
from shared.reading.careers import Block, Career, Kind, months_covered, newest_first, read_career
from shared.reading.chapters import Chapter
from shared.reading.dates import month_of
from shared.reading.documents import Document, read_document
from shared.reading.expertise import Mention, read_expertise, read_mentions, role_of_expertise
from shared.reading.html import plain_text
from shared.reading.json_resume import Resume, read_resume
from shared.reading.line_ends import with_line_ends
from shared.reading.offers import is_posting
from shared.reading.own_level import read_own_level
from shared.reading.roles import read_role, read_years
from shared.reading.skills import is_ubiquitous
from shared.reading.titles import clean_title, is_title
from shared.reading.whereabouts import CONTACT, opening, read_whereabouts
from shared.reading.wishes import read_wishes
from shared.reading.years import told_years

MAX_PROFILE = 200_000
"""Characters of a CV. Eleven real ones have 400 to 9,300."""
LONG = 150
"""Words, for a text that tells of somebody without naming what that person is."""
WISH = 30
"""Words, for a text that tells of no job and is a wish, not a CV: *Python backend engineer, remote*."""
BRIEF = 6
"""Months: a shorter job does not say what somebody is."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_SINCE = re.compile(
    r"\b(?:professionally|for a living|(?:been )?doing (?:this|so|it)|in (?:the )?(?:software |tech |it )?industry"
    r"|(?:work(?:ed|ing)|employed) (?:as|in|with|on)\b[^.\n]{0,60}|(?:engineer|developer|programmer))\s(?:ever )?since\s"
    r"(?:(?:[a-z]+\s)?(19[6-9]\d|20\d\d))",
    re.IGNORECASE,
)
_SELF = re.compile(
    r"\b(?:I[’']?m|I am|is|as) an? ((?:\w[\w/+-]*\s){0,4}?(?:engineer|developer|programmer|architect)\b)", re.IGNORECASE
)
_WISH = re.compile(
    r"\s*(?:(?:currently|now) )?(?:(?:I[’']?m|I am) )?(?:(?:currently|now) )?"
    r"(?:looking for|seeking|open to|available for|(?:salary|pay|rate) expect|expected (?:salary|pay|rate)|day rate)\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"[*_#\s]*(?:(?:(?:current|desired|job) )?(?:title|position|role|headline|occupation)|profession|beruf|puesto|poste)"
    r"\s?:[*_\s]*",
    re.IGNORECASE,
)
_MARKS = re.compile(r"\*\*|__|`|^[#>*_\s]+|[*_\s]+$")
"""Of Markdown."""
_SELF_TOLD = (Chapter.OPENING, Chapter.SUMMARY, Chapter.WORK)
_WISHED = (*_SELF_TOLD, Chapter.OTHER, Chapter.PROJECTS)


def read_profile(text: str, *, today: date | None = None) -> Profile:
    """The profile that a CV or portfolio page tells of. Offsets of skills are into `plain_text(text)`.

    `today` dates what is still going on; without it a current job is known to last until the newest date in the text.
    Raises `UnreadableInput`: `profile_empty`, `profile_too_long`, `profile_binary`, `profile_is_posting`,
    `profile_without_skills`.
    """
    _check(text)
    career = read_career(with_line_ends(plain_text(text)))
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
    line = _MARKS.sub("", career.text[slice(*headline)]).strip()
    if not skills or _is_about_something_else(career, line, skills):
        raise UnreadableInput(
            "no skills found; paste a CV that names languages, tools or kinds of engineering work",
            code="profile_without_skills",
        )
    places = (resume.places if resume else ()) or read_whereabouts(career, career.words(*_SELF_TOLD), current)
    country = next((place.country for place in places), None)
    is_wish = not career.blocks and len(career.text.split()) <= WISH
    wishes = read_wishes(_wished(career), country, is_wish=is_wish)
    years = _years(career, now) or _years_told(career, mentions)
    level, level_evidence = read_own_level(wishes, line, career, current, years)
    return Profile(
        headline=line or (current.title if current and current.is_engineering else ""),
        skills=skills,
        role=_role(_titles(line, career), mentions, current),
        level=level,
        level_evidence=level_evidence,
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
        start, line = _without_label(opening(whole))
        named = len(line) <= 120 and not line.endswith(".") and is_title(clean_title(line))
        if named and passage.chapter not in (Chapter.STUDY, Chapter.SKILLS):
            return passage.start + start, passage.start + start + len(line)
    return 0, 0


def _without_label(line: str) -> tuple[int, str]:
    """What a line says without *Title:* before it and without the telephone numbers behind, and where that begins."""
    label = _LABEL.match(line)
    start = label.end() if label else 0
    contact = CONTACT.search(line, start)
    told = line[start : contact.start()].rstrip(" |•·,;:—–-(") if contact else ""
    return start, told if told and read_role(clean_title(told)) not in (None, Role.OTHER) else line[start:]


def _titles(headline: str, career: Career) -> list[str]:
    """What the headline says, titles held now, what the person says to be, and the latest title."""
    held = [block.title for block in career.blocks if block.end is None and block.kind is Kind.JOB]
    itself = _SELF.search(career.words(*_SELF_TOLD))
    latest = [block.title for block in newest_first(career) if block.kind is Kind.JOB and not _is_brief(block)][:1]
    return [clean_title(headline), *held, itself[1] if itself else "", *latest]


def _role(titles: list[str], mentions: list[Mention], current: Block | None) -> Role | None:
    """The first title that is exact, else what the skills speak of, else that the person is an engineer, if a title says so."""
    said = [role for role in map(read_role, titles) if role not in (None, Role.OTHER)]
    exact = next((role for role in said if role is not Role.ENGINEERING), None)
    return exact or role_of_expertise(mentions, current) or next(iter(said), None)


def _is_brief(block: Block) -> bool:
    return block.end is not None and block.end - block.start < BRIEF


def _years(career: Career, now: int) -> float | None:
    """Years in engineering jobs, internships apart; what the person says of the whole counts when it is more."""
    jobs = [block for block in career.blocks if block.is_engineering and block.level is not Level.INTERN]
    worked = round(months_covered(jobs, now) / 12, 1)
    said = career.words(*_SELF_TOLD)
    since = _SINCE.search(career.words())
    stated = (read_years(said) or 0, now // 12 - int(since[1]) if since and now else 0)
    return max(worked, *stated) or None


def _years_told(career: Career, mentions: list[Mention]) -> float | None:
    """Years that are said without the word experience: *backend engineer, 10 years*; else the most of any skill."""
    of_skills = (mention.years for mention in mentions if mention.years and mention.standing is not Standing.MENTIONED)
    return told_years(career.words(*_SELF_TOLD)) or max(of_skills, default=None)
