"""When a board is read next: simulated boards that change as often as we say."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scraper import pace

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
USUAL = 6 * HOUR


def polled(changes: list[timedelta], for_: timedelta = 30 * DAY) -> list[timedelta]:
    """The intervals at which a board is read that changes at these times."""
    at, per_day, intervals = timedelta(0), None, []
    left = sorted(changes)
    while at < for_:
        wait = pace.interval(per_day, USUAL)
        intervals.append(wait)
        at += wait
        changed = bool(left) and left[0] <= at
        left = [change for change in left if change > at]
        per_day = pace.learned(per_day, USUAL, wait, changed=changed)
    return intervals


def test_a_board_of_which_nothing_is_known_is_read_at_the_usual_interval() -> None:
    assert pace.interval(None, USUAL) == USUAL
    assert pace.learned(None, USUAL, None, changed=True) is None


def test_a_quiet_board_is_read_once_a_day_within_days_and_for_ever() -> None:
    intervals = polled([])
    assert intervals == sorted(intervals)
    assert intervals[-1] == DAY
    assert sum(intervals[: intervals.index(DAY)], timedelta(0)) <= 4 * DAY


def test_a_board_that_changes_all_the_time_is_read_every_half_hour() -> None:
    intervals = polled([minute * timedelta(minutes=1) for minute in range(30 * 1440)])
    assert intervals[-1] == timedelta(minutes=30)
    assert sum(wait > HOUR for wait in intervals) < 60


@pytest.mark.parametrize("hours", [2, 5, 12])
def test_a_steady_board_is_read_so_that_about_every_second_reading_finds_something(hours: int) -> None:
    intervals = polled([n * hours * HOUR for n in range(1, 30 * 24 // hours)])[-20:]
    mean = sum(intervals, timedelta(0)) / len(intervals)
    assert 0.35 <= mean / (hours * HOUR) <= 0.9


def test_a_board_that_wakes_up_is_read_more_often_within_two_days() -> None:
    woken = [20 * DAY + n * HOUR for n in range(48)]
    before, after = polled(woken, 20 * DAY)[-1], polled(woken, 22 * DAY)[-1]
    assert before == DAY
    assert after <= 12 * HOUR


def test_readings_in_quick_succession_do_not_make_a_board_busy() -> None:
    once = pace.learned(1.0, USUAL, timedelta(seconds=1), changed=True)
    assert once is not None
    assert 1 < once < 2


def test_an_operator_who_wants_it_quicker_or_slower_gets_it() -> None:
    assert pace.interval(1000, timedelta(minutes=10)) == timedelta(minutes=10)
    assert pace.interval(0.001, 3 * DAY) == 3 * DAY


@given(st.floats(0, 1e6), st.integers(0, 10**9), st.booleans())
def test_the_interval_stays_within_its_bounds_whatever_was_learned(per_day: float, seconds: int, changed: bool) -> None:
    after = pace.learned(per_day, USUAL, timedelta(seconds=seconds), changed=changed)
    assert after is not None
    assert after >= 0
    assert timedelta(minutes=30) <= pace.interval(after, USUAL) <= DAY


def test_boards_added_together_do_not_stay_together() -> None:
    waits = sorted(pace.next_wait(board, USUAL) for board in range(1, 101))
    assert USUAL * 0.9 <= waits[0] < waits[-1] <= USUAL * 1.1
    assert max(later - earlier for earlier, later in pairwise(waits)) < timedelta(minutes=3)
    assert pace.next_wait(7, USUAL) == pace.next_wait(7, USUAL)


def test_a_server_that_says_how_long_nothing_changes_is_believed_for_a_day() -> None:
    for board in range(50):
        assert 8 * HOUR <= pace.next_wait(board, HOUR, fresh_for=8 * HOUR) <= 8.8 * HOUR
        assert DAY <= pace.next_wait(board, HOUR, fresh_for=365 * DAY) <= 1.1 * DAY
        assert pace.next_wait(board, USUAL, fresh_for=timedelta(seconds=60)) == pace.next_wait(board, USUAL)


def test_terms_that_allow_so_many_polls_a_day_are_kept_also_after_failures() -> None:
    for board in range(50):
        assert pace.next_wait(board, HOUR, polls_per_day=4) >= 6 * HOUR
        assert pace.retry_wait(board, timedelta(minutes=5), 4) >= 6 * HOUR
        assert timedelta(minutes=5) <= pace.retry_wait(board, timedelta(minutes=5)) <= timedelta(minutes=5.5)
