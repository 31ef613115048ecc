"""Events that cannot be handled, one of them deadly, and the operator who deals with them at the command line."""

import json
import sys

import pytest

from shared.models import ScreeningRow
from shared.streams.wire import DATA
from tests.e2e import flow, people
from tests.e2e.boards import backend_job, greenhouse
from tests.e2e.line import eventually, one_line, until_idle

DEADLY = """
import os, signal
from services.matcher import handlers
suits = handlers.Matcher._suits
def deadly(self, event, *rest):
    if "deadly" in event.posting.title:
        os.kill(os.getpid(), signal.SIGKILL)
    return suits(self, event, *rest)
handlers.Matcher._suits = deadly
from services.cli.main import main
import sys
sys.argv = ["joblark", "run", "matcher"]
main()
"""
"""A matcher that one posting kills, as a fault in a C library would: no exception, no last word."""
DELIVERIES = 3


@pytest.fixture
def line(make_line, valkey, catcher):
    return make_line(redis_url=valkey.url, smtp_port=catcher.port, stream_max_deliveries=DELIVERIES, stream_min_idle_seconds=1)


async def test_an_event_that_cannot_be_read_is_set_aside_with_its_reason(line, boards):
    async with line.inside() as (database, streams):
        await line.started("scraper", "matcher")
        await streams.client.xadd("postings", {DATA: b'{"kind": "posting_found", "posting_id": "many"}'})
        await streams.client.xadd("postings", {b"something": b"else"})
        await flow.watch(database, 0, flow.fill(boards, 0, range(20)))
        await eventually(lambda: flow.counted(database, ScreeningRow, 20), "the others are not matched")
        letters = await eventually(lambda: _letters(line, 2), "nothing is set aside")
        assert {letter["stream"] for letter in letters} == {"postings"}
        assert {letter["group"] for letter in letters} == {"matcher"}
        assert {letter["deliveries"] for letter in letters} == {DELIVERIES}
        assert all("ValidationError" in letter["reason"] and "\n" not in letter["reason"] for letter in letters)
        await until_idle(database, streams)
        shown = json.loads(line.ok("dead-letters", "show", "postings", letters[-1]["id"]))
        assert json.loads(shown["body"])["posting_id"] == "many"
        line.ok("dead-letters", "drop", "postings", letters[0]["id"])
        assert [letter["id"] for letter in line.rows("dead-letters", "list")] == [letters[-1]["id"]]
        line.ok("dead-letters", "drop", "postings", "--all")
        assert line.rows("dead-letters", "list") == []


async def test_an_event_that_kills_its_process_is_set_aside_alone_and_can_be_replayed(line, boards):
    jobs = [backend_job(number, people.GROUPS[number % 20]) for number in range(1, 61)]
    jobs[30]["title"] = "Senior Software Engineer, deadly"
    async with line.inside() as (database, streams):
        await line.started("scraper")
        await flow.watch(database, 0, boards.put("board0", greenhouse(jobs)))
        deaths = await _run_until_set_aside(line)
        assert deaths == DELIVERIES
        (letter,) = line.rows("dead-letters", "list")
        assert "stops the process" in letter["reason"]
        shown = json.loads(line.ok("dead-letters", "show", "postings", letter["id"]))
        assert "deadly" in json.loads(shown["body"])["posting"]["title"]
        await eventually(lambda: flow.counted(database, ScreeningRow, 59), "the others are not matched")
        line.kill("matcher")
        await line.started("matcher")
        assert "1 events" in line.ok("dead-letters", "replay", "postings", letter["id"])
        await until_idle(database, streams)
        await flow.every_posting_was_matched_once(database, 60)
        await flow.nothing_is_left(streams)


async def test_what_is_replayed_without_a_cure_comes_back(line):
    async with line.inside() as (database, streams):
        await line.started("matcher")
        await streams.client.xadd("postings", {DATA: b"not json"})
        before = await eventually(lambda: _letters(line, 1), "nothing is set aside")
        line.ok("dead-letters", "replay", "postings", "--all")
        after = await eventually(lambda: _letters(line, 1), "it did not come back")
        assert after[0]["id"] != before[0]["id"]
        await until_idle(database, streams)


def test_a_dead_letter_that_is_not_there_is_one_line(line):
    for command in ("show", "replay", "drop"):
        assert "(dead_letter_not_found)" in one_line(line.cli("dead-letters", command, "postings", "1-1"), exit_code=1)


@pytest.mark.parametrize("words", [("replay", "postings"), ("drop", "nonsense", "--all"), ("show", "postings", "rubbish")])
def test_a_wrong_word_is_refused_without_a_traceback(line, words):
    done = line.cli("dead-letters", *words)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr


def _letters(line, number: int) -> list[dict]:
    found = line.rows("dead-letters", "list")
    return found if len(found) == number else []


async def _run_until_set_aside(line) -> int:
    """Start the deadly matcher again each time it dies, as a supervisor would. Returns how often it died."""
    deaths = 0
    line.start("matcher", command=[sys.executable, "-c", DEADLY])
    while not line.rows("dead-letters", "list"):
        if line.running["matcher"].poll() is not None:
            deaths += 1
            assert deaths < 20, "it dies for ever"
            line.start("matcher", command=[sys.executable, "-c", DEADLY])
    return deaths
