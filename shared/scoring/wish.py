"""What scoring needs of a subscription, worked out once however many postings it is compared with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.posting import Employment, Level, Pay, Place, Role, Workplace
from shared.profile import Profile
from shared.reading import skills as skill_table
from shared.scoring.weights import OWN, RESTS_ON, tuned


@dataclass(frozen=True, slots=True)
class Wish:
    """`credit` is tenths by skill. `places` have a country; empty sets of workplaces and employments accept every kind.

    `weights` are those of `shared.scoring.weights.PARTS` after the person's feedback.
    """

    credit: Mapping[str, int]
    role: Role | None = None
    level: Level | None = None
    places: tuple[Place, ...] = ()
    workplaces: frozenset[Workplace] = frozenset()
    employments: frozenset[Employment] = frozenset()
    floor: Pay | None = None
    weights: tuple[float, ...] = field(default_factory=lambda: tuned({}))


def wish_of(profile: Profile, tuning: Mapping[str, int] | None = None) -> Wish:
    """The wish that a profile stands for. `tuning` is how many steps feedback moved the weight of each part."""
    return Wish(
        credit=credit_of(profile),
        role=profile.role,
        level=profile.level,
        places=tuple(place for place in profile.places if place.country),
        workplaces=frozenset(profile.workplaces),
        employments=frozenset(profile.employments),
        floor=_floor(profile.pay_floor),
        weights=tuned(tuning or {}),
    )


def _floor(least: Pay | None) -> Pay | None:
    """Without a `high`, which nothing is compared with: wishes that score the same are the same."""
    return Pay(low=least.low, currency=least.currency) if least and least.low else None


def credit_of(profile: Profile) -> dict[str, int]:
    """Tenths earned for each skill: all for one's own, most of it for what those rest on."""
    own = profile.skill_names
    rests_on = {parent: RESTS_ON for skill in own for parent in skill_table.parents(skill)}
    return rests_on | dict.fromkeys(own, OWN)
