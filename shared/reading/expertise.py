"""A person's skills with their evidence, and the role those skills speak of."""

from collections import defaultdict
from functools import cache

from shared.posting import Level, Role
from shared.profile import ProfileSkill
from shared.reading.careers import Block, months_covered
from shared.reading.skills import find_skills, is_ubiquitous, parents
from shared.reading.tables import parts, rows

EVIDENCE = 160
_INTRO, _CURRENT, _EARLIER, _PAST_INTERNSHIP = 2.0, 3.0, 1.0, 0.3


class _Evidence:
    """Where one skill was seen."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        self.blocks: list[Block] = []


def read_expertise(intro: str, blocks: list[Block], now: int) -> tuple[ProfileSkill, ...]:
    """Every skill named, current work first. `now` is the month that what still lasts is counted to.

    Empty when nothing but the ubiquitous (*communication*, *git*) is named.
    """
    found: dict[str, _Evidence] = {}
    for block in sorted(blocks, key=lambda block: (block.end is not None, -block.start)):
        for skill, phrase in _named(block.text).items():
            found.setdefault(skill, _Evidence(phrase)).blocks.append(block)
    for skill, phrase in _named(intro).items():
        found.setdefault(skill, _Evidence(phrase))
    if all(is_ubiquitous(skill) for skill in found):
        return ()
    return tuple(_profile_skill(skill, evidence, now) for skill, evidence in found.items())


def _named(text: str) -> dict[str, str]:
    """Skill → the words around its first mention."""
    named: dict[str, str] = {}
    for hit in find_skills(text):
        if hit.skill not in named:
            named[hit.skill] = _phrase(text, hit.start, hit.end)
    return named


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


def _profile_skill(skill: str, evidence: _Evidence, now: int) -> ProfileSkill:
    used = [block for block in evidence.blocks if not block.is_study]
    months = months_covered(used, now)
    last = max((block.last_month(now) for block in used), default=0)
    return ProfileSkill(
        skill=skill, years=round(months / 12, 1) or None, last_used=last // 12 or None, evidence=evidence.phrase
    )


def role_of_expertise(intro: str, blocks: list[Block], current: Block | None, skills: tuple[ProfileSkill, ...]) -> Role | None:
    """The role most of the named skills belong to, recent ones counting more; plain engineering when none stands out."""
    weights = [(intro, _INTRO), *((block.text, _weight(block, current)) for block in blocks)]
    votes: defaultdict[Role, float] = defaultdict(float)
    for text, weight in weights:
        for skill in {hit.skill for hit in find_skills(text)}:
            for role, share in _roles_of(skill):
                votes[role] += weight * share
    if not votes:
        return Role.ENGINEERING if skills else None
    return max(votes, key=lambda role: votes[role])


def _weight(block: Block, current: Block | None) -> float:
    if block is current:
        return _CURRENT
    return _PAST_INTERNSHIP if block.is_study or block.level is Level.INTERN else _EARLIER


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
