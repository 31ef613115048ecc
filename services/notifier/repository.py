"""The notifier's queries. The one writer of `mails`, `deliveries`, `digest_schedules` and `sent_openings`."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Candidate, Digest
from shared.database import upsert
from shared.events import DigestSent, MailDue
from shared.models import DeliveryRow, MailRow, MatchRow, PostingRow, ScheduleRow, SentRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import Rarities, Wish, match, offer_of, wish_of

WAITING = ("pending", "deferred")
SHOWN = ("sent", "unknown")
"""The person has the mail, or may have it: its jobs are used up."""
DIED = "the process died before DATA"


def owes_event(now: datetime) -> Any:
    """The condition under which a mail with an empty `published_at` owes an event at `now`."""
    to_send = and_(col(MailRow.state).in_(WAITING), col(MailRow.due_at) <= now)
    shown = and_(col(MailRow.state).in_(SHOWN), col(MailRow.kind) == "digest")
    return or_(to_send, shown)


def event_of(mail: MailRow) -> MailDue | DigestSent:
    """The event that an unpublished mail owes: that it is to be sent, or that its jobs are used up."""
    if mail.state in WAITING:
        return MailDue(mail_id=mail.id, attempt=mail.attempts + 1)
    used = Digest.model_validate(mail.content or {}).posting_ids
    return DigestSent(mail_id=mail.id, subscription_id=mail.subscription_id, posting_ids=used)


# ------------------------------------------------------------------------------------------------------------ schedules


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


# --------------------------------------------------------------------------------------------------------------- ledger


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
    if state in SHOWN and mail.kind == "digest":
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


# -------------------------------------------------------------------------------------------------------------- content


async def candidates(session: AsyncSession, subscription: SubscriptionRow, rarities: Rarities) -> list[Candidate]:
    """The subscription's shortlist with the postings as they stand now, closed ones included, and why each fits."""
    listed = and_(col(PostingRow.id) == col(MatchRow.posting_id), col(MatchRow.subscription_id) == subscription.id)
    rows = (await session.exec(select(PostingRow).join(MatchRow, listed))).all()
    wish = wish_of(Profile.model_validate(subscription.profile), subscription.tuning)
    return [_candidate(row, wish, rarities) for row in rows]


def _candidate(row: PostingRow, wish: Wish, rarities: Rarities) -> Candidate:
    posting = Posting.model_validate(row.posting)
    return Candidate(
        posting_id=row.id,
        posting=posting,
        match=match(posting, offer_of(posting, row.first_seen_at, rarities), wish),
        opening_key=row.opening_key,
        first_seen_at=row.first_seen_at,
        closed=row.closed_at is not None,
    )


async def shown_before(session: AsyncSession, subscription_id: int, candidates: Sequence[Candidate]) -> set[str]:
    """The opening keys of those candidates that the subscription was shown before, as themselves or as a re-post."""
    keys, ids = {candidate.opening_key for candidate in candidates}, {candidate.posting_id for candidate in candidates}
    same = or_(col(SentRow.opening_key).in_(keys), col(SentRow.posting_id).in_(ids))
    sent = select(SentRow.opening_key, SentRow.posting_id).where(SentRow.subscription_id == subscription_id, same)
    rows = (await session.exec(sent)).all()
    shown = {posting_id for _, posting_id in rows}
    return {key for key, _ in rows} | {candidate.opening_key for candidate in candidates if candidate.posting_id in shown}


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
