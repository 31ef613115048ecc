"""What is an alarm and what is not, and what of it is news."""

import shlex
from datetime import datetime, timedelta
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from services.cli.main import build
from services.notifier.alarms.facts import Alarm, Facts, Tally, alarm
from services.notifier.alarms.looking import LOOKS, alarms
from services.notifier.alarms.memory import CALM, Memory, news, occasion, remembered, seen, told
from services.notifier.kinds.alert import LINES, LONGEST, Alert
from tests.factories import NOW, board_row

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
READ = {"last_polled_at": NOW, "last_complete_at": NOW, "next_poll_at": NOW + HOUR, "last_yield_at": NOW, "postings_now": 3}
SILENT = {**READ, "last_yield_at": NOW - DAY, "postings_now": 0}
EVERYTHING = Facts(
    boards=(board_row(**SILENT), board_row("slow", next_poll_at=NOW - 2 * HOUR)),
    dead={"mails": Tally(3, NOW)},
    sent=1_000,
    refused=30,
    bounces=30,
    complaints=2,
    unknown=Tally(11, NOW),
    failed=Tally(11, NOW),
    put_off=Tally(11, NOW),
    held={"no_sender": Tally(11, NOW), "digests_off": Tally(400, NOW)},
    overdue=Tally(1, NOW - HOUR),
    stopped=NOW - DAY - HOUR,
    red=(NOW, "spf: there is no record"),
)


def codes(**given: Any) -> list[str]:
    return [found.trouble.code for found in alarms(Facts(**given), NOW)]


# ---------------------------------------------------------------------------------------------------------- what is wrong


def test_an_installation_that_does_well_raises_nothing() -> None:
    assert alarms(Facts(), NOW) == []
    assert (
        codes(boards=[board_row(**READ)], sent=10_000, bounces=100, complaints=10, held={"digests_off": Tally(900, NOW)}) == []
    )


def test_everything_that_can_be_wrong_is_told_the_worst_first() -> None:
    found = [one.trouble.code for one in alarms(EVERYTHING, NOW)]
    assert found == [
        "complaints", "domain_red", "digests_overdue", "bounces", "mails_unknown", "mails_failed", "mails_held",
        "mails_put_off", "dead_letters", "boards_unread", "boards_lost", "digests_stopped",
    ]  # fmt: skip
    assert len(found) == len(LOOKS)


@pytest.mark.parametrize(
    ("sent", "complaints", "raised"),
    [
        (1_000, 1, []),
        (999, 1, ["complaints"]),
        (1_000, 2, ["complaints"]),
        (1_000, 3, ["complaints_red"]),
        (0, 1, ["complaints_red"]),
        (10_000, 29, ["complaints"]),
    ],
)
def test_complaints_beyond_a_thousandth_and_the_red_line(sent: int, complaints: int, raised: list[str]) -> None:
    assert codes(sent=sent, complaints=complaints) == raised


@pytest.mark.parametrize(
    ("sent", "refused", "bounces", "raised"),
    [
        (100, 0, 5, []),
        (100, 0, 6, ["bounces"]),
        (100, 3, 3, ["bounces"]),
        (10, 4, 0, []),
        (10, 5, 0, ["bounces"]),
        (0, 0, 5, ["bounces"]),
    ],
)
def test_bounces_beyond_a_twentieth(sent: int, refused: int, bounces: int, raised: list[str]) -> None:
    assert codes(sent=sent, refused=refused, bounces=bounces) == raised


@pytest.mark.parametrize(("sent", "count", "many"), [(0, 2, False), (0, 3, True), (1_000, 10, False), (1_000, 11, True)])
def test_a_few_mails_in_trouble_are_no_alarm(sent: int, count: int, many: bool) -> None:
    tally = Tally(count, NOW)
    given = {"unknown": tally, "failed": tally, "put_off": tally, "held": {"no_sender": tally}}
    assert codes(sent=sent, **given) == (["mails_unknown", "mails_failed", "mails_held", "mails_put_off"] if many else [])


@pytest.mark.parametrize(
    ("raised", "given"),
    [
        ([], READ),
        (["boards_lost"], SILENT),
        ([], {**SILENT, "last_yield_at": NOW - DAY + HOUR}),
        (["boards_lost"], {**READ, "failures": 3, "last_error": "http_status: 404"}),
        ([], {**READ, "failures": 2}),
        (
            [],
            {**READ, "failures": 9, "last_yield_at": None},
        ),  # it never listed a job: mistyped, and the one who added it saw so
        (["boards_unread"], {**READ, "next_poll_at": NOW - HOUR - timedelta(seconds=1)}),
        ([], {**READ, "next_poll_at": NOW - HOUR}),
    ],
)
def test_a_board_that_used_to_list_jobs(raised: list[str], given: dict[str, Any]) -> None:
    assert codes(boards=[board_row(**given)]) == raised


@pytest.mark.parametrize(("ago", "raised"), [(DAY, []), (DAY + timedelta(seconds=1), ["digests_stopped"])])
def test_a_switch_that_was_forgotten(ago: timedelta, raised: list[str]) -> None:
    assert codes(stopped=NOW - ago) == raised


def test_a_long_list_of_boards_is_cut_and_counted() -> None:
    boards = [board_row(f"acme-{n:03}", **{**SILENT, "last_yield_at": NOW - DAY * n}) for n in range(1, 101)]
    (found,) = alarms(Facts(boards=boards), NOW)
    details = found.trouble.details
    assert (len(details), details[-1]) == (LINES - 1, "and 90 more")
    assert len(found.about) == 100
    assert found.trouble.since == NOW - DAY * 100


@given(st.text(max_size=900), st.text(max_size=900))
def test_whatever_a_board_says_is_lines_of_a_mail(name: str, error: str) -> None:
    board = board_row(name, **{**READ, "failures": 3, "last_error": error})
    (found,) = alarms(Facts(boards=[board]), NOW)
    for line in (*found.trouble.details, *found.trouble.commands):
        assert len(line) <= LONGEST
        assert line.isprintable()
    assert all(shlex.split(command)[0] == "joblark" for command in found.trouble.commands)


def test_every_command_in_an_alert_is_one() -> None:
    """An operator types them as they stand, at night."""
    commands = {
        command for facts in (EVERYTHING, Facts(complaints=9)) for one in alarms(facts, NOW) for command in one.trouble.commands
    }
    for command in sorted(commands):
        _resolved(shlex.split(command))


def _resolved(words: list[str]) -> None:
    node: Any = typer.main.get_command(build())
    assert words.pop(0) == "joblark"
    while words and hasattr(node, "commands"):
        assert words[0] in node.commands, f"there is no command {' '.join(words)}"
        node, words = node.commands[words[0]], words[1:]
    options = {option for parameter in node.params for option in parameter.opts} | {"--help"}
    assert [word for word in words if word.startswith("--") and word not in options] == []


# ------------------------------------------------------------------------------------------------------------ what is news


def wrong(code: str = "bounces", *about: str, repeat: timedelta = DAY, since: datetime | None = None) -> Alarm:
    return alarm(code, f"{code} is wrong", since, advice="do something", commands=[], about=frozenset(about), repeat=repeat)


class Operator:
    """Looks, and gets what is news."""

    def __init__(self) -> None:
        self.memory, self.now = Memory(), NOW

    def hears(self, *found: Alarm, later: timedelta = timedelta(0)) -> Alert | None:
        self.now += later
        self.memory = remembered(seen(self.memory, found, self.now).model_dump_json(exclude_defaults=True))
        alert = news(self.memory, found, self.now)
        if alert is not None:
            self.memory = told(self.memory, found, self.now)
        return alert


@pytest.fixture
def operator() -> Operator:
    return Operator()


def test_what_is_new_is_told_at_once_and_then_once_a_day(operator: Operator) -> None:
    assert operator.hears(wrong())
    heard = [bool(operator.hears(wrong(), later=HOUR)) for _ in range(48)]
    assert [hour for hour, told in enumerate(heard, start=1) if told] == [24, 48]


def test_since_is_when_it_was_seen_first(operator: Operator) -> None:
    operator.hears(wrong())
    alert = operator.hears(wrong(), later=DAY)
    assert alert
    assert alert.troubles[0].since == NOW
    known = operator.hears(wrong("dead_letters", since=NOW - WEEK))
    assert known
    assert known.troubles[0].since == NOW - WEEK


def test_another_trouble_is_news_and_the_mail_names_all(operator: Operator) -> None:
    operator.hears(wrong())
    alert = operator.hears(wrong(), wrong("dead_letters"), later=HOUR)
    assert alert
    assert [trouble.code for trouble in alert.troubles] == ["bounces", "dead_letters"]
    assert operator.hears(wrong("dead_letters"), later=HOUR) is None, "fewer troubles are no news"


def test_a_board_more_is_news_the_day_after_a_board_less_is_not(operator: Operator) -> None:
    def boards(*names: str) -> Alarm:
        return wrong("boards_lost", *names, repeat=WEEK)

    assert operator.hears(boards("a", "b"))
    assert operator.hears(boards("a", "b", "c"), later=HOUR) is None
    assert operator.hears(boards("a", "b", "c"), later=DAY)
    assert operator.hears(boards("a"), later=DAY) is None
    assert operator.hears(boards("a"), later=5 * DAY) is None
    assert operator.hears(boards("a"), later=DAY)


def test_all_clear_comes_once_and_after_an_hour(operator: Operator) -> None:
    operator.hears(wrong(), wrong("dead_letters"))
    assert operator.hears(later=HOUR) is None
    assert operator.hears(later=CALM - timedelta(seconds=1)) is None
    alert = operator.hears(later=timedelta(seconds=1))
    assert alert == Alert(over=("Bounces is wrong", "Dead_letters is wrong"))
    assert [operator.hears(later=HOUR) for _ in range(50)] == [None] * 50


def test_what_comes_and_goes_within_the_hour_is_one_trouble(operator: Operator) -> None:
    assert operator.hears(wrong())
    half = timedelta(minutes=30)
    assert [operator.hears(*([wrong()] * (n % 2)), later=half) for n in range(40)] == [None] * 40


def test_what_is_over_is_told_with_what_is_still_wrong(operator: Operator) -> None:
    operator.hears(wrong(), wrong("dead_letters"))
    operator.hears(wrong(), later=HOUR)
    alert = operator.hears(wrong(), later=DAY)
    assert alert
    assert ([trouble.code for trouble in alert.troubles], alert.over) == (["bounces"], ("Dead_letters is wrong",))


def test_nobody_is_told_of_the_end_of_what_they_never_heard_of(operator: Operator) -> None:
    memory = seen(seen(Memory(), [wrong()], NOW), [], NOW + HOUR)
    assert memory == Memory()


def test_an_occasion_is_the_day_and_the_set(operator: Operator) -> None:
    one = Alert(troubles=(wrong().trouble, wrong("dead_letters").trouble))
    other_way = Alert(troubles=one.troubles[::-1])
    assert occasion(one, NOW) == occasion(other_way, NOW + HOUR) != occasion(one, NOW + DAY)
    assert occasion(one, NOW) != occasion(Alert(troubles=one.troubles[:1]), NOW)
    assert occasion(Alert(over=("x",)), NOW) == "2026-11-21 clear"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"known": 3}', '{"known": {"bounces": {"told_at": "never"}}}', "null"])
def test_a_memory_that_nobody_understands_is_none(text: str) -> None:
    assert remembered(text) == Memory()


looks = st.lists(st.tuples(st.frozensets(st.sampled_from("abc")), st.integers(10, 600)), max_size=60)


@given(looks)
def test_however_troubles_flap_nobody_is_flooded(looks: list[tuple[frozenset[str], int]]) -> None:
    """What was told is told again only after a day or after an all-clear, and an all-clear only after something was told."""
    operator, open_codes, told_at = Operator(), set[str](), dict[str, datetime]()
    for present, minutes in looks:
        alert = operator.hears(*(wrong(code) for code in sorted(present)), later=timedelta(minutes=minutes))
        if alert is None:
            assert not (present - told_at.keys()), "what was never told is told at once"
            continue
        codes = {trouble.code for trouble in alert.troubles}
        assert codes == present
        if not codes:
            assert open_codes
            open_codes, told_at = set(), {}
            continue
        assert any(code not in told_at or operator.now - told_at[code] >= DAY for code in codes)
        told_at = {code: at for code, at in told_at.items() if code in codes or f"{code.upper()} is wrong" not in alert.over}
        told_at |= dict.fromkeys(codes, operator.now)
        open_codes |= codes
