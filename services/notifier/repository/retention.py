"""How long the ledger remembers what: the content of a mail for days, whom it went to for as long as they are written to.

sweep    at each tick: what was in old mails, and everything of who left more than a year ago
forget   at once, when a person asks to be erased
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, exists, not_, null, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository.ledger import LISTING, SHOWN
from services.notifier.repository.opening import UNSENT
from shared.database import Database, upsert
from shared.models import DeliveryRow, MailRow, ReturnRow, ScheduleRow, SentRow, SubscriptionRow, SwitchRow
from shared.models.notifier import WITH_CONTENT
from shared.settings import Settings

BATCH = 500
LEFT_BATCH = 50
"""Subscriptions forgotten in one transaction: each may have a year of mails."""
LEDGER_KEPT = timedelta(days=365)
SWEPT = "swept"
"""The switch that holds the day on which the ledger of who left was last gone through: it takes a while, so once a day."""
DONE = (*SHOWN, "failed", "skipped")
ERASED = "address_erased: the person asked for it"


async def sweep(database: Database, settings: Settings, now: datetime) -> None:
    """Forget what is kept no longer, a batch in each transaction. Any number of notifiers may do it at once."""
    old = now - timedelta(days=settings.mail_keep_days)
    while await _drop_contents(database, old) == BATCH:
        pass
    if await _takes_turn(database, now):
        await _forget_who_left(database, now - LEDGER_KEPT)
        async with database.begin() as session:
            await session.exec(delete(ReturnRow).where(col(ReturnRow.returned_at) <= now - LEDGER_KEPT))


async def forget(session: AsyncSession, subscription_ids: Sequence[int], now: datetime) -> None:
    """Forget what was in mails and said about them, and send nothing more. That there were mails, and when, stays."""
    theirs = col(MailRow.subscription_id).in_(subscription_ids)
    await session.exec(update(MailRow).where(theirs).values(content=null(), reason=None))
    skipped: dict[str, Any] = {"state": "skipped", "reason": ERASED, "finished_at": now}
    await session.exec(update(MailRow).where(theirs, col(MailRow.state).in_(UNSENT)).values(skipped))
    await session.exec(delete(ScheduleRow).where(col(ScheduleRow.subscription_id).in_(subscription_ids)))
    mails = select(MailRow.id).where(theirs)
    await session.exec(update(DeliveryRow).where(col(DeliveryRow.mail_id).in_(mails)).values(reply=None))
    await session.exec(delete(ReturnRow).where(col(ReturnRow.mail_id).in_(mails)))


async def forget_returns(session: AsyncSession, address_hash: str) -> None:
    """Forget what came back from an address. That it gets no mail any more, where that was the outcome, stays."""
    await session.exec(delete(ReturnRow).where(col(ReturnRow.address_hash) == address_hash))


async def _drop_contents(database: Database, before: datetime) -> int:
    """What was in mails that were done with before then, unless an event still has to tell of it. Returns how many."""
    owes = and_(col(MailRow.state).in_(SHOWN), col(MailRow.kind).in_(LISTING), col(MailRow.published_at).is_(None))
    done = text(WITH_CONTENT), col(MailRow.finished_at) <= before, col(MailRow.state).in_(DONE), not_(owes)
    async with database.begin() as session:
        old = select(MailRow.id).where(*done).order_by(col(MailRow.finished_at)).limit(BATCH)
        ids = (await session.exec(old.with_for_update(skip_locked=True))).all()
        await session.exec(update(MailRow).where(col(MailRow.id).in_(ids)).values(content=null()))
        await session.exec(update(DeliveryRow).where(col(DeliveryRow.mail_id).in_(ids)).values(reply=None))
    return len(ids)


async def _takes_turn(database: Database, now: datetime) -> bool:
    """Whether nobody has swept today; then the turn is taken."""
    today = f"{now:%Y-%m-%d}"
    async with database.read() as session:
        last = await session.get(SwitchRow, SWEPT)
    if last is not None and last.value >= today:
        return False
    async with database.begin() as session:
        await upsert(
            session, SwitchRow, [{"name": SWEPT, "value": today, "reason": "", "set_at": now}], update=("value", "set_at")
        )
    return True


async def _forget_who_left(database: Database, before: datetime) -> None:
    """Every trace in the ledger of subscriptions that ended before then."""
    last, more = 0, True
    while more:
        left = col(SubscriptionRow.ended_at) <= before, col(SubscriptionRow.id) > last
        known = exists().where(col(MailRow.subscription_id) == col(SubscriptionRow.id))
        async with database.begin() as session:
            found = select(SubscriptionRow.id).where(*left, known).order_by(col(SubscriptionRow.id)).limit(LEFT_BATCH)
            ids = (await session.exec(found)).all()
            await _delete_all(session, ids)
        last, more = max(ids, default=0), len(ids) == LEFT_BATCH


async def _delete_all(session: AsyncSession, subscription_ids: Sequence[int]) -> None:
    mails = select(MailRow.id).where(col(MailRow.subscription_id).in_(subscription_ids))
    await session.exec(delete(DeliveryRow).where(col(DeliveryRow.mail_id).in_(mails)))
    await session.exec(delete(ReturnRow).where(col(ReturnRow.mail_id).in_(mails)))
    await session.exec(delete(SentRow).where(col(SentRow.subscription_id).in_(subscription_ids)))
    await session.exec(delete(MailRow).where(col(MailRow.subscription_id).in_(subscription_ids)))
