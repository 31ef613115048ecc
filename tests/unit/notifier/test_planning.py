"""What a schedule comes to: after outages, edits and changes of clocks there is one digest for each period, and no gap."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.calendar import CADENCES, next_digest, spread, window
from services.notifier.planning import (
    CATCH_UP,
    LOOK_BACK,
    MISSED_NOTED,
    Missed,
    Opening,
    Plan,
    Rhythm,
    next_free,
    plan,
    replan,
    window_start,
)
from shared.errors import UnreadableInput

NOW = datetime(2026, 11, 23, 0, 23, tzinfo=UTC)
MONDAYS = Rhythm("weekly", 0, 8, "Asia/Singapore")
"""Due at 00:00 UTC on Mondays."""
DAILY = Rhythm("daily", 0, 8, "Asia/Singapore")
LATE = timedelta(minutes=23)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
ZONES = st.sampled_from(
    ("Asia/Singapore", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Nuuk",
     "Africa/Casablanca", "Antarctica/Troll", "Pacific/Honolulu", "Pacific/Kiritimati", "UTC")
)  # fmt: skip
RHYTHMS = st.builds(Rhythm, st.sampled_from(CADENCES), st.integers(0, 6), st.integers(0, 23), ZONES)


def test_on_time_the_window_is_that_of_the_period_and_the_next_is_a_week_later() -> None:
    until = NOW - LATE

    assert plan(MONDAYS, LATE, NOW, until - WEEK, NOW) == Plan(
        Opening("2026-W48", until - WEEK, until), missed=(), next_at=NOW + WEEK
    )


def test_of_several_missed_ones_the_latest_is_opened_and_its_window_begins_where_the_last_one_ended() -> None:
    covered = NOW - LATE - 5 * DAY
    found = plan(DAILY, LATE, NOW - 4 * DAY, covered, NOW + HOUR)

    assert found.opening == Opening("2026-11-23", covered, NOW - LATE)
    assert found.missed == tuple(Missed(f"2026-11-{day}", NOW - (23 - day) * DAY) for day in (19, 20, 21, 22))
    assert found.next_at == NOW + DAY


@pytest.mark.parametrize(("ago", "opens"), [(CATCH_UP, True), (CATCH_UP + timedelta(seconds=1), False)])
def test_what_was_due_more_than_a_week_ago_is_only_noted(ago: timedelta, opens: bool) -> None:
    monthly = Rhythm("monthly", 0, 8, "Asia/Singapore")
    due = next_digest(*monthly, NOW - 40 * DAY) + LATE
    found = plan(monthly, LATE, due, None, due + ago)

    assert (found.opening is not None) is opens
    assert found.missed == (() if opens else (Missed("2026-11", due),))
    assert found.next_at == next_digest(*monthly, due) + LATE


def test_of_very_many_missed_ones_the_latest_month_is_noted() -> None:
    found = plan(DAILY, LATE, NOW - 4_000 * DAY, None, NOW)

    assert found.opening
    assert found.opening.occasion == "2026-11-23"
    assert [missed.due_at for missed in found.missed] == [NOW - n * DAY for n in range(MISSED_NOTED, 0, -1)]


def test_a_window_reaches_back_a_month_and_never_cuts_its_own_period() -> None:
    until = NOW - LATE

    assert window_start(DAILY, until, until - 90 * DAY) == until - LOOK_BACK
    assert window_start(DAILY, until, None) == until - DAY
    assert window_start(DAILY, until, until + HOUR) == until, "what was covered already is not covered again"
    monthly = Rhythm("monthly", 0, 8, "UTC")
    since, until = window(*monthly, datetime(2026, 9, 10, tzinfo=UTC))
    assert until - since == 35 * DAY
    assert window_start(monthly, until, since) == since


def test_a_digest_that_is_due_by_an_older_schedule_is_one_of_its_period() -> None:
    """The row was edited, and nobody has looked at it since: Saturday's digest is W47's, then Mondays go on."""
    saturday = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
    found = plan(MONDAYS, LATE, saturday, None, saturday + HOUR)

    assert found.opening == Opening("2026-W47", datetime(2026, 11, 16, tzinfo=UTC), saturday)
    assert found.next_at == NOW


@pytest.mark.parametrize("spread_before", [timedelta(0), timedelta(minutes=59)])
def test_another_spread_makes_no_second_digest_of_a_period(spread_before: timedelta) -> None:
    """The operator changed the setting: what was planned by the old one belongs to the same hour."""
    due = NOW - LATE + spread_before
    found = plan(MONDAYS, LATE, due, None, due)

    assert found.opening
    assert (found.opening.occasion, found.opening.until) == ("2026-W48", NOW - LATE)
    assert found.next_at == NOW + WEEK


# ----------------------------------------------------------------------------------------------------------- edits


def test_an_edit_that_changes_no_hour_moves_nothing_not_even_within_the_hour() -> None:
    assert replan(MONDAYS, LATE, NOW, NOW - LATE - WEEK, ["2026-W47"], NOW - timedelta(minutes=13)) == NOW
    assert replan(MONDAYS, LATE, NOW, NOW - LATE - WEEK, ["2026-W47"], NOW - 3 * DAY) == NOW


def test_what_is_overdue_stays_due() -> None:
    assert replan(MONDAYS, LATE, NOW - HOUR, None, (), NOW) == NOW - HOUR


def test_an_hour_moved_into_the_past_before_the_digest_was_opened_makes_it_due_at_once() -> None:
    """At noon, today's digest is moved from the evening to the morning."""
    evening, noon = datetime(2026, 11, 23, 10, 23, tzinfo=UTC), datetime(2026, 11, 23, 4, tzinfo=UTC)
    yesterday = datetime(2026, 11, 22, 10, tzinfo=UTC)

    assert replan(DAILY, LATE, evening, yesterday, ["2026-11-22"], noon) == noon
    assert replan(DAILY, LATE, evening, yesterday, ["2026-11-22"], NOW - timedelta(minutes=3)) == NOW, "within its hour"


def test_an_edit_after_the_digest_was_opened_waits_for_the_next_period() -> None:
    thursdays = Rhythm("weekly", 3, 18, "Asia/Singapore")
    opened = NOW - LATE

    assert replan(thursdays, LATE, NOW + WEEK, opened, ["2026-W48"], NOW + DAY) == datetime(2026, 12, 3, 10, 23, tzinfo=UTC)


def test_from_daily_to_weekly_there_is_no_second_mail_on_the_same_day() -> None:
    opened, noon = NOW - LATE, NOW + 4 * HOUR

    assert replan(MONDAYS, LATE, NOW + DAY, opened, ["2026-11-23"], noon) == NOW + WEEK
    assert replan(DAILY, LATE, NOW + WEEK, opened, ["2026-W48"], noon) == NOW + DAY


def test_who_moves_west_gets_no_second_digest_of_a_day_that_begins_again() -> None:
    """Singapore had its digest of the 23rd; in Honolulu that is the 22nd, whose digest was opened a day before."""
    honolulu = Rhythm("daily", 0, 18, "Pacific/Honolulu")
    due = replan(honolulu, LATE, NOW + DAY, NOW - LATE, ["2026-11-22", "2026-11-23"], NOW + HOUR)

    assert due == datetime(2026, 11, 25, 4, 23, tzinfo=UTC), "the 24th at 18:23 there"


# ---------------------------------------------------------------------------------------------- whatever happens


@dataclass
class Life:
    """A subscription over months, as ticks and edits would have it."""

    id_: int
    rhythm: Rhythm
    now: datetime
    covered: datetime | None = None
    opened: list[tuple[str, datetime, datetime, datetime]] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.late = spread(self.id_, 50)
        self.due = next_free(self.rhythm, self.now, ()) + self.late

    @property
    def names(self) -> list[str]:
        return [name for name, *_ in self.opened] + self.missed

    def tick(self) -> None:
        if self.due > self.now:
            return
        found = plan(self.rhythm, self.late, self.due, self.covered, self.now)
        assert found.next_at > self.now
        if found.opening and found.opening.occasion not in self.names:
            self.opened.append((*found.opening, self.now))
            self.covered = max(found.opening.until, self.covered or found.opening.until)
        self.missed += [missed.occasion for missed in found.missed if missed.occasion not in self.names]
        self.due = found.next_at

    def edit(self, rhythm: Rhythm) -> None:
        self.rhythm = rhythm
        self.due = replan(rhythm, self.late, self.due, self.covered, self.names, self.now)


STEPS = st.lists(
    st.one_of(RHYTHMS, st.timedeltas(timedelta(minutes=1), 2 * DAY), st.timedeltas(DAY, 45 * DAY)), min_size=1, max_size=40
)
STARTS = st.datetimes(datetime(2011, 11, 1), datetime(2030, 1, 1), timezones=st.just(UTC))


@given(st.integers(1, 10_000), RHYTHMS, STARTS, STEPS)
def test_whatever_happens_windows_tile_and_no_period_is_opened_twice(
    id_: int, rhythm: Rhythm, start: datetime, steps: list[Rhythm | timedelta]
) -> None:
    life = Life(id_, rhythm, start)
    for step in steps:
        if isinstance(step, Rhythm):
            life.edit(step)
        else:
            life.now += step
        life.tick()

    assert len(set(life.names)) == len(life.names)
    for before, after in zip(life.opened, life.opened[1:], strict=False):
        assert after[1] == before[2] or after[2] - after[1] >= LOOK_BACK, "each window begins where the last one ended"
    for _, since, until, at in life.opened:
        assert since <= until <= at


@given(st.integers(1, 10_000), RHYTHMS, RHYTHMS, STARTS, st.integers(1, 70 * 24))
def test_with_ticks_on_time_no_period_goes_without_its_digest_across_an_edit(
    id_: int, rhythm: Rhythm, other: Rhythm, start: datetime, hours: int
) -> None:
    """Of weekday and hour, that is: other cadences and other time zones have other periods."""
    other = other._replace(cadence=rhythm.cadence, timezone=rhythm.timezone)
    life, first = _edited(Life(id_, rhythm, start), other, hours)

    expected = [other.period(hour) for hour in _hours(other, life.opened[max(0, first - 1)][3], life.now - HOUR - life.late)]
    assert not set(expected) - {name for name, *_ in life.opened}
    assert not life.missed


LONGEST = {"daily": DAY, "weekly": WEEK, "monthly": 35 * DAY}


@given(st.integers(1, 10_000), RHYTHMS, RHYTHMS, STARTS, st.integers(1, 70 * 24))
def test_whoever_moves_or_wants_more_or_fewer_waits_two_periods_at_most(
    id_: int, rhythm: Rhythm, other: Rhythm, start: datetime, hours: int
) -> None:
    """A first digest came in the period that the edit fell in, and the second comes late in the next; a day for the zones."""
    life, first = _edited(Life(id_, rhythm, start), other, hours)

    times = [start, *(at for *_, at in life.opened)]
    assert times[first + 1] - times[first] <= 2 * max(LONGEST[rhythm.cadence], LONGEST[other.cadence]) + 2 * DAY
    assert not life.missed


def _edited(life: Life, other: Rhythm, hours: int) -> tuple[Life, int]:
    """So many hours of life, an edit, and ten weeks more. Returns how many digests were opened before the edit."""
    for hour in range(hours + 70 * 24):
        if hour == hours:
            first = len(life.opened)
            life.edit(other)
        life.tick()
        life.now += HOUR
    return life, first


@given(RHYTHMS, STARTS, st.integers(0, 10_000))
def test_ticks_on_time_open_each_period_in_its_hour(rhythm: Rhythm, start: datetime, id_: int) -> None:
    life = Life(id_, rhythm, start)
    for _ in range(5):
        life.now = life.due
        life.tick()

    assert [(since, until) for _, since, until, _ in life.opened] == [window(*rhythm, at) for *_, at in life.opened]
    assert not life.missed


def test_an_impossible_rhythm_is_unreadable() -> None:
    with pytest.raises(UnreadableInput):
        plan(MONDAYS._replace(timezone="Mars/Olympus"), LATE, NOW, None, NOW)


def _hours(rhythm: Rhythm, after: datetime, until: datetime) -> list[datetime]:
    found = []
    while (after := next_digest(*rhythm, after)) <= until:
        found.append(after)
    return found
