"""Which names of a location string are cities; which city of the name is meant, `shared.reading.city_choice` tells."""

from collections.abc import Sequence

from shared.reading.gazetteer import City, Meaning
from shared.reading.place_context import BIG, Around, Stated
from shared.reading.placenames import DIVIDER, Item, is_noise
from shared.reading.tables import parts

KNOWN = 13
"""Size of cities that are recognised among unknown words: `Kia Santa Monica`. Smaller ones stand alone, or with their state."""
_SMALLER = 7
"""Sizes by which a city may be smaller than its namesake to be meant by a state or country after it that is a city too."""
_STREETS = frozenset(
    parts(
        "road|rd|street|st|avenue|ave|boulevard|blvd|drive|dr|lane|ln|way|highway|hwy|parkway|pkwy|court|square|place|pl|circle"
        "|cir|terrace|ter|trail|pike|turnpike|loop|row|rue"
    )
)
_NONE = Meaning()
UNCLEAR = frozenset({"queenstown", "st petersburg"})
"""Keys of names that tell nothing alone: of the cities of the name, two in two countries are about as likely meant."""


def city_indexes(group: Sequence[Item], known: Sequence[int], stated: Stated) -> list[int]:
    """Which items are cities: `New York` is one, a second `New York` or `Singapore` after it is its state or country.

    `known` are the items of the group that have a meaning; `stated` is of the whole string.
    """
    found: list[int] = []
    for index in known:
        item = group[index]
        if not cities_of(item) or (found and _belongs_to(item, group[found[-1]])):
            continue
        if _is_city(group, index, known, stated):
            found.append(index)
    return found


def cities_of(item: Item) -> tuple[City, ...]:
    """Cities of the name, biggest first."""
    cities = item.meaning.cities if item.meaning else ()
    return tuple(city._replace(size=0) for city in cities) if item.name in UNCLEAR else cities


def _belongs_to(item: Item, city: Item) -> bool:
    """Whether the name repeats the city before it, or is the city of that district, its state or its country."""
    around, candidates = Around([item.meaning or _NONE]), cities_of(city)
    same = {(each.name, each.country) for each in cities_of(item)}
    if item.name == city.name or any((each.name, each.country) in same for each in candidates):
        return True
    least = 0 if item.is_code and "," in item.gap else candidates[0].size - _SMALLER
    return any(around.holds(candidate) and candidate.size >= least for candidate in candidates)


def _is_city(group: Sequence[Item], index: int, known: Sequence[int], stated: Stated) -> bool:
    item, cities = group[index], cities_of(group[index])
    if item.is_code or (item.meaning and (item.meaning.regions or item.meaning.country)):
        return _is_rather_city(group, index, next((group[other] for other in known if other > index), None))
    after = group[index + 1] if index + 1 < len(group) else None
    if after and after.gap.isspace() and after.text.strip(".").lower() in _STREETS:
        return False
    return cities[0].size >= BIG or (not _is_joined(after) and _is_smaller_city(group, index, known, stated))


def _is_joined(after: Item | None) -> bool:
    """Whether a hyphen makes a name the begin of a longer one that is unknown: `Saint-André-de-l'Eure`."""
    return after is not None and after.gap == "-" and after.meaning is None and not is_noise(after.text)


def _is_smaller_city(group: Sequence[Item], index: int, known: Sequence[int], stated: Stated) -> bool:
    """For a name of no big city: whether its state or country is named too, or at least no other, and nothing is beside it."""
    cities = cities_of(group[index])
    around = Around([group[other].meaning or _NONE for other in known if other != index])
    if any(around.holds(city) if city.size else around.names_state_of(city) for city in cities):
        return True
    beside = Stated([item for item in group if item is not group[index]]).countries
    countries = beside | stated.named if "/" in group[0].gap else beside
    is_near = not countries or any(city.country in countries for city in cities)
    return cities[0].size > 0 and is_near and (cities[0].size >= KNOWN or _stands_alone(group, index))


def _stands_alone(group: Sequence[Item], index: int) -> bool:
    """Whether nothing but words such as `office` and `remote` stands beside the name between two separators."""
    return _alone_to(group, range(index - 1, -1, -1), index) and _alone_to(group, range(index + 1, len(group)), index)


def _alone_to(group: Sequence[Item], others: range, index: int) -> bool:
    for other in others:
        gap = group[other + 1].gap if other < index else group[other].gap
        if DIVIDER.search(gap):
            return True
        if not is_noise(group[other].text) and not group[other].is_code:
            return False
    return True


def _is_rather_city(group: Sequence[Item], index: int, after: Item | None) -> bool:
    """For a name that is a city's and a state's or country's: `New York`, `Lebanon, PA`, `Ontario, CA`, `LA`."""
    item, meaning = group[index], group[index].meaning or _NONE
    before = group[index - 1] if index else None
    if after and not item.is_code and (_is_state_of(after, item) or _is_country_of(after, item)):
        return True
    if before and item.is_code and item.gap.isspace() and any(city.size for city in cities_of(before)):
        return False
    if meaning.cities[0].size < KNOWN:
        return False
    if before and meaning.regions and before.meaning is None and "," in item.gap and not is_noise(before.text):
        return False
    countries = {after.meaning.country, *(r.country for r in after.meaning.regions)} if after and after.meaning else set()
    elsewhere = not any(city.country in countries for city in meaning.cities)
    return not (elsewhere and any(region.country in countries for region in meaning.regions))


def _is_state_of(after: Item, item: Item) -> bool:
    """Whether the state after a comma is that of a city of this name, and the two are not a list: `Delaware, Ohio`."""
    state, meaning = after.meaning or _NONE, item.meaning or _NONE
    around = Around([state])
    if "," not in after.gap or not any(around.names_state_of(city) for city in meaning.cities):
        return False
    same_country = {r.country for r in meaning.regions if r.first_level} & {r.country for r in state.regions}
    return after.is_code or not same_country or meaning.cities[0].size > 0


def _is_country_of(after: Item, item: Item) -> bool:
    """Whether the country after a comma is that of a city of this name, and not of the state: `Victoria, Canada`."""
    meaning, country = item.meaning or _NONE, (after.meaning or _NONE).country
    has_state = meaning.country is not None or any(region.country == country for region in meaning.regions)
    return not has_state and "," in after.gap and any(city.country == country for city in meaning.cities)
