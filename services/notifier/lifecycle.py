"""Mails that no event leads to, but time: a reminder to confirm, *are you still there?*, a line when nothing fits for long."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.kinds.confirm import REMINDER
from services.notifier.kinds.watching import content_of
from services.notifier.owed import Owed
from services.notifier.repository import opening, silences
from services.notifier.repository.silences import QUIET_FOR
from services.notifier.week import Ask, week_of
from shared.database import Database
from shared.models import MailRow

log = structlog.get_logger()

EVERY = timedelta(hours=1)
"""None of these mails is about an hour; and what is looked for is looked for in every subscription."""
BATCH = 500
AT_ONCE = 10_000
"""Most mails of one kind that one look opens: the rest of a crowd comes with the next."""
Found = Callable[[AsyncSession, datetime, int, int], Awaitable[Sequence[int]]]
Written = Callable[[Sequence[int], datetime], Awaitable[list[Owed]]]


class Lifecycle:
    """Looks once an hour, and at once when it starts. Any number may look: the ledger has each occasion once."""

    def __init__(self, database: Database, ask: Ask) -> None:
        self.database, self.ask = database, ask
        self.looked_at: datetime | None = None

    async def tick(self, now: datetime) -> None:
        """Open what is due by now. A clock that was set back looks again."""
        if self.looked_at is not None and timedelta(0) <= now - self.looked_at < EVERY:
            return
        await self.open_all(silences.unconfirmed, self.reminders, now)
        await self.open_all(silences.unheard, self.questions, now)
        await self.open_all(silences.unserved, self.notes, now)
        self.looked_at = now

    async def open_all(self, found: Found, written: Written, now: datetime) -> int:
        """Open what is `written` to those who are `found`, batch by batch. Returns how many mails are new."""
        after, new = 0, 0
        while new < AT_ONCE:
            async with self.database.read() as session:
                ids = await found(session, now, after, BATCH)
            mails = await written(ids, now)
            async with self.database.begin() as session:
                new += len(await opening.open_all(session, mails, now))
            if len(ids) < BATCH:
                break
            after = ids[-1]
        if new:
            log.info("silences_broken", kind=found.__name__, mails=new)
        return new

    async def reminders(self, ids: Sequence[int], now: datetime) -> list[Owed]:
        return [Owed(id_, "confirm", REMINDER, now) for id_ in ids]

    async def questions(self, ids: Sequence[int], now: datetime) -> list[Owed]:
        return [Owed(id_, "still-there", f"{now:%Y-%m}", now) for id_ in ids]

    async def notes(self, ids: Sequence[int], now: datetime) -> list[Owed]:
        """With what the jobs of these weeks fell to, where a matcher says so in time."""
        if not ids:
            return []
        since, until = now - QUIET_FOR, now
        numbers = await week_of(self.ask, [_about(id_, since, until) for id_ in ids])
        contents = {id_: content_of(since, until, numbers[id_][0]) for id_ in ids}
        return [Owed(id_, "watching", f"{now:%Y-%m}", now, since, until, contents[id_]) for id_ in ids]


def _about(subscription_id: int, since: datetime, until: datetime) -> MailRow:
    """What `week_of` is to be told of a mail that is not in the ledger yet."""
    return MailRow(
        id=subscription_id,
        subscription_id=subscription_id,
        kind="watching",
        occasion="",
        since=since,
        until=until,
        opened_at=until,
        due_at=until,
    )
