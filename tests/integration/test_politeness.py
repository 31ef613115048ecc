"""Good manners from end to end: real servers with a robots.txt, boards in a real database, and what a poll makes of it."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import Response
from starlette.routing import Route

from services.scraper import poll as polling
from services.scraper import repository
from services.scraper.fetch import Fetcher
from services.scraper.gate import Manners
from services.scraper.guard import Guard
from services.scraper.hosts import Hosts
from services.scraper.poll import Outcome, Poller
from services.scraper.schedule import Schedule
from services.scraper.sources.base import Request
from services.scraper.turns import FAILURES
from shared.database import Database
from shared.errors import FetchError
from shared.models import BoardRow
from shared.serving import listening
from shared.settings import Settings
from tests.fakes import job, jobs

HOUR = timedelta(hours=1)
LEASE = timedelta(minutes=5)
GAP = 0.02


@dataclass
class Site:
    """A host with a robots.txt and the same answer to everything else; remembers when it was asked for what."""

    robots: bytes = b""
    robots_status: int = 200
    body: bytes = jobs(job(1))
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[float, str]] = field(default_factory=list)
    url: str = ""
    delay: float = 0.0

    @property
    def paths(self) -> list[str]:
        return [path for _, path in self.asked]

    async def answer(self, request: Asked) -> Response:
        self.asked.append((time.monotonic(), request.url.path))
        if request.url.path == "/robots.txt":
            return Response(self.robots, self.robots_status)
        await asyncio.sleep(self.delay)
        return Response(self.body, self.status, self.headers)


@asynccontextmanager
async def serving(site: Site) -> AsyncIterator[Site]:
    async with listening(Starlette(routes=[Route("/{path:path}", site.answer, methods=["GET", "POST"])])) as site.url:
        yield site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving(Site()) as site:
        yield site


def polite(gap: float = GAP, hosts: Hosts | None = None) -> Fetcher:
    return Fetcher("Joblark/test", 5, 1_000_000, Manners(Guard([ip_network("127.0.0.0/8")]), hosts or Hosts(), gap))


async def refusal(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(Request(url))
    return caught.value


# ---------------------------------------------------------------------------------------------------------- robots.txt


async def test_robots_txt_is_asked_first_and_once(site: Site) -> None:
    async with polite() as fetcher:
        for n in range(3):
            await fetcher.fetch(Request(f"{site.url}/{n}"))
    assert site.paths == ["/robots.txt", "/0", "/1", "/2"]


async def test_what_is_disallowed_is_not_asked(site: Site) -> None:
    site.robots = b"User-agent: Joblark\nDisallow: /api/\n"
    async with polite() as fetcher:
        error = await refusal(fetcher, f"{site.url}/api/jobs?key=hunter2")
        await fetcher.fetch(Request(f"{site.url}/jobs"))
    assert (error.code, error.retry, error.retry_after) == ("fetch_disallowed", False, 86_400)
    assert "/api/jobs" in str(error)
    assert "hunter2" not in str(error)
    assert site.paths == ["/robots.txt", "/jobs"]


async def test_a_post_is_asked_for_like_any_other(site: Site) -> None:
    site.robots = b"User-agent: *\nDisallow: /wday/"
    async with polite() as fetcher:
        with pytest.raises(FetchError, match="robots"):
            await fetcher.fetch(Request(f"{site.url}/wday/jobs", "POST", json={"limit": 20}))
    assert site.paths == ["/robots.txt"]


async def test_each_host_that_a_redirect_leads_to_has_its_say(site: Site) -> None:
    async with serving(Site(robots=b"User-agent: *\nDisallow: /private")) as other:
        site.status, site.headers = 302, {"Location": f"{other.url}/private/jobs"}
        async with polite() as fetcher:
            error = await refusal(fetcher, f"{site.url}/jobs")
    assert error.code == "fetch_disallowed"
    assert other.paths == ["/robots.txt"]


async def test_a_server_that_cannot_tell_is_left_alone(site: Site) -> None:
    site.robots_status = 503
    async with polite() as fetcher:
        errors = [await refusal(fetcher, f"{site.url}/{n}") for n in range(3)]
    assert [(error.code, error.retry) for error in errors] == [("fetch_disallowed", True)] * 3
    assert site.paths == ["/robots.txt"]


async def test_a_robots_txt_of_ten_megabytes_is_read_to_its_bound(site: Site) -> None:
    site.robots = b"User-agent: *\nDisallow: /api\n" + b"#" * 10_000_000
    async with polite() as fetcher:
        assert (await refusal(fetcher, f"{site.url}/api")).code == "fetch_disallowed"
        await fetcher.fetch(Request(f"{site.url}/jobs"))


# ------------------------------------------------------------------------------------------------------------- budgets


async def test_a_crawl_delay_is_kept(site: Site) -> None:
    site.robots = b"User-agent: *\nCrawl-delay: 0.15"
    async with polite() as fetcher:
        for n in range(4):
            await fetcher.fetch(Request(f"{site.url}/{n}"))
    times = [moment for moment, path in site.asked if path != "/robots.txt"]
    assert times[-1] - times[0] >= 3 * 0.15 - 0.02


async def test_waiting_for_a_turn_does_not_use_up_the_time_of_the_request(site: Site) -> None:
    manners = Manners(Guard([ip_network("127.0.0.0/8")]), gap=0.4)
    async with Fetcher("Joblark/test", 0.3, 1_000_000, manners) as fetcher:
        assert (await fetcher.fetch(Request(f"{site.url}/jobs"))).status == 200


async def test_a_host_that_fails_rests_and_is_not_asked(site: Site) -> None:
    async with polite(0.001) as fetcher:
        await fetcher.fetch(Request(f"{site.url}/jobs"))
        site.status = 500
        errors = [await refusal(fetcher, f"{site.url}/jobs") for _ in range(FAILURES + 3)]
    assert [error.code for error in errors] == ["fetch_status"] * FAILURES + ["host_resting"] * 3
    assert len(site.asked) == 2 + FAILURES


async def test_answers_that_break_off_are_failures_too() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        kind = b"404 No" if b"robots.txt" in head else b"200 OK"
        writer.write(b"HTTP/1.1 " + kind + b"\r\nContent-Length: " + (b"0" if b"404" in kind else b"99") + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server, polite(0.001) as fetcher:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jobs"
        codes = [(await refusal(fetcher, url)).code for _ in range(FAILURES + 1)]
    assert codes == ["fetch_incomplete"] * FAILURES + ["host_resting"]


async def test_no_such_board_is_no_failure_of_its_host(site: Site) -> None:
    site.status = 404
    async with polite(0.001) as fetcher:
        codes = {(await refusal(fetcher, f"{site.url}/jobs")).code for _ in range(2 * FAILURES)}
    assert codes == {"board_gone"}


# ------------------------------------------------------------------------------------------------------ boards and time


class Scraper:
    """Boards of one site, read by a poller whose clock we hold."""

    def __init__(self, database: Database, fetcher: Fetcher, settings: Settings, site: Site) -> None:
        self.database, self.site, self.now, self.settings = database, site, datetime.now(UTC), settings
        self.poller = Poller(database, fetcher, settings, now=lambda: self.now)

    async def watch(self, *names: str, source: str = "greenhouse") -> None:
        async with self.database.begin() as session:
            for name in names:
                await repository.add_board(session, source, name, f"{self.site.url}/{name}", self.now)

    async def poll(self, name: str = "acme", source: str = "greenhouse") -> Outcome:
        async with self.database.begin() as session:
            board = await repository.claim_board(session, source, name, self.now, LEASE)
        return await self.poller.poll(board)

    async def board(self, name: str = "acme", source: str = "greenhouse") -> BoardRow:
        async with self.database.read() as session:
            return await repository.get_board(session, source, name)

    async def wait(self, name: str = "acme", source: str = "greenhouse") -> timedelta:
        """How long until the board is read again."""
        return (await self.board(name, source)).next_poll_at - self.now


@pytest.fixture
async def scraper(database: Database, settings: Callable[..., Settings], site: Site) -> AsyncIterator[Scraper]:
    config = settings(poll_every_minutes=360)
    async with polite(0.001) as fetcher:
        scraper = Scraper(database, fetcher, config, site)
        await scraper.watch("acme")
        yield scraper


async def test_a_board_that_robots_txt_keeps_us_from_says_so_and_waits_a_day(scraper: Scraper, site: Site) -> None:
    site.robots = b"User-agent: *\nDisallow: /"
    assert "robots.txt" in (await scraper.poll()).error
    board = await scraper.board()
    assert board.last_error is not None
    assert board.last_error.startswith("fetch_disallowed: ")
    assert await scraper.wait() >= timedelta(days=1)


async def test_boards_of_a_host_that_rests_are_postponed_and_do_not_fail(scraper: Scraper, site: Site) -> None:
    await scraper.watch(*(f"board{n}" for n in range(8)))
    site.status = 500
    for n in range(FAILURES):
        await scraper.poll(f"board{n}")
    await scraper.poll()
    await scraper.poll("board7")
    board, other = await scraper.board(), await scraper.board("board7")
    assert (board.failures, board.last_error, board.last_polled_at, board.leased_until) == (0, None, None, None)
    assert board.held_why is not None
    assert board.held_why.startswith("host_resting: ")
    assert all(timedelta(seconds=295) < row.next_poll_at - scraper.now < timedelta(seconds=310) for row in (board, other))
    assert len(site.asked) == 1 + FAILURES


async def test_a_postponed_board_is_well_again_when_it_was_read(scraper: Scraper, site: Site) -> None:
    site.status, site.headers = 429, {"Retry-After": "3600"}
    await scraper.watch("other")
    await scraper.poll("other")
    await scraper.poll()
    board = await scraper.board()
    assert (board.held_why or "").startswith("host_busy: ")
    assert board.next_poll_at - scraper.now > timedelta(minutes=59)
    site.status, site.headers = 200, {}
    async with polite(0.001) as fetcher:  # another process, to which nobody told it
        scraper.poller.reader = polling.Reader(fetcher, {}, 1)
        await scraper.poll()
    assert (await scraper.board()).held_why is None


async def test_a_board_that_takes_long_stays_leased(scraper: Scraper, site: Site) -> None:
    site.delay = 0.6
    async with scraper.database.begin() as session:
        board = await repository.claim_board(session, "greenhouse", "acme", scraper.now, LEASE)
    scraper.poller.settings = scraper.settings.model_copy(update={"poll_lease_seconds": 1})
    polling_it = asyncio.create_task(scraper.poller.poll(board))
    while (until := (await scraper.board()).leased_until) == scraper.now + LEASE:  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0.02)
    assert until == scraper.now + timedelta(seconds=1)  # as long as from the renewal on
    assert (await polling_it).complete
    assert (await scraper.board()).leased_until is None


async def test_two_scrapers_keep_to_what_one_was_told(scraper: Scraper, site: Site, valkey_url: str) -> None:
    site.status, site.headers = 429, {"Retry-After": "3600"}
    async with polite(0.001, Hosts.at(valkey_url)) as one, polite(0.001, Hosts.at(valkey_url)) as other:
        assert (await refusal(one, f"{site.url}/a")).code == "fetch_status"
        assert (await refusal(other, f"{site.url}/b")).code == "host_busy"
    assert site.paths == ["/robots.txt", "/a"]


async def test_a_server_that_says_how_long_nothing_changes_is_asked_after_that(scraper: Scraper, site: Site) -> None:
    site.headers = {"Cache-Control": "max-age=64800"}
    await scraper.poll()
    assert 18 * HOUR <= await scraper.wait() <= 19.8 * HOUR


async def test_terms_that_limit_polls_a_day_are_kept(scraper: Scraper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "polls_per_day", lambda board: 2)
    await scraper.poll()
    assert await scraper.wait() >= 12 * HOUR
    scraper.site.status = 500
    await scraper.poll()
    assert await scraper.wait() >= 12 * HOUR


def test_the_terms_of_a_source_that_is_no_more_say_nothing() -> None:
    limits = {
        polling.polls_per_day(BoardRow(source=name, name="x", added_at=None, next_poll_at=None)) for name in ("gone", "lever")
    }
    assert limits == {None}


async def test_boards_come_to_be_read_as_often_as_they_change(scraper: Scraper, site: Site) -> None:
    await scraper.watch("quiet")
    for n in range(60):
        site.body = jobs(job(1), job(n + 2))
        await scraper.poll()
        site.body = jobs(job(1))
        await scraper.poll("quiet")
        scraper.now += 3 * HOUR
    assert (await scraper.board()).next_poll_at - scraper.now + 3 * HOUR < 3 * HOUR
    assert (await scraper.board("quiet")).next_poll_at - scraper.now + 3 * HOUR >= timedelta(days=0.9)


async def test_a_failure_teaches_nothing_about_how_often_a_board_changes(scraper: Scraper, site: Site) -> None:
    for _ in range(3):
        await scraper.poll()
        scraper.now += 6 * HOUR
    before = (await scraper.board()).changes_per_day
    site.status = 404
    await scraper.poll()
    site.status, site.body = 200, jobs(job(1), job(2))
    await scraper.poll()
    assert (await scraper.board()).changes_per_day == before


async def test_a_tick_reads_all_that_is_due_and_a_slow_host_holds_up_nobody(scraper: Scraper, site: Site) -> None:
    async with serving(Site(robots=b"User-agent: *\nCrawl-delay: 40")) as slow:
        async with scraper.database.begin() as session:
            for n in range(12):
                await repository.add_board(session, "greenhouse", f"slow{n}", f"{slow.url}/{n}", scraper.now - HOUR)
        await scraper.watch(*(f"board{n}" for n in range(40)))
        # As if four requests had just been made: whoever comes next would wait for longer than anybody waits.
        hosts = scraper.poller.reader.fetcher._gate._manners.hosts  # type: ignore[attr-defined]
        await hosts.report(slow.url.removeprefix("http://"), well=True, hold=200)
        schedule = Schedule(scraper.database, None, scraper.poller, scraper.settings)  # type: ignore[arg-type]
        await schedule.poll_due_boards(scraper.now)
        assert slow.asked == []
    assert len([path for path in site.paths if path.startswith("/board")]) == 40
    waits = [await scraper.wait(f"slow{n}") for n in range(12)]
    assert all(timedelta(seconds=195) < wait <= timedelta(seconds=200 + 12 * 40) for wait in waits)


# ------------------------------------------------------------------------------------------------------ absent postings


class Pages:
    """The postings' own pages, on a host beside the board: an answer for each, and what was asked."""

    def __init__(self, **status: int) -> None:
        self.status, self.asked, self.url = status, list[str](), ""

    async def answer(self, request: Asked) -> Response:
        name = request.path_params["path"]
        self.asked += [] if name == "robots.txt" else [name]
        return Response(b"<p>A page.</p>", self.status.get(name.replace("/", ""), 200))


async def _with_pages(scraper: Scraper, site: Site, pages: Pages, *, checks: int, absent: int) -> list[str]:
    """A board of six jobs of which `absent` are then listed no more. Returns the ids that are open after that."""
    scraper.poller.settings = scraper.settings.model_copy(update={"poll_checks": checks, "closed_after_polls": 9})
    async with listening(Starlette(routes=[Route("/{path:path}", pages.answer)])) as pages.url:
        listed = [job(n, absolute_url=f"{pages.url}/job{n}") for n in range(6)]
        site.body = jobs(*listed)
        await scraper.poll()
        assert pages.asked == []
        site.body = jobs(*listed[absent:])
        await scraper.poll()
    async with scraper.database.read() as session:
        known = await repository.known_postings(session, (await scraper.board()).id)
    return sorted(id_ for id_, row in known.items() if not row.closed)


async def test_an_absent_posting_whose_page_is_gone_is_closed_at_once(scraper: Scraper, site: Site) -> None:
    pages = Pages(job0=404, job1=410, job2=200, job3=500)
    assert await _with_pages(scraper, site, pages, checks=9, absent=4) == ["2", "3", "4", "5"]
    assert sorted(pages.asked) == ["job0", "job1", "job2", "job3"]


async def test_no_more_absent_postings_are_asked_than_the_budget_has(scraper: Scraper, site: Site) -> None:
    pages = Pages(**{f"job{n}": 404 for n in range(6)})
    assert len(await _with_pages(scraper, site, pages, checks=2, absent=5)) == 4
    assert len(pages.asked) == 2


async def test_a_board_that_suddenly_lists_nothing_has_no_posting_asked(scraper: Scraper, site: Site) -> None:
    pages = Pages(**{f"job{n}": 404 for n in range(6)})
    assert len(await _with_pages(scraper, site, pages, checks=9, absent=6)) == 6
    assert pages.asked == []
