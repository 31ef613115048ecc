"""The one writer of `subscriptions` and `feedback`, for the web page and the command line alike.

States go pending → active ⇄ paused → ended. Every operation may be repeated: the second time changes nothing. What
changes a row makes a new revision and clears `published_at`, so that `shared.outbox` owes the event.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.address import parse_email
from shared.errors import Conflict, NotFound
from shared.models import FeedbackRow, PostingRow, ScheduleRow, SubscriptionRow
from shared.profile import Profile
from shared.rule import parse
from shared.scoring.feedback import learned

PENDING, ACTIVE, PAUSED, ENDED = "pending", "active", "paused", "ended"
Parts = dict[str, float | None]
ASK_AGAIN_AFTER = timedelta(minutes=10)
"""Asking again for what is still pending makes a new revision after this long, so that the mail may be sent again."""


async def create(
    session: AsyncSession,
    *,
    email: str,
    profile: Profile,
    rule: str = "",
    keep_unknown: bool = True,
    cadence: str = "weekly",
    timezone: str = "UTC",
    weekday: int = 0,
    hour: int = 8,
    state: str = PENDING,
    now: datetime,
) -> SubscriptionRow:
    """A subscription in `state`; one of the same address, profile and rule that is pending, or there already, is used again.

    Raises `UnreadableInput` for an address that cannot be written to, and for a rule that cannot be understood.
    """
    parse(rule)
    wanted = {"keep_unknown": keep_unknown, "cadence": cadence, "timezone": timezone, "weekday": weekday, "hour": hour}
    wanted["state"] = state
    same = await _same(session, parse_email(email), profile, rule, (PENDING, state))
    if same is None:
        return await _insert(session, parse_email(email), profile, {"rule": rule, **wanted}, now)
    if not _apply(same, wanted, now) and state == PENDING and now - same.changed_at >= ASK_AGAIN_AFTER:
        _revise(same, now)
    return same


async def confirm(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """From pending to active. Any other state stays: a confirmation does not bring back what was left."""
    return await _move(session, subscription_id, PENDING, ACTIVE, now)


async def pause(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """From active to paused; any other state stays."""
    return await _move(session, subscription_id, ACTIVE, PAUSED, now)


async def resume(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """From paused to active; any other state stays."""
    return await _move(session, subscription_id, PAUSED, ACTIVE, now)


async def end(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """Whatever it was, it is over, and nothing brings it back."""
    row = await _locked(session, subscription_id)
    _apply(row, {"state": ENDED}, now)
    return row


async def change(
    session: AsyncSession,
    subscription_id: int,
    *,
    profile: Profile | None = None,
    rule: str | None = None,
    keep_unknown: bool | None = None,
    cadence: str | None = None,
    timezone: str | None = None,
    weekday: int | None = None,
    hour: int | None = None,
    now: datetime,
) -> SubscriptionRow:
    """Change what is given, keep what is `None`. Raises `Conflict` where the subscription has ended, and `RuleError`."""
    parse(rule or "")
    row = await _locked(session, subscription_id)
    if row.state == ENDED:
        raise Conflict(f"subscription {subscription_id} has ended; subscribe again", code="subscription_ended")
    content = profile and profile.model_dump(mode="json")
    given: dict[str, Any] = {"profile": content, "rule": rule, "keep_unknown": keep_unknown}
    given |= {"cadence": cadence, "timezone": timezone, "weekday": weekday, "hour": hour}
    _apply(row, {name: value for name, value in given.items() if value is not None}, now)
    return row


async def answer(
    session: AsyncSession, subscription_id: int, posting: PostingRow, liked: bool, parts: Parts, now: datetime
) -> SubscriptionRow:
    """Note what a person said of a job whose score has these parts, in place of what they said of it before.

    The same answer again changes nothing. Raises `Conflict` where the subscription has ended, or is not confirmed.
    """
    row = await _locked(session, subscription_id)
    if row.state not in (ACTIVE, PAUSED):
        raise Conflict(f"subscription {subscription_id} is {row.state}; its jobs cannot be answered", code="subscription_ended")
    before = await session.get(FeedbackRow, (subscription_id, posting.id))
    if before is None or before.liked is not liked:
        new: dict[str, Any] = {"opening_key": posting.opening_key, "liked": liked, "parts": parts, "given_at": now}
        await session.merge(FeedbackRow(subscription_id=subscription_id, posting_id=posting.id, **new))
        if not _apply(row, {"tuning": taught(await answers(session, subscription_id))}, now) and not liked:
            _revise(row, now)  # for the matcher to take the job and its like off the shortlist
    return row


async def forget_answers(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """Take back all that answers taught: every part weighs as for everybody. What was refused stays refused."""
    row = await _locked(session, subscription_id)
    await session.exec(update(FeedbackRow).where(col(FeedbackRow.subscription_id) == subscription_id).values(parts={}))
    _apply(row, {"tuning": {}}, now)
    return row


async def answers(session: AsyncSession, subscription_id: int) -> Sequence[FeedbackRow]:
    """What a person said of jobs, in the order they said it."""
    given = select(FeedbackRow).where(FeedbackRow.subscription_id == subscription_id)
    return (await session.exec(given.order_by(col(FeedbackRow.given_at), col(FeedbackRow.posting_id)))).all()


def taught(answers: Iterable[FeedbackRow]) -> dict[str, int]:
    """The steps that answers add up to, from none: an answer that was changed leaves no trace of what it was before."""
    tuning: dict[str, int] = {}
    for one in answers:
        tuning = learned(tuning, one.parts, liked=one.liked)
    return tuning


async def get(session: AsyncSession, subscription_id: int) -> SubscriptionRow:
    """The subscription. Raises `NotFound`."""
    return _found(await session.get(SubscriptionRow, subscription_id), subscription_id)


async def find_by_email(session: AsyncSession, email: str) -> Sequence[SubscriptionRow]:
    """Every subscription of an address, newest first. Raises `UnreadableInput` for what is no address."""
    query = select(SubscriptionRow).where(SubscriptionRow.email == parse_email(email))
    return (await session.exec(query.order_by(col(SubscriptionRow.id).desc()))).all()


async def listing(session: AsyncSession, *, state: str | None = None, limit: int = 1000) -> Sequence[SubscriptionRow]:
    """Subscriptions in the order they came, of one state or of all."""
    query = select(SubscriptionRow).order_by(col(SubscriptionRow.id)).limit(limit)
    return (await session.exec(query if state is None else query.where(SubscriptionRow.state == state))).all()


async def next_digest(session: AsyncSession, row: SubscriptionRow, now: datetime) -> datetime | None:
    """When the notifier will write next, if it has seen this revision already."""
    planned = await session.get(ScheduleRow, row.id)
    known = planned is not None and planned.revision == row.revision and planned.next_digest_at > now
    return planned.next_digest_at if planned and known and row.state == ACTIVE else None


async def _same(
    session: AsyncSession, email: str, profile: Profile, rule: str, states: Sequence[str]
) -> SubscriptionRow | None:
    """Profiles are compared as values: two databases do not agree on how to compare JSON."""
    query = select(SubscriptionRow).where(SubscriptionRow.email == email, SubscriptionRow.rule == rule)
    query = query.where(col(SubscriptionRow.state).in_(states)).order_by(col(SubscriptionRow.id))
    rows = await session.exec(query.with_for_update())
    return next((row for row in rows if Profile.model_validate(row.profile) == profile), None)


async def _insert(
    session: AsyncSession, email: str, profile: Profile, wanted: dict[str, Any], now: datetime
) -> SubscriptionRow:
    content = profile.model_dump(mode="json")
    confirmed = now if wanted["state"] == ACTIVE else None
    row = SubscriptionRow(email=email, profile=content, created_at=now, changed_at=now, confirmed_at=confirmed, **wanted)
    session.add(row)
    await session.flush()
    return row


async def _move(session: AsyncSession, subscription_id: int, origin: str, target: str, now: datetime) -> SubscriptionRow:
    row = await _locked(session, subscription_id)
    if row.state == origin:
        _apply(row, {"state": target}, now)
    return row


async def _locked(session: AsyncSession, subscription_id: int) -> SubscriptionRow:
    """The row, held until the transaction ends; SQLite holds the whole file and ignores FOR UPDATE."""
    query = select(SubscriptionRow).where(SubscriptionRow.id == subscription_id).with_for_update()
    return _found((await session.exec(query)).first(), subscription_id)


def _found(row: SubscriptionRow | None, subscription_id: int) -> SubscriptionRow:
    if row is None:
        raise NotFound(f"no subscription {subscription_id}", code="subscription_unknown")
    return row


def _apply(row: SubscriptionRow, wanted: dict[str, Any], now: datetime) -> bool:
    """Set what differs, as one revision. Says whether anything did."""
    news = {name: value for name, value in wanted.items() if getattr(row, name) != value}
    for name, value in news.items():
        setattr(row, name, value)
    if news.get("state") == ACTIVE and row.confirmed_at is None:
        row.confirmed_at = now
    if news.get("state") == ENDED:
        row.ended_at = now
    if news:
        _revise(row, now)
    return bool(news)


def _revise(row: SubscriptionRow, now: datetime) -> None:
    row.revision += 1
    row.changed_at = now
    row.published_at = row.published_ms = None
