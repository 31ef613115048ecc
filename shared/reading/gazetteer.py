"""What place names mean: cities, states and provinces, countries, and regions of the world, from the data files.

A name may mean several things (*Georgia*, *New York*, *CA*): a `Meaning` keeps them all, `shared.reading.places` decides.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from shared.reading.tables import parts, rows


class City(NamedTuple):
    """`unclear` marks a city that its name alone does not tell: which Springfield?"""

    name: str
    country: str
    region: str | None
    unclear: bool


class Region(NamedTuple):
    """A state or province."""

    name: str
    country: str


class Meaning(NamedTuple):
    """Everything one name can stand for. `world` is a region of the world such as `EMEA`."""

    cities: tuple[City, ...] = ()
    regions: tuple[Region, ...] = ()
    country: str | None = None
    world: str | None = None


_WORD_GAPS = re.compile(r"[^\w&]+")


def key(name: str) -> str:
    """The form names are looked up by: no case, accents, dots or hyphens: `"St. Gallen"` → `"st gallen"`."""
    plain = unicodedata.normalize("NFKD", name.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O"))
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return _WORD_GAPS.sub(" ", plain.replace(".", "").replace("'", "").replace("’", "")).strip()


@cache
def names() -> dict[str, Meaning]:
    """Every name and alias by its `key`."""
    found: dict[str, Meaning] = {}
    for name, meaning in _named():
        known = found.get(key(name), Meaning())
        found[key(name)] = Meaning(
            known.cities + meaning.cities,
            known.regions + meaning.regions,
            meaning.country or known.country,
            meaning.world or known.world,
        )
    return found


def _named() -> Iterator[tuple[str, Meaning]]:
    """Each name in the tables with the one meaning its row gives it."""
    for row in rows("cities"):
        city = City(row["city"], row["country"], row["region"] or None, bool(row["unclear"]))
        yield from ((name, Meaning(cities=(city,))) for name in (row["city"], *parts(row["aliases"])))
    for row in rows("admin_regions"):
        region = Region(row["name"], row["country"])
        yield from ((name, Meaning(regions=(region,))) for name in (row["name"], *parts(row["aliases"])))
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
            known = found.get(row["code"], Meaning())
            found[row["code"]] = known._replace(regions=(*known.regions, Region(row["name"], row["country"])))
    return found


@cache
def world_countries(world: str) -> frozenset[str]:
    """The countries of a region of the world: `SG` is in `APAC`. Empty for `Worldwide` and for unknown names."""
    return next((frozenset(parts(row["countries"])) for row in rows("world_regions") if row["name"] == world), frozenset())


@cache
def longest_name() -> int:
    """Words in the longest name."""
    return max(len(name.split()) for name in names())
