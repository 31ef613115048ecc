"""Where a job is, from the strings that boards put there: `London, UK`, `Remote - EMEA`, `US-CA-Menlo Park`.

Each string is read in three steps: names and codes are found (`shared.reading.placenames`), separators such as `;` and `/`
part them into groups, and each group becomes places: cities, each with what qualifies it, else regions and countries.
What is not known stays unknown; nothing is guessed from a name that is not in the tables. Of several places of one name
the biggest is meant, unless the string says otherwise.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from shared.posting import Place
from shared.reading.cities import city_indexes
from shared.reading.city_choice import city_place
from shared.reading.gazetteer import WORLDWIDE, Meaning, Region, world_countries
from shared.reading.place_context import COUNTRY_CODES, COUNTRY_FIRST, STATE_CODES, UNCLEAR_CODES, Stated
from shared.reading.placenames import BREAK, WORD_CODES, Item, is_noise, items
from shared.reading.tables import parts

MAX_STRING = 1_000
MAX_STRINGS = 200

_DIVIDER = re.compile(r"[,:()|–—]|\s-\s")
_SET_OFF = re.compile(r"[,():\[|–—-]")
_WORK_MODES = frozenset({"remote", "hybrid", "onsite", "only"})
_SPLIT_WORDS = frozenset(parts("or|and|&|y|et|und|oder|e|ou|o"))
_NAME_WORDS = frozenset(
    parts("of|de|la|du|del|des|les|le|los|las|van|der|den|am|an|im|upon|on|sur|do|da|dos|das|el|al|the|and|y|in")
)
_NOT_A_CITY = frozenset(
    parts(
        "remote|hybrid|onsite|office|hq|headquarters|flexible|anywhere|various|multiple|locations|"
        "location|home|based|work|from|in|on|site|greater|area|region|metro|north|south|east|"
        "west|central|city|county|district|team|only|preferred|time|zone|timezone|full|part|"
        "contract|other|us|usa|uk|all|any|national|nationwide|field|virtual|eligible|corporate"
    )
)
_AREAS = frozenset(parts("county|counties|parish|area|region|metro|state|province"))


def read_places(strings: Iterable[str]) -> tuple[Place, ...]:
    """Every place the strings name, in order, each once. Work modes (`Remote`) are not places."""
    found: dict[Place, None] = {}
    for number, string in enumerate(strings):
        if number >= MAX_STRINGS:
            break
        found.update(dict.fromkeys(_read_string(string[:MAX_STRING])))
    return tuple(found)


@lru_cache(maxsize=4096)
def _read_string(string: str) -> tuple[Place, ...]:
    groups = list(_groups(items(string)))
    beside_usa = len(groups) > 1 and any(_is_only_usa(group) for group in groups)
    stated = Stated([item for group in groups for item in group], beside_usa=beside_usa)
    return tuple(place for group in groups for place in _read_group(group, stated))


def _is_only_usa(group: list[Item]) -> bool:
    return [item.meaning.country for item in group if item.meaning] == ["US"]


def _groups(found: Iterable[Item]) -> Iterator[list[Item]]:
    group: list[Item] = []
    for item in found:
        splits = item.meaning is None and item.text.lower() in _SPLIT_WORDS
        if group and (splits or BREAK.search(item.gap)):
            yield group
            group = []
        if not splits:
            group.append(item)
    if group:
        yield group


def _read_group(group: list[Item], stated: Stated) -> list[Place]:
    """The places of one group: each city with the qualifiers after it, else what the group says without a city."""
    known = [index for index, item in enumerate(group) if item.meaning]
    starts = city_indexes(group, known, stated)
    if not starts:
        known = [index for index in known if _is_wide(group[index])]
        return _not_the_world(_without_city(group, known, stated)) if known else []
    return _not_the_world(_read_cities(group, known, starts, stated))


def _not_the_world(places: list[Place]) -> list[Place]:
    """Without *anywhere* where it is anywhere in what else is named: `Anywhere in the United States`, `Europe - Global`."""
    return [place for place in places if place.region != WORLDWIDE] or places


def _read_cities(group: list[Item], known: list[int], starts: list[int], stated: Stated) -> list[Place]:
    ends = [*starts[1:], len(group)]
    segments = [[index for index in known if start < index < end] for start, end in zip(starts, ends, strict=True)]
    before = [index for index in known if index < starts[0]]
    cities = [
        city_place(group[start], [group[i] for i in after], [group[i] for i in before], stated)
        for start, after in zip(starts, segments, strict=True)
    ]
    found = _left(group, before, cities[0], stated)
    for after, city in zip(segments, cities, strict=True):
        found += [city, *_left(group, after, city, stated)]
    return found


def _is_wide(item: Item) -> bool:
    meaning = item.meaning or Meaning()
    return bool(meaning.regions or meaning.country or meaning.world)


def _left(group: list[Item], indexes: list[int], city: Place, stated: Stated) -> list[Place]:
    """Places of what is named beside a city and cannot be where it lies: `Singapore, Japan` is two places."""
    return _wide_places(
        [group[index] for index in indexes if not _explains(group[index], city) and _counts(group, index)], stated
    )


def _explains(item: Item, place: Place) -> bool:
    meaning = item.meaning or Meaning()
    in_world = place.country in world_countries(meaning.world) if meaning.world else False
    in_region = any(
        region.name == place.region or not region.first_level for region in meaning.regions if region.country == place.country
    )
    return in_world or in_region or meaning.country == place.country or any(c.name == place.city for c in meaning.cities)


def _counts(group: list[Item], index: int) -> bool:
    """Whether an item is believed to be a place by itself. A name is; a code only where it is common and set off."""
    item = group[index]
    if not item.is_code:
        return True
    meaning, code = item.meaning or Meaning(), item.text.replace(".", "").upper()
    is_state = any(region.country in STATE_CODES or len(code) == 3 for region in meaning.regions)
    is_common = is_state or code in COUNTRY_CODES or len(code) == 3 or bool(meaning.world)
    return is_common and _is_set_off(group, index)


def _is_set_off(group: list[Item], index: int) -> bool:
    """A code counts after a comma or dash, before one, or beside a place or work mode: `Remote - SG`, `US-CA`, `Remote US`."""
    after = group[index + 1] if index + 1 < len(group) else None
    before = group[index - 1] if index else None
    if len(group) == 1 or _SET_OFF.search(group[index].gap) or (after and _SET_OFF.search(after.gap)):
        return True
    is_sure = group[index].text.replace(".", "") == "US"
    return is_sure or any(other.text.lower() in _WORK_MODES or _is_wide(other) for other in (before, after) if other)


def _without_city(group: list[Item], known: list[int], stated: Stated) -> list[Place]:
    """States, countries and regions of the world; an unknown name right before a comma and a state is its city."""
    first = group[known[0]]
    city = _unknown_city(group[: known[0]], first, is_last=all(is_noise(item.text) for item in group[known[0] + 1 :]))
    usable = [group[index] for index in known if city or _counts(group, index)]
    if not city and len(known) > 1 and _is_town_named_like_a_country(group, known):
        city, usable = first.text, usable[1:]
    places = _wide_places(usable, stated, with_city=city is not None)
    if city and not _is_area(city) and places and places[0].country:
        places[0] = places[0].model_copy(update={"city": city})
    return places


def _is_town_named_like_a_country(group: list[Item], known: list[int]) -> bool:
    """`Jamaica, NY`, `Scotland, MD`: a country, or part of another, right before a comma and the code of an American state."""
    first, second = group[known[0]], group[known[1]]
    is_state = second.is_code and any(region.country == "US" for region in (second.meaning or Meaning()).regions)
    meaning = first.meaning or Meaning()
    is_wide = meaning.country not in (None, "CA", "US") or any(region.country not in ("CA", "US") for region in meaning.regions)
    return is_state and is_wide and not first.is_code and known[1] == known[0] + 1 and "," in second.gap


def _unknown_city(words: list[Item], qualifier: Item, *, is_last: bool) -> str | None:
    """Up to four capitalised words after the last comma before the qualifier: `King of Prussia` in `…, King of Prussia, PA`."""
    if not words or not ("," in qualifier.gap or (is_last and _is_plain_state(qualifier))):
        return None
    start = max((index for index, word in enumerate(words) if _DIVIDER.search(word.gap)), default=0)
    name = [word.text for word in words[start:] if word.text.lower() not in _WORK_MODES]
    if not 0 < len(name) <= 4 or not all(_in_a_name(word) for word in name) or _NOT_A_CITY.issuperset(map(str.lower, name)):
        return None
    return " ".join(name)


def _is_plain_state(item: Item) -> bool:
    """A state's code with nothing but a blank before it, and none that is a word: `Northlake IL`."""
    states = [region for region in (item.meaning or Meaning()).regions if region.country in STATE_CODES]
    return item.is_code and bool(states) and item.gap.isspace() and item.text not in WORD_CODES


def _in_a_name(word: str) -> bool:
    return word.lower() in _NAME_WORDS or (word[0].isupper() and re.sub(r"[.'’‘ -]", "", word).isalpha())


def _is_area(name: str) -> bool:
    return name.rpartition(" ")[2].lower() in _AREAS


def _wide_places(items: list[Item], stated: Stated, *, with_city: bool = False) -> list[Place]:
    """Places of states, countries and world regions; a state swallows its country, a country its world region."""
    found: list[Place] = []
    for item in items:
        place = _wide(item, stated, with_city)
        if place and not any(_covers(other, place) for other in found):
            found = [other for other in found if not _covers(place, other)] + [place]
    return found


def _wide(item: Item, stated: Stated, with_city: bool) -> Place | None:
    meaning = item.meaning or Meaning()
    regions = [region for region in meaning.regions if not item.is_code or region.country in STATE_CODES or len(item.text) == 3]
    if len(regions) > 1:
        regions = [region for region in regions if region.country in stated.countries] or regions
    if regions and meaning.country:
        return _shared_name(item, meaning.country, regions[0], stated, with_city)
    is_vague = regions and not regions[0].first_level and "US" not in item.text
    if is_vague and stated.countries and regions[0].country not in stated.countries:
        return None
    if regions:
        return Place(region=regions[0].name, country=regions[0].country)
    if meaning.country:
        return Place(country=meaning.country)
    return Place(region=meaning.world) if meaning.world else None


def _shared_name(item: Item, country: str, region: Region, stated: Stated, with_city: bool) -> Place | None:
    """A name of both a state and a country: what else the string names decides, else the state, which is the bigger.

    `DE` and `IN` alone stay unclear: half of Germany's and India's, half of Delaware's and Indiana's postings have them.
    """
    state = Place(region=region.name, country=region.country)
    if item.is_code and with_city:
        return Place(country=country) if item.text in COUNTRY_FIRST else state
    if item.is_code and country == "CA" and stated.beside_usa:
        return Place(country=country)
    if region.country in stated.countries and country not in stated.countries:
        return state
    if country in stated.countries or (stated.countries and not item.is_code):
        return Place(country=country)
    if item.is_code and item.text in UNCLEAR_CODES:
        return None
    return Place(country=country) if item.is_code and item.text in COUNTRY_FIRST else state


def _covers(one: Place, other: Place) -> bool:
    """Whether `one` says all that `other` does."""
    if one.country is None:
        return one == other
    if other.country is None:
        return one.country in world_countries(other.region or "")
    return one.country == other.country and other.region in (None, one.region) and other.city in (None, one.city)
