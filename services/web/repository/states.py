"""pending → active ⇄ paused → ended, and what a person does besides: say that they are still there, ask for their link."""

from datetime import datetime

from sqlalchemy import case, delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.address import parse_email
from services.web.repository.rows import ACTIVE, ENDED, PAUSED, PENDING, apply, finish, locked, owe
from services.web.repository.subscriptions import ask_again
from shared.address import address_hash
from shared.models import FeedbackRow, SubscriptionRow

FORGOTTEN = ("email", "channel", "profile", "tuning", "rule", "timezone", "weekday", "hour", "quiet_note", "paused_until")
"""Columns that say whose a subscription is and what they want."""


async def confirm(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """From pending to active. Any other state stays: a confirmation does not bring back what was left."""
    row = await locked(session, subscription_id)
    if row.state == PENDING:
        apply(row, {"state": ACTIVE}, now)
    return row


async def pause(
    session: AsyncSession, subscription_id: int, now: datetime, *, until: datetime | None = None
) -> SubscriptionRow:
    """From active to paused, or from one pause to another; any other state stays. `until` ends the pause by itself."""
    row = await locked(session, subscription_id)
    if row.state in (ACTIVE, PAUSED):
        apply(row, {"state": PAUSED, "paused_until": until}, now)
    return row


async def resume(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """From paused to active; any other state stays."""
    row = await locked(session, subscription_id)
    if row.state == PAUSED:
        apply(row, {"state": ACTIVE, "paused_until": None}, now)
    return row


async def end(session: AsyncSession, subscription_id: int, now: datetime, *, why: str = "asked") -> SubscriptionRow:
    """Whatever it was, it is over, and nothing brings it back. The first reason stays."""
    row = await locked(session, subscription_id)
    finish(row, why, now)
    return row


async def renew(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """Note that the person is still there. It is no revision: nothing is matched or sent differently for it."""
    row = await locked(session, subscription_id)
    if row.state in (ACTIVE, PAUSED):
        row.renewed_at = now
    return row


async def ask_for_links(session: AsyncSession, email: str, now: datetime) -> SubscriptionRow | None:
    """Have the notifier mail the links of every subscription of an address, by way of the newest that is confirmed.

    It owes its event again but is no new revision: nothing about it changed. An address that was never confirmed gets no
    link but the confirmation once more; for one that has no subscription there is nothing to do, and `None` says so.
    """
    found = select(SubscriptionRow).where(
        SubscriptionRow.address_hash == address_hash(parse_email(email)), SubscriptionRow.state != ENDED
    )
    confirmed_first = case((col(SubscriptionRow.state) == PENDING, 1), else_=0)
    newest = found.order_by(confirmed_first, col(SubscriptionRow.id).desc()).limit(1)
    row = (await session.exec(newest.with_for_update())).first()
    if row is not None and row.state == PENDING:
        ask_again(row, now)
    elif row is not None:
        row.link_asked_at = now
        owe(row)
    return row


async def erase(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """End it, and forget at once whose it was and what they wanted: what is left is a number, its dates and a hash.

    By the hash of the address a complaint about a mail that is on its way still counts.
    """
    row = await locked(session, subscription_id)
    await session.exec(delete(FeedbackRow).where(col(FeedbackRow.subscription_id) == subscription_id))
    blank = SubscriptionRow(email="", profile={}, created_at=now, changed_at=now)
    forgotten = {name: getattr(blank, name) for name in FORGOTTEN}
    apply(row, {**forgotten, "state": ENDED, "ended_why": row.ended_why or "erased"}, now)
    return row
