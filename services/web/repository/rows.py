"""One subscription held for a change, and what a change leaves behind: a revision, and an event that is owed."""

from datetime import datetime
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.errors import NotFound
from shared.models import SubscriptionRow

PENDING, ACTIVE, PAUSED, ENDED = "pending", "active", "paused", "ended"


async def locked(session: AsyncSession, subscription_id: int) -> SubscriptionRow:
    """The row, held until the transaction ends; SQLite holds the whole file and ignores FOR UPDATE. Raises `NotFound`."""
    query = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id).with_for_update()
    return found((await session.exec(query)).first(), subscription_id)


def found(row: SubscriptionRow | None, subscription_id: int) -> SubscriptionRow:
    if row is None:
        raise NotFound(f"no subscription {subscription_id}", code="subscription_unknown")
    return row


def apply(row: SubscriptionRow, wanted: dict[str, Any], now: datetime) -> bool:
    """Set what differs, as one revision. Says whether anything did."""
    news = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in news.items():
        setattr(row, name, value)
    if news.get("state") == ACTIVE and row.confirmed_at is None:
        row.confirmed_at = now
    if news.get("state") == ENDED:
        row.ended_at = now
    if news:
        revise(row, now)
    return bool(news)


def finish(row: SubscriptionRow, why: str, now: datetime) -> bool:
    """End it, and say why; what has ended already keeps its reason. Says whether anything changed."""
    return row.state != ENDED and apply(row, {"state": ENDED, "ended_why": why, "paused_until": None}, now)


def revise(row: SubscriptionRow, now: datetime) -> None:
    row.revision += 1
    row.changed_at = now
    owe(row)


def owe(row: SubscriptionRow) -> None:
    """Let its event be published again."""
    row.published_at = row.published_ms = None
