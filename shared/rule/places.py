"""`country:` and `city:`: what they name, and whether a posting is there.

A job without a place, or with one that names no country, is unknown. A remote job for a region (*Remote – APAC*) can be
done in each of its countries, so it is in all of them; the same words without *remote* hide one office: unknown.
"""

from collections.abc import Iterable
from functools import cache, lru_cache

from shared.posting import Place, Workplace
from shared.reading.gazetteer import WORLDWIDE, country_names, key, names, world_countries
from shared.reading.places import read_places
from shared.reading.tables import rows
from shared.rule.view import PostingView
from shared.rule.wrong import WrongValue, meant

# ----------------------------------------------------------------------------------------------------------- country


def read_country(text: str) -> str:
    """`sg`, `Singapore` → `SG`; a region of the world by its name: `asia pacific` → `APAC`. Raises `WrongValue`."""
    meaning = names().get(key(text))
    code = text.strip().upper()
    if code in country_names():
        return code
    if meaning and (meaning.country or meaning.world in _worlds()):
        return meaning.country or str(meaning.world)
    raise WrongValue(f"we know no country called “{text}”{meant(text, _country_names(), ': write SG or Singapore')}")


def in_country(view: PostingView, operator: str, wanted: str) -> bool | None:
    """Whether the job can be done in a country, or in any country of a region."""
    target = _worlds().get(wanted) or frozenset((wanted,))
    anywhere = view.facts.workplace is Workplace.REMOTE
    return any_of(_lies_in(place, target, anywhere) for place in view.facts.places)


def _lies_in(place: Place, target: frozenset[str], anywhere: bool) -> bool | None:
    possible = frozenset((place.country,)) if place.country else _possible(place)
    if possible is None:
        return True if anywhere and place.region == WORLDWIDE else None
    if possible <= target:
        return True
    if possible.isdisjoint(target):
        return False
    return True if anywhere else None


def _possible(place: Place) -> frozenset[str] | None:
    """The countries that a place without a country may be in; `None` for any."""
    return _worlds().get(place.region or "") if place.city is None else None


def country_keys(view: PostingView) -> frozenset[str] | None:
    """Countries and the regions they are in; `None` while any office may be in several."""
    countries = [place.country for place in view.facts.places if place.country]
    if not countries or len(countries) < len(view.facts.places):
        return None
    return frozenset(name for country in countries for name in (country, *_worlds_of(country)))


@cache
def _worlds_of(country: str) -> tuple[str, ...]:
    return tuple(world for world, countries in _worlds().items() if country in countries)


@cache
def _worlds() -> dict[str, frozenset[str]]:
    """Every region of the world that has countries, with them."""
    return {row["name"]: world_countries(row["name"]) for row in rows("world_regions") if world_countries(row["name"])}


@cache
def _country_names() -> tuple[str, ...]:
    return (*_worlds(), *country_names().values())


# -------------------------------------------------------------------------------------------------------------- city


def read_city(text: str) -> str:
    """A city by the name that is used for it everywhere: `NYC` → `New York`. Raises `WrongValue`."""
    places = read_places([text])
    if not places:
        raise WrongValue(f"we know no city called “{text}”{meant(text, _city_names(), ': write city:Singapore')}")
    if len(places) > 1 or not places[0].city:
        raise WrongValue(f"“{text}” is no city: for a country write country:SG, for several cities a list")
    return _shortest(places[0])


def _shortest(place: Place) -> str:
    """The shortest text that is read as `place`."""
    ways = ((place.city,), (place.city, place.country), (place.city, place.region), (place.city, place.region, place.country))
    texts = [", ".join(part for part in way if part) for way in ways]
    return next((text for text in texts if read_places([text]) == (place,)), texts[-1])


def in_city(view: PostingView, operator: str, wanted: str) -> bool | None:
    """Whether one of the offices is there; an office that names no city may be, where the rest of its place fits."""
    city = _city(wanted)
    return any_of(_is_city(place, city) for place in view.facts.places)


def _is_city(place: Place, city: Place) -> bool | None:
    fits = _agree(place.region, city.region) if place.country else True
    if place.city:
        return _name(place.city) == _name(city.city or "") and fits and _agree(place.country, city.country)
    if place.country:
        return None if fits and _agree(place.country, city.country) else False
    possible = _possible(place)
    return None if possible is None or city.country is None or city.country in possible else False


def _agree(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def city_keys(view: PostingView) -> frozenset[str] | None:
    places = view.facts.places
    known = bool(places) and all(place.city for place in places)
    return frozenset(_name(place.city) for place in places if place.city) if known else None


def city_key(wanted: str) -> str:
    return _name(_city(wanted).city or wanted)


@lru_cache(maxsize=16_384)
def _name(city: str) -> str:
    return key(city)


@lru_cache(maxsize=16_384)
def _city(wanted: str) -> Place:
    return read_places([wanted])[0]


def _city_names() -> Iterable[str]:
    return (city.name for meaning in names().values() for city in meaning.cities)


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Yes if one says yes; no if there are some and all say no."""
    found = list(answers)
    if True in found:
        return True
    return None if None in found or not found else False
