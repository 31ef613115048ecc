"""When digests are due: by property over many time zones, and by hand where clocks do odd things."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.calendar import (
    CADENCES,
    digests_between,
    hour_of,
    last_digest,
    next_digest,
    period,
    spread,
    window,
)
from shared.errors import UnreadableInput

ODD = ("Asia/Singapore", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk",
       "America/Havana", "Antarctica/Troll", "Africa/Casablanca", "America/St_Johns", "Asia/Kathmandu", "UTC")  # fmt: skip
"""Where clocks jump at odd hours, by odd steps, over midnight, and for Ramadan."""
EVERYWHERE = sorted(available_timezones() - {"localtime"})
ZONES = st.sampled_from(ODD) | st.sampled_from(EVERYWHERE)
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


# ------------------------------------------------------------------------------------------------------ back in time

SCHEDULES = st.tuples(st.sampled_from(CADENCES), WEEKDAYS, HOURS, ZONES)
MINUTES = st.integers(0, 59)


@given(SCHEDULES, INSTANTS)
def test_the_last_digest_is_the_other_side_of_the_next(schedule: tuple[str, int, int, str], at: datetime) -> None:
    last = last_digest(*schedule, at)

    assert last <= at < next_digest(*schedule, last)
    assert last_digest(*schedule, last) == last


@given(SCHEDULES, INSTANTS)
def test_windows_tile_time(schedule: tuple[str, int, int, str], at: datetime) -> None:
    """Every instant lies in one window: that of the next digest. Each begins where the one before ended."""
    since, until = window(*schedule, next_digest(*schedule, at))

    assert since <= at < until
    assert window(*schedule, since)[1] == since
    assert window(*schedule, at) == window(*schedule, since)
    assert until - since <= LONGEST[schedule[0]]


@given(SCHEDULES, INSTANTS, st.integers(0, 40), st.integers(1, 40))
def test_what_was_missed_is_each_digest_between_once(
    schedule: tuple[str, int, int, str], after: datetime, number: int, limit: int
) -> None:
    walked = [next_digest(*schedule, after)]
    for _ in range(number):
        walked.append(next_digest(*schedule, walked[-1]))
    until = walked.pop() - timedelta.resolution

    assert digests_between(*schedule, after, until, limit) == walked[-limit:]
    assert len({period(schedule[0], schedule[3], at) for at in walked}) == len(walked)


@pytest.mark.parametrize(
    ("zone", "weekday", "at", "since", "until"),
    [
        ("Asia/Singapore", 0, "2026-11-23T00:23:00", "2026-11-16T00:00:00", "2026-11-23T00:00:00"),
        ("Asia/Singapore", 0, "2026-11-22T23:59:59", "2026-11-09T00:00:00", "2026-11-16T00:00:00"),
        # London's week of the change to summer time is an hour shorter.
        ("Europe/London", 0, "2026-03-30T07:00:00", "2026-03-23T08:00:00", "2026-03-30T07:00:00"),
        # Samoa's Friday that never was: its digest came as Saturday began; the weeks around it are a day short together.
        ("Pacific/Apia", 4, "2012-01-05T18:00:00", "2011-12-30T10:00:00", "2012-01-05T18:00:00"),
        ("Pacific/Apia", 4, "2011-12-30T10:00:00", "2011-12-23T18:00:00", "2011-12-30T10:00:00"),
    ],
)
def test_windows_by_hand(zone: str, weekday: int, at: str, since: str, until: str) -> None:
    assert window("weekly", weekday, 8, zone, _utc(at)) == (_utc(since), _utc(until))


def test_a_day_whose_hour_came_before_clocks_were_set_back_over_midnight_is_over() -> None:
    """Until 2011 St. John's set its clocks from 00:01 to 23:01 the day before: Sunday had begun, and was Saturday again."""
    saturday_again = _utc("2010-11-07T03:00:00")

    assert saturday_again.astimezone(ZoneInfo("America/St_Johns")).isoformat() == "2010-11-06T23:30:00-03:30"
    assert last_digest("daily", 0, 0, "America/St_Johns", saturday_again) == _utc("2010-11-07T02:30:00")
    assert next_digest("daily", 0, 0, "America/St_Johns", saturday_again) == _utc("2010-11-08T03:30:00")


# ---------------------------------------------------------------------------------------------------------- the spread


@given(SCHEDULES, INSTANTS, st.integers(0, 2**62), MINUTES)
def test_spread_digests_keep_their_order_their_period_and_their_window(
    schedule: tuple[str, int, int, str], at: datetime, subscription_id: int, minutes: int
) -> None:
    cadence, zone, late = schedule[0], schedule[3], spread(subscription_id, minutes)
    hours = [at := next_digest(*schedule, at) for _ in range(5)]
    dues = [hour + late for hour in hours]

    assert timedelta(0) <= late <= timedelta(minutes=minutes)
    assert sorted(set(dues)) == dues
    assert [period(cadence, zone, due) for due in dues] == [period(cadence, zone, hour) for hour in hours]
    assert [hour_of(*schedule, due) for due in dues] == hours
    assert [window(*schedule, due) for due in dues] == [window(*schedule, hour) for hour in hours]


def test_a_million_subscriptions_at_one_hour_are_a_ramp() -> None:
    """So many in each minute as in every other, give or take what chance does (six standard deviations)."""
    number, minutes = 100_000, 50
    counts = [0] * minutes
    for id_ in range(number):
        counts[spread(id_, minutes) // timedelta(minutes=1)] += 1

    fair = number / minutes
    assert all(abs(count - fair) < 6 * fair**0.5 for count in counts)


def test_the_spread_is_the_same_everywhere_and_for_ever() -> None:
    """A literal: another one after an upgrade would move everybody's digest."""
    assert [spread(id_, 50) // timedelta(seconds=1) for id_ in (1, 2, 3)] == [2418, 278, 625]
    assert spread(1, 0) == timedelta(0)


@pytest.mark.parametrize("minutes", [60, -1])
def test_a_spread_beyond_the_hour_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="0 to 59"):
        spread(1, minutes)


def test_a_digest_due_by_another_schedule_has_no_hour_but_its_own() -> None:
    saturday = _utc("2026-11-21T00:05:00")

    assert hour_of("weekly", 0, 8, "Asia/Singapore", saturday) == saturday


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
