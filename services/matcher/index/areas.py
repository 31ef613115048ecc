"""Areas: the sets of places people want to work in, and how near an offer's offices are to each.

What comes out is a *class* per area, an index into `PLACE_CLASSES`: `weights.PLACE_FITS`, best first, then unknown. So the
better of two classes is the smaller one.
"""

from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned
from shared.posting import Place
from shared.scoring import Offer
from shared.scoring import parts as compare
from shared.scoring.weights import (
    ELSEWHERE,
    OTHER_CITY,
    PLACE_FITS,
    REMOTE_COUNTRY,
    REMOTE_SOMEWHERE,
    SAME_CITY,
    SAME_COUNTRY,
    SAME_REGION,
    SOMEWHERE,
)

PLACE_CLASSES = np.array([*PLACE_FITS, np.nan])
CLASS = {fit: number for number, fit in enumerate(PLACE_FITS)}
UNKNOWN = len(PLACE_FITS)
"""The class of an area that cannot be compared: nothing is wanted, or the posting says nothing."""


class Areas:
    """Sets of places, numbered. Place 0 stands for none at all."""

    def __init__(self) -> None:
        self.places, self.areas = Interned[Place | None](), Interned[tuple[int, ...]]()
        self._names, self._countries = Interned[str | None]([None]), Interned[str | None]([None])
        self._country, self._region, self._city = (Growing(np.int32) for _ in range(3))
        self._members, self._starts = Growing(np.int32), Growing(np.int32)
        self._place_number(None)

    def number(self, places: Iterable[Place]) -> int:
        """The number of a set of places, all of which name a country."""
        members = tuple(sorted({self._place_number(place) for place in places})) or (0,)
        number = self.areas.number(members)
        if number == len(self._starts):
            self._starts.append(len(self._members))
            self._members.extend(members)
        return number

    def members(self, number: int) -> tuple[Place, ...]:
        """The places of a set."""
        return tuple(place for member in self.areas.keys[number] if (place := self.places.keys[member]) is not None)

    def classes(self, offer: Offer) -> Array:
        """The class of each area for an offer: that of its best place."""
        if not len(self._starts):
            return np.zeros(0, np.uint8)
        return np.minimum.reduceat(self._place_classes(offer)[self._members.values], self._starts.values)

    def _place_number(self, place: Place | None) -> int:
        number = self.places.number(place)
        if number == len(self._country):
            country, region, city = (place.country, place.region, place.city) if place else (None, None, None)
            self._country.append(self._countries.number(country))
            self._region.append(self._names.number(region))
            self._city.append(self._names.number(city))
        return number

    def _place_classes(self, offer: Offer) -> Array:
        """As `shared.scoring.parts.place_fit` for every place."""
        stated = bool(offer.offices) or offer.workplace is not None
        somewhere = ELSEWHERE if offer.offices else REMOTE_SOMEWHERE if offer.remote else SOMEWHERE
        classes = np.full(len(self.places), CLASS[somewhere] if stated else UNKNOWN, np.uint8)
        for office in dict.fromkeys(offer.offices):
            if office.country is not None:
                self._in_country(classes, office, offer.remote)
            elif offer.remote:
                np.minimum(classes, self._from_region(office.region), out=classes)
        classes[0] = UNKNOWN
        return classes

    def _in_country(self, classes: Array, office: Place, remote: bool) -> None:
        country, region, city = self._countries.find(office.country), *map(self._names.find, (office.region, office.city))
        here = np.flatnonzero(self._country.values == country) if country is not None else np.zeros(0, np.intp)
        near = np.uint8(CLASS[REMOTE_COUNTRY]) if remote else self._same_country(here, office, region, city)
        classes[here] = np.minimum(classes[here], near)

    def _same_country(self, here: Array, office: Place, region: int | None, city: int | None) -> Array:
        """As `shared.scoring.parts.same_country_fit` for the places `here`. Number 0 is no name, `None` a name unheard of."""
        regions, cities = self._region.values[here], self._city.values[here]
        same_region = (regions == region) & (office.region is not None)
        other_region = (regions != 0) & ~same_region & (office.region is not None)
        both_cities = (cities != 0) & (office.city is not None)
        anywhere = (cities == 0) & (regions == 0)
        conditions = [other_region, both_cities & (cities == city), both_cities & same_region, both_cities, anywhere]
        fits = [OTHER_CITY, SAME_CITY, SAME_REGION, OTHER_CITY, SAME_CITY]
        return np.select(conditions, [np.uint8(CLASS[fit]) for fit in fits], np.uint8(CLASS[SAME_COUNTRY]))

    def _from_region(self, region: str | None) -> Array:
        """Classes of all places for remote work from a region of the world."""
        countries = [_region_class(region, name) for name in self._countries.keys]
        return np.array(countries, np.uint8)[self._country.values]


@lru_cache(maxsize=100_000)
def _region_class(region: str | None, country: str | None) -> int:
    return CLASS[compare.region_fit(region, country)]
