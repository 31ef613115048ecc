"""What it costs to poll boards with real answers: parsed, read, compared and recorded in a SQLite file, as in service.

Two workloads, each in a process of its own, in processor seconds of all its threads together. The 4,767 recorded Ashby
postings with their texts, all new: bar 1,000 postings a second. Two daily lists of 111,000 Greenhouse postings without texts
on 3,100 boards: bar 30 s and 600 MB for the second day, when nearly all are listed in words we know. Beside each stands the
least anybody could do: the answers parsed by `json` and written, or compared, as they are.
"""

import asyncio
import json
import logging
import multiprocessing
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from services.scraper import repository
from services.scraper.fetch import Page, Validators
from services.scraper.poll import Poller
from services.scraper.sources.base import Request
from services.scraper.threads import settle
from shared.database import Database
from shared.migrations import upgrade
from shared.settings import Settings
from tests.benchmarks.recorded import ashby_boards, daily_lists

TODAY = datetime(2026, 1, 5, tzinfo=UTC)
LEASE = timedelta(hours=1)
RATE_BAR, SECONDS_BAR, MEGABYTES_BAR = 1_000, 30, 600


class Answers:
    """A fetcher that answers what it was given, whatever it is asked."""

    def __init__(self) -> None:
        self.body = b""

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page:
        return Page(200, self.body, Validators(), False, request.url)


async def poll_all(database: Database, source: str, answers: Mapping[str, bytes], now: datetime) -> Counter[str]:
    """Poll every board once, one after the other. Returns how many postings were listed, new, edited…, and polls failed."""
    fetcher, told = Answers(), Counter[str]()
    poller = Poller(database, fetcher, Settings(_env_file=None), now=lambda: now)
    for board, fetcher.body in answers.items():
        async with database.begin() as session:
            leased = await repository.claim_board(session, source, board, now, LEASE)
        outcome = await poller.poll(leased)
        told.update(outcome.changes.counts() if outcome.changes else {"failed": 1}, listed=outcome.listed)
    return told


async def polled(source: str, days: Sequence[Mapping[str, bytes]]) -> list[tuple[float, Counter[str]]]:
    """Processor seconds and outcome of each day, on a fresh database."""
    with tempfile.TemporaryDirectory() as folder:
        async with Database.opened(f"sqlite+aiosqlite:///{folder}/joblark.db") as database:
            await upgrade(database)
            boards = sorted({board for day in days for board in day})
            async with database.begin() as session:
                await repository.add_boards(session, [(source, board, None) for board in boards], TODAY)
            await settle()  # as the service does before its first poll
            results = []
            for number, day in enumerate(days):
                began = time.process_time()
                told = await poll_all(database, source, day, TODAY + timedelta(days=number))
                results.append((time.process_time() - began, told))
            return results


def texts() -> None:
    """The Ashby postings, all new."""
    boards = dict(ashby_boards())
    ((seconds, told),) = asyncio.run(polled("ashby", [boards]))
    new, least = told["new"], least_written(boards)
    rate = new / seconds
    print(f"{new} new Ashby postings with texts on {len(boards)} boards ({told['failed']} failed): {seconds:.2f} CPU s")
    print(f"  {seconds / new * 1000:.3f} ms each; least {least / new * 1000:.3f} ms, ratio {seconds / least:.1f}")
    print(f"  {rate:,.0f} a second (bar {RATE_BAR:,}): {verdict(rate >= RATE_BAR)}")


def lists() -> None:
    """The daily lists: the first new, the second compared with it."""
    days = daily_lists()
    (first, before), (second, told) = asyncio.run(polled("greenhouse", days))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    changes = ", ".join(f"{told[change]} {change}" for change in ("new", "edited", "relisted", "gone", "failed"))
    least = least_compared(days)
    print(f"first day: {before['new']} new postings without texts on {len(days[0])} boards: {first:.1f} CPU s")
    print(f"next day: {told['listed']} postings on {len(days[1])} boards, {changes}: {second:.1f} CPU s")
    print(f"  bar {SECONDS_BAR} s: {verdict(second <= SECONDS_BAR)}; least {least:.2f} s, ratio {second / least:.1f}")
    print(f"  both days together {first + second:.1f} CPU s")
    print(f"  {megabytes:.0f} MB at the peak, both days (bar {MEGABYTES_BAR} MB): {verdict(megabytes <= MEGABYTES_BAR)}")


def least_written(boards: Mapping[str, bytes]) -> float:
    """Processor seconds to parse the answers and write each job as it is, one transaction a board."""
    with tempfile.TemporaryDirectory() as folder, sqlite3.connect(f"{folder}/least.db") as database:
        database.execute("CREATE TABLE jobs (board TEXT, id TEXT, job TEXT, PRIMARY KEY (board, id))")
        began = time.process_time()
        for board, body in boards.items():
            rows = [(board, job["id"], json.dumps(job)) for job in json.loads(body)["jobs"]]
            database.executemany("INSERT INTO jobs VALUES (?, ?, ?)", rows)
            database.commit()
        return time.process_time() - began


def least_compared(days: Sequence[Mapping[str, bytes]]) -> float:
    """Processor seconds to parse two days and compare every job with its like, all in memory."""
    began = time.process_time()
    before, after = ({(b, job["id"]): job for b, body in day.items() for job in json.loads(body)["jobs"]} for day in days)
    changed = [key for key, job in after.items() if before.get(key) != job]
    gone = before.keys() - after.keys()
    assert changed or gone
    return time.process_time() - began


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def run(workload: str) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    {"texts": texts, "lists": lists}[workload]()


def alone(workload: str) -> None:
    """Run a workload in a process of its own, so that memory is its own."""
    process = multiprocessing.get_context("spawn").Process(target=run, args=(workload,))
    process.start()
    process.join()
    if process.exitcode:
        sys.exit(process.exitcode)


def main() -> None:
    alone("texts")
    alone("lists")


if __name__ == "__main__":
    main()
