"""Mails put into the ledger, many at once, and those that wait there taken back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.owed import Owed
from services.notifier.repository.ledger import WAITING
from shared.database import insert_into
from shared.models import MailRow

UNSENT = (*WAITING, "held")
"""States in which a mail may still be taken back: no server has it."""
KEY = ("subscription_id", "kind", "occasion")


async def open_all(session: AsyncSession, mails: Sequence[Owed], now: datetime) -> set[tuple[int, str, str]]:
    """Open those mails whose occasion is not in the ledger yet. Gives the keys of those: subscription, kind, occasion."""
    return await _insert(session, [_row(mail, now, state="pending") for mail in mails])


async def note_skipped(session: AsyncSession, mails: Sequence[Owed], reason: str, now: datetime) -> int:
    """Put mails into the ledger that will not be sent, where nothing is there. Returns how many.

    They have no window: what they would have covered belongs to the next one that is opened.
    """
    closed = {"state": "skipped", "reason": reason, "finished_at": now, "published_at": now, "since": None, "until": None}
    return len(await _insert(session, [_row(mail, now, **closed) for mail in mails]))


async def skip_waiting(
    session: AsyncSession, subscription_ids: Collection[int], reason: str, now: datetime, *, but: Collection[str] = ()
) -> None:
    """Take back what no server has yet, except mails of the kinds `but`. Their windows belong to the next digest again."""
    if not subscription_ids:
        return
    unsent = [col(MailRow.subscription_id).in_(subscription_ids), col(MailRow.state).in_(UNSENT), ~col(MailRow.kind).in_(but)]
    # Locked in one order, that of who claims them to be sent, so that neither waits for the other.
    ids = (await session.exec(select(MailRow.id).where(*unsent).order_by(col(MailRow.id)).with_for_update())).all()
    if not ids:
        return
    skipped = {"state": "skipped", "reason": reason, "finished_at": now, "published_at": now, "since": None, "until": None}
    await session.exec(update(MailRow).where(col(MailRow.id).in_(ids)).values(**skipped))


async def _insert(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> set[tuple[int, str, str]]:
    if not rows:
        return set()
    insert = insert_into(session, MailRow).on_conflict_do_nothing(index_elements=KEY)
    new = insert.returning(*(getattr(MailRow, name) for name in KEY))
    connection = await session.connection()
    return {(row[0], row[1], row[2]) for row in await connection.execute(new, list(rows))}


def _row(mail: Owed, now: datetime, **given: Any) -> dict[str, Any]:
    return {
        "subscription_id": mail.subscription_id,
        "kind": mail.kind,
        "occasion": mail.occasion,
        "since": mail.since,
        "until": mail.until,
        "opened_at": now,
        "due_at": mail.due_at,
        "content": mail.content,
        "attempts": 0,
        **given,
    }
