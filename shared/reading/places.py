"""Where a job is, from the strings that boards put there: `London, UK`, `Remote - EMEA`, `US-CA-Menlo Park`.

Each string is read in three steps: names and codes are found (longest name first), separators such as `;` and `/` part
them into groups, and each group becomes places: a city with what qualifies it, or regions and countries.
What is not known stays unknown; nothing is guessed from a name that is not in the tables.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from shared.posting import Place
from shared.reading.gazetteer import City, Meaning, Region, codes, key, longest_name, names, world_countries
from shared.reading.tables import parts

MAX_STRING = 1_000
MAX_STRINGS = 200

_TOKEN = re.compile(r"[^\W_]+(?:[.'’][^\W_]+)*\.?|&")
_BREAK = re.compile(r"[;|•·/\n+]")
_DIVIDER = re.compile(r"[,:()–—]|\s-\s")
_WORK_MODES = frozenset({"remote", "hybrid", "onsite"})
_SPLIT_WORDS = frozenset({"or", "and", "&"})
_NOT_A_CITY = frozenset(
    parts(
        "remote|hybrid|onsite|office|hq|headquarters|flexible|anywhere|various|multiple|locations|"
        "location|home|based|work|from|in|on|site|greater|area|region|metro|north|south|east|"
        "west|central|city|county|district|team|only|preferred|time|zone|timezone|full|part|"
        "contract|other|us|usa|uk"
    )
)
_COUNTRY_FIRST = frozenset({"DE", "IN"})
"""Codes read as the country when the city beside them is not in the tables; every other shared code is the US state."""


@dataclass(slots=True)
class _Item:
    """A name, code or unknown word of the string. `gap` is the text before it."""

    text: str
    gap: str
    meaning: Meaning | None
    is_code: bool = False


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
    return tuple(place for group in _groups(_items(string)) for place in _read_group(group))


def _items(string: str) -> Iterator[_Item]:
    tokens = list(_TOKEN.finditer(string))
    index, end = 0, 0
    while index < len(tokens):
        used, meaning, is_code = _longest_meaning(string, tokens, index, end)
        last = tokens[index + used - 1]
        yield _Item(string[tokens[index].start() : last.end()], string[end : tokens[index].start()], meaning, is_code)
        index, end = index + used, last.end()


def _longest_meaning(string: str, tokens: list[re.Match[str]], index: int, end: int) -> tuple[int, Meaning | None, bool]:
    """How many tokens the name at `index` takes, and what it means."""
    for count in range(min(longest_name(), len(tokens) - index), 0, -1):
        text = string[tokens[index].start() : tokens[index + count - 1].end()]
        if not _BREAK.search(text) and (meaning := names().get(key(text))):
            return count, meaning, False
    code = tokens[index][0].strip(".")
    gap = string[end : tokens[index].start()]
    known = codes().get(code) if code.isupper() and (code != "OR" or "," in gap) else None
    return 1, known, known is not None


def _groups(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    group: list[_Item] = []
    for item in items:
        splits = item.meaning is None and item.text.lower() in _SPLIT_WORDS
        if group and (splits or _BREAK.search(item.gap)):
            yield group
            group = []
        if not splits:
            group.append(item)
    if group:
        yield group


def _read_group(group: list[_Item]) -> list[Place]:
    """The places of one group: each city with the qualifiers after it, else what the group says without a city."""
    known = [index for index, item in enumerate(group) if item.meaning]
    starts = _city_indexes(group, known)
    if not starts:
        return _without_city(group, known)
    before = [group[index] for index in known if index < starts[0]]
    ends = [*starts[1:], len(group)]
    segments = [(group[start], [group[i] for i in known if start < i < end]) for start, end in zip(starts, ends, strict=True)]
    first, *rest = [_city_places(city, after, before) for city, after in segments]
    leading = [item for item in before if not _explains(item, first[0])]
    return [*_wide_places(leading), *first, *(place for places in rest for place in places)]


def _city_indexes(group: list[_Item], known: list[int]) -> list[int]:
    """Which items are cities: `New York` is one, a second `New York` or `Singapore` after it is its state or country."""
    found: list[int] = []
    for index in known:
        meaning = group[index].meaning or Meaning()
        if not meaning.cities or (found and _may_qualify(meaning, group[found[-1]])):
            continue
        if meaning.regions and index and group[index - 1].meaning is None and "," in group[index].gap:
            continue
        found.append(index)
    return found


def _may_qualify(meaning: Meaning, city: _Item) -> bool:
    candidates = city.meaning.cities if city.meaning else ()
    regions = {region.name for region in meaning.regions}
    return any(candidate.region in regions or candidate.country == meaning.country for candidate in candidates)


def _explains(item: _Item, place: Place) -> bool:
    meaning = item.meaning or Meaning()
    in_world = place.country in world_countries(meaning.world) if meaning.world else False
    return in_world or meaning.country == place.country or any(region.name == place.region for region in meaning.regions)


def _city_places(city: _Item, after: list[_Item], before: list[_Item]) -> list[Place]:
    """The city, then whatever follows it that cannot be where it lies: `Singapore, Japan` is two places."""
    candidates = city.meaning.cities if city.meaning else ()
    place = _qualified(candidates, [*after, *before]) or _stated(candidates, after) or _bare(candidates)
    return [place, *_wide_places([item for item in after if not _explains(item, place)])]


def _qualified(candidates: tuple[City, ...], qualifiers: list[_Item]) -> Place | None:
    """The candidate that the qualifiers speak of; a state decides before a country."""
    meanings = [item.meaning for item in qualifiers if item.meaning]
    regions = {region for meaning in meanings for region in meaning.regions}
    countries = {meaning.country for meaning in meanings}
    exact = [c for c in candidates if c.region and Region(c.region, c.country) in regions]
    fitting = exact or [candidate for candidate in candidates if candidate.country in countries]
    return _of(fitting[0]) if fitting else None


def _stated(candidates: tuple[City, ...], after: list[_Item]) -> Place | None:
    """A city known elsewhere, with a state of its own beside it: `Paris, TX`."""
    region = next((item.meaning.regions[0] for item in after if item.meaning and item.meaning.regions), None)
    return Place(city=candidates[0].name, region=region.name, country=region.country) if region else None


def _bare(candidates: tuple[City, ...]) -> Place:
    clear = [candidate for candidate in candidates if not candidate.unclear]
    if clear:
        return _of(clear[0])
    countries = {candidate.country for candidate in candidates}
    return Place(city=candidates[0].name, country=countries.pop() if len(countries) == 1 else None)


def _of(city: City) -> Place:
    return Place(city=city.name, region=city.region, country=city.country)


def _without_city(group: list[_Item], known: list[int]) -> list[Place]:
    """States, countries and regions of the world; an unknown name right before a comma and a state is its city."""
    if not known:
        return []
    city = _unknown_city(group[: known[0]], group[known[0]])
    qualifiers = [group[index] for index in known]
    usable = [item for item in qualifiers if city or not item.is_code or len(group) == 1 or _is_set_off(item, qualifiers)]
    places = _wide_places(usable, with_city=city is not None)
    if city and places and places[0].country:
        places[0] = places[0].model_copy(update={"city": city})
    return places


def _is_set_off(item: _Item, others: list[_Item]) -> bool:
    """A lone code counts after a comma or dash, or beside a country: `Remote - SG`, `US-CA`; `IT` in a sentence does not."""
    return bool(re.search(r"[,\-–—(:]", item.gap)) or any(other is not item and not other.is_code for other in others)


def _unknown_city(words: list[_Item], qualifier: _Item) -> str | None:
    """Up to four capitalised words after the last comma before the qualifier: `King of Prussia` in `…, King of Prussia, PA`."""
    if not words or "," not in qualifier.gap:
        return None
    start = max((index for index, word in enumerate(words) if _DIVIDER.search(word.gap)), default=0)
    name = [word.text for word in words[start:] if word.text.lower() not in _WORK_MODES]
    if not 0 < len(name) <= 4 or not all(_in_a_name(word) for word in name) or _NOT_A_CITY.issuperset(map(str.lower, name)):
        return None
    return " ".join(name)


def _in_a_name(word: str) -> bool:
    return word in ("of", "de", "la", "du") or (word[0].isupper() and word.replace(".", "").isalpha())


def _wide_places(items: list[_Item], *, with_city: bool = False) -> list[Place]:
    """Places of states, countries and world regions; a state swallows its country, a country its world region."""
    stated = [item.meaning.country for item in items if item.meaning and item.meaning.country and not item.meaning.regions]
    found: list[Place] = []
    for item in items:
        place = _wide(item, stated, with_city)
        if place and not any(_covers(other, place) for other in found):
            found = [other for other in found if not _covers(place, other)] + [place]
    return found


def _wide(item: _Item, stated: list[str], with_city: bool) -> Place | None:
    meaning = item.meaning or Meaning()
    regions = [region for region in meaning.regions if region.country in stated] or list(meaning.regions)
    if regions and meaning.country and regions[0].country not in stated:
        return _shared_name(item, meaning, with_city)
    if regions:
        return Place(region=regions[0].name, country=regions[0].country)
    if meaning.country:
        return Place(country=meaning.country)
    return Place(region=meaning.world) if meaning.world else None


def _shared_name(item: _Item, meaning: Meaning, with_city: bool) -> Place | None:
    """A name of both a state and a country. `Georgia` alone stays unclear; so does `CA`, but `Fresno, CA` does not."""
    region = meaning.regions[0]
    if item.is_code and item.text in _COUNTRY_FIRST:
        return Place(country=meaning.country)
    if item.is_code and with_city:
        return Place(region=region.name, country=region.country)
    return None if item.is_code else Place(region=region.name)


def _covers(one: Place, other: Place) -> bool:
    """Whether `one` says all that `other` does."""
    if one.country is None:
        return one == other
    if other.country is None:
        return one.country in world_countries(other.region or "")
    return one.country == other.country and other.region in (None, one.region) and other.city in (None, one.city)
