"""Subscriptions made, found and changed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.address import parse_email
from services.web.repository.rows import ACTIVE, ENDED, PENDING, apply, found, locked, revise
from shared.address import address_hash
from shared.errors import Conflict
from shared.models import ScheduleRow, SubscriptionRow
from shared.profile import Profile
from shared.rule import parse

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
    if not apply(same, wanted, now) and state == PENDING:
        ask_again(same, now)
    return same


def ask_again(row: SubscriptionRow, now: datetime) -> None:
    """Let a pending subscription be asked to confirm by a further mail, unless it was asked a moment ago."""
    if now - row.changed_at >= ASK_AGAIN_AFTER:
        revise(row, now)


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
    quiet_note: bool | None = None,
    channel: str | None = None,
    now: datetime,
) -> SubscriptionRow:
    """Change what is given, keep what is `None`. Raises `Conflict` where the subscription has ended, and `RuleError`."""
    parse(rule or "")
    row = await locked(session, subscription_id)
    if row.state == ENDED:
        raise Conflict(f"subscription {subscription_id} has ended; subscribe again", code="subscription_ended")
    content = profile and profile.model_dump(mode="json")
    given: dict[str, Any] = {"profile": content, "rule": rule, "keep_unknown": keep_unknown, "quiet_note": quiet_note}
    given |= {"cadence": cadence, "timezone": timezone, "weekday": weekday, "hour": hour, "channel": channel}
    apply(row, {name: value for name, value in given.items() if value is not None}, now)
    return row


async def get(session: AsyncSession, subscription_id: int) -> SubscriptionRow:
    """The subscription. Raises `NotFound`."""
    return found(await session.get(SubscriptionRow, subscription_id), subscription_id)


async def find_by_email(session: AsyncSession, email: str) -> Sequence[SubscriptionRow]:
    """Every subscription of an address, newest first, also those of which only its hash is left.

    Raises `UnreadableInput` for what is no address.
    """
    return await find_by_hash(session, address_hash(parse_email(email)))


async def find_by_hash(session: AsyncSession, hash_: str) -> Sequence[SubscriptionRow]:
    """Every subscription of the address with that hash (`shared.address`), newest first."""
    query = select(SubscriptionRow).where(SubscriptionRow.address_hash == hash_)
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
