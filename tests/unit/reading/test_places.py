"""Location strings become places; what is not known stays unknown."""

import pytest

from shared.posting import Place
from shared.reading.gazetteer import key, meaning_of, names, world_countries
from shared.reading.places import read_places

SINGAPORE = Place(city="Singapore", country="SG")


@pytest.mark.parametrize(
    "string",
    [
        "Singapore",
        "Singapore, Singapore",
        "Remote - Singapore",
        "SINGAPORE (HQ)",
        "Singapore Office",
        "Bedok, Singapore",
        "Newton, Singapore",
        "Queenstown, Singapore",
        "Singapore, SG",
        "singapore",
        "Central Business District, Singapore",
        "1 Marina Boulevard, Singapore 018989",
        "one-north",
        "Marina Bay",
        "Novena",
        "Buona Vista",
        "Orchard Road",
        "Mapletree Business City",
        "Tampines",
        "Jurong East, SG",
        "SGP - Tampines",
        "Singapore, APAC",
    ],
)
def test_singapore_and_its_districts_however_written(string: str) -> None:
    assert read_places([string]) == (SINGAPORE,)


@pytest.mark.parametrize("string", ["SG", "SGP", "新加坡", "シンガポール", "Remote (Singapore)", "Singapur / Berlin"])
def test_singapore_in_other_tongues_and_codes(string: str) -> None:
    assert "SG" in {place.country for place in read_places([string])}


@pytest.mark.parametrize(("string", "country"), [("Newton", "US"), ("Newton, MA", "US"), ("Chinatown, San Francisco", "US")])
def test_what_only_sounds_like_a_district(string: str, country: str) -> None:
    assert {place.country for place in read_places([string])} == {country}


@pytest.mark.parametrize(
    ("string", "places"),
    [
        ("SG", [(None, None, "SG")]),
        ("London, UK", [("London", "England", "GB")]),
        ("London, ON", [("London", "Ontario", "CA")]),
        ("London, Ontario", [("London", "Ontario", "CA")]),
        ("San Francisco, CA; New York, NY", [("San Francisco", "California", "US"), ("New York", "New York", "US")]),
        ("New York, New York", [("New York", "New York", "US")]),
        ("San Francisco, CA - US", [("San Francisco", "California", "US")]),
        ("Toronto, CA", [("Toronto", "Ontario", "CA")]),
        ("Berlin, DE", [("Berlin", None, "DE")]),
        ("Wilmington, DE", [("Wilmington", "Delaware", "US")]),
        ("Bangalore, IN", [("Bangalore", "Karnataka", "IN")]),
        ("Carmel, IN", [("Carmel", "Indiana", "US")]),
        ("Atlanta, Georgia", [("Atlanta", "Georgia", "US")]),
        ("Tbilisi, Georgia", [("Tbilisi", None, "GE")]),
        ("King of Prussia, PA", [("King of Prussia", "Pennsylvania", "US")]),
        ("Nowhere Junction TX 79201", [("Nowhere Junction", "Texas", "US")]),
        ("Paris, TX", [("Paris", "Texas", "US")]),
        ("Birmingham, AL", [("Birmingham", "Alabama", "US")]),
        ("San Jose, Costa Rica", [("San José", None, "CR")]),
        ("Lebanon, PA", [("Lebanon", "Pennsylvania", "US")]),
        ("Victoria, Canada", [("Victoria", "British Columbia", "CA")]),
        ("Rimini, Rimini, Italy", [("Rimini", "Emilia-Romagna", "IT")]),
        ("Singapore, Japan", [("Singapore", None, "SG"), (None, None, "JP")]),
        ("Kuala Lumpur/Singapore", [("Kuala Lumpur", None, "MY"), ("Singapore", None, "SG")]),
        ("Tokyo OR Sydney", [("Tokyo", None, "JP"), ("Sydney", "New South Wales", "AU")]),
        ("SF; NYC", [("San Francisco", "California", "US"), ("New York", "New York", "US")]),
        ("LA", [("Los Angeles", "California", "US")]),
        ("Baton Rouge, LA", [("Baton Rouge", "Louisiana", "US")]),
        ("Washington, DC", [("Washington DC", "District of Columbia", "US")]),
        ("München, Bayern", [("Munich", "Bavaria", "DE")]),
        ("HCMC", [("Ho Chi Minh City", None, "VN")]),
        ("上海", [("Shanghai", None, "CN")]),
        ("austin, tx", [("Austin", "Texas", "US")]),
        ("Lancaster, Pa", [("Lancaster", "Pennsylvania", "US")]),
        ("Kia Santa Monica", [("Santa Monica", "California", "US")]),
    ],
)
def test_places_of_one_string(string: str, places: list[tuple[str | None, str | None, str | None]]) -> None:
    assert [(place.city, place.region, place.country) for place in read_places([string])] == places


@pytest.mark.parametrize(
    ("string", "places"),
    [
        ("US-CA-Menlo Park", [("Menlo Park", "California", "US")]),
        ("SGP - Singapore", [("Singapore", None, "SG")]),
        ("USA | TX | Austin", [("Austin", "Texas", "US")]),
        ("IND - Remote - New Delhi", [("Delhi", "Delhi", "IN")]),
        ("Canada - Toronto; US - Boston, MA", [("Toronto", "Ontario", "CA"), ("Boston", "Massachusetts", "US")]),
        ("Louisiana, Lake Charles", [("Lake Charles", "Louisiana", "US")]),
    ],
)
def test_codes_as_large_employers_write_them(string: str, places: list[tuple[str | None, str | None, str | None]]) -> None:
    assert [(place.city, place.region, place.country) for place in read_places([string])] == places


@pytest.mark.parametrize(
    ("string", "countries", "regions"),
    [
        ("Remote – EMEA", set(), {"EMEA"}),
        ("Remote (US/Canada)", {"US", "CA"}, set()),
        ("Remote (US/CA)", {"US", "CA"}, set()),
        ("Remote - Americas (UTC-8 to -3)", set(), {"Americas"}),
        ("Remote, Germany", {"DE"}, set()),
        ("London / Berlin / Remote", {"GB", "DE"}, {"England"}),
        ("Remote - EMEA, Remote - NA", set(), {"EMEA", "North America"}),
        ("Remote UK", {"GB"}, set()),
        ("Remote - MN, WI", {"US"}, {"Minnesota", "Wisconsin"}),
        ("Remote, CA", {"US"}, {"California"}),
        ("Europe, Canada", {"CA"}, {"Europe"}),
        ("REMOTE - US", {"US"}, set()),
        ("Anywhere in the United States", {"US"}, set()),
        ("Remote - Global", set(), {"Worldwide"}),
        ("Downtown LA", {"US"}, {"California"}),
    ],
)
def test_remote_from_where(string: str, countries: set[str], regions: set[str]) -> None:
    places = read_places([string])
    assert {place.country for place in places if place.country} == countries
    assert {place.region for place in places if place.region} == regions


@pytest.mark.parametrize(
    ("string", "city", "country"),
    [
        ("SF Bay Area", "San Francisco", "US"),
        ("Greater London", "London", "GB"),
        ("DMV Area", "Washington DC", "US"),
        ("Delhi NCR", "Delhi", "IN"),
        ("Tri-State Area", "New York", "US"),
        ("Klang Valley", "Kuala Lumpur", "MY"),
        ("Midwest", None, "US"),
        ("New England", None, "US"),
    ],
)
def test_metropolitan_areas_and_parts_of_countries(string: str, city: str | None, country: str) -> None:
    assert [(place.city, place.country) for place in read_places([string])] == [(city, country)]


@pytest.mark.parametrize(
    ("string", "countries"),
    [
        ("Birmingham", {"GB"}),  # the bigger one
        ("Boston; Cambridge", {"US"}),
        ("London; Cambridge", {"GB"}),
        ("Georgia", {"US"}),
        ("Armenia, Georgia, Poland", {"AM", "GE", "PL"}),
        ("Argentina, Brazil, Colombia, Mexico", {"AR", "BR", "CO", "MX"}),
        ("Springfield", {"US"}),
    ],
)
def test_of_several_the_bigger_unless_the_rest_tells(string: str, countries: set[str]) -> None:
    assert {place.country for place in read_places([string])} == countries


def test_which_springfield_stays_open() -> None:
    assert read_places(["Springfield"]) == (Place(city="Springfield", country="US"),)


@pytest.mark.parametrize(
    "string",
    [
        "Remote",
        "Hybrid",
        "Flexible / Remote",
        "Headquarters",
        "3 Locations",
        "",
        "Xanaduville",
        "🏝️",
        "Remote - DE",  # Delaware or Germany
        "Contact us",
        "WXYZ-TV",
        "ET/CT/PT time zones",
        "Mobile Engineering Team",
        "5 days per week",
        "Not in the US",
        "Remote (not US)",
        "Remote - non EU",
        "Outside of U.S.",
        "Saint Petersburg",  # Florida or Russia
        "Queenstown",  # New Zealand, South Africa or Singapore
    ],
)
def test_what_names_no_place_gives_none(string: str) -> None:
    assert read_places([string]) == ()


@pytest.mark.parametrize(
    ("string", "places"),
    [
        ("Remote: Canada excluding Quebec", {(None, "CA")}),
        ("Remote, Europe (excluding UK)", {("Europe", None)}),
        ("Anywhere (not Canada)", {("Worldwide", None)}),
        ("Hybrid, not remote - London", {("England", "GB")}),
        ("Not specified, Oslo", {(None, "NO")}),
        ("EU only", {("European Union", None)}),
        ("🇩🇪", {(None, "DE")}),
        ("🇺🇸🇨🇦 Remote", {(None, "US"), (None, "CA")}),
        ("🇬🇧 London", {("England", "GB")}),
        ("St. Petersburg, FL", {("Florida", "US")}),
        ("Saint Petersburg, Russia", {(None, "RU")}),
        ("Queenstown, New Zealand", {(None, "NZ")}),
    ],
)
def test_exclusions_flags_and_unclear_names(string: str, places: set[tuple[str | None, str | None]]) -> None:
    assert {(place.region, place.country) for place in read_places([string])} == places


@pytest.mark.parametrize("string", ["CDMX", "CDMX, MEX", "Ciudad de México, CDMX"])
def test_mexico_city_by_its_short_name(string: str) -> None:
    assert read_places([string]) == (Place(city="Mexico City", country="MX"),)


def test_each_place_once_in_order() -> None:
    assert read_places(["Tokyo, Japan", "Singapore", "Tokyo"]) == (Place(city="Tokyo", country="JP"), SINGAPORE)


def test_world_regions_know_their_countries() -> None:
    assert "SG" in world_countries("APAC") & world_countries("Southeast Asia")
    assert "SG" not in world_countries("EMEA")
    assert world_countries("Worldwide") == frozenset()


def test_names_are_found_without_accents_and_abbreviations() -> None:
    assert key("Saint-Étienne") == key("St. Etienne") == "st etienne"
    assert {city.country for city in (meaning_of("zurich") or names()["singapore"]).cities} >= {"CH"}
    assert names()["singapore"].country == "SG"
    assert "wolfisheim" not in names()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("bait", ["CA, ", "New York ", "x", "Saint-", "北京", "\u202e", "(((", "Washington, ", "US/", "🏝️"])
def test_hostile_strings_end_soon(bait: str) -> None:
    assert len(read_places([bait * 1_000_000] * 300)) < 10
