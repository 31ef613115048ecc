"""Which times may be chosen, and how they are said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.schedule import CADENCES, Schedule, in_words, midnight, parse_schedule, parse_until, zones
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


EVERY_ZONE = sorted(zone for group in zones().values() for zone in group)


@given(st.dates(date(2026, 1, 1), date(2040, 12, 31)), st.sampled_from(EVERY_ZONE))
def test_midnight_is_the_first_instant_of_its_day_wherever_one_is(day: date, zone: str) -> None:
    first, here = midnight(day, zone), ZoneInfo(zone)
    assert first.tzinfo is UTC
    assert first.astimezone(here).date() == day
    assert (first - timedelta(seconds=1)).astimezone(here).date() == day - timedelta(days=1)


def test_midnight_where_the_clock_skips_it_is_when_it_skips() -> None:
    skipped = midnight(date(2018, 11, 4), "America/Sao_Paulo")  # from 0:00 to 1:00
    assert skipped == datetime(2018, 11, 4, 3, tzinfo=UTC)
    assert skipped.astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


@pytest.mark.parametrize(
    ("zone", "day", "known"),
    [("UTC", "2026-11-22", True), ("UTC", "2026-11-21", False), ("Pacific/Auckland", "2026-11-22", False)],
)
def test_today_is_where_the_person_is(zone: str, day: str, known: bool) -> None:
    now = datetime(2026, 11, 21, 20, tzinfo=UTC)  # the 22nd in Auckland
    if known:
        assert parse_until(day, zone, now) == midnight(date.fromisoformat(day), zone)
    else:
        with pytest.raises(UnreadableInput, match="after today"):
            parse_until(day, zone, now)


@given(st.text(max_size=40))
def test_whatever_is_typed_for_a_day_is_understood_or_refused(text: str) -> None:
    try:
        until = parse_until(text, "UTC", datetime(2026, 11, 21, tzinfo=UTC))
    except UnreadableInput as error:
        assert error.code == "until_invalid"  # noqa: PT017 - both ways out are right
    else:
        assert until is None or until > datetime(2026, 11, 21, tzinfo=UTC)
