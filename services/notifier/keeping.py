"""Keeps the ledger and the schedule in step with subscriptions: what each is owed, what it no longer is, when it is due."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.calendar import spread
from services.notifier.owed import Owed, asks_for_links, kinds_for, owed, rhythm_of
from services.notifier.planning import next_free, replan
from services.notifier.repository import opening, schedules
from services.notifier.repository.schedules import Past
from shared.errors import UnreadableInput
from shared.models import ScheduleRow, SubscriptionRow

log = structlog.get_logger()

NAMED_SINCE = timedelta(days=62)
"""How far back periods are looked up that may come again: a month's, and a day of another time zone."""


async def keep_in_step(session: AsyncSession, subscription_ids: Sequence[int], spread_minutes: int, now: datetime) -> None:
    """Open what these subscriptions are owed, take back what they no longer are, and plan their next digest.

    All of it comes from what the rows say now, so it may be done any number of times, and after any number of changes.
    """
    # Locked before the subscriptions are read: whoever comes second sees what the first one saw, or later news.
    planned = await schedules.locked(session, subscription_ids)
    mine = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(subscription_ids))
    rows = (await session.exec(mine.order_by(col(SubscriptionRow.id)))).all()
    active = [row for row in rows if row.state == "active"]
    await schedules.drop(session, set(subscription_ids) - {row.id for row in active})
    await _take_back(session, {**dict.fromkeys(subscription_ids, "gone"), **{row.id: row.state for row in rows}}, now)
    await opening.open_all(session, [mail for row in rows for mail in await _owed(session, row, now)], now)
    news = [row for row in active if row.id not in planned or planned[row.id].revision != row.revision]
    await schedules.set_all(session, await _planned(session, news, planned, spread_minutes, now))


async def _take_back(session: AsyncSession, states: Mapping[int, str], now: datetime) -> None:
    """Skip what waits to be sent and is nothing for a subscription in its state, as a digest for one that is paused."""
    for state in sorted(set(states.values())):
        ids = [id_ for id_, one in states.items() if one == state]
        await opening.skip_waiting(session, ids, f"not_asked_for: the subscription is {state}", now, but=kinds_for(state))


async def _owed(session: AsyncSession, row: SubscriptionRow, now: datetime) -> list[Owed]:
    try:
        return list(owed(row, await _of_same_address(session, row) if asks_for_links(row, now) else (), now))
    except UnreadableInput as error:
        log.error("subscription_unreadable", subscription=row.id, code=error.code, reason=str(error))
        return []


async def _of_same_address(session: AsyncSession, row: SubscriptionRow) -> Sequence[SubscriptionRow]:
    return (await session.exec(select(SubscriptionRow).where(SubscriptionRow.address_hash == row.address_hash))).all()


async def _planned(
    session: AsyncSession,
    rows: Iterable[SubscriptionRow],
    planned: Mapping[int, ScheduleRow],
    spread_minutes: int,
    now: datetime,
) -> list[ScheduleRow]:
    """When each of these is due next. One whose time zone is no longer one is left as it is, and told of."""
    found, pasts = [], await schedules.pasts(session, [row.id for row in rows], now - NAMED_SINCE)
    for row in rows:
        try:
            found.append(_schedule(row, planned.get(row.id), pasts[row.id], spread(row.id, spread_minutes), now))
        except UnreadableInput as error:
            log.error("subscription_unreadable", subscription=row.id, code=error.code, reason=str(error))
    return found


def _schedule(row: SubscriptionRow, before: ScheduleRow | None, past: Past, late: timedelta, now: datetime) -> ScheduleRow:
    rhythm, covered_until = rhythm_of(row), before.covered_until if before else past.covered_until
    if before is None:
        next_at = next_free(rhythm, now, past.opened) + late
    else:
        next_at = replan(rhythm, late, before.next_digest_at, covered_until, past.opened, now)
    return ScheduleRow(subscription_id=row.id, next_digest_at=next_at, revision=row.revision, covered_until=covered_until)
