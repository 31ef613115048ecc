"""What the words of a location string say for sure about where: the states, countries and big cities it names."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from shared.reading.gazetteer import City, Meaning, Region
from shared.reading.placenames import Item
from shared.reading.tables import parts

BIG = 16
"""Size (`City.size`) of cities that keep their own country whatever is named beside them."""
COMPARABLE = 4
"""Sizes apart at which what else the string names may decide between two cities."""
STATE_CODES = frozenset({"US", "CA"})
"""Countries whose states' and provinces' codes are believed without a city beside them; and Australia's of three letters."""
UNCLEAR_CODES = frozenset({"DE", "IN"})
"""Codes of a state and of a country that both are common in postings: alone they tell neither."""
COUNTRY_FIRST = frozenset({"DE", "IN", "NL"})
"""Codes read as the country when the city beside them is not in the tables; every other shared code is the state."""
COUNTRY_CODES = frozenset(
    parts(
        "AE|AR|AT|AU|BD|BE|BG|BR|CA|CH|CL|CN|CO|CR|CY|CZ|DE|DK|EE|EG|ES|FI|FR|GB|GR|HK|HU|IE|IL|IN|IS|IT|JP|KE|KR|LK|LT|LU|LV|MT|MX"
        "|MY|NG|NL|NO|NZ|PE|PH|PK|PL|PT|RO|RS|SA|SE|SG|SI|SK|TH|TR|TW|UA|UK|US|VN|ZA"
    )
)
"""Countries whose two letters are believed without a city of theirs beside them; `TV` and `AI` mostly mean something else."""

_SET_OFF = re.compile(r"[,(:\[|–—-]")


class Around:
    """States and countries that some names speak of: to ask which city of a name lies there."""

    __slots__ = ("countries", "regions")

    def __init__(self, meanings: Iterable[Meaning]) -> None:
        self.regions = set[tuple[str | None, str]]()
        self.countries = set[str]()
        for meaning in meanings:
            if meaning.country:
                self.countries.add(meaning.country)
            for region in meaning.regions:
                self.regions.add((region.name, region.country))
                if not region.first_level:
                    self.countries.add(region.country)

    def names_state_of(self, city: City) -> bool:
        return (city.region, city.country) in self.regions

    def holds(self, city: City) -> bool:
        """Whether the city lies in one of the countries or states."""
        return city.country in self.countries or (city.region, city.country) in self.regions


class Stated:
    """What a string names for sure, found when first asked: that is for one name in five."""

    def __init__(self, items: Sequence[Item], *, beside_usa: bool = False) -> None:
        self._items = items
        self.beside_usa = beside_usa
        """Whether the United States are one entry of a list: then `CA` is Canada, in `US/CA`."""

    @cached_property
    def regions(self) -> frozenset[Region]:
        """States and provinces."""
        names = (item.meaning.regions for item in self._items if item.meaning and not item.is_code and not item.meaning.country)
        first_level = {regions[0] for regions in names if len(regions) == 1 and regions[0].first_level}
        return frozenset(first_level | {state for item in self._items if (state := _state_of(item))})

    @cached_property
    def named(self) -> frozenset[str]:
        """Countries named, or whose states are."""
        sure = (item.meaning for item in self._items if not item.is_code or item.text in COUNTRY_CODES)
        countries = {meaning.country for meaning in sure if meaning and meaning.country and not meaning.regions}
        return frozenset(countries | {region.country for region in self.regions})

    @cached_property
    def countries(self) -> frozenset[str]:
        """Countries named, or whose states or big cities are."""
        cities = (
            item.meaning.cities for item in self._items if item.meaning and item.meaning.cities and not item.meaning.regions
        )
        return self.named | {each[0].country for each in cities if _is_plain(each)}


def _is_plain(cities: Sequence[City]) -> bool:
    """Whether a name surely means the first of its cities: London, but not Cambridge."""
    first = cities[0]
    return first.size >= BIG and all(city.country == first.country or city.size < first.size - COMPARABLE for city in cities)


def _state_of(item: Item) -> Region | None:
    """The American or Canadian state of a code after a comma or dash, unless a country has the code and is as common."""
    if not item.is_code or not item.meaning or item.text in UNCLEAR_CODES or not _SET_OFF.search(item.gap):
        return None
    return next((region for region in item.meaning.regions if region.country in STATE_CODES), None)
