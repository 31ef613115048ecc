"""What scoring needs of a posting, worked out once however many people it is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.posting import Employment, Level, Pay, Place, Posting, Role, SkillMention, Workplace
from shared.scoring.rarity import SHIPPED, Rarities
from shared.scoring.weights import ENOUGH as ENOUGH_TENTHS
from shared.scoring.weights import FRESH_DAYS, IN_TITLE, LEAST, MILDER, MOST_ASKED, POINTS, ROLE_WORDS, STRENGTHS


@dataclass(frozen=True, slots=True)
class Offer:
    """`asked` is points by skill; `vague` a posting that names skills, but none that tells anything.

    `freshness` is 0–1, or `None` where it is not known when the job was posted or first seen.
    """

    asked: Mapping[str, int]
    vague: bool
    role: Role | None
    level: Level | None
    offices: tuple[Place, ...]
    workplace: Workplace | None
    employment: Employment | None
    pay: Pay | None
    freshness: float | None

    @property
    def remote(self) -> bool:
        return self.workplace is Workplace.REMOTE

    @property
    def telling(self) -> bool:
        """Whether it says enough of skills for sharing none of them to mean anything."""
        return self.vague or sum(self.asked.values()) * 2 >= POINTS

    @property
    def full_marks(self) -> int:
        """The points of shared skills that count as all a posting asks for; a skill of one's own earns ten for each."""
        return max(LEAST, ENOUGH_TENTHS * sum(self.asked.values()))


def offer_of(posting: Posting, first_seen_at: datetime | None = None, rarities: Rarities = SHIPPED) -> Offer:
    """The offer that a posting makes. `first_seen_at` is when Joblark saw it first."""
    facts = posting.facts
    asked = asked_for(facts.skills, rarities)
    return Offer(
        asked=asked,
        vague=bool(facts.skills) and not asked,
        role=facts.role,
        level=facts.level,
        offices=facts.places,
        workplace=facts.workplace,
        employment=facts.employment,
        pay=facts.pay,
        freshness=freshness(posting.posted_at, first_seen_at),
    )


def asked_for(mentions: Iterable[SkillMention], rarities: Rarities = SHIPPED) -> dict[str, int]:
    """The points of each skill asked for: rarity × how much it is wanted, the strongest mention counting; heaviest first."""
    points: dict[str, int] = {}
    for mention in mentions:
        titled = mention.in_title and mention.skill not in ROLE_WORDS
        worth = rarities[mention.skill] ** MILDER * (IN_TITLE if titled else STRENGTHS[mention.strength])
        if worth:
            points[mention.skill] = max(1, round(POINTS * worth), points.get(mention.skill, 0))
    heaviest = sorted(points.items(), key=lambda item: (-item[1], item[0]))
    return dict(heaviest[:MOST_ASKED])


def freshness(posted_at: datetime | None, first_seen_at: datetime | None) -> float | None:
    """How new a job was when first seen, 0–1. Fixed from then on: a score does not change while a job waits to be mailed."""
    if posted_at is None or first_seen_at is None:
        return None
    age = first_seen_at - posted_at
    return next((fit for days, fit in FRESH_DAYS if age <= timedelta(days=days)), 0.0)
