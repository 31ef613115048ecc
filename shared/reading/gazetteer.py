"""What place names mean: cities, metropolitan areas, states, countries, regions of the world; from the data files.

A name may mean several things (*Georgia*, *New York*, *CA*): a `Meaning` keeps them all, `shared.reading.places` decides.
`data/cities.tsv` is derived from GeoNames (`shared.reading.derive_places`); the other tables are written by hand.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from shared.reading.tables import DATA, parts, rows


class City(NamedTuple):
    """`region` is its state or province where there is a table of those.

    `size` tells which of several cities a bare name means: twice the binary logarithm of thousands of people, and of jobs,
    as `shared.reading.derive_places` weighs them. At size 0 the name alone tells nothing: `Mobile`, `Lebanon` in Indiana.
    """

    name: str
    country: str
    region: str | None
    size: int


class Region(NamedTuple):
    """A state or province, or a county or part of a country where it is not `first_level`."""

    name: str
    country: str
    first_level: bool = True


class Meaning(NamedTuple):
    """Everything one name can stand for. `world` is a region of the world such as `EMEA`.

    Cities come biggest first; of equals the American last, since those mostly come with their state.
    """

    cities: tuple[City, ...] = ()
    regions: tuple[Region, ...] = ()
    country: str | None = None
    world: str | None = None


_WORD_GAPS = re.compile(r"[^\w&]+")
_NAME_GAPS = re.compile(r"[^\w&|\t\n]+")
_MARKS = re.compile("[\u0300-\u036f\u3099\u309a.'’‘`]+")
_LONG_WORD = re.compile(r"\b(?:sainte?|fort|mount)\b")
_UNDECOMPOSED = tuple(zip("łŁøØđĐðÐıßæÆ", "lLoOdDdDisaA", strict=True))
_SHORT_WORDS = {"saint": "st", "fort": "ft", "mount": "mt", "sainte": "ste"}
WORLDWIDE = "Worldwide"
"""The region of the world that is all of it: remote work from anywhere."""
LONGEST = 6
"""Words of the longest name that is looked for."""
_METRO_SIZE = 16
_MOST_IN_LINE = 10_000
_NOTHING = Meaning()


def key(name: str) -> str:
    """The form names are looked up by: no case, accents, dots or hyphens: `"Saint-Étienne"` → `"st etienne"`."""
    return _WORD_GAPS.sub(" ", _plain(name)).strip()


def quick_key(word: str) -> str:
    """`key` of one word."""
    return _SHORT_WORDS.get(word.lower(), word.lower()) if word.isascii() and word.isalnum() else key(word)


def _plain(names: str) -> str:
    """Without case, accents, dots and apostrophes, and the words that are often cut short cut short."""
    if not names.isascii():
        for letter, plain in _UNDECOMPOSED:
            names = names.replace(letter, plain)
        names = unicodedata.normalize("NFKD", names)
    return _LONG_WORD.sub(lambda word: _SHORT_WORDS[word[0]], _MARKS.sub("", names).casefold())


def meaning_of(name: str) -> Meaning | None:
    """Everything the name with this `key` stands for; None for one that is no place."""
    return _meaning(name) if name in _spots() or name in _wide() or name in _cities() else None


@cache
def _meaning(name: str) -> Meaning:
    cities = {*_derived(name), *_cities().get(name, ())}
    american_last = sorted(cities, key=lambda city: (-city.size, city.country == "US", city.country, city.region or ""))
    return _wide().get(name, _NOTHING)._replace(cities=tuple(american_last))


@cache
def _cities() -> dict[str, list[City]]:
    """Cities by the key of each name in the hand-written tables, and of each city those are about."""
    found: dict[str, list[City]] = {}
    for name, city in _other_names():
        known = found.setdefault(key(name), [])
        if city not in known:
            known.append(city)
    return found


def _derived(name: str) -> Iterator[City]:
    """The cities of `data/cities.tsv` with this key. Its 4,000 lines are taken apart when somebody asks."""
    for spot in _spots().get(name, ()):
        line, position = divmod(spot, _MOST_IN_LINE)
        country, region, size, names = _city_lines()[line].split("\t")
        yield City(names.split("|")[position], country, region or None, int(size))


@cache
def _city_lines() -> list[str]:
    return (DATA / "cities.tsv").read_text(encoding="utf-8").splitlines()[1:]


@cache
def _spots() -> dict[str, tuple[int, ...]]:
    """Key of a city → where it stands: line times `_MOST_IN_LINE`, and position in the line.

    All names are made keys at once, which takes a third of the time.
    """
    found: dict[str, tuple[int, ...]] = {}
    for number, line in enumerate(_NAME_GAPS.sub(" ", _plain("\n".join(_city_lines()))).split("\n")):
        for spot, name in enumerate(line.rpartition("\t")[2].split("|"), number * _MOST_IN_LINE):
            found[name] = (*found[name], spot) if name in found else (spot,)
    return found


def _other_names() -> Iterator[tuple[str, City]]:
    """Names that people use besides, metropolitan areas, and the districts of Singapore, each with its city."""
    for row in rows("city_names"):
        city = _known(row["city"], row["country"], row["region"])
        yield from ((name, city) for name in (row["city"], *parts(row["aliases"])))
    for row in rows("metro_areas"):
        if row["city"]:
            city = _known(row["city"], row["country"], row["region"])
            yield from ((name, city) for name in (row["area"], *parts(row["aliases"])))
    singapore = _known("Singapore", "SG", "")
    for row in rows("singapore_districts"):
        city = singapore if row["alone"] else singapore._replace(size=0)
        yield from ((name, city) for name in (row["district"], *parts(row["aliases"])))


def _known(name: str, country: str, region: str) -> City:
    """The city of that name in the table, else a new one of middling size."""
    fitting = [city for city in _derived(key(name)) if city.name == name and city.country == country]
    exact = [city for city in fitting if (city.region or "") == region]
    return max(exact or fitting, key=lambda city: city.size, default=City(name, country, region or None, _METRO_SIZE))


@cache
def _wide() -> dict[str, Meaning]:
    """States, provinces, countries, regions of the world, and areas without a city of their own, by the key of each name."""
    found: dict[str, Meaning] = {}
    for name, meaning in _named():
        known = found.get(key(name), _NOTHING)
        found[key(name)] = Meaning(
            (), known.regions + meaning.regions, meaning.country or known.country, meaning.world or known.world
        )
    return found


def _named() -> Iterator[tuple[str, Meaning]]:
    for row in rows("admin_regions"):
        region = Region(row["name"], row["country"], bool(row["geonames"]))
        yield from ((name, Meaning(regions=(region,))) for name in (row["name"], *parts(row["aliases"])))
    for row in rows("metro_areas"):
        if not row["city"]:
            region = Region(row["region"], row["country"], row["region"] != row["area"])
            yield from ((name, Meaning(regions=(region,))) for name in (row["area"], *parts(row["aliases"])))
    for row in rows("countries"):
        yield from ((name, Meaning(country=row["code"])) for name in (row["name"], *parts(row["aliases"])))
    for row in rows("world_regions"):
        yield from ((name, Meaning(world=row["name"])) for name in (row["name"], *parts(row["aliases"])))


@cache
def codes() -> dict[str, Meaning]:
    """Upper-case abbreviations: states and provinces of two or three letters, countries of two (ISO 3166-1)."""
    found: dict[str, Meaning] = {row["code"]: Meaning(country=row["code"]) for row in rows("countries")}
    for row in rows("admin_regions"):
        if row["code"]:
            known = found.get(row["code"], _NOTHING)
            found[row["code"]] = known._replace(regions=(*known.regions, Region(row["name"], row["country"])))
    return found


@cache
def abbreviations() -> dict[str, Meaning]:
    """`codes`, and what else is in capitals: countries of three letters, `NA` and `SEA`, cities such as `NYC` and `LA`."""
    found = dict(codes())
    for row in rows("world_regions"):
        found.update((code, Meaning(world=row["name"])) for code in parts(row["codes"]))
    for row in rows("countries"):
        found.update((code, Meaning(country=row["code"])) for code in parts(row["codes"]))
    for row in rows("city_names"):
        city = _known(row["city"], row["country"], row["region"])
        for code in parts(row["codes"]):
            known = found.get(code, _NOTHING)
            found[code] = known._replace(cities=(*known.cities, city))
    return found


@cache
def names() -> dict[str, Meaning]:
    """What the names that are well known mean, by their `key`: all but those of the smaller cities."""
    tables = ("admin_regions", "countries", "world_regions")
    wide = (name for table in tables for row in rows(table) for name in (row["name"], *parts(row["aliases"])))
    areas = (name for row in rows("metro_areas") for name in (row["area"], *parts(row["aliases"])))
    cities = (name for row in rows("city_names") for name in (row["city"], *parts(row["aliases"])))
    lines = (line.split("\t") for line in _city_lines())
    big = (name for _, _, size, named in lines if int(size) >= _METRO_SIZE for name in named.split("|"))
    keys = (key(name) for source in (wide, areas, cities, big) for name in source)
    return {name: _meaning(name) for name in keys}


@cache
def written_with_comma() -> frozenset[str]:
    """Keys of the names that a comma may stand in: `Washington, DC`."""
    aliases = (name for table in ("city_names", "countries") for row in rows(table) for name in parts(row["aliases"]))
    return frozenset(key(name) for name in aliases if "," in name)


@cache
def east_asian_names() -> re.Pattern[str]:
    """Names in Chinese characters, kana or hangul, longest first: there no blank parts a city from its country."""
    tables = ("city_names", "countries", "admin_regions")
    found = {name for table in tables for row in rows(table) for name in parts(row["aliases"]) if name[0] >= "\u3000"}
    return re.compile("|".join(sorted(map(re.escape, found), key=len, reverse=True)))


@cache
def world_countries(world: str) -> frozenset[str]:
    """The countries of a region of the world: `SG` is in `APAC`. Empty for `WORLDWIDE` and for unknown names."""
    return next((frozenset(parts(row["countries"])) for row in rows("world_regions") if row["name"] == world), frozenset())


@cache
def country_names() -> dict[str, str]:
    """The English name of each country, by its code (ISO 3166-1)."""
    return {row["code"]: row["name"] for row in rows("countries")}


@cache
def longest_name() -> int:
    """Words in the longest well-known name."""
    return max(len(name.split()) for name in names())
