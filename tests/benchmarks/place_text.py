"""Is the country read right from a posting's text alone? `python -m tests.benchmarks.place_text`.

The recorded Ashby postings whose location field names a country, read without that field. `right` are those whose countries
are all among the field's, or whose region of the world (`Europe`) holds one of them; `partly` those that name others too:
mostly the text is the wider one, *USA or Canada*, and the field names one of the two. Bar: 0.97 of what is read is not wrong.
"""

from collections import Counter
from collections.abc import Iterable

from shared.posting import Place, RawPosting
from shared.reading.gazetteer import world_countries
from shared.reading.place_text import places_of_text
from shared.reading.places import read_places
from tests.benchmarks.recorded import ashby_postings

BAR = 0.97


def countries(places: Iterable[Place]) -> set[str]:
    """The countries of the places, and those of the regions of the world among them."""
    found = set[str]()
    for place in places:
        found |= {place.country} if place.country else world_countries(place.region or "")
    return found


def verdict(raw: RawPosting, field: set[str]) -> str:
    """`right`, `partly`, `wrong` or `unknown`."""
    said = places_of_text(raw.description)
    if said is None:
        return "unknown"
    read, named = countries(said.places), {place.country for place in said.places if place.country}
    if not read & field:
        return "wrong"
    return "right" if named <= field else "partly"


def main() -> None:
    found: Counter[str] = Counter()
    for raw in ashby_postings():
        places = read_places(filter(None, (raw.location, *raw.locations)))
        field = {place.country for place in places if place.country}
        if field:
            found[verdict(raw, field)] += 1
    read = found["right"] + found["partly"] + found["wrong"]
    precision = 1 - found["wrong"] / read
    print(f"{found.total()} postings with a country: {dict(found)}")
    print(f"read {read}, not wrong {precision:.4f} (bar {BAR}): {'met' if precision >= BAR else 'MISSED'}")


if __name__ == "__main__":
    main()
