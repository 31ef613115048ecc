"""When each subscription's next digest is due."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, func, update
from sqlalchemy import select as columns
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.planning import Rhythm
from services.notifier.repository import opening
from services.notifier.repository.ledger import LISTING
from shared.database import insert_into
from shared.models import MailRow, ScheduleRow, SubscriptionRow


class Due(NamedTuple):
    """A schedule that is due, with what its subscription says of it; `state` is `None` where there is none any more."""

    subscription_id: int
    next_digest_at: datetime
    covered_until: datetime | None
    state: str | None
    cadence: str
    weekday: int
    hour: int
    timezone: str

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.cadence, self.weekday, self.hour, self.timezone)


class Move(NamedTuple):
    """What becomes of a schedule whose digest was opened."""

    subscription_id: int
    next_digest_at: datetime
    covered_until: datetime | None


class Past(NamedTuple):
    """The periods whose digests were opened, and where the last window ended."""

    opened: frozenset[str] = frozenset()
    covered_until: datetime | None = None


_DUE = (
    columns(
        col(ScheduleRow.subscription_id),
        col(ScheduleRow.next_digest_at),
        col(ScheduleRow.covered_until),
        col(SubscriptionRow.state),
        col(SubscriptionRow.cadence),
        col(SubscriptionRow.weekday),
        col(SubscriptionRow.hour),
        col(SubscriptionRow.timezone),
    )
    .select_from(ScheduleRow)
    .join(SubscriptionRow, col(SubscriptionRow.id) == col(ScheduleRow.subscription_id), isouter=True)
    .order_by(col(ScheduleRow.next_digest_at))
    .with_for_update(of=ScheduleRow, skip_locked=True)
)
_MOVE = (
    update(ScheduleRow)
    .where(col(ScheduleRow.subscription_id) == bindparam("whose"))
    .values(next_digest_at=bindparam("next_at"), covered_until=bindparam("covered"))
)


async def due(session: AsyncSession, now: datetime, limit: int) -> list[Due]:
    """Schedules whose digest is due, the longest due first, locked for the caller; those another one holds are left to it."""
    connection = await session.connection()
    rows = await connection.execute(_DUE.where(col(ScheduleRow.next_digest_at) <= now).limit(limit))
    return [Due(*row) for row in rows]


async def move(session: AsyncSession, moves: Sequence[Move]) -> None:
    """Set when the next digest is due. The revision stays, so that an edit made meanwhile is still seen as one."""
    if moves:
        connection = await session.connection()
        await connection.execute(_MOVE, [{"whose": one[0], "next_at": one[1], "covered": one[2]} for one in moves])


async def locked(session: AsyncSession, subscription_ids: Collection[int]) -> dict[int, ScheduleRow]:
    """The schedules of these subscriptions, held until the transaction ends: no tick opens a digest of them meanwhile."""
    mine = select(ScheduleRow).where(col(ScheduleRow.subscription_id).in_(subscription_ids))
    rows = (await session.exec(mine.order_by(col(ScheduleRow.subscription_id)).with_for_update())).all()
    return {row.subscription_id: row for row in rows}


async def set_all(session: AsyncSession, rows: Sequence[ScheduleRow]) -> None:
    """Write schedules. Where one of a later revision is there already, it stays; what is covered is written once only."""
    if not rows:
        return
    insert = insert_into(session, ScheduleRow)
    news = insert.on_conflict_do_update(
        index_elements=["subscription_id"],
        set_={name: getattr(insert.excluded, name) for name in ("next_digest_at", "revision")},
        where=col(ScheduleRow.revision) <= insert.excluded.revision,
    )
    connection = await session.connection()
    await connection.execute(news, [row.model_dump() for row in rows])


async def drop(session: AsyncSession, subscription_ids: Collection[int]) -> None:
    """No further digest for these."""
    if subscription_ids:
        await session.exec(delete(ScheduleRow).where(col(ScheduleRow.subscription_id).in_(subscription_ids)))


async def unschedule(session: AsyncSession, subscription_id: int, reason: str, now: datetime) -> None:
    """No further digest, and nothing of what is waiting to be sent."""
    await drop(session, [subscription_id])
    await opening.skip_waiting(session, [subscription_id], reason, now)


async def pasts(session: AsyncSession, subscription_ids: Collection[int], since: datetime) -> dict[int, Past]:
    """What was opened for each of these subscriptions: its periods since `since`, and how far its windows ever reached."""
    mine = [col(MailRow.subscription_id).in_(subscription_ids), col(MailRow.kind).in_(LISTING)]
    reached = select(MailRow.subscription_id, func.max(MailRow.until)).where(*mine).group_by(col(MailRow.subscription_id))
    covered: dict[int, datetime | None] = dict((await session.exec(reached)).all())
    digests = select(MailRow.subscription_id, MailRow.occasion).where(*mine, MailRow.kind == "digest")
    names: dict[int, set[str]] = {id_: set() for id_ in subscription_ids}
    for id_, occasion in await session.exec(digests.where(col(MailRow.opened_at) >= since)):
        names[id_].add(occasion)
    return {id_: Past(frozenset(found), covered.get(id_)) for id_, found in names.items()}
