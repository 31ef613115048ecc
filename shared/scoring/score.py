"""The score: the weighted mean of the parts that are known, and what broken deals leave of it.

The matcher does the same sums over arrays (`services.matcher.index`): keep the order of operations, and both give the very
same numbers.
"""

from collections.abc import Mapping
from datetime import datetime

from shared.match import Cause, Match
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import parts as compare
from shared.scoring.offer import Offer, offer_of
from shared.scoring.rarity import SHIPPED, Rarities
from shared.scoring.reasons import NOTHING_SHARED, reasons, shared_skills
from shared.scoring.weights import BROKEN, ELSEWHERE, MOVING, PARTS, REST
from shared.scoring.wish import Wish, wish_of

Parts = dict[str, float | None]


def score(
    posting: Posting,
    profile: Profile,
    *,
    first_seen_at: datetime | None = None,
    tuning: Mapping[str, int] | None = None,
    rarities: Rarities = SHIPPED,
) -> Match:
    """Score one posting for one profile, with reasons. `offer_of` and `wish_of` say what the rest is."""
    return match(posting, offer_of(posting, first_seen_at, rarities), wish_of(profile, tuning))


def match(posting: Posting, offer: Offer, wish: Wish) -> Match:
    """The match of an offer and a wish; the posting is only quoted in the reasons."""
    points = compare.points(offer, wish)
    parts = parts_of(offer, wish, points)
    deal = compare.broken(offer, wish) or ((Cause.SCORE, NOTHING_SHARED) if points == 0 and offer.telling else None)
    value = hundredths(points, offer.full_marks, *rest(parts, wish.weights), wish.weights[0], bool(deal), parts["place"])
    matched, missing, perhaps = shared_skills(offer, wish)
    return Match(
        score=value / 100,
        parts={name: part if part is None else round(part, 4) for name, part in parts.items()},
        cause=deal[0] if deal else _weakest(parts),
        matched=matched,
        missing=missing,
        perhaps=perhaps,
        reasons=tuple(reasons(posting, offer, wish, parts, matched, deal[1] if deal else None)),
    )


def parts_of(offer: Offer, wish: Wish, points: int | None) -> Parts:
    """Every part by name."""
    return {
        "skills": compare.skills_part(points, offer.full_marks),
        "role": compare.role_part(offer, wish),
        "level": compare.level_part(offer, wish),
        "place": compare.place_part(offer, wish),
        "pay": compare.pay_part(offer, wish),
        "freshness": offer.freshness,
    }


def rest(parts: Parts, weights: tuple[float, ...]) -> tuple[float, float]:
    """The weighted sum of the known parts but skills, and their weight."""
    total = weight = 0.0
    for name, share in zip(PARTS, weights, strict=True):
        part = parts[name]
        if name in REST and part is not None:
            total += share * part
            weight += share
    return total, weight


def hundredths(
    points: int | None, full_marks: int, total: float, weight: float, skills_weight: float, is_broken: bool, place: float | None
) -> int:
    """The score in hundredths, 0–10,000, from the parts but skills (`rest`) and the points for skills."""
    left = (BROKEN if is_broken else 1.0) * (MOVING if place == ELSEWHERE else 1.0)
    if points is None:
        value = total / weight * left if weight else 0.0
    else:
        all_weight = weight + skills_weight
        value = total / all_weight * left + skills_weight / all_weight * left * min(1.0, points / full_marks)
    return int(10_000 * value + 0.5)


def _weakest(parts: Parts) -> Cause:
    """What one would name first if the score is too low for a match."""
    if parts["place"] == ELSEWHERE:
        return Cause.PLACE
    if parts["level"] is not None and parts["level"] < 0.5:
        return Cause.LEVEL
    return Cause.SCORE
