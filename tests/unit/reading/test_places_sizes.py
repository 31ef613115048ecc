"""How big a city must be for its name alone to mean it."""

import pytest

from shared.reading.places import read_places


def cities(string: str) -> list[tuple[str | None, str | None]]:
    return [(place.city, place.country) for place in read_places([string])]


@pytest.mark.parametrize(
    ("string", "found"),
    [
        ("Mannheim", [("Mannheim", "DE")]),
        ("Mannheim Werk 3", [("Mannheim", "DE")]),
        ("Würzburg", [("Würzburg", "DE")]),
        ("Würzburg Werk 3", []),
    ],
)
def test_beside_words_that_are_unknown_only_a_city_that_people_know_is_meant(string: str, found: object) -> None:
    assert cities(string) == found


@pytest.mark.parametrize(
    ("string", "found"),
    [
        ("Copenhagen, Spain", [("Copenhagen", "DK"), (None, "ES")]),
        ("Munich, Ontario", [("Munich", "DE"), (None, "CA")]),
        ("Münster, Spain", [("Münster", "ES")]),
        ("Ghent, Ontario", [("Ghent", "CA")]),
    ],
)
def test_there_may_be_a_second_of_a_small_city_in_the_country_named_but_not_of_a_big_one(string: str, found: object) -> None:
    assert cities(string) == found
