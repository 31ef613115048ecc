"""Waiting for the line: until boards are read, postings matched and mails sent, or it takes too long."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from sqlmodel import col, func, or_, select

from shared.database import Database
from shared.events import DELIVERIES, POSTINGS, SUBSCRIPTIONS
from shared.models import BoardRow, MailRow, PostingRow, ScheduleRow, SubscriptionRow
from shared.outbox import publish_owed
from shared.streams import Streams
from shared.streams.upkeep import waiting

if TYPE_CHECKING:
    from rich.progress import Progress
    from sqlmodel.ext.asyncio.session import AsyncSession

T = TypeVar("T")
LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Backlog:
    """What is still on its way: boards to be read, events to be published, events to be handled."""

    boards: int
    unpublished: int
    unhandled: int

    def __bool__(self) -> bool:
        return bool(self.boards or self.unpublished or self.unhandled)

    def __str__(self) -> str:
        return f"{self.boards} boards to read, {self.unpublished} events to publish, {self.unhandled} to handle"


async def backlog(database: Database, streams: Streams) -> Backlog:
    """What the line has not got to yet."""
    now = datetime.now(UTC)
    due = or_(col(BoardRow.next_poll_at) <= now, col(BoardRow.leased_until) > now)
    async with database.read() as session:
        boards = select(func.count()).where(due, col(BoardRow.removed_at).is_(None))
        to_read = (await session.exec(boards)).one()
        owed = [select(func.count()).where(col(table.published_at).is_(None)) for table in (PostingRow, SubscriptionRow)]
        unpublished = [(await session.exec(count)).one() for count in owed]
    unhandled = [sum((await waiting(streams.client, stream)).values()) for stream in (POSTINGS, SUBSCRIPTIONS, DELIVERIES)]
    return Backlog(to_read, sum(unpublished), sum(unhandled))


async def until_idle(database: Database, streams: Streams, seconds: float, bar: "Progress") -> Backlog:
    """Wait until nothing is on its way, at most `seconds`. Returns what is left (nothing, when all went well)."""

    async def look() -> Backlog:
        return await backlog(database, streams)

    return await _wait(look, seconds, bar, "waiting for the line to be idle")


async def send_now(
    database: Database, streams: Streams, subscription_ids: Sequence[int], seconds: float, bar: "Progress"
) -> list[MailRow]:
    """Open the digest of the current period for each subscription, have it sent, and wait for the outcomes."""
    from services.notifier.repository import ledger

    now, opened = datetime.now(UTC), []
    async with database.begin() as session:
        for id_ in subscription_ids:
            row = await session.get(SubscriptionRow, id_)
            if row is not None:
                opened.append(await _opened(session, row, now))
    await publish_owed(database, streams, MailRow, ledger.event_of, now, ledger.owes_event(now))
    asked = select(MailRow).where(col(MailRow.id).in_(opened)).order_by(col(MailRow.id))

    async def look() -> Sequence[MailRow]:
        async with database.read() as session:
            return [mail for mail in (await session.exec(asked)).all() if mail.state in ("pending", "sending")]

    await _wait(look, seconds, bar, "sending digests")
    async with database.read() as session:
        return list((await session.exec(asked)).all())


async def _opened(session: "AsyncSession", row: SubscriptionRow, now: datetime) -> int:
    """The digest of the current period, which covers what came since the one before; a skipped one has another chance."""
    from services.notifier.owed import Owed, rhythm_of
    from services.notifier.planning import window_start
    from services.notifier.repository import ledger, opening, schedules

    rhythm, schedule = rhythm_of(row), await session.get(ScheduleRow, row.id)
    since = window_start(rhythm, now, schedule.covered_until if schedule else None)
    await opening.open_all(session, [Owed(row.id, "digest", rhythm.period(now), now, since=since, until=now)], now)
    mail = await ledger.find_mail(session, row.id, "digest", rhythm.period(now))
    await ledger.reopen_skipped(session, mail, now)
    if schedule:
        await schedules.move(session, [schedules.Move(row.id, schedule.next_digest_at, now)])
    return mail.id


async def _wait(look: Callable[[], Awaitable[T]], seconds: float, bar: "Progress", what: str) -> T:
    task = bar.add_task(what, total=None)
    deadline = time.monotonic() + seconds
    while (left := await look()) and time.monotonic() < deadline:
        bar.update(task, description=f"{what}: {left if isinstance(left, Backlog) else ''}")
        await asyncio.sleep(LOOK_EVERY)
    bar.remove_task(task)
    return left
