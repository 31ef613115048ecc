"""What came back, and who therefore gets no mail."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import insert_into, upsert
from shared.models import MailRow, ReturnRow, SubscriptionRow, SuppressionRow

MOST_ASKED = 1_000
"""Hashes in one question; SQLite and Postgres both take 32,000 values."""
RANK = {"soft": 0, "hard": 1, "operator": 2, "complaint": 3}
"""Which cause stands when an address has several: the one that is hardest to take back. Only `soft` ever ends by itself."""


async def suppressed(session: AsyncSession, address_hashes: Iterable[str], now: datetime) -> set[str]:
    """Those of `address_hashes` (`shared.address`) that get no mail of any kind at `now`."""
    asked, found = sorted(set(address_hashes)), set[str]()
    holds = or_(col(SuppressionRow.until).is_(None), col(SuppressionRow.until) > now)
    for start in range(0, len(asked), MOST_ASKED):
        some = col(SuppressionRow.address_hash).in_(asked[start : start + MOST_ASKED])
        found |= set((await session.exec(select(SuppressionRow.address_hash).where(some, holds))).all())
    return found


async def record(session: AsyncSession, rows: Sequence[ReturnRow]) -> set[str]:
    """Insert returns whose key is not there yet. Gives the keys that are new."""
    new = set[str]()
    insert = insert_into(session, ReturnRow)
    for row in rows:
        once = insert.values(row.model_dump(exclude={"id"})).on_conflict_do_nothing(index_elements=["key"])
        new |= set((await session.exec(once.returning(col(ReturnRow.key)))).scalars().all())
    return new


async def recipient(session: AsyncSession, mail_id: int) -> tuple[MailRow, str] | None:
    """A mail of the ledger, locked, and the hash of the address it went to (empty: the operator's); `None` if unknown."""
    mail = (await session.exec(select(MailRow).where(MailRow.id == mail_id).with_for_update())).one_or_none()
    if mail is None:
        return None
    person = await session.get(SubscriptionRow, mail.subscription_id)
    return mail, person.address_hash if person else ""


async def subscriptions_of(session: AsyncSession, address_hash: str) -> Sequence[int]:
    """Every subscription of an address that has not ended."""
    live = [SubscriptionRow.address_hash == address_hash, SubscriptionRow.state != "ended"]
    return (await session.exec(select(SubscriptionRow.id).where(*live))).all()


async def soft_since(session: AsyncSession, address_hash: str, since: datetime) -> list[datetime]:
    """When mails to an address came back softly; a mail about which several reports came counts once."""
    asked = select(ReturnRow).where(
        ReturnRow.address_hash == address_hash, ReturnRow.kind == "soft", col(ReturnRow.returned_at) >= since
    )
    rows = (await session.exec(asked.order_by(col(ReturnRow.returned_at)))).all()
    return list({row.mail_id or row.key: row.returned_at for row in rows}.values())


async def suppress(
    session: AsyncSession, address_hash: str, cause: str, detail: str, now: datetime, until: datetime | None = None
) -> bool:
    """Stop every mail to an address, `until` a time or for good. False when a graver cause holds already."""
    fresh = {"address_hash": address_hash, "cause": cause, "detail": detail, "since": now, "until": until}
    await upsert(session, SuppressionRow, [fresh])
    ours = select(SuppressionRow).where(SuppressionRow.address_hash == address_hash).with_for_update()
    row = (await session.exec(ours.execution_options(populate_existing=True))).one()
    if RANK[row.cause] > RANK[cause]:
        return False
    await session.exec(update(SuppressionRow).where(col(SuppressionRow.address_hash) == address_hash).values(**fresh))
    return True


async def suppressions(session: AsyncSession, cause: str = "") -> Sequence[SuppressionRow]:
    """Every suppression, or those of one cause; the newest first."""
    asked = select(SuppressionRow).order_by(col(SuppressionRow.since).desc(), col(SuppressionRow.address_hash))
    return (await session.exec(asked.where(SuppressionRow.cause == cause) if cause else asked)).all()


async def forgive(session: AsyncSession, address_hash: str) -> None:
    """Lift a suppression. What came back stays on record, and counts on with what comes back next."""
    await session.exec(delete(SuppressionRow).where(col(SuppressionRow.address_hash) == address_hash))


async def set_returned(session: AsyncSession, mail_id: int, words: str) -> None:
    """Note at a mail what came back of it."""
    await session.exec(update(MailRow).where(col(MailRow.id) == mail_id).values(returned=words))
