"""Write, commit, publish what is unpublished, stamp.

A row that leads to an event has `published_at`; empty means the event is owed. Publishing "what I just inserted" would
lose an event when the process dies in between; publishing what is owed cannot, at the price of an event published twice.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import bindparam, update
from sqlmodel import col, select

from shared.database import Database, upsert
from shared.events import Event
from shared.models import MailRow, PostingRow, StreamMark, SubscriptionRow
from shared.streams import Streams
from shared.streams.upkeep import acknowledged, generation, last_published

log = structlog.get_logger()

BATCH = 500
Owing = type[PostingRow] | type[SubscriptionRow] | type[MailRow]


async def publish_owed(
    database: Database, streams: Streams, table: Owing, event_of: Callable[[Any], Event], now: datetime, *where: Any
) -> int:
    """Publish the events owed by rows of `table`, oldest first, and stamp them. Returns how many. Safe to run in parallel.

    `where` are further conditions for a row to owe its event.
    """
    published = 0
    while batch := await _publish_batch(database, streams, table, event_of, now, *where):
        published += batch
        if batch < BATCH:
            break
    return published


async def _publish_batch(
    database: Database, streams: Streams, table: Owing, event_of: Callable[[Any], Event], now: datetime, *where: Any
) -> int:
    owed = select(table).where(col(table.published_at).is_(None), *where).order_by(col(table.id)).limit(BATCH)
    async with database.begin() as session:
        rows: Sequence[Any] = (await session.exec(owed.with_for_update(skip_locked=True))).all()
        if rows:
            times = await streams.publish([event_of(row) for row in rows])
            stamp = (
                update(table).where(col(table.id) == bindparam("row")).values(published_at=now, published_ms=bindparam("ms"))
            )
            connection = await session.connection()
            await connection.execute(stamp, [{"row": row.id, "ms": ms} for row, ms in zip(rows, times, strict=True)])
    return len(rows)


async def remember(database: Database, streams: Streams, table: Owing, stream: str, *where: Any) -> int:
    """Note how far `stream` is acknowledged. What Redis has lost since is owed again. Returns how many.

    Redis may have lost everything, which its generation tells; or the last second before a power cut, which shows in
    rows stamped later than the last entry of the stream. `where` picks the rows whose event is on `stream`, where a table
    leads to several.
    """
    current = await generation(streams.client)
    position, _ = await acknowledged(streams.client, stream)
    async with database.begin() as session:
        mark = await session.get(StreamMark, stream)
        if mark is None:
            first = {"stream": stream, "generation": current, "acknowledged_ms": position}
            await upsert(session, StreamMark, [first])  # two processes may start at the same moment
            return 0
        emptied, mark.generation = mark.generation != current, current
        known = mark.acknowledged_ms
        kept = known - 1 if emptied else max(known, await last_published(streams.client, stream))
        mark.acknowledged_ms = max(mark.acknowledged_ms, position)
        lost = update(table).where(col(table.published_ms) > kept, *where).values(published_at=None, published_ms=None)
        count = int((await session.exec(lost)).rowcount)
    if count:
        log.warning("redis_lost_events", stream=stream, everything=emptied, published_again=count)
    return count
