"""Turns at a rate, without a clock and without Redis."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.rates import (
    HORIZON,
    WARMUP_DAYS,
    WARMUP_FIRST,
    Ask,
    Rates,
    State,
    ceiling,
    next_room,
    provider_of,
    reckon,
)

HORIZON_MS = HORIZON / timedelta(milliseconds=1)
FIRST = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("ada@gmail.com", "gmail.com"),
        ("ada@GoogleMail.com", "gmail.com"),
        ("ada@hotmail.co.uk", "outlook.com"),
        ("ada@live.com.sg", "outlook.com"),
        ("ada@outlook.de", "outlook.com"),
        ("ada@msn.com", "outlook.com"),
        ("ada@yahoo.com.sg", "yahoo.com"),
        ("ada@ymail.com", "yahoo.com"),
        ("ada@me.com", "icloud.com"),
        ("ada@live.example.org", "live.example.org"),
        ("ada@notgmail.com", "notgmail.com"),
        ("ada@example.org", "example.org"),
        ("example.org", "example.org"),
    ],
)
def test_a_provider_is_known_by_all_its_domains(address: str, provider: str) -> None:
    assert provider_of(address) == provider


def test_the_ceiling_doubles_each_day_until_there_is_none() -> None:
    plan = [ceiling(FIRST, FIRST + timedelta(days=day)) for day in range(-1, WARMUP_DAYS + 2)]
    assert plan[:4] == [200, 200, 400, 800]
    assert plan[WARMUP_DAYS] == WARMUP_FIRST * 2 ** (WARMUP_DAYS - 1) == 102_400
    assert plan[WARMUP_DAYS + 1 :] == [None, None]
    assert ceiling(None, FIRST) is None


@given(over=st.integers(0, 300_000), day=st.integers(0, WARMUP_DAYS - 1))
def test_what_is_over_a_ceiling_finds_the_first_day_with_room(over: int, day: int) -> None:
    today = FIRST + timedelta(days=day)
    found = next_room(FIRST, today, over)
    between = [ceiling(FIRST, today + timedelta(days=n)) for n in range(1, (found - today).days)]
    assert sum(most or 0 for most in between) <= over
    most = ceiling(FIRST, found)
    assert most is None or over < sum(most or 0 for most in between) + most


def ask(provider: str = "gmail.com", gap: float = 100.0, total: float = 0.0, *, bulk: bool = True) -> Ask:
    return Ask(provider, gap, total, bulk)


def test_mails_to_one_provider_go_one_step_apart_and_hold_up_no_other() -> None:
    answers = reckon(State(), [ask(), ask(), ask("example.org", 0.0), ask()], 1_000.0, "d", -1)
    assert answers == [("go", 0.0), ("go", 100.0), ("go", 0.0), ("go", 200.0)]


def test_the_total_holds_for_all_together() -> None:
    answers = reckon(
        State(), [ask("a", 0.0, 50.0), ask("b", 0.0, 50.0), ask("c", 400.0, 50.0), ask("c", 400.0, 50.0)], 0.0, "d", -1
    )
    assert answers == [("go", 0.0), ("go", 50.0), ("go", 100.0), ("go", 500.0)]


def test_who_is_far_from_its_turn_is_told_when_to_ask_again_each_later_than_the_one_before() -> None:
    answers = reckon(State(), [ask(gap=4_000.0) for _ in range(6)], 0.0, "d", -1)
    assert answers[:3] == [("go", 0.0), ("go", 4_000.0), ("go", 8_000.0)]
    assert answers[3:] == [("later", 16_000.0), ("later", 20_000.0), ("later", 24_000.0)]


def test_what_somebody_waits_for_is_never_told_to_come_later() -> None:
    state = State()
    reckon(state, [ask(gap=4_000.0) for _ in range(9)], 0.0, "d", 2)
    assert reckon(state, [ask(gap=4_000.0, bulk=False)], 0.0, "d", 2)[0][0] == "go"


def test_a_ceiling_counts_bulk_mail_and_numbers_what_is_over_it() -> None:
    asks = [ask(gap=0.0), ask(gap=0.0, bulk=False), ask(gap=0.0), ask(gap=0.0), ask(gap=0.0)]
    assert reckon(State(), asks, 0.0, "d", 2) == [("go", 0.0), ("go", 0.0), ("go", 0.0), ("day", 0), ("day", 1)]


ASKS = st.lists(
    st.builds(ask, st.sampled_from(["a", "b", "c"]), st.sampled_from([0.0, 100.0, 700.0]), st.just(30.0), bulk=st.booleans()),
    max_size=40,
)


@given(rounds=st.lists(st.tuples(st.floats(0, 5_000), ASKS), max_size=8))
def test_no_limit_is_ever_exceeded(rounds: list[tuple[float, list[Ask]]]) -> None:
    state, now, went = State(), 0.0, list[tuple[float, Ask]]()
    for later, asks in rounds:
        now += later
        # One provider has one rate.
        asks = [Ask(one.provider, {"a": 0.0, "b": 100.0, "c": 700.0}[one.provider], one.total_gap, one.bulk) for one in asks]
        answers = reckon(state, asks, now, "d", -1)
        went += [(now + wait, one) for one, (kind, wait) in zip(asks, answers, strict=True) if kind == "go"]
        assert all(wait <= HORIZON_MS for one, (kind, wait) in zip(asks, answers, strict=True) if kind == "go" and one.bulk)
    for provider, gap in (("b", 100.0), ("c", 700.0)):
        times = sorted(at for at, one in went if one.provider == provider)
        assert all(after - before >= gap - 1e-6 for before, after in pairwise(times))
    ends = sorted(at for at, _ in went)
    for first, last in combinations(range(len(ends)), 2):
        waited = 0 if all(one.bulk for _, one in went) else len(ends) * 700.0
        assert (last - first) * 30.0 <= ends[last] - ends[first] + HORIZON_MS + waited + 1e-6


async def test_a_mail_over_the_days_ceiling_waits_for_its_day(settings) -> None:
    now = datetime(2026, 11, 23, 22, tzinfo=UTC)
    rates = Rates(settings(mail_warmup_from=FIRST), now=lambda: now)
    turns = await rates.turns([("mei@example.org", True)] * (WARMUP_FIRST + 401))
    assert [turn.later for turn in turns] == [False] * WARMUP_FIRST + [True] * 401
    days = [(now + turn.wait).date() for turn in turns[WARMUP_FIRST:]]
    assert days == [date(2026, 11, 24)] * 400 + [date(2026, 11, 25)]


async def test_a_rate_of_any_domain_of_a_provider_is_that_of_all(settings) -> None:
    rates = Rates(settings(mail_rates={"googlemail.com": 10, "*": 100}), now=lambda: datetime(2026, 11, 23, tzinfo=UTC))
    assert rates.limited
    turns = await rates.turns(
        [("a@gmail.com", True), ("b@googlemail.com", True), ("c@example.org", True), ("d@example.org", True)]
    )
    assert [turn.wait / timedelta(milliseconds=1) for turn in turns] == [0, 100, 0, 10]


def test_without_limits_nobody_is_asked(settings) -> None:
    assert not Rates(settings()).limited
