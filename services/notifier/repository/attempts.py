"""Attempts to deliver mails, many at a time: claimed, marked before DATA, and put back where their turn has not come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, tuple_, update
from sqlmodel import col
from sqlmodel import select as rows_of
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository.ledger import LISTING, WAITING
from shared.models import DeliveryRow, MailRow


async def claim(session: AsyncSession, mail_ids: Collection[int], now: datetime, lease: timedelta) -> list[MailRow]:
    """Those mails that wait and are due, each leased for one attempt that is noted in `deliveries`."""
    waiting = [col(MailRow.id).in_(mail_ids), col(MailRow.state).in_(WAITING), col(MailRow.due_at) <= now]
    # Locked in one order, so that two who claim the same mails never wait for each other; nor is a mail passed over that
    # its publisher has locked still: its event is out before the transaction ends that says so.
    locked = rows_of(MailRow.id).where(*waiting).order_by(col(MailRow.id)).with_for_update()
    ids = (await session.exec(locked)).all()
    if not ids:
        return []
    taken = update(MailRow).where(col(MailRow.id).in_(ids)).returning(MailRow)
    values = {"state": "sending", "attempts": col(MailRow.attempts) + 1, "leased_until": now + lease}
    mails = list((await session.exec(taken.values(**values).execution_options(synchronize_session=False))).scalars())
    session.add_all([DeliveryRow(mail_id=mail.id, attempt=mail.attempts, started_at=now) for mail in mails])
    return mails


async def fix_content(session: AsyncSession, chosen: Sequence[tuple[MailRow, dict[str, Any]]]) -> None:
    """Write what was chosen for mails, before anything of it is sent: every further attempt sends the same."""
    if chosen:
        connection = await session.connection()
        rows = [{"mail": mail.id, "attempt": mail.attempts, "chosen": content} for mail, content in chosen]
        await connection.execute(_FIX, rows)


async def mark_data(session: AsyncSession, mails: Sequence[MailRow], now: datetime) -> set[int]:
    """Note that DATA begins. Returns the ids of mails whose attempt is still ours.

    The lease of another has ended and somebody looked into it. Whoever looks locks the mail first, as we do here.
    """
    if not mails:
        return set()
    asked = [(mail.id, mail.attempts) for mail in mails]
    connection = await session.connection()
    marked = await connection.execute(_MARK, {"asked": asked, "ids": [mail_id for mail_id, _ in asked], "at": now})
    return {mail_id for (mail_id,) in marked}


@dataclass(frozen=True)
class Undone:
    """A claimed mail that is not tried after all. It waits until `due_at`; without one it is held until it is released."""

    mail: MailRow
    reason: str
    due_at: datetime | None = None


async def undo(session: AsyncSession, claims: Sequence[Undone]) -> None:
    """Let claimed mails be as if they had not been claimed: no attempt is counted.

    What was chosen for a first attempt is chosen anew when it comes to it.
    """
    if not claims:
        return
    connection = await session.connection()
    rows = [_undone_row(claim) for claim in sorted(claims, key=lambda claim: claim.mail.id)]
    await connection.execute(_UNDO, rows)
    theirs = tuple_(col(DeliveryRow.mail_id), col(DeliveryRow.attempt)).in_([(row["mail"], row["attempt"]) for row in rows])
    await session.exec(delete(DeliveryRow).where(theirs, col(DeliveryRow.data_at).is_(None)))


async def renew(session: AsyncSession, mails: Sequence[MailRow], until: datetime) -> None:
    """Keep mails that are in hand, however long their turn takes to come."""
    if mails:
        connection = await session.connection()
        rows = [
            {"mail": mail.id, "attempt": mail.attempts, "lease_until": until}
            for mail in sorted(mails, key=lambda mail: mail.id)
        ]
        await connection.execute(_RENEW, rows)


async def promised(session: AsyncSession, subscription_ids: Collection[int]) -> Sequence[MailRow]:
    """Mails that list jobs and have no final outcome, of these subscriptions: what they list may be on its way.

    One that waits lists something, too, where it was let go or is to be sent again.
    """
    unsettled = col(MailRow.state).in_((*WAITING, "sending", "held"))
    mails = rows_of(MailRow).where(
        col(MailRow.subscription_id).in_(subscription_ids), unsettled, col(MailRow.kind).in_(LISTING)
    )
    return (await session.exec(mails)).all()


async def listing(session: AsyncSession, state: str, limit: int) -> list[dict[str, Any]]:
    """Attempts, newest first, at mails that are in `state` now (empty: any), as an operator reads them."""
    mail, attempt = _MAILS.c, _DELIVERIES.c
    columns = [
        mail.id.label("mail"), mail.subscription_id.label("subscription"), mail.kind, mail.occasion, mail.state,
        attempt.attempt, attempt.started_at.label("started"), attempt.data_at.label("data"), attempt.outcome,
        func.coalesce(attempt.reply, mail.reason).label("reply"),
    ]  # fmt: skip
    query = select(*columns).join_from(_DELIVERIES, _MAILS, attempt.mail_id == mail.id)
    wanted = query.where(mail.state == state) if state else query
    newest = wanted.order_by(attempt.mail_id.desc(), attempt.attempt.desc()).limit(limit)
    return [dict(row) for row in (await (await session.connection()).execute(newest)).mappings()]


def _undone_row(claim: Undone) -> dict[str, Any]:
    mail, first = claim.mail, claim.mail.attempts <= 1
    again = mail.kind in LISTING and (first or not isinstance(mail.content, dict))
    return {
        "mail": mail.id,
        "attempt": mail.attempts,
        "now_is": "held" if claim.due_at is None else "pending" if first else "deferred",
        "again_at": claim.due_at or mail.due_at,
        "said": claim.reason or None,
        "kept": None if again else mail.content,
    }


_MAILS: Any = MailRow.__table__  # type: ignore[attr-defined]
_DELIVERIES: Any = DeliveryRow.__table__  # type: ignore[attr-defined]
_LOCKED = (
    select(_MAILS.c.id, _MAILS.c.attempts)
    .where(_MAILS.c.id.in_(bindparam("ids", expanding=True)), _MAILS.c.state == "sending")
    .order_by(_MAILS.c.id)
    .with_for_update()
    .subquery()
)
_MARK = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.mail_id == _LOCKED.c.id, _DELIVERIES.c.attempt == _LOCKED.c.attempts)
    .where(tuple_(_DELIVERIES.c.mail_id, _DELIVERIES.c.attempt).in_(bindparam("asked", expanding=True)))
    .values(data_at=bindparam("at"))
    .returning(_DELIVERIES.c.mail_id)
)
_ATTEMPT = (
    col(MailRow.id) == bindparam("mail"),
    col(MailRow.state) == "sending",
    col(MailRow.attempts) == bindparam("attempt"),
)
_FIX = update(MailRow).where(*_ATTEMPT).values(content=bindparam("chosen"))
_RENEW = update(MailRow).where(*_ATTEMPT).values(leased_until=bindparam("lease_until"))
_UNDO = (
    update(MailRow)
    .where(*_ATTEMPT)
    .values(
        state=bindparam("now_is"),
        attempts=col(MailRow.attempts) - 1,
        leased_until=None,
        published_at=None,
        due_at=bindparam("again_at"),
        reason=bindparam("said"),
        content=bindparam("kept"),
    )
)
