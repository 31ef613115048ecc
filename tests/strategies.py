"""Random postings and profiles for Hypothesis: every field known or not, in every combination.

A posting and a profile drawn apart from each other hardly ever fit. What is asserted of matches needs `encounters`, or
`alike` and `fitting`, which begin at one profile and change some of it.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st

from shared.posting import Employment, Facts, Level, Pay, Place, Posting, Role, SkillMention, Strength, Workplace
from shared.profile import Profile, ProfileSkill
from shared.scoring.weights import PARTS, STEPS
from tests.factories import NOW

Item = TypeVar("Item")
Value = TypeVar("Value")
SKILLS = (
    "go", "python", "kubernetes", "postgresql", "javascript", "typescript", "kafka", "react", "cuda", "git", "communication",
    "backend", "rust", "java", "spring boot", "terraform", "grpc", "redis", "verilog", "scala", "elixir", "haskell", "webgl",
    "spark sql", "snowflake", "django", "helm", "swift", "kotlin", "flutter", "graphql", "cassandra", "ansible", "prometheus",
    "c++", "opencv", "pytorch", "solidity", "erlang", "clojure",
)  # fmt: skip
"""Common ones and rare, two that tell nothing, a role, some that rest on others; more than a posting may ask for."""
PLACES = (
    Place(city="Singapore", country="SG"),
    Place(country="SG"),
    Place(city="Berlin", country="DE"),
    Place(city="Hamburg", country="DE"),
    Place(region="Hesse", country="DE"),
    Place(city="Oakland", region="California", country="US"),
    Place(city="Oakland", country="US"),
    Place(city="Fresno", region="California", country="US"),
    Place(city="Portland", region="Oregon", country="US"),
    Place(region="California", country="US"),
    Place(country="US"),
    Place(region="EMEA"),
    Place(region="Worldwide"),
    Place(region="APAC"),
    Place(region="Somewhere warm"),
)
PAYS = (
    Pay(low=40_000, high=50_000, currency="SGD"),
    Pay(low=60_000, high=90_000, currency="SGD"),
    Pay(low=85_000, currency="SGD"),
    Pay(high=95_000, currency="SGD"),
    Pay(low=100_000, high=150_000, currency="SGD"),
    Pay(low=100_000, high=150_000, currency="USD"),
)
WORDS = ("", "words", "words w1 u2", "w3 u3 u1")
"""Descriptions, in which the large rules below look for words."""
_CLAUSES = [f"(text:w{n} or title:x{n}) and (text:u{n} or remote:yes)" for n in range(10)]
LARGE_RULE = " or ".join(f"({clause})" for clause in _CLAUSES)
RULES = (
    "",
    "",
    "skill:go",
    "not skill:go",
    "country:SG or remote:yes",
    "level >= senior and not skill:(react, kafka)",
    "text:words",
    "not text:words",
    "pay >= 90000 SGD",
    "not pay < 90000 SGD",
    "posted < 20 days",
    "(country:SG and skill:go) or (country:DE and skill:python) or (remote:yes and level:senior)",
    LARGE_RULE,
    f"not skill:rust and ({' or '.join(f'({clause})' for clause in _CLAUSES[1:])})",
)
"""None, of each field, a disjunction of conjunctions that is smaller as such, and two too large for either normal form."""
AGES = (0, 13, 14, 15, 45, 46, 120, 200)
"""Days; on both sides of where freshness changes."""


MENTIONS = tuple(
    SkillMention(skill=skill, strength=strength, text="words", start=0, end=5, in_title=in_title)
    for skill in SKILLS
    for strength in Strength
    for in_title in (False, False, True)
)


def maybe(values: Iterable[Value]) -> st.SearchStrategy[Value | None]:
    return st.sampled_from((None, *values))


def postings() -> st.SearchStrategy[Posting]:
    facts = st.builds(
        Facts,
        skills=st.lists(st.sampled_from(MENTIONS), max_size=6).map(tuple),
        role=maybe(Role),
        level=maybe(Level),
        places=st.lists(st.sampled_from(PLACES), max_size=3, unique=True).map(tuple),
        workplace=maybe(Workplace),
        employment=maybe(Employment),
        pay=maybe(PAYS),
    )
    return st.builds(_posting, facts, st.sampled_from(WORDS), maybe(AGES))


def _posting(facts: Facts, description: str, age: int | None) -> Posting:
    posted_at = None if age is None else NOW - timedelta(days=age)
    given = {"title": "Engineer", "description": description, "posted_at": posted_at, "facts": facts}
    return Posting(source="lever", board="acme", external_id="1", **given)


def profiles() -> st.SearchStrategy[Profile]:
    return st.builds(
        Profile,
        skills=st.lists(st.sampled_from(SKILLS), max_size=5, unique=True).map(held),
        role=maybe(Role),
        level=maybe(Level),
        places=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
        workplaces=st.lists(st.sampled_from(Workplace), max_size=2, unique=True).map(tuple),
        employments=st.lists(st.sampled_from(Employment), max_size=2, unique=True).map(tuple),
        pay_floor=maybe(PAYS),
    )


def held(names: Iterable[str]) -> tuple[ProfileSkill, ...]:
    return tuple(ProfileSkill(skill=name) for name in dict.fromkeys(names))


def tunings() -> st.SearchStrategy[dict[str, int]]:
    """What feedback taught: mostly nothing, else steps for some parts."""
    return st.just({}) | st.dictionaries(st.sampled_from(PARTS), st.integers(-STEPS, STEPS), min_size=1)


def most_of(items: Sequence[Item], chance: int) -> list[Item]:
    """Three in four of `items`, by a random number: one draw, where one for each would be slow."""
    return [item for number, item in enumerate(items) if chance >> 2 * number & 3]


CHANCES = st.integers(0, 4**8 - 1)
"""For `most_of` up to eight."""


@st.composite
def alike(draw: st.DrawFn, who: Profile) -> Profile:
    """Somebody who is in most ways as `who`, with most of those skills and some others."""
    other = draw(profiles())
    names = most_of(list(who.skill_names), draw(CHANCES)) + list(other.skill_names)
    same = {name: getattr(who, name) for name in most_of(("role", "level", "places", "workplaces"), draw(CHANCES))}
    return other.model_copy(update=same | {"skills": held(names)})


@st.composite
def fitting(draw: st.DrawFn, who: Profile) -> Posting:
    """A posting that in most ways asks for `who`: the same role, level and places, most skills, and some others.

    Some ask for very many, and heavily, so that one point counts for less than a hundredth of a score.
    """
    posting = draw(postings())
    usual = draw(st.sampled_from(MENTIONS))
    asked = [*most_of(list(who.skill_names), draw(CHANCES)), *(SKILLS if draw(RARELY) else ())]
    mentions = (*(usual.model_copy(update={"skill": skill}) for skill in asked), *posting.facts.skills)
    same = {name: getattr(who, name) for name in most_of(("role", "level"), draw(CHANCES))}
    if not draw(RARELY):
        same["places"] = tuple(draw(st.sampled_from((place, place, coarser(place), neighbour(place)))) for place in who.places)
    return posting.model_copy(update={"facts": posting.facts.model_copy(update=same | {"skills": mentions})})


RARELY = st.sampled_from((False, False, False, True))


def coarser(place: Place) -> Place:
    """The state or province around a place, or the country."""
    if place.country is None:
        return place
    return place.model_copy(update={"city": None} if place.city and place.region else {"city": None, "region": None})


def neighbour(place: Place) -> Place:
    """The next of `PLACES` in the same country."""
    around = [other for other in PLACES if other.country == place.country]
    return around[(around.index(place) + 1) % len(around)] if place in around else place


def encounters() -> st.SearchStrategy[tuple[Profile, Posting]]:
    """A profile, and a posting that is mostly for it."""
    return profiles().flatmap(lambda who: st.tuples(st.just(who), fitting(who)))
