"""Write, commit, publish what is unpublished, stamp: with real databases and real streams."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from sqlmodel import col, select

from services.scraper.repository import event_of
from shared import outbox
from shared.database import Database
from shared.events import POSTINGS, Event, parse_event
from shared.models import PostingRow, StreamMark
from shared.outbox import publish_owed, remember
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.upkeep import Upkeep
from tests.factories import NOW, board_row, posting_row


@pytest.fixture
async def streams(settings: Callable[..., Settings], valkey_url: str) -> AsyncIterator[Streams]:
    async with Streams(settings(redis_url=valkey_url)).connected() as streams:
        await Upkeep(streams).once()
        yield streams


async def owe(database: Database, count: int, first: int = 1) -> None:
    async with database.begin() as session:
        if first == 1:
            session.add(board_row(id=1))
            await session.flush()
        session.add_all([posting_row(i, published_at=None) for i in range(first, first + count)])


async def publish(database: Database, streams: Streams) -> int:
    return await publish_owed(database, streams, PostingRow, event_of, NOW)


async def on_the_stream(streams: Streams) -> list[int]:
    return [parse_event(fields[b"__data__"]).posting_id for _, fields in await streams.client.xrange(POSTINGS)]


async def owed(database: Database) -> list[int]:
    async with database.read() as session:
        unpublished = select(PostingRow.id).where(col(PostingRow.published_at).is_(None))
        return list((await session.exec(unpublished.order_by(col(PostingRow.id)))).all())


async def test_what_is_owed_is_published_in_order_and_stamped(database: Database, streams: Streams) -> None:
    await owe(database, 3)
    assert await publish(database, streams) == 3
    assert await on_the_stream(streams) == [1, 2, 3]
    assert await owed(database) == []
    async with database.read() as session:
        rows = (await session.exec(select(PostingRow).order_by(col(PostingRow.id)))).all()
    ids = [int(id_.split(b"-")[0]) for id_, _ in await streams.client.xrange(POSTINGS)]
    assert [(row.published_at, row.published_ms) for row in rows] == [(NOW, ms) for ms in ids]
    assert await publish(database, streams) == 0


async def test_more_than_one_batch_is_published(database: Database, streams: Streams, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BATCH", 2)
    await owe(database, 5)
    assert await publish(database, streams) == 5
    assert await on_the_stream(streams) == [1, 2, 3, 4, 5]


async def test_a_crash_between_publishing_and_stamping_publishes_again(
    database: Database, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    await owe(database, 2)
    really = streams.publish

    async def publish_and_die(events: Sequence[Event]) -> list[int]:
        await really(events)
        raise ConnectionError("died before the stamp")

    monkeypatch.setattr(streams, "publish", publish_and_die)
    with pytest.raises(ConnectionError):
        await publish(database, streams)
    assert await owed(database) == [1, 2]
    monkeypatch.setattr(streams, "publish", really)
    await publish(database, streams)
    assert await on_the_stream(streams) == [1, 2, 1, 2]
    assert await owed(database) == []


async def test_relays_in_parallel_publish_no_row_twice(
    database: Database, database_url: str, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "BATCH", 7)
    await owe(database, 60)
    async with Database.opened(database_url) as other:
        while await owed(database):
            await asyncio.gather(*(publish(relay, streams) for relay in (database, other, database, other)))
    assert Counter(await on_the_stream(streams)) == Counter(range(1, 61))


async def test_after_redis_was_emptied_what_was_not_acknowledged_is_owed_again(database: Database, streams: Streams) -> None:
    await owe(database, 6)
    client = streams.client
    for _ in range(2):  # three, then three more a moment later
        async with database.begin() as session:
            rows = (await session.exec(select(PostingRow).where(col(PostingRow.published_at).is_(None)).limit(3))).all()
            for row, ms in zip(rows, await streams.publish([event_of(row) for row in rows]), strict=True):
                row.published_at, row.published_ms = NOW, ms
        await asyncio.sleep(0.005)
    assert await remember(database, streams, PostingRow, POSTINGS) == 0
    ((_, read),) = await client.xreadgroup("matcher", "test", {POSTINGS: ">"}, count=4)
    await client.xack(POSTINGS, "matcher", *(id_ for id_, _ in read[:3]))
    assert await remember(database, streams, PostingRow, POSTINGS) == 0
    assert await owed(database) == []
    await client.flushall()
    await Upkeep(streams).once()
    assert await remember(database, streams, PostingRow, POSTINGS) == 3
    assert await owed(database) == [4, 5, 6]
    assert await remember(database, streams, PostingRow, POSTINGS) == 0, "told once"
    await publish(database, streams)
    assert await on_the_stream(streams) == [4, 5, 6]


async def test_a_lost_tail_is_owed_again_although_redis_still_knows_us(database: Database, streams: Streams) -> None:
    """What a power cut does to an append-only file that is written once a second."""
    await owe(database, 2)
    await publish(database, streams)
    await remember(database, streams, PostingRow, POSTINGS)
    ((_, read),) = await streams.client.xreadgroup("matcher", "test", {POSTINGS: ">"}, count=1)
    await streams.client.xack(POSTINGS, "matcher", read[0][0])
    await asyncio.sleep(0.005)
    await owe(database, 1, first=3)
    await publish(database, streams)
    kept = await streams.client.xrange(POSTINGS, count=2)
    await streams.client.delete(POSTINGS)
    for id_, fields in kept:
        await streams.client.xadd(POSTINGS, fields, id=id_)
    assert await remember(database, streams, PostingRow, POSTINGS) == 1
    assert await owed(database) == [3]


async def test_the_mark_never_moves_back_within_one_life(database: Database, streams: Streams) -> None:
    await streams.publish([event_of(posting_row(1))])
    ((_, ((id_, _),)),) = await streams.client.xreadgroup("matcher", "test", {POSTINGS: ">"})
    await streams.client.xack(POSTINGS, "matcher", id_)
    await remember(database, streams, PostingRow, POSTINGS)
    await streams.client.xgroup_setid(POSTINGS, "matcher", "0")
    await remember(database, streams, PostingRow, POSTINGS)
    async with database.read() as session:
        mark = (await session.exec(select(StreamMark))).one()
    assert mark.acknowledged_ms == int(id_.split(b"-")[0])
