"""When each subscription's next digest is due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository.ledger import WAITING
from shared.database import upsert
from shared.models import MailRow, ScheduleRow, SubscriptionRow


async def due_schedules(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[ScheduleRow, SubscriptionRow]]:
    """Schedules whose digest is due, with their subscriptions, locked for the caller."""
    due = select(ScheduleRow, SubscriptionRow).where(
        col(ScheduleRow.next_digest_at) <= now, col(SubscriptionRow.id) == col(ScheduleRow.subscription_id)
    )
    locked = due.order_by(col(ScheduleRow.next_digest_at)).limit(limit).with_for_update(of=ScheduleRow, skip_locked=True)
    return (await session.exec(locked)).all()


async def schedule(session: AsyncSession, subscription_id: int, revision: int, next_digest_at: datetime) -> None:
    row = {"subscription_id": subscription_id, "next_digest_at": next_digest_at, "revision": revision}
    await upsert(session, ScheduleRow, [row], update=("next_digest_at", "revision"))


async def unschedule(session: AsyncSession, subscription_id: int, reason: str, now: datetime) -> None:
    """No further digest; what is waiting to be sent is skipped."""
    await session.exec(delete(ScheduleRow).where(col(ScheduleRow.subscription_id) == subscription_id))
    waiting = [col(MailRow.subscription_id) == subscription_id, col(MailRow.state).in_(WAITING)]
    await session.exec(update(MailRow).where(*waiting).values(state="skipped", reason=reason, finished_at=now))
