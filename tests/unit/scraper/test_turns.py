"""A host's budget and breaker, second by second."""

from dataclasses import dataclass, field

import pytest

from services.scraper.turns import DAY, FAILURES, FIRST_REST, LONGEST_REST, PROBE, Host, Turn, answered, failed, take_turn

NOW = 1_790_000_000.0


@dataclass
class Clock:
    """One host, and the requests that were let through to it."""

    host: Host = field(default_factory=Host)
    now: float = NOW

    def ask(self, gap: float = 0.5, *, opens: bool = True) -> Turn:
        self.host, turn = take_turn(self.host, gap, self.now, opens=opens)
        return turn

    def answers(self, hold: float = 0.0) -> None:
        self.host = answered(self.host, hold, self.now)

    def fails(self, times: int = 1, hold: float = 0.0) -> None:
        for _ in range(times):
            self.host = failed(self.host, hold, self.now)


# -------------------------------------------------------------------------------------------------------------- budget


def test_requests_are_a_gap_apart() -> None:
    clock = Clock()
    assert [clock.ask() for _ in range(3)] == [Turn("go", 0.0), Turn("go", 0.5), Turn("go", 1.0)]
    clock.now += 60
    assert clock.ask() == Turn("go", 0.0)


def test_a_crawl_delay_raises_the_gap_of_what_follows() -> None:
    clock = Clock()
    clock.ask()
    assert clock.ask(gap=4) == Turn("go", 0.5)
    assert clock.ask(gap=4, opens=False) == Turn("go", 4.5)


def test_who_would_wait_too_long_gets_an_appointment_of_his_own() -> None:
    clock = Clock()
    turns = [clock.ask() for _ in range(1000)]
    waits = [turn.seconds for turn in turns if turn.state == "go"]
    appointments = [turn.seconds for turn in turns if turn.state == "busy"]
    assert waits == [0.5 * n for n in range(3)]
    assert appointments == pytest.approx([1.5 + 0.5 * n for n in range(997)])


def test_who_comes_back_at_his_appointment_is_let_through() -> None:
    clock = Clock()
    back = [turn.seconds for turn in [clock.ask() for _ in range(60)] if turn.state == "busy"]
    for seconds in back:
        clock.now = NOW + seconds
        assert clock.ask() == Turn("go", 0.0)


def test_appointments_end_after_a_day() -> None:
    clock = Clock()
    assert max(clock.ask(gap=3600).seconds for _ in range(100)) == DAY


def test_who_goes_on_with_a_board_waits_longer_than_who_begins_one() -> None:
    clock = Clock()
    assert [clock.ask().state for _ in range(4)] == ["go"] * 3 + ["busy"]
    assert clock.ask(opens=False) == Turn("go", 1.5)


def test_boards_of_a_slow_host_are_read_to_their_end() -> None:
    clock = Clock()
    assert [clock.ask(gap=30).state for _ in range(3)] == ["go", "busy", "busy"]
    for _ in range(10):  # two boards, page by page
        waits = [clock.ask(gap=30, opens=False) for _ in range(2)]
        assert [turn.state for turn in waits] == ["go", "go"]
        clock.now += waits[-1].seconds
    clock.now += DAY
    assert [clock.ask(gap=600).state for _ in range(2)] == ["go", "busy"]
    assert clock.ask(gap=600, opens=False).state == "busy"  # nobody waits for ten minutes


def test_a_host_that_asks_to_be_left_alone_is() -> None:
    clock = Clock()
    clock.answers(hold=7200)
    assert [clock.ask() for _ in range(2)] == [Turn("busy", 7200), Turn("busy", 7200.5)]
    clock.now += 7200
    assert clock.ask() == Turn("go", 0.0)
    clock.answers(hold=10**9)
    assert clock.ask() == Turn("busy", DAY)


def test_a_clock_that_is_set_back_does_not_close_a_host_for_years() -> None:
    clock = Clock(now=NOW + 400 * DAY)
    clock.fails(FAILURES)
    clock.now = NOW
    assert clock.ask() == Turn("go", 0.0)


# ------------------------------------------------------------------------------------------------------------- breaker


def test_a_host_rests_after_failures_in_a_row() -> None:
    clock = Clock()
    clock.fails(FAILURES - 1)
    assert clock.ask().state == "go"
    clock.fails()
    assert clock.ask() == Turn("resting", FIRST_REST)
    assert clock.ask() == Turn("resting", FIRST_REST + 0.5)


def test_an_answer_between_starts_the_count_anew() -> None:
    clock = Clock()
    clock.fails(FAILURES - 1)
    clock.answers()
    clock.fails(FAILURES - 1)
    assert clock.ask().state == "go"


def test_failures_far_apart_are_not_in_a_row() -> None:
    clock = Clock()
    for _ in range(3 * FAILURES):
        clock.fails()
        clock.now += 601
    assert clock.ask().state == "go"


def test_after_the_rest_one_request_tries_and_the_others_wait_for_it() -> None:
    clock = Clock()
    clock.fails(FAILURES)
    clock.now += FIRST_REST
    assert [clock.ask().state for _ in range(3)] == ["go", "resting", "resting"]
    clock.answers()
    assert clock.ask().state == "go"
    assert clock.host.rest == 0


def test_one_that_tries_and_fails_doubles_the_rest_up_to_an_hour_and_no_more() -> None:
    clock, rests = Clock(), []
    clock.fails(FAILURES)
    for _ in range(8):
        rest = clock.ask().seconds
        rests.append(rest)
        clock.now += rest
        clock.host = Host(**{**clock.host.__dict__, "booked_until": 0.0})
        assert clock.ask().state == "go"
        clock.fails()
    assert rests == [300, 600, 1200, 2400, 3600, 3600, 3600, 3600]
    assert LONGEST_REST == 3600


def test_failures_of_requests_that_were_on_their_way_do_not_prolong_the_rest() -> None:
    clock = Clock()
    clock.fails(FAILURES + 20)
    assert clock.ask() == Turn("resting", FIRST_REST)


def test_when_the_one_that_tries_never_comes_back_another_may() -> None:
    clock = Clock()
    clock.fails(FAILURES)
    clock.now += FIRST_REST
    assert clock.ask().state == "go"
    clock.now += PROBE - 1
    assert clock.ask().state == "resting"
    clock.now += 2
    assert clock.ask().state == "go"


def test_a_failure_that_asks_for_longer_is_heard() -> None:
    clock = Clock()
    clock.fails(FAILURES, hold=1800)
    clock.now += FIRST_REST
    assert clock.ask() == Turn("busy", 1500)
