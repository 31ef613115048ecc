"""Streams on real servers: nothing is lost, one bad event costs only itself, whoever dies and whatever restarts."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError
from structlog.testing import capture_logs

from services.embedded.valkey import ValkeyServer
from shared.errors import NotReady
from shared.events import POSTINGS, SUBSCRIPTIONS, PostingClosed, PostingFound, SubscriptionChanged
from shared.settings import Settings
from shared.streams import Streams, connection, dead_letters
from shared.streams.consumer import Consumer, Entry
from shared.streams.upkeep import Upkeep, acknowledged, generation, waiting
from tests.eventually import eventually
from tests.factories import found, posting

IDLE, BACKOFF, DELIVERIES = 0.5, 0.05, 3
WORKER = Path(__file__).parents[1] / "stream_worker.py"


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Upkeep often; and no tracebacks drawn on a terminal, which takes longer than an entry may lie idle here."""
    monkeypatch.setattr(connection, "UPKEEP_SECONDS", 0.1)
    with capture_logs():
        yield


@pytest.fixture
def quick(settings: Callable[..., Settings], redis_url: str) -> Settings:
    return settings(
        redis_url=redis_url,
        stream_min_idle_seconds=IDLE,
        stream_backoff_seconds=BACKOFF,
        stream_max_deliveries=DELIVERIES,
    )


@pytest.fixture
async def streams(quick: Settings) -> AsyncIterator[Streams]:
    async with Streams(quick).connected() as connected:
        yield connected


class Seen:
    """What a handler has handled, how often it was called with what, and ids that it refuses."""

    def __init__(self, *bad: int) -> None:
        self.bad = set(bad)
        self.handled: Counter[int] = Counter()
        self.tried: Counter[int] = Counter()
        self.batches: list[int] = []

    async def __call__(self, events: list[PostingFound]) -> None:
        ids = [event.posting_id for event in events]
        self.batches.append(len(ids))
        self.tried.update(ids)
        if self.bad & set(ids):
            raise ValueError(f"cannot stand {min(self.bad & set(ids))}")
        self.handled.update(ids)


@asynccontextmanager
async def consuming(settings: Settings, handler: Seen) -> AsyncIterator[Streams]:
    streams = Streams(settings)
    streams.consume(POSTINGS, "matcher", {PostingFound: handler})
    async with streams.running():
        yield streams


async def nothing_waits(streams: Streams, stream: str = POSTINGS) -> None:
    await eventually(lambda: all_quiet(streams, stream))


async def all_quiet(streams: Streams, stream: str = POSTINGS) -> bool:
    with suppress(RedisError):
        return sum((await waiting(streams.client, stream)).values()) == 0
    return False


async def published(streams: Streams, event: PostingFound) -> bool:
    with suppress(RedisError):
        return bool(await streams.publish([event]))
    return False


def events(count: int) -> list[PostingFound]:
    return [found(i) for i in range(1, count + 1)]


async def test_what_was_published_before_the_first_start_is_not_lost(quick: Settings, streams: Streams) -> None:
    await streams.publish(events(3))
    seen = Seen()
    async with consuming(quick, seen):
        await nothing_waits(streams)
    assert seen.handled == {1: 1, 2: 1, 3: 1}


async def test_an_event_arrives_as_it_was_sent(quick: Settings, streams: Streams) -> None:
    sent, got = found(7, 2, posting("7", title="Ingénieur – 後端 <b>")), []

    async def keep(batch: list[PostingFound]) -> None:
        got.extend(batch)

    reader = Streams(quick)
    reader.consume(POSTINGS, "matcher", {PostingFound: keep})
    async with reader.running():
        times = await streams.publish([sent])
        await eventually(lambda: got)
    assert got == [sent]
    rows = await streams.client.xrange(POSTINGS)
    assert [int(id_.split(b"-")[0]) for id_, _ in rows[-1:]] in (times, [])
    assert await streams.publish([]) == []


async def test_a_backlog_is_handled_in_batches_and_acknowledged(quick: Settings, streams: Streams) -> None:
    await streams.publish(events(100))
    seen = Seen()
    async with consuming(quick, seen):
        await nothing_waits(streams)
    assert seen.handled == dict.fromkeys(range(1, 101), 1)
    assert seen.batches == [50, 50]


async def test_kinds_without_a_handler_are_acknowledged_and_order_is_kept(quick: Settings, streams: Streams) -> None:
    order: list[tuple[str, int]] = []

    async def opened(batch: list[PostingFound]) -> None:
        order.extend(("found", event.posting_id) for event in batch)

    async def closed(batch: list[PostingClosed]) -> None:
        order.extend(("closed", event.posting_id) for event in batch)

    reader = Streams(quick)
    reader.consume(POSTINGS, "matcher", {PostingFound: opened, PostingClosed: closed})
    reader.consume(SUBSCRIPTIONS, "matcher", {})
    reader.consume(SUBSCRIPTIONS, "notifier", {})
    await streams.publish([found(1), PostingClosed(posting_id=1), found(2), SubscriptionChanged(subscription_id=1, revision=1)])
    async with reader.running():
        await nothing_waits(streams)
        await nothing_waits(streams, SUBSCRIPTIONS)
    assert order == [("found", 1), ("closed", 1), ("found", 2)]


async def test_one_bad_event_among_fifty_is_set_aside_with_its_reason(quick: Settings, streams: Streams) -> None:
    await streams.publish(events(50))
    seen = Seen(17)
    async with consuming(quick, seen):
        await nothing_waits(streams)
    assert seen.handled == {i: 1 for i in range(1, 51) if i != 17}
    (letter,) = await dead_letters.listing(streams.client)
    assert (letter.group, letter.deliveries, letter.reason) == ("matcher", DELIVERIES, "ValueError: cannot stand 17")
    assert json.loads(letter.body)["posting_id"] == 17


async def test_the_wait_between_deliveries_doubles_up_to_the_idle_time(
    quick: Settings, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry is put back as if it had lain idle for so long that only the wait is left until somebody may claim it."""
    claim, waits = Consumer._claim, []

    async def noted(self: Consumer, entries: Sequence[Entry], idle: int) -> None:
        if idle:
            waits.append(self.limits.idle_ms - idle)
        await claim(self, entries, idle)

    monkeypatch.setattr(Consumer, "_claim", noted)
    async with consuming(quick.model_copy(update={"stream_max_deliveries": 5}), seen := Seen(1)):
        await streams.publish(events(1))
        await nothing_waits(streams)
    assert seen.tried == {1: 5}
    assert waits == [50, 100, 200, 400]


@pytest.mark.parametrize(
    "fields",
    [
        {"__data__": b"\xff\x00 garbage"},
        {"__data__": json.dumps({"kind": "moon_landed", "posting_id": 1})},
        {"__data__": json.dumps({"kind": "posting_closed"})},
        {"other": "no field of ours"},
    ],
    ids=["garbage", "unknown kind", "half an event", "no field"],
)
async def test_an_entry_that_cannot_be_read_is_set_aside_and_blocks_nobody(
    quick: Settings, streams: Streams, fields: dict[str, bytes | str]
) -> None:
    await streams.publish(events(1))
    id_ = await streams.client.xadd(POSTINGS, fields)
    await streams.publish([found(2)])
    seen = Seen()
    async with consuming(quick, seen):
        await nothing_waits(streams)
    assert seen.handled == {1: 1, 2: 1}
    (letter,) = await dead_letters.listing(streams.client)
    assert letter.entry == id_.decode()
    assert "ValidationError" in letter.reason


async def test_a_slow_handler_is_not_robbed(quick: Settings, streams: Streams) -> None:
    release, calls = asyncio.Event(), []

    async def slow(batch: list[PostingFound]) -> None:
        calls.append([event.posting_id for event in batch])
        await release.wait()

    readers = [Streams(quick), Streams(quick)]
    for reader in readers:
        reader.consume(POSTINGS, "matcher", {PostingFound: slow})
    await streams.publish(events(3))
    async with readers[0].running(), readers[1].running():
        await eventually(lambda: calls)
        idle = []
        for _ in range(12):  # three times as long as an entry may lie idle
            await asyncio.sleep(IDLE / 4)
            idle += [
                row["time_since_delivered"] for row in await streams.client.xpending_range(POSTINGS, "matcher", "-", "+", 9)
            ]
        release.set()
        await nothing_waits(streams)
    assert calls == [[1, 2, 3]]
    assert len(idle) == 36


async def test_a_process_that_its_event_kills_is_spared_after_some_deliveries(
    quick: Settings, streams: Streams, tmp_path: Path
) -> None:
    """The worker kills itself over event 5; each time the test starts it again, as an orchestrator would."""
    await streams.publish(events(8))
    log = tmp_path / "handled"
    starts = 0
    while starts < 10 and not await dead_letters.listing(streams.client):
        starts += 1
        async with worker(quick, log, deadly=5) as process:
            await eventually(lambda: died_or_spared(process, streams))
    (letter,) = await dead_letters.listing(streams.client)
    assert json.loads(letter.body)["posting_id"] == 5
    assert letter.reason == "no answer: it stops the process that handles it"
    lines = log.read_text().split("\n")
    assert lines.count("try 5") == DELIVERIES
    async with consuming(quick, rest := Seen()):
        await nothing_waits(streams)
    handled = Counter(int(line.split()[1]) for line in lines if line.startswith("done")) + rest.handled
    assert handled == {i: 1 for i in range(1, 9) if i != 5}


async def test_after_a_kill_in_the_middle_of_a_batch_another_takes_over(
    quick: Settings, streams: Streams, tmp_path: Path
) -> None:
    await streams.publish(events(40))
    log = tmp_path / "handled"
    async with worker(quick, log, hang=20) as process:
        await eventually(lambda: log.exists() and "try 20" in log.read_text())
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert (await waiting(streams.client, POSTINGS))["matcher"] == 40
    seen = Seen()
    async with consuming(quick, seen):
        await nothing_waits(streams)
    assert seen.handled == dict.fromkeys(range(1, 41), 1)
    assert not await dead_letters.listing(streams.client)


async def died_or_spared(process: asyncio.subprocess.Process, streams: Streams) -> bool:
    return process.returncode is not None or bool(await dead_letters.listing(streams.client))


@asynccontextmanager
async def worker(settings: Settings, log: Path, **told: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process that consumes postings; killed at the end of the block if it is still there."""
    environment = {
        **os.environ,
        "JOBLARK_REDIS_URL": settings.redis,
        "JOBLARK_STREAM_MIN_IDLE_SECONDS": str(IDLE),
        "JOBLARK_STREAM_BACKOFF_SECONDS": str(BACKOFF),
        "JOBLARK_STREAM_MAX_DELIVERIES": str(DELIVERIES),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    arguments = [f"{name}={value}" for name, value in told.items()]
    process = await asyncio.create_subprocess_exec(sys.executable, str(WORKER), str(log), *arguments, env=environment)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_after_redis_was_emptied_consumption_goes_on(quick: Settings, streams: Streams) -> None:
    seen = Seen()
    async with consuming(quick, seen):
        await streams.publish([found(1)])
        await eventually(lambda: seen.handled[1])
        life = await generation(streams.client)
        assert await generation(streams.client) == life
        await streams.client.flushall()
        await streams.publish([found(2)])
        await eventually(lambda: seen.handled[2])
        assert await generation(streams.client) != life
        await streams.client.xadd(POSTINGS, {"__data__": "the claimer is back too"})
        await eventually(lambda: dead_letters.listing(streams.client))
    assert seen.handled == {1: 1, 2: 1}


async def test_after_the_server_was_restarted_consumption_goes_on(settings: Callable[..., Settings], tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path)
    server.start()
    quick = settings(redis_url=server.url, stream_min_idle_seconds=IDLE, stream_backoff_seconds=BACKOFF)
    seen = Seen()
    try:
        async with consuming(quick, seen) as streams:
            await streams.publish(events(5))
            await eventually(lambda: len(seen.handled) == 5)
            server.stop()
            server.start()
            await eventually(lambda: published(streams, found(6)))  # a line that broke is noticed when it is next used
            await eventually(lambda: seen.handled[6])
            await eventually(lambda: all_quiet(streams))
        assert set(seen.handled) == {1, 2, 3, 4, 5, 6}
    finally:
        server.stop()


async def test_what_was_published_survives_a_server_that_is_killed(settings: Callable[..., Settings], tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path)
    server.start()
    quick = settings(redis_url=server.url, stream_min_idle_seconds=IDLE)
    try:
        async with Streams(quick).connected() as streams:
            await streams.publish(events(5))
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        server.stop()
        server.start()
        seen = Seen()
        async with consuming(quick, seen) as streams:
            await nothing_waits(streams)
        assert seen.handled == dict.fromkeys(range(1, 6), 1)
    finally:
        server.stop()


async def changed(streams: Streams, count: int) -> None:
    await streams.publish([SubscriptionChanged(subscription_id=i, revision=1) for i in range(count)])


async def take(client: Redis, group: str, count: int, *, ack: bool = True) -> list[bytes]:
    ((_, rows),) = await client.xreadgroup(group, "test", {SUBSCRIPTIONS: ">"}, count=count)
    ids = [id_ for id_, _ in rows]
    if ack:
        await client.xack(SUBSCRIPTIONS, group, *ids)
    return ids


async def test_trimming_waits_for_the_slowest_group(streams: Streams) -> None:
    upkeep = Upkeep(streams)
    await upkeep.once()
    await changed(streams, 1000)
    await take(streams.client, "matcher", 1000)
    await upkeep.once()
    assert await streams.client.xlen(SUBSCRIPTIONS) == 1000, "the notifier has not started yet"
    ids = await take(streams.client, "notifier", 600)
    await upkeep.once()
    left = [id_ for id_, _ in await streams.client.xrange(SUBSCRIPTIONS)]
    assert 400 <= len(left) < 600, "whole nodes of what both have acknowledged are gone"
    assert set(left) - set(ids) == set(left[-400:])
    assert await waiting(streams.client, SUBSCRIPTIONS) == {"matcher": 0, "notifier": 400}


async def test_trimming_stops_at_the_first_entry_that_is_not_acknowledged(streams: Streams) -> None:
    upkeep = Upkeep(streams)
    await upkeep.once()
    await changed(streams, 1000)
    await take(streams.client, "matcher", 1000)
    held = await take(streams.client, "notifier", 1000, ack=False)
    await streams.client.xack(SUBSCRIPTIONS, "notifier", *held[:300], *held[301:])
    await upkeep.once()
    left = [id_ for id_, _ in await streams.client.xrange(SUBSCRIPTIONS)]
    assert held[300] in left
    assert len(left) < 1000
    position = await acknowledged(streams.client, SUBSCRIPTIONS)
    assert position == tuple(int(part) for part in held[300].split(b"-"))
    assert await waiting(streams.client, SUBSCRIPTIONS) == {"matcher": 0, "notifier": 1}


async def test_a_group_that_went_missing_is_given_all_that_is_left(streams: Streams) -> None:
    upkeep = Upkeep(streams)
    await upkeep.once()
    await changed(streams, 1000)
    await take(streams.client, "matcher", 1000)
    await take(streams.client, "notifier", 1000)
    await streams.client.xgroup_destroy(SUBSCRIPTIONS, "notifier")
    await upkeep.once()
    assert await waiting(streams.client, SUBSCRIPTIONS) == {"matcher": 0, "notifier": 1000}


async def test_waiting_counts_unread_and_unacknowledged(streams: Streams) -> None:
    assert await waiting(streams.client, SUBSCRIPTIONS) == {}
    await Upkeep(streams).once()
    await changed(streams, 10)
    await take(streams.client, "matcher", 4, ack=False)
    await take(streams.client, "notifier", 3)
    assert await waiting(streams.client, SUBSCRIPTIONS) == {"matcher": 10, "notifier": 7}


async def test_a_server_that_comes_up_late_is_waited_for(settings: Callable[..., Settings], tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path)
    seen = Seen()

    async def consume() -> None:
        async with consuming(settings(redis_url=server.url), seen) as streams:
            await streams.publish(events(1))
            await eventually(lambda: seen.handled[1])

    consumer = asyncio.create_task(consume())
    await asyncio.sleep(0)
    server.start()
    try:
        await consumer
    finally:
        server.stop()
    assert seen.handled == {1: 1}


async def test_a_server_that_never_comes_up_is_a_clear_error(
    settings: Callable[..., Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "WAIT_SECONDS", 1)
    with pytest.raises(NotReady, match="JOBLARK_REDIS_URL") as raised:
        async with Streams(settings(redis_url=f"unix://{tmp_path}/nobody.sock")).running():
            pass
    assert raised.value.code == "redis_away"


async def test_a_stopping_process_lets_its_handler_finish(quick: Settings, streams: Streams) -> None:
    begun, done = asyncio.Event(), []

    async def slow(batch: list[PostingFound]) -> None:
        begun.set()
        await asyncio.sleep(0.3)
        done.extend(batch)

    reader = Streams(quick)
    reader.consume(POSTINGS, "matcher", {PostingFound: slow})
    async with reader.running():
        await streams.publish(events(1))
        await begun.wait()
    assert len(done) == 1
    assert await waiting(streams.client, POSTINGS) == {"matcher": 0}
