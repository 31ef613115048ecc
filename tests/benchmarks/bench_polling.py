"""A thousand boards on forty hosts, read over real HTTP by two scrapers that share their hosts' budgets through Valkey.

The hosts are addresses 127.1.0.1, 127.1.0.2… of this machine (Linux has them all), served by a process of its own that
notes when each was asked. Every fiftieth board has 300 jobs, the others 8; the boards of a host stand together, as after an
import. Measured: boards a second against what the budgets allow, how long the event loop was ever held up, and how often
a host was asked earlier than its budget allows: the n-th request may not come before n gaps have passed since the first of
any row of requests, but for what the network and a busy machine shift it by.
"""

import asyncio
import json
import multiprocessing
import random
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from sqlmodel import col, func, select

from services.embedded.valkey import ValkeyServer
from services.scraper import repository
from services.scraper.app import fetcher
from services.scraper.poll import Poller
from services.scraper.schedule import Schedule
from services.scraper.threads import settle
from shared import migrations
from shared.database import Database
from shared.models import BoardRow, PostingRow
from shared.settings import Settings

BOARDS, HOSTS, SCRAPERS = 1000, 40, 2
JOBS, LARGE = 8, 300
GAP = 0.5
SHIFT = 0.1
"""Seconds that one request may be late and the next one not."""
LONGEST_STALL = 0.1
LETTERS = "bdfgklmnprstvz"
WORDS = [first + "a" + second + "o" + third for first in LETTERS for second in LETTERS for third in LETTERS]


def board(number: int) -> bytes:
    """A company's jobs, in words of its own, so that no two postings of two boards are taken for one opening."""
    random_ = random.Random(number)
    jobs = [job(id_, f"{random_.choice(WORDS).title()} {number}", random_) for id_ in range(JOBS if number % 50 else LARGE)]
    return json.dumps({"jobs": jobs, "meta": {"total": len(jobs)}}).encode()


def job(id_: int, company: str, random_: random.Random) -> dict[str, object]:
    return {
        "id": id_,
        "title": f"Senior Backend Engineer, {' '.join(random_.choices(WORDS, k=2)).title()}",
        "absolute_url": f"https://jobs.example.com/{company.split()[-1]}/{id_}",
        "company_name": company,
        "location": {"name": "Singapore"},
        "content": f"<p>{' '.join(random_.choices(WORDS, k=250))}</p><h3>Requirements</h3><ul><li>Go</li><li>Kafka</li></ul>",
    }


def host(number: int) -> str:
    return f"127.1.0.{number + 1}"


# ----------------------------------------------------------------------------------------------- the boards' own process


def serve(pipe: Connection) -> None:
    """Answer until told to stop; then hand over when each host was asked."""
    asyncio.run(_serve(pipe))


async def _serve(pipe: Connection) -> None:
    asked: dict[str, list[float]] = {}
    bodies = [board(number) for number in range(BOARDS)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        at = writer.get_extra_info("sockname")[0]
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked.setdefault(at, []).append(time.monotonic())
                path = head.split(b" ", 2)[1]
                body = b"" if path == b"/robots.txt" else bodies[int(path[1:])]
                status = b"200 OK" if body else b"404 Not Found"
                writer.write(b"HTTP/1.1 %b\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(answer, host(0), 0, backlog=1000)
    port = server.sockets[0].getsockname()[1]
    others = await asyncio.start_server(answer, [host(number) for number in range(1, HOSTS)], port, backlog=1000)
    async with server, others:
        pipe.send(port)
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
    pipe.send(asked)


# ----------------------------------------------------------------------------------------------------------- measuring


@asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """By how many seconds the event loop was late, for each time it was."""
    late: list[float] = []

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.005)
            late.append(time.perf_counter() - before - 0.005)

    watching = asyncio.create_task(watch())
    try:
        yield late
    finally:
        watching.cancel()


def too_early(times: list[float]) -> int:
    """Requests that came before their turn: more of them in some stretch of time than the budget allows."""
    times, faults, turn = sorted(times), 0, 0.0
    for moment in times:
        faults += moment < turn - SHIFT
        turn = max(turn, moment) + GAP
    return faults


# ----------------------------------------------------------------------------------------------------------- scraping


async def scrape(folder: Path, redis_url: str, port: int) -> tuple[float, list[float], int, int, int]:
    """Seconds, how late the loop was, boards read, boards failed, postings."""
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url="",
        redis_url=redis_url,
        fetch_allow_networks="127.0.0.0/8",
        fetch_gap_seconds=GAP,
    )
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        await migrations.upgrade(database)
        async with database.begin() as session:
            for number in range(BOARDS):
                url = f"http://{host(number * HOSTS // BOARDS)}:{port}/{number}"
                await repository.add_board(session, "greenhouse", f"board{number}", url, datetime.now(UTC))
        schedules = []
        for _ in range(SCRAPERS):
            client = await stack.enter_async_context(fetcher(settings))
            schedules.append(Schedule(database, None, Poller(database, client, settings), settings))  # type: ignore[arg-type]
        await settle()
        late = await stack.enter_async_context(stalls())
        start = time.perf_counter()
        await asyncio.gather(*(until_all_are_read(schedule) for schedule in schedules))
        seconds = time.perf_counter() - start
        async with database.read() as session:
            read = (await session.exec(select(func.count()).where(col(BoardRow.last_complete_at).is_not(None)))).one()
            failed = (await session.exec(select(func.count()).where(col(BoardRow.failures) > 0))).one()
            postings = (await session.exec(select(func.count()).select_from(PostingRow))).one()
        return seconds, late, read, failed, postings


async def until_all_are_read(schedule: Schedule) -> None:
    """Tick as a scraper does, until no board is left that was never read."""
    while True:
        await schedule.poll_due_boards(datetime.now(UTC))
        async with schedule.database.read() as session:
            left = (await session.exec(select(func.count()).where(col(BoardRow.last_polled_at).is_(None)))).one()
        if not left:
            return
        await asyncio.sleep(0.2)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port = ours.recv()
    with tempfile.TemporaryDirectory() as folder, ValkeyServer(Path(folder) / "valkey") as valkey:
        seconds, late, read, failed, postings = asyncio.run(scrape(Path(folder), valkey.url, port))
    ours.send("stop")
    asked: dict[str, list[float]] = ours.recv()
    server.join(10)
    requests, early = sum(map(len, asked.values())), sum(too_early(times) for times in asked.values())
    allowed = (BOARDS / HOSTS + 1) * GAP
    print(f"{read} boards, {postings:,} postings, {requests} requests to {len(asked)} hosts by {SCRAPERS} scrapers")
    print(
        f"{seconds:.1f} s: {read / seconds:.0f} boards/s, {postings / seconds:,.0f} postings/s; budgets allow {allowed:.1f} s"
    )
    print(f"event loop late by at most {max(late) * 1000:.0f} ms, 99.9 % {sorted(late)[int(len(late) * 0.999)] * 1000:.0f} ms")
    print(f"{early} requests before their turn, {failed} boards failed")
    assert read == BOARDS
    assert (failed, early) == (0, 0)
    assert max(late) < LONGEST_STALL


if __name__ == "__main__":
    main()
