"""Every number of the score, each with its reason. `docs/matching.md` shows these tables to people; a test keeps them alike."""

from collections.abc import Mapping

from shared.match import LOCAL
from shared.posting import Level, Role, Strength

WEIGHTS = {
    "skills": 0.35,  # what the work is done with says most about whether a person can and wants to do it
    "role": 0.22,  # the same tools serve different trades
    "level": 0.13,  # one rung off is a conversation, two are a waste of time
    "place": 0.30,  # a job here comes before every comparable one elsewhere
    "pay": 0.06,  # a floor is a floor; above it, more pay is not a better fit
    "freshness": 0.02,  # what stood for months before we saw it is often filled, or never meant
}
PARTS = tuple(WEIGHTS)
REST = PARTS[1:]
"""All parts but skills: they are the same for everybody who wants the same, so the matcher works them out once."""

STEPS = 4
"""How far feedback may move the weight of a part, either way."""
STEP = 2 ** (1 / STEPS)
"""One step multiplies a weight by this; all of them double it or halve it."""


def tuned(tuning: Mapping[str, int]) -> tuple[float, ...]:
    """The weights of `PARTS` after feedback moved each by so many steps."""
    return tuple(weight * STEP ** max(-STEPS, min(STEPS, tuning.get(part, 0))) for part, weight in WEIGHTS.items())


# ----------------------------------------------------------------------------------------------------------------- skills

STRENGTHS = {Strength.REQUIRED: 1.0, Strength.PREFERRED: 0.5, Strength.MENTIONED: 0.3}
POINTS = 100
"""Points that asking for the rarest skill outright is worth. Whole numbers, so that a sum is the same in any order."""
IN_TITLE = 2
"""What stands in the title is what the work is done with; the list below has wishes."""
ROLE_WORDS = frozenset({"backend", "frontend", "full stack", "web development", "software development", "software engineering"})
"""In a title these say the role, which has its own part: there they count as any skill that is required."""
MILDER = 0.7
"""Power of rarity: the rarest words of a list are trivia, tools nobody is refused for; its commoner ones are the stack."""
MOST_ASKED = 32
"""Skills of one posting that count, heaviest first. So many, all in the title and rare, are 64,000 points: 16 bits."""
OWN, RESTS_ON = 10, 8
"""Credit for a skill, in tenths: one's own, and one that it rests on (Spring Boot → Java)."""
ENOUGH = 6
"""Tenths of what a posting asks for that count as all of it: postings list wishes, and nobody has every one."""
LEAST = 1_500
"""Points it takes for full marks, however little a posting names: one common word shared proves nothing."""

# ------------------------------------------------------------------------------------------------------------------ place

SAME_CITY = 1.0
SAME_COUNTRY = 0.85  # one side names no city
REMOTE_COUNTRY = LOCAL
SAME_REGION = 0.75  # another city of the state or province
REMOTE_REGION = 0.7
REMOTE_SOMEWHERE = 0.65  # most remote jobs that name no place are open to many
OTHER_CITY = 0.6
SOMEWHERE = 0.35  # to be there in person, and nobody says where: it has to be one place of the world
ELSEWHERE = 0.0
PLACE_FITS = (
    SAME_CITY,
    SAME_COUNTRY,
    REMOTE_COUNTRY,
    SAME_REGION,
    REMOTE_REGION,
    REMOTE_SOMEWHERE,
    OTHER_CITY,
    SOMEWHERE,
    ELSEWHERE,
)

# -------------------------------------------------------------------------------------------------------- pay, freshness

NEARLY = 0.9
"""A top of the range of at least this share of the floor is worth a word: ranges are talked about."""
NEARLY_FIT = 0.4
FRESH_DAYS = ((14, 1.0), (45, 0.7), (120, 0.3))
"""Days from being posted to being seen by us first, and what they count; after the last, nothing."""

# ------------------------------------------------------------------------------------------------------------------ deals

BROKEN = 0.4
"""What is left of a score when a deal is broken: another trade, no skill in common, a rung nobody would climb down to."""
MOVING = 0.8
"""What is left of a score when taking the job means moving."""
ANOTHER_TRADE = 0.2
"""Roles that fit less than this are not read at all."""

# ------------------------------------------------------------------------------------------------------------------ roles

_ENGINEERING = dict.fromkeys(Role, 0.3) | {Role.ENGINEERING: 0.8, Role.MANAGEMENT: 0.15, Role.QA: 0.15, Role.OTHER: 0.0}
_NEAR: Mapping[Role, Mapping[Role, float]] = {
    Role.BACKEND: {
        Role.FULLSTACK: 0.7,
        Role.INFRASTRUCTURE: 0.75,
        Role.DATA: 0.55,
        Role.FRONTEND: 0.1,
        Role.MOBILE: 0.1,
    },
    Role.FRONTEND: {Role.FULLSTACK: 0.8, Role.MOBILE: 0.5, Role.BACKEND: 0.2, Role.INFRASTRUCTURE: 0.05, Role.DATA: 0.05},
    Role.FULLSTACK: {
        Role.BACKEND: 0.8,
        Role.FRONTEND: 0.8,
        Role.MOBILE: 0.4,
        Role.INFRASTRUCTURE: 0.4,
        Role.DATA: 0.35,
    },
    Role.MOBILE: {Role.FRONTEND: 0.5, Role.FULLSTACK: 0.4, Role.DATA: 0.05, Role.INFRASTRUCTURE: 0.05},
    Role.DATA: {Role.ML: 0.6, Role.BACKEND: 0.55, Role.INFRASTRUCTURE: 0.45, Role.FRONTEND: 0.05, Role.MOBILE: 0.05},
    Role.ML: {Role.DATA: 0.6, Role.BACKEND: 0.4, Role.FRONTEND: 0.05, Role.MOBILE: 0.05},
    Role.INFRASTRUCTURE: {
        Role.BACKEND: 0.7,
        Role.SECURITY: 0.5,
        Role.DATA: 0.45,
        Role.FRONTEND: 0.05,
        Role.MOBILE: 0.05,
    },
    Role.SECURITY: {Role.INFRASTRUCTURE: 0.5, Role.BACKEND: 0.4},
    Role.EMBEDDED: {Role.BACKEND: 0.4},
    Role.QA: {Role.BACKEND: 0.3, Role.FULLSTACK: 0.3},
    Role.MANAGEMENT: {role: 0.3 for role in Role if role is not Role.OTHER},
    Role.ENGINEERING: {role: 0.7 for role in Role if role not in (Role.OTHER, Role.MANAGEMENT)},
    Role.OTHER: dict.fromkeys(Role, 0.0),
}


def role_fit(wanted: Role, offered: Role) -> float:
    """How close two trades are, 0–1."""
    return 1.0 if wanted is offered else _NEAR[wanted].get(offered, _ENGINEERING[offered])


# ----------------------------------------------------------------------------------------------------------------- levels

RUNGS: dict[Level, int] = {level: rung for rung, level in enumerate(Level) if level is not Level.MANAGER}
_BY_DISTANCE = (1.0, 0.85, 0.3, 0.05, 0.0, 0.0)
_MANAGER_AND = 0.2


def level_fit(have: Level, asked: Level) -> float:
    """How close two rungs are, 0–1. Leading people is another ladder."""
    if have is asked:
        return 1.0
    if Level.MANAGER in (have, asked):
        return _MANAGER_AND
    return _BY_DISTANCE[abs(RUNGS[have] - RUNGS[asked])]
