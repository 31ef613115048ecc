"""When digests are due: by property over many time zones, and by hand where clocks do odd things."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.calendar import CADENCES, next_digest, period
from shared.errors import UnreadableInput

ZONES = st.sampled_from(
    ("Asia/Singapore", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk",
     "America/Havana", "Antarctica/Troll", "Asia/Kathmandu", "UTC")
)  # fmt: skip
INSTANTS = st.datetimes(datetime(2011, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
HOURS, WEEKDAYS = st.integers(0, 23), st.integers(0, 6)
LONGEST = {"daily": timedelta(days=3), "weekly": timedelta(days=8, hours=3), "monthly": timedelta(days=36)}


@given(st.sampled_from(CADENCES), WEEKDAYS, HOURS, ZONES, INSTANTS)
def test_the_next_digest_is_later_soon_and_on_the_hour(
    cadence: str, weekday: int, hour: int, zone: str, after: datetime
) -> None:
    due = next_digest(cadence, weekday, hour, zone, after)
    local = due.astimezone(ZoneInfo(zone))

    assert due.tzinfo is UTC
    assert after < due <= after + LONGEST[cadence]
    if (local.hour, local.minute, local.second) == (hour, 0, 0):
        assert local.fold == 0
        assert cadence == "daily" or local.weekday() == weekday
        assert cadence != "monthly" or local.day <= 7
    else:
        before = (due - timedelta(seconds=1)).astimezone(ZoneInfo(zone))
        assert before.utcoffset() < local.utcoffset(), "off the hour only at the end of a gap"


@given(st.sampled_from(CADENCES), WEEKDAYS, HOURS, ZONES, INSTANTS)
def test_every_digest_has_a_period_of_its_own(cadence: str, weekday: int, hour: int, zone: str, after: datetime) -> None:
    periods = []
    for _ in range(9):
        after = next_digest(cadence, weekday, hour, zone, after)
        periods.append(period(cadence, zone, after))

    assert sorted(set(periods)) == periods


@given(st.sampled_from(CADENCES), WEEKDAYS, HOURS, ZONES, INSTANTS, st.floats(0, 1))
def test_asking_at_any_moment_before_gives_the_same_answer(
    cadence: str, weekday: int, hour: int, zone: str, after: datetime, part: float
) -> None:
    due = next_digest(cadence, weekday, hour, zone, after)

    assert next_digest(cadence, weekday, hour, zone, after + (due - after) * part * 0.999) == due


@pytest.mark.parametrize(
    ("zone", "hour", "after", "due"),
    [
        ("Asia/Singapore", 8, "2026-11-20T23:59:59", ["2026-11-21T00:00:00", "2026-11-22T00:00:00"]),
        ("Asia/Singapore", 8, "2026-11-21T00:00:00", ["2026-11-22T00:00:00"]),
        # New York leaves out 02:00–03:00 on 8 March 2026, and has 01:00–02:00 twice on 1 November.
        ("America/New_York", 2, "2026-03-07T12:00:00", ["2026-03-08T07:00:00", "2026-03-09T06:00:00"]),
        ("America/New_York", 1, "2026-10-31T12:00:00", ["2026-11-01T05:00:00", "2026-11-02T06:00:00"]),
        ("America/New_York", 1, "2026-11-01T05:30:00", ["2026-11-02T06:00:00"]),
        ("Europe/London", 1, "2026-03-28T12:00:00", ["2026-03-29T01:00:00", "2026-03-30T00:00:00"]),
        # Lord Howe's clocks jump by half an hour: 02:00 becomes 02:30, which is the first instant that exists.
        ("Australia/Lord_Howe", 2, "2026-10-03T00:00:00", ["2026-10-03T15:30:00", "2026-10-04T15:00:00"]),
        # Troll jumps from 01:00 to 03:00, so that 02:00 is in the middle of the gap.
        ("Antarctica/Troll", 2, "2026-03-28T12:00:00", ["2026-03-29T01:00:00", "2026-03-30T00:00:00"]),
        # Samoa never had 30 December 2011; Nuuk has no 23:00 on the day before summer time.
        ("Pacific/Apia", 8, "2011-12-29T12:00:00", ["2011-12-29T18:00:00", "2011-12-30T18:00:00", "2011-12-31T18:00:00"]),
        ("America/Nuuk", 23, "2024-03-29T12:00:00", ["2024-03-30T01:00:00", "2024-04-01T00:00:00"]),
    ],
)
def test_daily_by_hand(zone: str, hour: int, after: str, due: list[str]) -> None:
    at = _utc(after)
    for expected in due:
        at = next_digest("daily", 0, hour, zone, at)
        assert at == _utc(expected)


def test_a_weekly_digest_of_a_day_that_never_was_comes_when_the_next_begins() -> None:
    assert next_digest("weekly", 4, 8, "Pacific/Apia", _utc("2011-12-28T00:00:00")) == _utc("2011-12-30T10:00:00")


def test_weekly_and_monthly_by_hand() -> None:
    at = _utc("2026-11-21T00:05:00")

    assert next_digest("weekly", 0, 8, "Asia/Singapore", at) == _utc("2026-11-23T00:00:00")
    assert next_digest("weekly", 5, 8, "Asia/Singapore", at) == _utc("2026-11-28T00:00:00")
    assert next_digest("monthly", 1, 9, "Europe/London", at) == _utc("2026-12-01T09:00:00")
    assert next_digest("monthly", 0, 9, "Europe/London", _utc("2026-06-02T00:00:00")) == _utc("2026-07-06T08:00:00")


@pytest.mark.parametrize(
    ("cadence", "zone", "at", "name"),
    [
        ("weekly", "Asia/Singapore", "2026-11-21T00:05:00", "2026-W47"),
        ("daily", "Asia/Singapore", "2026-11-21T16:00:00", "2026-11-22"),
        ("daily", "America/New_York", "2026-11-21T00:05:00", "2026-11-20"),
        ("monthly", "Pacific/Apia", "2026-11-30T11:00:00", "2026-12"),
        ("weekly", "UTC", "2027-01-01T12:00:00", "2026-W53"),
        ("weekly", "UTC", "2024-12-30T12:00:00", "2025-W01"),
    ],
)
def test_periods_are_named_by_the_local_calendar(cadence: str, zone: str, at: str, name: str) -> None:
    assert period(cadence, zone, _utc(at)) == name


def test_after_may_be_in_any_zone_but_not_in_none() -> None:
    elsewhere = datetime(2026, 11, 21, 5, 35, tzinfo=timezone(timedelta(hours=5, minutes=30)))

    assert next_digest("weekly", 0, 8, "Asia/Singapore", elsewhere) == _utc("2026-11-23T00:00:00")
    with pytest.raises(ValueError, match="naive"):
        next_digest("weekly", 0, 8, "Asia/Singapore", datetime(2026, 11, 21))


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "", "America", "../../etc/passwd", "/etc/passwd", "zone.tab", "a\0b", "x" * 9_000]
)
def test_an_unknown_time_zone_is_unreadable_input(zone: str) -> None:
    with pytest.raises(UnreadableInput, match="unknown time zone") as caught:
        next_digest("weekly", 0, 8, zone, _utc("2026-11-21T00:00:00"))

    assert caught.value.code == "timezone_unknown"
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("cadence", "weekday", "hour"), [("hourly", 0, 8), ("weekly", 7, 8), ("weekly", 0, 24), ("weekly", -1, 8)]
)
def test_an_impossible_schedule_is_unreadable_input(cadence: str, weekday: int, hour: int) -> None:
    with pytest.raises(UnreadableInput):
        next_digest(cadence, weekday, hour, "UTC", _utc("2026-11-21T00:00:00"))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
