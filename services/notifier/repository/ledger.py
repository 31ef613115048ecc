"""The ledger of mails and of the attempts to deliver them, and what a person has been shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Digest, used_ids
from services.notifier.kinds import kinds
from shared.database import upsert
from shared.events import DigestSent, MailDue, NoticeDue
from shared.models import DeliveryRow, MailRow, SentRow
from shared.models.notifier import OWING

WAITING = ("pending", "deferred")
UNSETTLED = (*WAITING, "sending", "held", "unknown")
SHOWN = ("sent", "unknown")
"""The person has the mail, or may have it: its jobs are used up."""
BULK = tuple(kind.name for kind in kinds().values() if kind.bulk)
LISTING = tuple(kind.name for kind in kinds().values() if kind.lists)
DIED = "the process died before DATA"


@dataclass(frozen=True)
class Outcome:
    """How an attempt at `mail` ended. `due_at` is when a deferred mail is tried again; `reply` what there is to say."""

    mail: MailRow
    state: str
    reply: str = ""
    due_at: datetime | None = None


def owes_event(now: datetime) -> Any:
    """The condition under which a mail with an empty `published_at` owes an event at `now`."""
    # Not "waiting and due, or shown": SQLite would look that up state by state, through every mail that was ever sent.
    return and_(text(OWING), ~and_(col(MailRow.state).in_(WAITING), col(MailRow.due_at) > now))


def event_of(mail: MailRow) -> MailDue | NoticeDue | DigestSent:
    """The event that an unpublished mail owes: that it is to be sent, or that its jobs are used up."""
    if mail.state in WAITING:
        due = MailDue if mail.kind in BULK else NoticeDue
        return due(mail_id=mail.id, attempt=mail.attempts + 1)
    return DigestSent(mail_id=mail.id, subscription_id=mail.subscription_id, posting_ids=used_ids(mail.content or {}))


def jobs_of(mail: MailRow) -> list[tuple[str, int]]:
    """Opening and posting of all that a mail lists."""
    content = mail.content if mail.kind in LISTING else None
    return [(entry.opening_key, id_) for entry in Digest.model_validate(content or {}).entries for id_ in entry.posting_ids]


def to_be_tried(now: datetime) -> dict[str, Any]:
    """What a mail that is done with, or held, becomes when it is to be tried after all."""
    return {"state": "pending", "due_at": now, "published_at": None, "finished_at": None}


async def find_mail(session: AsyncSession, subscription_id: int, kind: str, occasion: str) -> MailRow:
    """A mail that is in the ledger."""
    key = [MailRow.subscription_id == subscription_id, MailRow.kind == kind, MailRow.occasion == occasion]
    return (await session.exec(select(MailRow).where(*key))).one()


async def reopen_skipped(session: AsyncSession, mail: MailRow, now: datetime) -> None:
    """Give a skipped mail another chance, as when the operator asks for a digest in a week that was quiet."""
    again = update(MailRow).where(col(MailRow.id) == mail.id, col(MailRow.state) == "skipped")
    await session.exec(again.values(**to_be_tried(now), reason=None))


async def finish(
    session: AsyncSession, mail: MailRow, state: str, now: datetime, *, reply: str = "", due_at: datetime | None = None
) -> None:
    """Close one attempt with its outcome: see `finish_all`."""
    await finish_all(session, [Outcome(mail, state, reply, due_at)], now)


async def finish_all(session: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Close attempts with their outcomes.

    An attempt that was given up meanwhile may still say that its mail was sent; nothing else it says counts any more.
    """
    outcomes = sorted(outcomes, key=lambda outcome: outcome.mail.id)  # everybody locks in one order: nobody waits for ever
    if not outcomes:
        return
    connection = await session.connection()
    await connection.execute(_CLOSE_MAIL, [_closed(outcome, now) for outcome in outcomes])
    await connection.execute(_CLOSE_ATTEMPT, [_closed_attempt(outcome, now) for outcome in outcomes])
    await upsert(session, SentRow, [row for outcome in outcomes for row in _used_up(outcome, now)])


async def release(session: AsyncSession, now: datetime, code: str) -> int:
    """Let mails that were held for `code` (how their reason begins) wait to be sent. Returns how many."""
    held = [col(MailRow.state) == "held", col(MailRow.reason).startswith(f"{code}:", autoescape=True)]
    return int((await session.exec(update(MailRow).where(*held).values(**to_be_tried(now)))).rowcount)


async def unsettled(session: AsyncSession) -> dict[tuple[str, str], int]:
    """How many mails have no outcome that is final, by kind and state."""
    query = select(MailRow.kind, MailRow.state, func.count()).where(col(MailRow.state).in_(UNSETTLED))
    grouped = query.group_by(col(MailRow.kind), col(MailRow.state))
    return {(kind, state): number for kind, state, number in (await session.exec(grouped)).all()}


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


_OURS = or_(
    and_(col(MailRow.state) == "sending", col(MailRow.attempts) == bindparam("attempt")),
    and_(bindparam("now_is") == "sent", or_(*(col(MailRow.state) == state for state in (*WAITING, "unknown", "failed")))),
)
_CLOSE_MAIL = (
    update(MailRow)
    .where(col(MailRow.id) == bindparam("mail"), _OURS)
    .values(
        state=bindparam("now_is"),
        leased_until=None,
        published_at=None,
        reason=bindparam("said"),
        due_at=func.coalesce(bindparam("again_at", type_=MailRow.__table__.c.due_at.type), MailRow.due_at),  # type: ignore[attr-defined]
        finished_at=bindparam("ended_at"),
    )
)
_CLOSE_ATTEMPT = (
    update(DeliveryRow)
    .where(col(DeliveryRow.mail_id) == bindparam("mail"), col(DeliveryRow.attempt) == bindparam("number"))
    .values(outcome=bindparam("ended"), finished_at=bindparam("ended_at"), reply=bindparam("said"))
)


def _closed(outcome: Outcome, now: datetime) -> dict[str, Any]:
    return {
        "mail": outcome.mail.id,
        "attempt": outcome.mail.attempts,
        "now_is": outcome.state,
        "said": outcome.reply or None,
        "again_at": outcome.due_at,
        "ended_at": None if outcome.due_at else now,
    }


def _closed_attempt(outcome: Outcome, now: datetime) -> dict[str, Any]:
    mail = outcome.mail
    return {
        "mail": mail.id,
        "number": mail.attempts,
        "ended": outcome.state,
        "ended_at": now,
        "said": outcome.reply or None,
    }


def _used_up(outcome: Outcome, now: datetime) -> list[dict[str, Any]]:
    mail = outcome.mail
    return [
        {
            "subscription_id": mail.subscription_id,
            "opening_key": opening_key,
            "posting_id": posting_id,
            "mail_id": mail.id,
            "sent_at": now,
        }
        for opening_key, posting_id in (jobs_of(mail) if outcome.state in SHOWN else ())
    ]
