"""How well one posting fits one profile: parts that each lie in 0–1, their weighted mean, and the reasons.

A part that cannot be known is `None` and leaves the mean: it is neither a pass nor a fail. Same input, same score.
`docs/matching.md` explains this table to people; keep the two alike.
"""

import math
from collections.abc import Iterable, Mapping
from functools import cache

from shared.match import LOCAL, Match
from shared.posting import Level, Place, Posting, Role, Strength, Workplace
from shared.profile import Profile
from shared.reading import skills as skill_table
from shared.reading.gazetteer import world_countries

WEIGHTS = {
    "skills": 0.35,  # what the work is done with says most about whether a person can and wants to do it
    "role": 0.22,  # the same tools serve different trades
    "level": 0.13,  # one rung off is a conversation, two are a waste of time
    "place": 0.30,  # a job here comes before every comparable one elsewhere
}
STRENGTHS = {Strength.REQUIRED: 1.0, Strength.PREFERRED: 0.5, Strength.MENTIONED: 0.3}
ENOUGH = 0.6
"""The share of what a posting asks for that counts as all of it: postings list wishes, and nobody has every one."""
LEAST = 1.5
"""The weight of skills it takes for full marks, however little a posting names: one common word shared proves nothing."""
BROKEN = 0.4
"""What is left of a score when a deal is broken: another trade, no skill in common, a rung nobody would climb down to."""
MOVING = 0.92
"""What is left of a score when taking the job means moving."""
NOTHING_SHARED = "names no skill of yours"
ANOTHER_TRADE = 0.2
"""Roles that fit less than this are not read at all."""

_ENGINEERING = dict.fromkeys(Role, 0.3) | {Role.ENGINEERING: 0.8, Role.MANAGEMENT: 0.15, Role.OTHER: 0.0}
_NEAR: Mapping[Role, Mapping[Role, float]] = {
    Role.BACKEND: {Role.FULLSTACK: 0.7, Role.INFRASTRUCTURE: 0.75, Role.DATA: 0.55, Role.FRONTEND: 0.1, Role.MOBILE: 0.1},
    Role.FRONTEND: {Role.FULLSTACK: 0.8, Role.MOBILE: 0.5, Role.BACKEND: 0.2, Role.INFRASTRUCTURE: 0.05, Role.DATA: 0.05},
    Role.FULLSTACK: {Role.BACKEND: 0.8, Role.FRONTEND: 0.8, Role.MOBILE: 0.4, Role.INFRASTRUCTURE: 0.4, Role.DATA: 0.35},
    Role.MOBILE: {Role.FRONTEND: 0.5, Role.FULLSTACK: 0.4, Role.DATA: 0.05, Role.INFRASTRUCTURE: 0.05},
    Role.DATA: {Role.ML: 0.6, Role.BACKEND: 0.55, Role.INFRASTRUCTURE: 0.45, Role.FRONTEND: 0.05, Role.MOBILE: 0.05},
    Role.ML: {Role.DATA: 0.6, Role.BACKEND: 0.4, Role.FRONTEND: 0.05, Role.MOBILE: 0.05},
    Role.INFRASTRUCTURE: {Role.BACKEND: 0.7, Role.SECURITY: 0.5, Role.DATA: 0.45, Role.FRONTEND: 0.05, Role.MOBILE: 0.05},
    Role.SECURITY: {Role.INFRASTRUCTURE: 0.5, Role.BACKEND: 0.4},
    Role.EMBEDDED: {Role.BACKEND: 0.4},
    Role.QA: {Role.BACKEND: 0.3, Role.FULLSTACK: 0.3},
    Role.MANAGEMENT: {role: 0.3 for role in Role if role is not Role.OTHER},
    Role.ENGINEERING: {role: 0.7 for role in Role if role not in (Role.OTHER, Role.MANAGEMENT)},
    Role.OTHER: dict.fromkeys(Role, 0.0),
}
RUNGS: dict[Level, int] = {level: rung for rung, level in enumerate(Level) if level is not Level.MANAGER}
_BY_DISTANCE = (1.0, 0.7, 0.25, 0.05, 0.0, 0.0)
_MANAGER_AND = 0.2


def role_fit(wanted: Role, offered: Role) -> float:
    """How close two trades are, 0–1."""
    return 1.0 if wanted is offered else _NEAR[wanted].get(offered, _ENGINEERING[offered])


def level_fit(have: Level, asked: Level) -> float:
    """How close two rungs are, 0–1. Leading people is another ladder."""
    if have is asked:
        return 1.0
    if Level.MANAGER in (have, asked):
        return _MANAGER_AND
    return _BY_DISTANCE[abs(RUNGS[have] - RUNGS[asked])]


def breaks_deal(profile: Profile, posting: Posting) -> str | None:
    """Why nobody with this profile would read this posting, or `None`."""
    wanted, offered = profile.role, posting.facts.role
    if wanted and offered and role_fit(wanted, offered) < ANOTHER_TRADE:
        return "not an engineering job" if offered is Role.OTHER else "another trade"
    have, asked = profile.level, posting.facts.level
    if have and asked and have is not asked and Level.INTERN in (have, asked) and level_fit(have, asked) < 0.5:
        return "an internship" if asked is Level.INTERN else "asks for far more experience"
    return None


@cache
def rarity(skill: str) -> float:
    """What sharing this skill says, 0–1: `log(1/df)` of its document frequency, 1 at one posting in 500; 0 if ubiquitous."""
    if skill_table.is_ubiquitous(skill):
        return 0.0
    return min(1.0, max(0.05, math.log(1 / max(skill_table.frequency(skill), 1e-6)) / math.log(500)))


def asked_for(posting: Posting) -> dict[str, float]:
    """The weight of each skill a posting asks for: rarity × how much it is wanted, the strongest mention counting."""
    weights: dict[str, float] = {}
    for mention in posting.facts.skills:
        weight = rarity(mention.skill) * STRENGTHS[mention.strength]
        if weight:
            weights[mention.skill] = max(weight, weights.get(mention.skill, 0.0))
    return weights


def brought(profile: Profile) -> dict[str, float]:
    """The credit, 0–1, a profile earns for each skill: 1 for its own, 0.8 for what those rest on (Spring Boot → Java)."""
    credit = {parent: 0.8 for skill in profile.skill_names for parent in skill_table.parents(skill)}
    return credit | dict.fromkeys(profile.skill_names, 1.0)


def skills_part(asked: Mapping[str, float], credit: Mapping[str, float]) -> float | None:
    if not asked:
        return None
    return min(1.0, sum(weight * credit.get(skill, 0.0) for skill, weight in asked.items()) / full_marks(asked))


def full_marks(asked: Mapping[str, float]) -> float:
    """The weight of shared skills that counts as all a posting asks for."""
    return max(LEAST, ENOUGH * sum(asked.values()))


def role_part(profile: Profile, posting: Posting) -> float | None:
    offered = posting.facts.role
    return role_fit(profile.role, offered) if profile.role and offered else None


def level_part(profile: Profile, posting: Posting) -> float | None:
    asked = posting.facts.level
    return level_fit(profile.level, asked) if profile.level and asked else None


SAME_CITY, SAME_COUNTRY, REMOTE_COUNTRY, REMOTE_REGION, REMOTE_SOMEWHERE, ELSEWHERE = 1.0, 0.9, LOCAL, 0.65, 0.35, 0.0
WORLDWIDE = "Worldwide"


def place_part(profile: Profile, posting: Posting) -> float | None:
    """Best of all pairs of a wanted place and an office; remote work counts where it says nothing against it."""
    facts = posting.facts
    remote = facts.workplace is Workplace.REMOTE
    wanted = [place for place in profile.places if place.country]
    if not wanted or not (facts.places or remote):
        return None
    if remote and not facts.places:
        return REMOTE_SOMEWHERE
    return max(_pair(place, office, remote) for place in wanted for office in facts.places)


def region_fit(region: str | None, country: str | None) -> float:
    """How well remote work "from `region`" suits somebody in `country`. A region we do not know says nothing."""
    countries = world_countries(region) if region else frozenset()
    if not countries:
        return REMOTE_REGION if region == WORLDWIDE else REMOTE_SOMEWHERE
    return REMOTE_REGION if country in countries else ELSEWHERE


def _pair(wanted: Place, office: Place, remote: bool) -> float:
    if office.country is None:
        return region_fit(office.region, wanted.country) if remote else ELSEWHERE
    if wanted.country != office.country:
        return ELSEWHERE
    if remote:
        return REMOTE_COUNTRY
    return SAME_CITY if wanted.city is None or wanted.city == office.city else SAME_COUNTRY


def mean(parts: Mapping[str, float | None]) -> float:
    """Weighted mean of the known parts, 0–1; 0 when nothing is known."""
    known = {name: value for name, value in parts.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    return sum(WEIGHTS[name] * value for name, value in known.items()) / weight if weight else 0.0


def score(posting: Posting, profile: Profile) -> Match:
    """Score one posting for one profile, with reasons."""
    asked, credit = asked_for(posting), brought(profile)
    parts = {
        "skills": skills_part(asked, credit),
        "role": role_part(profile, posting),
        "level": level_part(profile, posting),
        "place": place_part(profile, posting),
    }
    broken = breaks_deal(profile, posting) or (NOTHING_SHARED if parts["skills"] == 0.0 else None)
    value = mean(parts) * (BROKEN if broken else 1.0) * (MOVING if parts["place"] == ELSEWHERE else 1.0)
    ranked = sorted(asked, key=lambda skill: (-asked[skill], skill))
    matched = tuple(skill for skill in ranked if credit.get(skill))
    missing = tuple(skill for skill in ranked if not credit.get(skill))
    rounded = {name: part if part is None else round(part, 4) for name, part in parts.items()}
    reasons = tuple(_reasons(posting, profile, parts, matched, len(ranked), broken))
    return Match(score=round(100 * value, 2), parts=rounded, matched=matched, missing=missing, reasons=reasons)


def _reasons(
    posting: Posting,
    profile: Profile,
    parts: Mapping[str, float | None],
    matched: tuple[str, ...],
    asked: int,
    broken: str | None,
) -> Iterable[str]:
    if broken:
        yield broken
    if matched:
        yield f"{len(matched)} of {asked} skills it names are yours"
    elif not asked:
        yield "names no skills we can read"
    yield from filter(
        None, (_role_reason(posting, profile), _level_reason(posting, profile), _place_reason(profile, posting, parts))
    )


def _role_reason(posting: Posting, profile: Profile) -> str | None:
    offered = posting.facts.role
    if not (profile.role and offered):
        return None
    return (
        f"{offered.value} work, like yours"
        if profile.role is offered
        else f"{offered.value} work, yours is {profile.role.value}"
    )


def _level_reason(posting: Posting, profile: Profile) -> str | None:
    asked = posting.facts.level
    if not asked:
        return "level not stated"
    if not profile.level:
        return None
    return (
        f"{asked.value} level, like yours" if profile.level is asked else f"{asked.value} level, yours is {profile.level.value}"
    )


def _place_reason(profile: Profile, posting: Posting, parts: Mapping[str, float | None]) -> str | None:
    fit = parts["place"]
    if fit is None:
        return None if posting.facts.places else "place not known"
    if fit >= SAME_COUNTRY:
        return f"in {_shared_place(profile, posting)}, where you are"
    if fit in (REMOTE_COUNTRY, REMOTE_REGION):
        return "remote, from where you are"
    return (
        "remote; where from is not stated" if fit == REMOTE_SOMEWHERE else f"elsewhere: {posting.location or 'another country'}"
    )


def _shared_place(profile: Profile, posting: Posting) -> str:
    """The office nearest to where the person is, as a name."""
    pairs = (
        (wanted, office) for wanted in profile.places for office in posting.facts.places if wanted.country == office.country
    )
    wanted, office = max(pairs, key=lambda pair: _pair(pair[0], pair[1], remote=False))
    return office.city or wanted.city or office.region or posting.location or str(office.country)
