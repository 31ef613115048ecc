"""Boards that answer badly, over real HTTP, and texts that want to be more than text, all the way into a caught mail."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from services.scraper import repository
from shared.database import Database
from tests.e2e import people
from tests.e2e.boards import BoardServer, backend_job, greenhouse, job, send
from tests.e2e.line import Line, one_line

WHOLE = greenhouse([backend_job(number, people.GROUPS[0]) for number in range(1, 11)])


def drip(handler: BaseHTTPRequestHandler) -> None:
    """One byte at a time for longer than anybody waits, each well within a socket's own time limit."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(WHOLE)))
    handler.end_headers()
    for byte in WHOLE:
        handler.wfile.write(bytes([byte]))
        handler.wfile.flush()
        time.sleep(0.05)


def huge(handler: BaseHTTPRequestHandler) -> None:
    """100 MB of what looks like a board, without saying so beforehand."""
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(b'{"jobs": [')
    for _ in range(100):
        handler.wfile.write(b" " * 1_000_000)
    handler.wfile.write(b"]}")


def bomb(handler: BaseHTTPRequestHandler) -> None:
    """The same in 100 KB."""
    body = _packed()
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@cache
def _packed() -> bytes:
    return gzip.compress(b'{"jobs": [' + b" " * 100_000_000 + b"]}")


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(WHOLE)))
    handler.end_headers()
    handler.wfile.write(WHOLE[: len(WHOLE) // 2])


def page(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b"<!doctype html><html><body><h1>We are moving</h1></body></html>", kind="text/html")


def status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, b"no", status=code)


BAD = {
    "truncated": (WHOLE[: len(WHOLE) // 2], "truncated JSON"),
    "cut off": (cut_off, "broke off its answer"),
    "empty": (b"", "empty body"),
    "html": (page, "an HTML page where JSON was expected"),
    "100 MB": (huge, "more than 32,000,000 bytes"),
    "bomb": (bomb, "more than 32,000,000 bytes"),
    "slow drip": (drip, "did not answer completely within 4 s"),
    "no list": (b'{"error": "try later"}', "no list of jobs under 'jobs'"),
    "error": (status(500), "answers 500"),
    "gone": (status(404), "there is no such board"),
}
NAMES = {kind.replace(" ", "-"): kind for kind in BAD}


@pytest.fixture(scope="module")
def polls(tmp_path_factory) -> dict[str, dict[str, dict[str, Any]]]:
    """What the commands say of each board: answering well, then badly twice, then well again. By command, then by board."""
    folder, said = tmp_path_factory.mktemp("boards"), {}
    with BoardServer() as boards:
        line = Line(folder, fetch_timeout_seconds=4, closed_after_polls=1)
        line.ok("migrate")
        _packed()  # so that its second of work is not taken for slowness of the network
        asyncio.run(_watch(line, {name: boards.put(name, WHOLE) for name in NAMES}))
        said["first"] = _by_board(line.rows("boards", "poll"))
        for name, kind in NAMES.items():
            boards.put(name, BAD[kind][0])
        for when in ("bad", "bad again"):  # absence must not count, however often it is seen
            done = line.cli("boards", "poll", "--json")
            assert done.returncode == 1
            assert "Traceback" not in done.stderr
            said[when] = _by_board(json.loads(row) for row in done.stdout.splitlines())
        said["list"] = _by_board(line.rows("boards", "list"))
        for name in NAMES:
            boards.put(name, WHOLE)
        said["well again"] = _by_board(line.rows("boards", "poll"))
        said["list again"] = _by_board(line.rows("boards", "list"))
    return said


async def _watch(line: Line, addresses: dict[str, str]) -> None:
    async with Database.opened(line.settings.database) as database, database.begin() as session:
        for name, address in addresses.items():
            await repository.add_board(session, "greenhouse", name, address, datetime.now(UTC))


def _by_board(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["board"].removeprefix("greenhouse:"): row for row in rows}


@pytest.mark.parametrize("name", NAMES)
def test_a_bad_answer_is_one_line_and_closes_nothing(polls, name):
    words = BAD[NAMES[name]][1]
    assert (polls["first"][name]["listed"], polls["first"][name]["new"], polls["first"][name]["problem"]) == (10, 10, "")
    for when in ("bad", "bad again"):
        row = polls[when][name]
        assert words in row["problem"]
        assert "\n" not in row["problem"]
        assert (row["new"], row["edited"], row["gone"]) == (0, 0, 0)
    listed = polls["list"][name]
    assert words in listed["problem"]
    assert (listed["jobs"], listed["failures"]) == (10, 2)


@pytest.mark.parametrize("name", NAMES)
def test_a_board_that_is_well_again_has_lost_nothing(polls, name):
    row = polls["well again"][name]
    assert (row["listed"], row["problem"]) == (10, "")
    assert (row["new"], row["relisted"], row["edited"]) == (0, 0, 0)  # they were open all the time
    assert polls["list again"][name]["problem"] is None
    assert polls["list again"][name]["failures"] == 0


@pytest.fixture
def plain_line(make_line) -> Line:
    return make_line()


def test_a_problem_is_shown_to_people_too(plain_line: Line, boards: BoardServer):
    plain_line.ok("boards", "add", "greenhouse:acme", "--url", boards.put("acme", page))
    done = plain_line.cli("boards", "poll")
    assert done.returncode == 1
    assert "an HTML page where JSON was expected" in " ".join(done.stdout.split())
    assert "Traceback" not in done.stdout + done.stderr


def test_one_malformed_job_among_a_hundred_costs_only_itself(plain_line: Line, boards: BoardServer):
    jobs: list[object] = [backend_job(number, people.GROUPS[0]) for number in range(1, 101)]
    jobs[41] = {"id": 42, "title": {"text": ["not", "a", "title"]}, "content": 7}
    plain_line.ok("boards", "add", "greenhouse:acme", "--url", boards.put("acme", greenhouse(jobs)))
    row = plain_line.rows("boards", "poll")[0]
    assert (row["listed"], row["new"], row["dropped"], row["problem"]) == (99, 99, 1, "")
    listed = plain_line.rows("boards", "list")[0]
    assert (listed["jobs"], listed["dropped"], listed["problem"]) == (99, 1, None)


EVIL_TITLE = "Senior Software Engineer\r\nBcc: everybody@example.org\r\n\r\n<script>alert(1)</script>"
EVIL_TEXT = (
    "<script>steal()</script><style>p{display:none}</style><p onclick='steal()'>Requirements</p><ul>"
    "<li>Haskell</li><li>RabbitMQ</li><li>CockroachDB</li></ul><img src=x onerror=steal()>"
    "<a href='javascript:steal()'>apply</a><iframe src='https://evil.example'></iframe>"
)


async def test_text_from_a_board_stays_text_in_the_mail(line: Line, boards: BoardServer, catcher):
    evil = job(1, EVIL_TITLE, EVIL_TEXT, company='Acme"><script>alert(2)</script>\r\nBcc: all@example.org')
    evil["absolute_url"] = 'https://jobs.example.org/1"onmouseover="steal()'
    line.ok("boards", "add", "greenhouse:acme", "--url", boards.put("acme", greenhouse([evil])))
    cv = "Ana Roth\nSenior Backend Engineer, Singapore\nSkills: Haskell, RabbitMQ, CockroachDB\n"
    line.ok("subscribe", "--email", "ana@example.org", "--profile", "-", given=cv)
    await line.started("web", "scraper", "matcher", "notifier")
    assert [mail["state"] for mail in line.rows("digest", "send", "--now")] == ["sent"]
    (mail,) = catcher.mails
    assert catcher.recipients == [["ana@example.org"]]
    assert mail["Bcc"] is None
    assert mail["To"] == "ana@example.org"
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert "<script" not in html.lower()
    assert "<iframe" not in html.lower()
    assert "onerror" not in html.lower()
    assert 'onmouseover="' not in html.lower()
    assert "javascript:" not in html.lower()
    assert "&lt;script&gt;alert(1)" in html  # it is shown as what it is
    assert "Bcc: everybody@example.org" in text  # on the title's own line, as text
    assert not [line for line in text.splitlines() if line.startswith("Bcc:")]
    assert b"\r\nBcc:" not in catcher.messages[0].partition(b"\r\n\r\n")[0]


@pytest.mark.parametrize(
    ("cv", "code", "words"),
    [
        (b"", "profile_empty", "empty"),
        (b" \n\t\n", "profile_empty", "empty"),
        (b"Python " * 750_000, "profile_too_long", "5,250,000"),
        (bytes(range(256)) * 40, "profile_binary", "not text"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + bytes(range(256)) * 10, "profile_damaged", "PDF"),
        (b"My dog likes long walks on the beach.\nSo do I.\n", "profile_without_skills", "no skills found"),
    ],
    ids=["empty", "blank", "5 MB", "binary", "pdf", "no engineer"],
)
def test_a_cv_that_cannot_be_read_is_refused_in_one_line(line: Line, cv, code, words):
    (line.folder / "cv.txt").write_bytes(cv)
    for command in (["profile", "read", "cv.txt"], ["subscribe", "--email", "a@example.org", "--profile", "cv.txt"]):
        said = one_line(line.cli(*command), exit_code=2)
        assert "cv.txt" in said
        assert f"({code})" in said
        assert words in said
    assert line.rows("subscriptions", "list") == []
