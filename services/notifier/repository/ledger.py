"""The ledger of mails and of the attempts to deliver them, and what a person has been shown."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Digest
from services.notifier.kinds import kinds
from shared.database import upsert
from shared.events import DigestSent, MailDue, NoticeDue
from shared.models import DeliveryRow, MailRow, SentRow

WAITING = ("pending", "deferred")
SHOWN = ("sent", "unknown")
"""The person has the mail, or may have it: its jobs are used up."""
LISTING = ("digest", "welcome")
"""Kinds whose content is a `Digest`."""
BULK = tuple(kind.name for kind in kinds().values() if kind.bulk)
DIED = "the process died before DATA"


def owes_event(now: datetime) -> Any:
    """The condition under which a mail with an empty `published_at` owes an event at `now`."""
    to_send = and_(col(MailRow.state).in_(WAITING), col(MailRow.due_at) <= now)
    shown = and_(col(MailRow.state).in_(SHOWN), col(MailRow.kind).in_(LISTING))
    return or_(to_send, shown)


def event_of(mail: MailRow) -> MailDue | NoticeDue | DigestSent:
    """The event that an unpublished mail owes: that it is to be sent, or that its jobs are used up."""
    if mail.state in WAITING:
        due = MailDue if mail.kind in BULK else NoticeDue
        return due(mail_id=mail.id, attempt=mail.attempts + 1)
    used = Digest.model_validate(mail.content or {}).posting_ids
    return DigestSent(mail_id=mail.id, subscription_id=mail.subscription_id, posting_ids=used)


async def open_mail(session: AsyncSession, subscription_id: int, kind: str, occasion: str, now: datetime) -> MailRow:
    """The mail of this kind and occasion, opened if it is not in the ledger yet."""
    row = {"subscription_id": subscription_id, "kind": kind, "occasion": occasion, "opened_at": now, "due_at": now}
    await upsert(session, MailRow, [{**row, "state": "pending", "attempts": 0}])
    return await find_mail(session, subscription_id, kind, occasion)


async def find_mail(session: AsyncSession, subscription_id: int, kind: str, occasion: str) -> MailRow:
    key = [MailRow.subscription_id == subscription_id, MailRow.kind == kind, MailRow.occasion == occasion]
    return (await session.exec(select(MailRow).where(*key))).one()


async def reopen_skipped(session: AsyncSession, mail: MailRow, now: datetime) -> None:
    """Give a skipped mail another chance, as when the operator asks for a digest in a week that was quiet."""
    again = update(MailRow).where(col(MailRow.id) == mail.id, col(MailRow.state) == "skipped")
    await session.exec(again.values(state="pending", due_at=now, published_at=None, finished_at=None, reason=None))


async def claim(session: AsyncSession, mail_id: int, now: datetime, lease: timedelta) -> MailRow | None:
    """The mail, leased for one attempt that is noted in `deliveries`; `None` if it is not waiting or not due."""
    waiting = [col(MailRow.id) == mail_id, col(MailRow.state).in_(WAITING), col(MailRow.due_at) <= now]
    taken = (
        update(MailRow).where(*waiting).values(state="sending", attempts=col(MailRow.attempts) + 1, leased_until=now + lease)
    )
    if not (await session.exec(taken)).rowcount:
        return None
    mail = (await session.exec(select(MailRow).where(MailRow.id == mail_id))).one()
    session.add(DeliveryRow(mail_id=mail.id, attempt=mail.attempts, started_at=now))
    return mail


async def mark_data(session: AsyncSession, mail: MailRow, now: datetime) -> bool:
    """Note that DATA begins. False if the attempt is no longer ours: its lease ended and somebody looked into it."""
    ours = select(MailRow.id).where(MailRow.id == mail.id, MailRow.state == "sending", MailRow.attempts == mail.attempts)
    if (await session.exec(ours.with_for_update())).one_or_none() is None:
        return False
    await session.exec(_attempt(mail).values(data_at=now))
    return True


async def finish(
    session: AsyncSession, mail: MailRow, state: str, now: datetime, *, reply: str = "", due_at: datetime | None = None
) -> None:
    """Close an attempt with its outcome; `due_at` is when a deferred mail is tried again.

    An attempt that was given up meanwhile may still say that its mail was sent; nothing else it says counts any more.
    """
    ours = and_(col(MailRow.state) == "sending", col(MailRow.attempts) == mail.attempts)
    if state == "sent":
        ours = or_(ours, col(MailRow.state) == "unknown")
    values: dict[str, Any] = {"state": state, "leased_until": None, "published_at": None, "reason": reply or None}
    values |= {"due_at": due_at} if due_at else {"finished_at": now}
    await session.exec(update(MailRow).where(col(MailRow.id) == mail.id, ours).values(**values))
    await session.exec(_attempt(mail).values(outcome=state, finished_at=now, reply=reply or None))
    if state in SHOWN and mail.kind in LISTING:
        await _use_up(session, mail, now)


async def expired(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[MailRow, DeliveryRow]]:
    """Attempts whose lease ended without an outcome: their process died or hangs."""
    ended = select(MailRow).where(MailRow.state == "sending", col(MailRow.leased_until) <= now).limit(limit)
    mails = (await session.exec(ended.with_for_update(skip_locked=True))).all()
    # Asked for only now that the mails are locked: a join would not see a mark of DATA made while it waited.
    attempts = [(mail, await session.get(DeliveryRow, (mail.id, mail.attempts))) for mail in mails]
    return [(mail, attempt) for mail, attempt in attempts if attempt is not None]


async def deaths(session: AsyncSession, mail_id: int) -> int:
    """How many attempts at a mail, this one included, ended with their process."""
    died = select(func.count()).where(
        DeliveryRow.mail_id == mail_id, or_(col(DeliveryRow.reply) == DIED, col(DeliveryRow.outcome).is_(None))
    )
    return int((await session.exec(died)).one())


async def owe_again(session: AsyncSession, before: datetime) -> None:
    """Waiting mails whose event was published before `before` owe it again: Redis may have lost it."""
    stuck = [col(MailRow.state).in_(WAITING), col(MailRow.published_at) < before]
    await session.exec(update(MailRow).where(*stuck).values(published_at=None))


def _attempt(mail: MailRow) -> Any:
    return update(DeliveryRow).where(col(DeliveryRow.mail_id) == mail.id, col(DeliveryRow.attempt) == mail.attempts)


async def _use_up(session: AsyncSession, mail: MailRow, now: datetime) -> None:
    entries = Digest.model_validate(mail.content or {}).entries
    rows = [
        {
            "subscription_id": mail.subscription_id,
            "opening_key": entry.opening_key,
            "posting_id": posting_id,
            "mail_id": mail.id,
            "sent_at": now,
        }
        for entry in entries
        for posting_id in entry.posting_ids
    ]
    await upsert(session, SentRow, rows)
