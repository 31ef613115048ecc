"""Location strings become places; what is not known stays unknown."""

import pytest

from shared.posting import Place
from shared.reading.gazetteer import world_countries
from shared.reading.places import read_places

SINGAPORE = Place(city="Singapore", country="SG")


@pytest.mark.parametrize(
    "string",
    [
        "Singapore",
        "Singapore, Singapore",
        "Remote - Singapore",
        "SINGAPORE (HQ)",
        "Bedok, Singapore",
        "Singapore, SG",
        "singapore",
    ],
)
def test_singapore_however_written(string: str) -> None:
    assert read_places([string]) == (SINGAPORE,)


@pytest.mark.parametrize(
    ("string", "places"),
    [
        ("SG", [(None, None, "SG")]),
        ("London, UK", [("London", "England", "GB")]),
        ("London, ON", [("London", "Ontario", "CA")]),
        ("San Francisco, CA; New York, NY", [("San Francisco", "California", "US"), ("New York", "New York", "US")]),
        ("New York, New York", [("New York", "New York", "US")]),
        ("US-CA-Menlo Park", [("Menlo Park", "California", "US")]),
        ("San Francisco, CA - US", [("San Francisco", "California", "US")]),
        ("Toronto, CA", [("Toronto", "Ontario", "CA")]),
        ("Berlin, DE", [("Berlin", None, "DE")]),
        ("Wilmington, DE", [("Wilmington", "Delaware", "US")]),
        ("Bangalore, IN", [("Bangalore", "Karnataka", "IN")]),
        ("Carmel, IN", [("Carmel", "Indiana", "US")]),
        ("Atlanta, Georgia", [("Atlanta", "Georgia", "US")]),
        ("Tbilisi, Georgia", [("Tbilisi", None, "GE")]),
        ("Georgia", [(None, "Georgia", None)]),
        ("King of Prussia, PA", [("King of Prussia", "Pennsylvania", "US")]),
        ("Paris, TX", [("Paris", "Texas", "US")]),
        ("Cambridge", [("Cambridge", None, None)]),
        ("Remote – EMEA", [(None, "EMEA", None)]),
        ("Singapore, APAC", [("Singapore", None, "SG")]),
        ("Europe, Canada", [(None, "Europe", None), (None, None, "CA")]),
        ("Singapore, Japan", [("Singapore", None, "SG"), (None, None, "JP")]),
        ("Kuala Lumpur/Singapore", [("Kuala Lumpur", None, "MY"), ("Singapore", None, "SG")]),
        ("Tokyo OR Sydney", [("Tokyo", None, "JP"), ("Sydney", "New South Wales", "AU")]),
    ],
)
def test_places_of_one_string(string: str, places: list[tuple[str | None, str | None, str | None]]) -> None:
    assert [(place.city, place.region, place.country) for place in read_places([string])] == places


@pytest.mark.parametrize("string", ["Remote", "Hybrid", "Flexible / Remote", "Headquarters", "Remote, CA", "", "Atlantis", "🏝️"])
def test_what_names_no_place_gives_none(string: str) -> None:
    assert read_places([string]) == ()


def test_each_place_once_in_order() -> None:
    assert read_places(["Tokyo, Japan", "Singapore", "Tokyo"]) == (Place(city="Tokyo", country="JP"), SINGAPORE)


def test_world_regions_know_their_countries() -> None:
    assert "SG" in world_countries("APAC") & world_countries("Southeast Asia")
    assert "SG" not in world_countries("EMEA")
    assert world_countries("Worldwide") == frozenset()


@pytest.mark.timeout(20)
def test_hostile_strings_end_soon() -> None:
    assert read_places(["CA, " * 1_000_000, "New York " * 500_000, "x" * 5_000_000] * 3)[0].city == "New York"
