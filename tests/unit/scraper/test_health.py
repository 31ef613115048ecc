"""What a board's memory says of how it does."""

from datetime import timedelta

import pytest

from services.scraper.health import breaker, host_of_board
from services.scraper.turns import Host
from shared.board_health import health
from tests.factories import NOW, board_row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
READ = {"last_polled_at": NOW - HOUR, "last_complete_at": NOW - HOUR, "next_poll_at": NOW + HOUR}


@pytest.mark.parametrize(
    ("state", "told", "given"),
    [
        ("new", "", {"next_poll_at": NOW}),
        ("well", "", {**READ, "postings_now": 3, "last_yield_at": NOW - HOUR}),
        ("well", "", {**READ, "postings_now": 0}),  # it never listed anything: an employer who does not hire
        ("well", "", {**READ, "postings_now": 0, "last_yield_at": NOW - 2 * HOUR}),
        ("silent", "3 days ago, and none since", {**READ, "postings_now": 0, "last_yield_at": NOW - 3 * DAY}),
        ("unsteady", "fetch_timeout", {**READ, "failures": 2, "last_error": "fetch_timeout: slow"}),
        ("held", "host_resting", {"held_why": "host_resting: five failures", "next_poll_at": NOW + HOUR}),
        ("failing", "3 times in a row", {**READ, "failures": 3, "last_error": "board_gone: 404"}),
        ("partial", "2 jobs could not be read: 2 × title", {**READ, "dropped_now": 2, "dropped_why": "2 × title"}),
        ("partial", "more jobs than it lists", {**READ, "last_complete_at": None}),
        ("partial", "more jobs than it lists", {**READ, "last_complete_at": NOW - 3 * DAY}),
        ("overdue", "is a scraper running", {**READ, "next_poll_at": NOW - 2 * HOUR}),
        ("well", "", {**READ, "next_poll_at": NOW - 2 * HOUR, "leased_until": NOW}),  # being read at this moment
    ],
)
def test_states(state: str, told: str, given: dict[str, object]) -> None:
    found = health(board_row(**given), NOW)
    assert found.state == state
    assert told in found.problem
    assert found.is_alarm == (state in ("silent", "failing", "overdue"))


def test_a_board_whose_host_rests_has_an_open_breaker() -> None:
    seconds = NOW.timestamp()
    hosts = ((Host(), "closed"), (Host(rest=300, rests_until=seconds + 280), "open for 280 s"))
    hosts += ((Host(rest=300, rests_until=seconds - 1), "trying"),)
    assert [breaker(board_row(), host, NOW) for host, _ in hosts] == [state for _, state in hosts]


def test_while_nobody_knows_of_hosts_the_breaker_is_as_the_board_found_it() -> None:
    resting = "host_resting: jobs.example.com rests after failures in a row; it is asked again in 900 s"
    held = ((resting, "open"), ("host_busy: jobs.example.com is asked as often as it may be", "closed"), (None, "closed"))
    assert [breaker(board_row(held_why=why), None, NOW) for why, _ in held] == [state for _, state in held]


def test_the_host_of_a_board_is_that_of_its_address() -> None:
    own = board_row(source="greenhouse", name="acme", url="http://127.0.0.1:81/acme")
    assert host_of_board(own) == "127.0.0.1:81"
    assert host_of_board(board_row(source="usajobs", name="engineer")) == "data.usajobs.gov"
    assert host_of_board(board_row(source="gone", name="acme")) == ""
