"""The ledger of mails and of the attempts to deliver them, and what a person has been shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import and_, bindparam, delete, func, or_, text, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Digest
from services.notifier.kinds import kinds
from shared.database import upsert
from shared.events import DigestSent, MailDue, NoticeDue
from shared.models import DeliveryRow, MailRow, SentRow
from shared.models.notifier import OWING

WAITING = ("pending", "deferred")
UNSETTLED = (*WAITING, "sending", "held", "unknown")
SHOWN = ("sent", "unknown")
"""The person has the mail, or may have it: its jobs are used up."""
LISTING = ("digest", "welcome")
"""Kinds whose content is a `Digest`."""
BULK = tuple(kind.name for kind in kinds().values() if kind.bulk)
DIED = "the process died before DATA"
RESENDS = 2
"""How often a mail whose outcome is unknown is sent again, where the operator chose that."""
RESEND_AFTER = timedelta(minutes=30)
"""How long after. Time for a bounce to come, and for a server that hangs to be itself again."""
Resolution = Literal["sent", "failed", "resend"]


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
    return DigestSent(mail_id=mail.id, subscription_id=mail.subscription_id, posting_ids=_used_ids(mail))


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


async def resolve(session: AsyncSession, mail_id: int, state: Resolution, reason: str, now: datetime) -> bool:
    """What became of a mail that nobody knew of: it was sent, it failed, or it is to be sent again, as the same mail.

    Only an `unknown` mail is resolved; a `failed` one may be sent again too. False, and nothing changed, for any other.
    """
    from_states = ("unknown", "failed") if state == "resend" else ("unknown",)
    values: dict[str, Any] = {"state": state, "reason": reason, "finished_at": now}
    if state == "resend":
        values = {"state": "pending", "reason": reason, "finished_at": None, "due_at": now, "published_at": None}
    unresolved = [col(MailRow.id) == mail_id, col(MailRow.state).in_(from_states)]
    resolved = bool((await session.exec(update(MailRow).where(*unresolved).values(**values))).rowcount)
    if resolved and state == "failed":  # its jobs were not shown after all
        await session.exec(delete(SentRow).where(col(SentRow.mail_id) == mail_id))
    return resolved


async def resend_unknown(session: AsyncSession, now: datetime) -> Sequence[int]:
    """Let mails whose outcome has been unknown for a while wait to be sent again, at most `RESENDS` times each."""
    unknowns = select(func.count()).where(DeliveryRow.mail_id == MailRow.id, DeliveryRow.outcome == "unknown")
    tried = unknowns.correlate(MailRow).scalar_subquery()
    again = update(MailRow).where(
        col(MailRow.state) == "unknown", col(MailRow.finished_at) <= now - RESEND_AFTER, tried <= RESENDS
    )
    values = {"state": "pending", "due_at": now, "published_at": None, "finished_at": None}
    return (await session.exec(again.values(**values).returning(col(MailRow.id)))).scalars().all()


async def release(session: AsyncSession, now: datetime, code: str) -> int:
    """Let mails that were held for `code` (how their reason begins) wait to be sent. Returns how many."""
    held = [col(MailRow.state) == "held", col(MailRow.reason).startswith(f"{code}:", autoescape=True)]
    values = {"state": "pending", "due_at": now, "published_at": None, "finished_at": None}
    return int((await session.exec(update(MailRow).where(*held).values(**values))).rowcount)


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


def _used_ids(mail: MailRow) -> tuple[int, ...]:
    """`Digest.posting_ids`, without reading all the rest of it."""
    content = mail.content or {}
    shown = {posting_id for entry in content.get("entries", ()) for posting_id in entry["posting_ids"]}
    return tuple(sorted(shown.union(content.get("shown_before", ()))))


def _used_up(outcome: Outcome, now: datetime) -> list[dict[str, Any]]:
    mail = outcome.mail
    if outcome.state not in SHOWN or mail.kind not in LISTING:
        return []
    return [
        {
            "subscription_id": mail.subscription_id,
            "opening_key": entry.opening_key,
            "posting_id": posting_id,
            "mail_id": mail.id,
            "sent_at": now,
        }
        for entry in Digest.model_validate(mail.content or {}).entries
        for posting_id in entry.posting_ids
    ]
