"""Which times may be chosen, and how they are said."""

import pytest

from services.web.schedule import CADENCES, Schedule, in_words, parse_schedule, zones
from shared.errors import UnreadableInput


def test_a_choice_from_the_lists_is_taken() -> None:
    assert parse_schedule("weekly", "Asia/Singapore", "6", "23") == Schedule("weekly", "Asia/Singapore", 6, 23)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cadence", "hourly"),
        ("cadence", ""),
        ("timezone", "Mars/Olympus"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("weekday", "7"),
        ("weekday", "-1"),
        ("weekday", "٣"),
        ("hour", "24"),
        ("hour", "8.5"),
        ("hour", "9" * 5000),
    ],
)
def test_anything_else_is_refused_by_the_name_of_its_field(field: str, value: str) -> None:
    good = {"cadence": "weekly", "timezone": "UTC", "weekday": "0", "hour": "8"}
    with pytest.raises(UnreadableInput) as caught:
        parse_schedule(**{**good, field: value})
    assert caught.value.code == f"{field}_invalid"


def test_the_zones_are_those_a_browser_names() -> None:
    offered = {zone for group in zones().values() for zone in group}
    assert {"UTC", "Asia/Singapore", "Asia/Calcutta", "Europe/Berlin", "America/Argentina/Buenos_Aires"} <= offered
    assert "posixrules" not in offered


@pytest.mark.parametrize(
    ("cadence", "words"),
    [
        ("daily", "every day at 08:00"),
        ("weekly", "every Tuesday at 08:00"),
        ("monthly", "on the first Tuesday of each month at 08:00"),
    ],
)
def test_every_cadence_can_be_said(cadence: str, words: str) -> None:
    assert in_words(cadence, 1, 8) == words


def test_no_cadence_is_offered_that_cannot_be_said() -> None:
    assert all(in_words(cadence, 0, 0) for cadence in CADENCES)
