"""The stream path: publish and consume 4 KB postings through `shared.streams`, against a bare redis-py loop.

The baseline does the same reliable work by hand, on the same server and with the same batches: pipelined XADD of the
event as JSON, XREADGROUP, validation into the event class, XACK after the batch was handled. What ours adds is
FastStream, retries, dead letters, the claimer and upkeep.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from redis.asyncio import Redis

from services.embedded.valkey import ValkeyServer
from shared.events import PostingFound, parse_event
from shared.posting import Posting
from shared.settings import Settings
from shared.streams import Streams

EVENTS, BATCH, ROUNDS = 10_000, 100, 7
BAR = 0.6


def events() -> list[PostingFound]:
    posting = Posting(source="greenhouse", board="acme", external_id="1", title="Engineer", description="words " * 620)
    now = datetime.now(UTC)
    return [PostingFound(posting_id=i, revision=1, first_seen_at=now, posting=posting) for i in range(EVENTS)]


async def ours(url: str, work: list[PostingFound]) -> tuple[float, float]:
    """Seconds to publish, seconds to consume."""
    done, seen = asyncio.Event(), 0

    async def handle(batch: list[PostingFound]) -> None:
        nonlocal seen
        seen += len(batch)
        if seen == EVENTS:
            done.set()

    settings = Settings(_env_file=None, redis_url=url, stream_batch=BATCH)
    publisher = Streams(settings)
    async with publisher.connected():
        await publisher.client.flushall()
        start = time.perf_counter()
        for at in range(0, EVENTS, BATCH):
            await publisher.publish(work[at : at + BATCH])
        published = time.perf_counter() - start
    consumer = Streams(settings)
    consumer.consume("postings", "matcher", {PostingFound: handle})
    start = time.perf_counter()
    async with consumer.running():
        await done.wait()
        return published, time.perf_counter() - start


async def bare(url: str, work: list[PostingFound]) -> tuple[float, float]:
    async with Redis.from_url(url) as client:
        await client.flushall()
        await client.xgroup_create("postings", "matcher", id="0", mkstream=True)
        start = time.perf_counter()
        for at in range(0, EVENTS, BATCH):
            async with client.pipeline(transaction=False) as pipeline:
                for event in work[at : at + BATCH]:
                    pipeline.xadd("postings", {"data": event.model_dump_json(exclude_none=True)})
                await pipeline.execute()
        published = time.perf_counter() - start
        start, seen = time.perf_counter(), 0
        while seen < EVENTS:
            [(_, entries)] = await client.xreadgroup("matcher", "one", {"postings": ">"}, count=BATCH, block=1000)
            seen += len([parse_event(fields[b"data"]) for _, fields in entries])
            await client.xack("postings", "matcher", *(id_ for id_, _ in entries))
        return published, time.perf_counter() - start


async def measure(url: str) -> dict[str, float]:
    work, rates = events(), {"ours": [], "bare": []}
    sides: list[tuple[str, Callable[[str, list[PostingFound]], Awaitable[tuple[float, float]]]]] = [
        ("ours", ours),
        ("bare", bare),
    ]
    for _ in range(ROUNDS):
        for name, side in sides:
            published, consumed = await side(url, work)
            rates[name].append((EVENTS / published, EVENTS / consumed, EVENTS / (published + consumed)))
    middle = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in rates.items()}
    parts = ("publish", "consume", "both")
    return {
        **{
            f"{name} {part}, events/s": round(rate)
            for name, row in middle.items()
            for part, rate in zip(parts, row, strict=True)
        },
        **{f"{part}, ratio": round(a / b, 2) for part, a, b in zip(parts, middle["ours"], middle["bare"], strict=True)},
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, ValkeyServer(Path(folder)) as server:
        result = asyncio.run(measure(server.url))
    for name, value in result.items():
        print(f"{name:28} {value:>10,}")
    print(f"{'bar: both, ratio':28} {BAR:>10}")


if __name__ == "__main__":
    main()
