"""Invented subscriptions in real proportions, to measure the matcher with.

Shares of places, roles, levels, pay and of skills by role were measured on recorded postings (`data/population.tsv`): people
look for the jobs there are. Three in ten have a rule that only the posting's words can answer.
"""

import csv
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

from shared.posting import Level, Pay, Place, Role, Workplace
from shared.profile import Profile, ProfileSkill
from shared.scoring.weights import PARTS, STEPS

SHARES = Path(__file__).with_name("data") / "population.tsv"
RULED, REMOTE_ONLY, WITH_FLOOR, SECOND_PLACE = 0.3, 0.08, 0.25, 0.15
"""Shares of subscriptions with a rule, for remote work only, with a least pay, with a second place."""
SKILLS = (2.7, 0.45)
"""Mean and deviation of the logarithm of how many skills a profile names: half of them between 11 and 20."""
TUNED, ANSWERS = 0.05, 6
"""Share of subscriptions that ever answered "more like this" or "not for me", and the most answers of one.

Not measured, for want of people: few readers of any newsletter ever press a button in it, and each answer moves one weight by
one step.
"""
WORDS = ("blockchain", "crypto", "gambling", "defense", "adtech", "consulting", "on call", "clearance", "relocation", "startup")

Choice = tuple[list[str], list[float]]
Ruled = tuple[Profile, str]


def population(seed: int = 1) -> Iterator[Ruled]:
    """Profiles with their rules, the same for the same seed, without end."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        yield _profile(chance), _rule(chance) if chance.random() < RULED else ""


def tunings(seed: int = 1) -> Iterator[dict[str, int]]:
    """For one subscription after the other how far feedback moved its weights (`shared.scoring.feedback`), without end."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    while True:
        yield _tuning(chance) if chance.random() < TUNED else {}


def _tuning(chance: random.Random) -> dict[str, int]:
    moved = Counter[str]()
    for _ in range(chance.randint(1, ANSWERS)):
        moved[chance.choice(PARTS)] += chance.choice((-1, 1))
    return {part: max(-STEPS, min(STEPS, steps)) for part, steps in moved.items() if steps}


def _profile(chance: random.Random) -> Profile:
    role = _drawn(chance, "role")
    places = tuple(dict.fromkeys(_place(chance) for _ in range(2 if chance.random() < SECOND_PLACE else 1)))
    level = _drawn(chance, "level")
    return Profile(
        skills=tuple(_skill(skill) for skill in _skills(chance, role)),
        role=Role(role),
        level=Level(level) if level else None,
        places=places,
        workplaces=(Workplace.REMOTE,) if chance.random() < REMOTE_ONLY else (),
        pay_floor=_floor(chance, places[0]) if chance.random() < WITH_FLOOR else None,
    )


def _skills(chance: random.Random, role: str) -> list[str]:
    wanted = round(chance.lognormvariate(*SKILLS))
    return list(dict.fromkeys(_several(chance, wanted * 2, "skill", role)))[:wanted]


@cache
def _skill(skill: str) -> ProfileSkill:
    return ProfileSkill(skill=skill)


def _place(chance: random.Random) -> Place:
    return _place_of(_drawn(chance, "place"))


@cache
def _place_of(names: str) -> Place:
    city, region, country = (name or None for name in names.split("|"))
    return Place(city=city, region=region, country=country)


def _floor(chance: random.Random, place: Place) -> Pay | None:
    currency = {"US": "USD", "GB": "GBP", "CA": "CAD", "SG": "SGD", "IN": "INR"}.get(place.country or "", "EUR")
    low = _drawn(chance, "pay", currency)
    return Pay(low=float(low), currency=currency) if low else None


def _rule(chance: random.Random) -> str:
    company, skill = _drawn(chance, "company").replace('"', ""), _drawn(chance, "skill", "backend")
    word, other = chance.sample(WORDS, 2)
    return chance.choice(
        (
            f'not company:"{company}"',
            f'not text:"{word}"',
            f'not (text:"{word}" or text:"{other}")',
            f'skill:"{skill}" or text:"{word}"',
            f'not title:manager and not company:"{company}"',
            f'(skill:"{skill}" or level >= senior) and not text:"{word}"',
            f'language:en and not agency:yes and not company:"{company}"',
        )
    )


def _drawn(chance: random.Random, kind: str, given: str = "") -> str:
    return _several(chance, 1, kind, given)[0]


def _several(chance: random.Random, count: int, kind: str, given: str = "") -> list[str]:
    values, cumulative = _choices().get((kind, given), ([""], [1.0]))
    return chance.choices(values, cum_weights=cumulative, k=count)


@cache
def _choices() -> dict[tuple[str, str], Choice]:
    shares: defaultdict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    with SHARES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE):
            shares[row["kind"], row["given"]][row["value"]] = float(row["share"])
    return {key: (list(found), list(accumulate(found.values()))) for key, found in shares.items()}
