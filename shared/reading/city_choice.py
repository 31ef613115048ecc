"""Which of the cities of one name is meant: the one that what stands beside it speaks of, else the biggest."""

from collections.abc import Sequence

from shared.posting import Place
from shared.reading.cities import KNOWN, cities_of
from shared.reading.gazetteer import City, Region
from shared.reading.place_context import BIG, COMPARABLE, COUNTRY_FIRST, STATE_CODES, Around, Stated
from shared.reading.placenames import Item

_NOT_FAR_SMALLER = 3
"""Sizes apart at which two cities of one name in one country leave the state open."""
_BIGGEST = 20
"""Size of cities so big that no state after them makes them another: `Chicago, California` is two places."""


def city_place(city: Item, after: Sequence[Item], before: Sequence[Item], stated: Stated) -> Place:
    """The city of this name that the names after it speak of, else those before it, else the whole string."""
    candidates = cities_of(city)
    found = _qualified(candidates, after) or _elsewhere(candidates, after)
    found = found or (_qualified(candidates, before, city.gap) if before else None)
    return found or _place(_likely(candidates, stated), candidates)


def _qualified(candidates: Sequence[City], qualifiers: Sequence[Item], gap: str = "-") -> Place | None:
    """The candidate that the qualifiers speak of; a state decides before a country, unless its city is far the smaller.

    A country before a comma may be another place in a list: it does not make a village of a city.
    """
    meanings = [item.meaning for item in qualifiers if item.meaning and _may_qualify(item)]
    if not meanings:
        return None
    around = Around(meanings)
    exact = [city for city in candidates if around.names_state_of(city)]
    best = _best(exact, [city for city in candidates if around.holds(city)], qualifiers)
    if best is None or ("," in gap and best.size < min(candidates[0].size - COMPARABLE, KNOWN)):
        return None
    return _place(best, [best] if best in exact else [city for city in candidates if around.holds(city)])


def _best(exact: Sequence[City], fitting: Sequence[City], qualifiers: Sequence[Item]) -> City | None:
    """Of those in a named state and those in a named state or country, both biggest first."""
    named = {item.meaning.country for item in qualifiers if item.meaning and item.meaning.country and not item.meaning.regions}
    if not exact:
        return next((city for city in fitting if city.size >= KNOWN or not _is_rather_a_state(qualifiers)), None)
    in_both = next((city for city in exact if city.country in named), None)
    far_bigger = fitting[0].size > exact[0].size + COMPARABLE and fitting[0].size >= KNOWN
    return in_both or (fitting[0] if far_bigger else exact[0])


def _is_rather_a_state(qualifiers: Sequence[Item]) -> bool:
    """Whether the first that is said is a code of an American state, and of a country whose towns are seldom meant by it."""
    first = qualifiers[0]
    states = first.meaning.regions if first.meaning and first.is_code else ()
    return first.text not in COUNTRY_FIRST and any(region.country == "US" for region in states)


def _may_qualify(item: Item) -> bool:
    """Whether a code stands as one that says where: other than American states it needs a comma, dash or so before it."""
    if not item.is_code or not item.gap.isspace():
        return True
    return item.meaning is not None and any(region.country in STATE_CODES for region in item.meaning.regions)


def _elsewhere(candidates: Sequence[City], after: Sequence[Item]) -> Place | None:
    """A town that the tables do not have, of a name they have elsewhere: `Paris, ID`, `Concordia, Spain`."""
    if not after or not after[0].meaning:
        return None
    name, size, item, meaning = candidates[0].name, candidates[0].size, after[0], after[0].meaning
    state = next((region for region in meaning.regions if region.first_level), None)
    if state and item.text not in COUNTRY_FIRST and _may_be_in(state, size, item, is_city=bool(meaning.cities)):
        return Place(city=name, region=state.name, country=state.country)
    is_believed = not item.is_code or len(item.text) == 3 or item.text in COUNTRY_FIRST
    return Place(city=name, country=meaning.country) if meaning.country and size < BIG and is_believed else None


def _may_be_in(state: Region, size: int, item: Item, *, is_city: bool) -> bool:
    """Whether a state after the name of a city elsewhere, of that size, may be the state of a smaller one."""
    is_american = state.country in STATE_CODES
    if item.is_code:
        return is_american
    return size < (_BIGGEST if is_american and not is_city else BIG)


def _likely(candidates: Sequence[City], stated: Stated) -> City:
    """The biggest, or one nearly as big in a state or country that the string names elsewhere."""
    if len(candidates) == 1:
        return candidates[0]
    least = candidates[0].size - COMPARABLE if candidates[0].size >= KNOWN else 1
    near = [city for city in candidates if city.size >= max(least, 1)]
    in_state = (city for city in near if city.region and Region(city.region, city.country) in stated.regions)
    return next(in_state, None) or next((city for city in near if city.country in stated.countries), candidates[0])


def _place(city: City, rivals: Sequence[City]) -> Place:
    """The place, its state left open where another of the country's cities is about as big: which Springfield?"""
    unclear = any(
        each.size >= city.size - _NOT_FAR_SMALLER and each.country == city.country and each.region != city.region
        for each in rivals
    )
    return Place(city=city.name, region=None if unclear else city.region, country=city.country)
