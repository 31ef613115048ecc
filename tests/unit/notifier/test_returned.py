"""What soft bounces weigh: when an address rests, and when it does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.returned import HALF_LIFE, LIMIT, REMEMBERED, weight

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DAY = timedelta(days=1)
AGES = st.timedeltas(min_value=timedelta(0), max_value=REMEMBERED)


def times(*ages: timedelta) -> list[datetime]:
    return [NOW - age for age in ages]


@pytest.mark.parametrize(
    ("every", "rests_after"), [(DAY, 4), (7 * DAY, 4), (30 * DAY, None)], ids=["daily", "weekly", "monthly"]
)
def test_when_an_address_that_never_takes_mail_rests(every: timedelta, rests_after: int | None) -> None:
    heavy = (n for n in range(1, 60) if weight(times(*(every * back for back in range(n))), NOW) >= LIMIT)
    assert next(heavy, None) == rests_after


def test_one_bounce_weighs_one_and_half_of_it_later() -> None:
    assert weight([NOW], NOW) == 1
    assert weight([NOW], NOW + HALF_LIFE) == pytest.approx(0.5)
    assert weight([], NOW) == 0


@given(st.lists(AGES, max_size=20), AGES)
def test_time_only_makes_lighter(ages: list[timedelta], later: timedelta) -> None:
    assert weight(times(*ages), NOW + later) <= weight(times(*ages), NOW) + 1e-9


@given(st.lists(AGES, max_size=20), AGES)
def test_one_more_adds_no_more_than_one(ages: list[timedelta], another: timedelta) -> None:
    added = weight(times(*ages, another), NOW) - weight(times(*ages), NOW)
    assert 0 < added <= 1 + 1e-9


@given(st.lists(AGES, max_size=20), AGES, AGES)
def test_it_decays_alike_in_one_step_or_two(ages: list[timedelta], first: timedelta, second: timedelta) -> None:
    whole = weight(times(*ages), NOW + first + second)
    assert whole == pytest.approx(weight(times(*ages), NOW + first) * 0.5 ** (second / HALF_LIFE))


@given(st.lists(AGES, max_size=20))
def test_a_clock_that_is_ahead_makes_nothing_heavier(ages: list[timedelta]) -> None:
    assert weight([NOW + age for age in ages], NOW) == len(ages)


def test_what_is_forgotten_could_not_matter() -> None:
    assert weight(times(*[REMEMBERED] * 100), NOW) < 0.1
