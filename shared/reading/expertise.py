"""A person's skills with their evidence, and the role those skills speak of.

Each mention stands somewhere: in the headline, in a dated job, in a list, or in passing. A skill's years are those of the
jobs that name it, or the number written beside it (*5 years of Go*); it was last used when the newest of those jobs ended.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from functools import cache
from typing import NamedTuple

from shared.posting import Level, Role
from shared.profile import ProfileSkill, Standing
from shared.reading.careers import Block, Career, Kind, months_covered
from shared.reading.chapters import Chapter
from shared.reading.denials import denied
from shared.reading.skills import SkillHit, find_skills, is_ubiquitous, parents, skills
from shared.reading.tables import parts, rows

EVIDENCE = 160
_CLAIMS = frozenset({Chapter.OPENING, Chapter.SUMMARY, Chapter.SKILLS, Chapter.WORK})
_LIST_SHARE = 0.45
"""Of a line's letters and digits, those inside skills that make it a list."""
_CURRENTLY = re.compile(
    r"\b(?:in|at) my (?:current|present) (?:role|job|position|company)\b|\bcurrent(?:ly)? (?:work|role)", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?](?=\s)")
_YEARS_AFTER = re.compile(r"\s?[(:,|–—-]?\s?(\d{1,2})\+?\s?(?:years?|yrs?|y)\b", re.IGNORECASE)
_YEARS_BEFORE = re.compile(
    r"\b(\d{1,2})\+?\s?(?:years?|yrs?)(?:[’'])?\s(?:of\s)?(?:(?:professional|commercial|hands-on|production|solid|working)\s)?"
    r"(?:experience\s)?(?:(?:in|with|of|using|writing|programming in)\s)?$",
    re.IGNORECASE,
)
_ALSO = re.compile(r"\s?(?:,|/|&|,?\sand|\sor)\s?$")
_FEWEST_VOTERS = 3
_ORDER = {standing: place for place, standing in enumerate(Standing)}


class Mention(NamedTuple):
    """One skill at one place: the block it stands in, if any, and the years written beside it."""

    hit: SkillHit
    standing: Standing
    block: Block | None
    years: int | None


def read_mentions(career: Career, headline: tuple[int, int], current: Block | None) -> list[Mention]:
    """Every mention of a skill in the CV, in order. `headline` are the offsets of the headline, `current` the job held now."""
    every = find_skills(career.text)
    not_theirs = denied(career.text, every)
    hits = [hit for hit in every if hit.start not in not_theirs]
    stated = _stated_years(career.text, hits)
    blocks = sorted(career.blocks, key=lambda block: block.span)
    starts = [block.span[0] for block in blocks]
    lines = _lines_of_skills(career.text, hits)
    found = []
    for hit, years in zip(hits, stated, strict=True):
        index = bisect_right(starts, hit.start) - 1
        block = blocks[index] if index >= 0 and hit.start < blocks[index].span[1] else None
        if block and block.company[0] <= hit.start < block.company[1]:
            found.append(Mention(hit, Standing.MENTIONED, None, None))
            continue
        standing = _standing(career, hit, block, headline, lines)
        if block is None and current and standing is Standing.LISTED and _is_current(career.text, hit):
            block, standing = current, Standing.USED
        found.append(Mention(hit, standing, block, years))
    return found


def _standing(career: Career, hit: SkillHit, block: Block | None, headline: tuple[int, int], lists: frozenset[int]) -> Standing:
    if headline[0] <= hit.start < headline[1]:
        return Standing.HEADLINE
    if block:
        return Standing.MENTIONED if block.kind is Kind.STUDY else Standing.USED
    index = bisect_right(career.passages, hit.start, key=lambda passage: passage.start) - 1
    passage = career.passages[max(index, 0)]
    if passage.chapter in _CLAIMS or passage.start in lists:
        return Standing.USED if passage.chapter is Chapter.PROJECTS else Standing.LISTED
    return Standing.USED if passage.chapter is Chapter.PROJECTS else Standing.MENTIONED


def _lines_of_skills(text: str, hits: list[SkillHit]) -> frozenset[int]:
    """Where the lines start that are little else than skills, two at least."""
    inside: defaultdict[int, list[int]] = defaultdict(list)
    for hit in hits:
        inside[text.rfind("\n", 0, hit.start) + 1].append(hit.end - hit.start)
    several = ((start, lengths) for start, lengths in inside.items() if len(lengths) > 1)
    return frozenset(start for start, lengths in several if _share(text, start, lengths) >= _LIST_SHARE)


def _share(text: str, start: int, lengths: list[int]) -> float:
    stop = text.find("\n", start)
    letters = sum(map(str.isalnum, text[start : stop if stop >= 0 else len(text)]))
    return sum(lengths) / max(1, letters)


def _is_current(text: str, hit: SkillHit) -> bool:
    """Whether the sentence says that it is about the job held now."""
    low = max(text.rfind("\n", 0, hit.start) + 1, hit.start - 300)
    low = max((end.end() for end in _SENTENCE_END.finditer(text, low, hit.start)), default=low)
    return _CURRENTLY.search(text, low, hit.start) is not None


def _stated_years(text: str, hits: list[SkillHit]) -> list[int | None]:
    """For each hit the years written beside it: *Go (5 years)*, *5 years of Go and Python*."""
    found: list[int | None] = []
    shared: int | None = None
    for before, hit in zip([None, *hits], hits, strict=False):
        if shared is None or before is None or not _ALSO.fullmatch(text, before.end, hit.start):
            match = _YEARS_BEFORE.search(text, max(0, hit.start - 60, text.rfind("\n", 0, hit.start)), hit.start)
            shared = int(match[1]) if match else None
        after = _YEARS_AFTER.match(text, hit.end)
        found.append(int(after[1]) if after else shared)
    return found


def read_expertise(text: str, mentions: list[Mention], now: int) -> tuple[ProfileSkill, ...]:
    """Every skill mentioned, what one would name first first. `now` is the month that what still lasts is counted to.

    Empty when nothing but the ubiquitous (*communication*, *git*) is mentioned.
    """
    by_skill: defaultdict[str, list[Mention]] = defaultdict(list)
    for mention in mentions:
        by_skill[mention.hit.skill].append(mention)
    if all(is_ubiquitous(skill) for skill in by_skill):
        return ()
    found = [_profile_skill(text, skill, given, now) for skill, given in by_skill.items()]
    order = {skill.skill: -_prominence(skill, by_skill[skill.skill], now) for skill in found}
    return tuple(sorted(found, key=lambda skill: order[skill.skill]))


def _profile_skill(text: str, skill: str, mentions: list[Mention], now: int) -> ProfileSkill:
    used = [mention.block for mention in mentions if mention.block and mention.block.kind is not Kind.STUDY]
    months = months_covered(used, now)
    stated = max((mention.years for mention in mentions if mention.years), default=None)
    last = max((block.last_month(now) for block in used), default=0)
    shown = min(mentions, key=lambda mention: _showing(mention, now)).hit
    return ProfileSkill(
        skill=skill,
        years=stated or round(months / 12, 1) or None,
        last_used=last // 12 or None,
        evidence=_phrase(text, shown.start, shown.end),
        standing=min((mention.standing for mention in mentions), key=_ORDER.__getitem__),
        start=shown.start,
        end=shown.end,
    )


def _showing(mention: Mention, now: int) -> tuple[bool, int, int]:
    """The mention to show is of the newest work, else of the strongest standing, else the first."""
    worked = mention.block is not None and mention.block.kind is not Kind.STUDY
    newest = -mention.block.last_month(now) if mention.block and worked else _ORDER[mention.standing]
    return not worked, newest, mention.hit.start


def _phrase(text: str, start: int, end: int) -> str:
    """The line around a mention, cut at words to about `EVIDENCE` characters."""
    low = max(text.rfind("\n", 0, start) + 1, start - EVIDENCE // 2)
    stop = text.find("\n", end)
    high = min(stop if stop >= 0 else len(text), low + EVIDENCE)
    if low > 0 and text[low - 1].isalnum():
        low = text.find(" ", low, start) + 1 or start
    if high < len(text) and text[high].isalnum():
        high = max(text.rfind(" ", end, high), end)
    return text[low:high].strip(" •*-")


def _prominence(skill: ProfileSkill, mentions: list[Mention], now: int) -> float:
    """How early a person would name the skill: by where it stands, how long and lately it was used, and how exact it is."""
    standings = {mention.standing for mention in mentions}
    said = 2.0 * (Standing.HEADLINE in standings) + 1.2 * (Standing.LISTED in standings)
    age = now // 12 - skill.last_used if skill.last_used else None
    recency = 0.5 if age is None else max(0.1, 1 - age / 8)
    used = (0.5 + min(skill.years or 0, 6) / 3) * recency if Standing.USED in standings else 0.0
    often = 0.15 * min(len(mentions), 4)
    return (said + used + often) * _exactness(skill.skill)


def _exactness(skill: str) -> float:
    """A language or tool tells more of a person than a field of work, and that more than *communication*."""
    known = skills().get(skill)
    if known is None or known.ubiquitous:
        return 0.2
    return {"language": 1.15, "practice": 0.5, "domain": 0.4}.get(known.kind, 1.0)


def role_of_expertise(mentions: list[Mention], current: Block | None) -> Role | None:
    """The role most of the named skills belong to, recent ones counting more; None when fewer than three speak of one.

    Where front end and back end weigh about the same, the role is full-stack.
    """
    votes: defaultdict[Role, float] = defaultdict(float)
    voters: defaultdict[Role, set[str]] = defaultdict(set)
    told = (mention for mention in mentions if mention.standing is not Standing.MENTIONED)
    for skill, where in dict.fromkeys((mention.hit.skill, mention.block) for mention in told):
        for role, share in _roles_of(skill):
            votes[role] += _weight(where, current) * share
            voters[role].add(skill)
    if not votes:
        return None
    best = max(votes, key=lambda role: (votes[role], role))
    if len(voters[best]) < _FEWEST_VOTERS:
        return None
    return Role.FULLSTACK if _is_both(votes) and best in (Role.FRONTEND, Role.BACKEND) else best


def _is_both(votes: defaultdict[Role, float]) -> bool:
    low, high = sorted((votes[Role.FRONTEND], votes[Role.BACKEND]))
    return low >= 0.6 * high


def _weight(block: Block | None, current: Block | None) -> float:
    if block is None:
        return 2.0
    if block is current:
        return 3.0
    return 0.3 if block.kind is Kind.STUDY or block.level is Level.INTERN else 1.0


@cache
def _roles_of(skill: str) -> tuple[tuple[Role, float], ...]:
    """The roles a skill or one of its parents is typical of; naming the role's own word counts most."""
    wider = {skill, *parents(skill)}
    found: list[tuple[Role, float]] = []
    for row in rows("role_skills"):
        words = set(parts(row["words"]))
        if skill in words:
            found.append((Role(row["role"]), 3.0))
        elif wider & (words | set(parts(row["skills"]))):
            found.append((Role(row["role"]), 1.0))
    return tuple(found)
