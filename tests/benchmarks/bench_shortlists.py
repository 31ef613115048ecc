"""From a posting's event to committed shortlists: 100,000 subscriptions in their steady state, on SQLite and on Postgres.

Shortlists and bars are as if 4,400 recorded Ashby postings had been screened before, each list anywhere between two cuts; then
events come at random, two a second (a million a week), while the matcher also enters what waits, as it does in service. Each
one's time is taken from when it came to its commit, whatever it had to wait for. Bar: p99 of 50 ms.

    python tests/benchmarks/bench_shortlists.py [SUBSCRIPTIONS]
"""

import asyncio
import gc
import logging
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

import numpy as np
import structlog
from docker.errors import DockerException
from sqlalchemy import func, insert
from sqlmodel import select
from testcontainers.community.postgres import PostgresContainer

from services.matcher import shortlists
from services.matcher.app import ENTER_SECONDS
from services.matcher.handlers import Matcher
from services.matcher.population import population
from shared.database import Database
from shared.events import PostingFound
from shared.migrations import upgrade
from shared.models import BarRow, BoardRow, PostingRow, ScreeningRow, SubscriptionRow
from shared.posting import Posting
from shared.reading.posting import read_posting
from shared.rule import PostingView
from shared.scoring import offer_of
from shared.settings import Settings
from shared.ticking import Ticker
from tests.benchmarks.recorded import ashby_postings

SUBSCRIPTIONS, MEASURED, PER_SECOND, BAR_MS = 100_000, 300, 2, 50
NOW = datetime(2026, 1, 5, tzinfo=UTC)
LONG_AGO = datetime(2025, 1, 5, tzinfo=UTC)


class Measured(NamedTuple):
    """`seconds` of each event; `entered` lists by all of them; `left` parts of arrivals after the last, in `leaving` seconds.

    `listed` rows were on the shortlists before.
    """

    seconds: list[float]
    entered: int
    left: int
    leaving: float
    listed: int


async def measure(database: Database, subscriptions: int, postings: Sequence[Posting]) -> Measured:
    await upgrade(database)
    await subscribed(database, subscriptions)
    events = [event async for event in published(database, postings)]
    warm, measured = events[:-MEASURED], events[-MEASURED:]
    matcher = Matcher(database, Settings(_env_file=None), now=lambda: NOW)
    async with database.begin() as session:
        await matcher.refresh(session, NOW)
    listed = await settled(database, matcher, warm)
    gc.collect()
    gc.freeze()
    async with Ticker("arrivals", ENTER_SECONDS, matcher.enter_waiting).running():
        seconds = await served(matcher, measured)
        left, began = matcher.waiting, time.perf_counter()
        while matcher.waiting:
            await matcher.enter_part()
        leaving = time.perf_counter() - began
    async with database.read() as session:
        entered = (await session.exec(select(func.sum(ScreeningRow.shortlisted)))).one()
    return Measured(seconds, entered, left, leaving, listed)


async def served(matcher: Matcher, events: Sequence[PostingFound]) -> list[float]:
    """Seconds from when each event came, at random moments, to its commit."""
    chance, seconds, comes = random.Random(5), [], time.perf_counter()
    for event in events:
        comes += chance.expovariate(PER_SECOND)
        await asyncio.sleep(max(0.0, comes - time.perf_counter()))
        await matcher.on_postings_found([event])
        seconds.append(time.perf_counter() - comes)
    return seconds


async def settled(database: Database, matcher: Matcher, events: Sequence[PostingFound]) -> int:
    """Every shortlist and bar as if these postings had been screened one after the other. Returns how many rows that is."""
    found = [matcher.index.screen(offer_of(e.posting, NOW), PostingView(e.posting, NOW, NOW)) for e in events]
    ids, scores = (np.concatenate([getattr(each, name) for each in found]) for name in ("ids", "scores"))
    of = np.repeat([event.posting_id for event in events], [len(each.ids) for each in found])
    order = np.lexsort((of, -scores, ids))
    ids, scores, of = ids[order], scores[order], of[order]
    rank = np.arange(len(ids)) - np.searchsorted(ids, ids)
    size = matcher.settings.shortlist_size
    kept, last = np.flatnonzero(rank < size), np.flatnonzero(rank == size - 1)
    bars = [{"subscription_id": i, "bar": b / 100} for i, b in zip(ids[last].tolist(), scores[last].tolist(), strict=True)]
    rows = zip(ids[kept].tolist(), of[kept].tolist(), scores[kept].tolist(), strict=True)
    entries = ((id_, posting_id, score / 100) for id_, posting_id, score in rows)
    while chunk := list(islice(entries, 20_000)):
        async with database.begin() as session:
            await shortlists.enter(session, chunk, NOW)
    async with database.begin() as session:
        await session.exec(insert(BarRow), params=bars)
    for bar in bars:
        matcher.index.set_bar(int(bar["subscription_id"]), bar["bar"])
    stage = random.Random(4)
    matcher.grown.update({id_: stage.randint(0, size // 10) for id_ in set(ids.tolist())})
    return len(kept)


async def subscribed(database: Database, count: int) -> None:
    """So many active subscriptions."""
    usual = {"state": "active"} | dict.fromkeys(("created_at", "changed_at", "confirmed_at", "published_at"), LONG_AGO)
    people = islice(population(), count)
    rows = (
        {"id": id_, "email": f"{id_}@example.org", "profile": who.model_dump(mode="json"), "rule": rule, **usual}
        for id_, (who, rule) in enumerate(people, 1)
    )
    while chunk := list(islice(rows, 2_000)):
        async with database.begin() as session:
            await session.exec(insert(SubscriptionRow), params=[SubscriptionRow(**row).model_dump() for row in chunk])


async def published(database: Database, postings: Sequence[Posting]) -> AsyncIterator[PostingFound]:
    """Store postings as the scraper does, and give their events."""
    async with database.begin() as session:
        session.add(BoardRow(id=1, source="ashby", name="all", added_at=NOW, next_poll_at=NOW))
    for start in range(0, len(postings), 500):
        async with database.begin() as session:
            some = list(enumerate(postings[start : start + 500], start + 1))
            session.add_all([row_of(id_, posting) for id_, posting in some])
        for id_, posting in some:
            yield PostingFound(posting_id=id_, revision=1, first_seen_at=NOW, posting=posting)


def row_of(id_: int, posting: Posting) -> PostingRow:
    return PostingRow(
        id=id_, board_id=1, external_id=str(id_), posting=posting.model_dump(mode="json", exclude_none=True),
        content_hash=str(id_), opening_key=str(id_), first_seen_at=NOW, last_seen_at=NOW, published_at=NOW,
    )  # fmt: skip


@contextmanager
def urls() -> Iterator[Iterator[tuple[str, str]]]:
    """SQLite in a file and, where a Docker engine answers, Postgres."""

    def found() -> Iterator[tuple[str, str]]:
        with tempfile.TemporaryDirectory() as folder:
            yield "SQLite", f"sqlite+aiosqlite:///{folder}/joblark.db"
        try:
            with PostgresContainer("postgres:17-alpine", driver="asyncpg") as server:
                yield "Postgres", server.get_connection_url()
        except DockerException as error:
            print(f"Postgres left out: no Docker engine answers ({type(error).__name__})")

    yield found()


async def main(subscriptions: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    postings = [read_posting(raw) for raw in random.Random(3).sample(ashby_postings(), 4_700)]
    with urls() as found:
        for name, url in found:
            async with Database.opened(url) as database:
                measured = await measure(database, subscriptions, postings)
            ranked = sorted(1000 * seconds for seconds in measured.seconds)
            p50, p99, most = ranked[len(ranked) // 2], ranked[int(len(ranked) * 0.99)], ranked[-1]
            each, verdict = measured.listed / subscriptions, "met" if p99 <= BAR_MS else "MISSED"
            print(f"{name}: {subscriptions:,} subscriptions, {each:.1f} postings listed each")
            print(f"  {measured.entered / MEASURED:.0f} lists entered by an event, {PER_SECOND} events a second")
            print(f"  event to commit p50 {p50:.1f} ms, p99 {p99:.1f} ms, at most {most:.0f} ms (bar {BAR_MS}): {verdict}")
            print(f"  {measured.left} parts of arrivals waited at the end, {measured.leaving:.1f} s")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else SUBSCRIPTIONS))
