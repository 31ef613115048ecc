"""What the matcher asks of subscriptions and postings, and the one writer of `screenings`.

`shortlist`, `bars` and `arrivals` are written by `services.matcher.shortlists`, `skill_shares` by `services.matcher.shares`,
`place_weeks` by `services.matcher.place_weeks`.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, union_all
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import upsert
from shared.events import PostingFound
from shared.models import BarRow, FeedbackRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow

Shard = tuple[int, int]
CHUNK = 500
"""Ids in one IN list, and rows read at a time. SQLite takes 32,766 variables at most."""


async def changed_subscriptions(
    session: AsyncSession, since: datetime | None, shard: Shard = (0, 1)
) -> Sequence[tuple[int, int, str]]:
    """Id, revision and state of a shard's subscriptions changed at or after `since`, by id; for `None` its active ones."""
    changed = col(SubscriptionRow.state) == "active" if since is None else col(SubscriptionRow.changed_at) >= since
    ours = col(SubscriptionRow.id) % shard[1] == shard[0]
    wanted = select(SubscriptionRow.id, SubscriptionRow.revision, SubscriptionRow.state).where(changed, ours)
    # Sorted here: asked for an order by id, SQLite reads the whole table in it instead of the few by the index.
    return sorted((await session.exec(wanted)).all())


async def subscriptions(session: AsyncSession, ids: Sequence[int]) -> Sequence[SubscriptionRow]:
    """Subscriptions by id, in that order."""
    wanted = select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids))
    return (await session.exec(wanted.order_by(col(SubscriptionRow.id)))).all()


async def lowered_bars(session: AsyncSession, since: datetime | None) -> Sequence[tuple[int, float]]:
    """Subscription and bar of those lowered at or after `since`; all of them when `since` is `None`.

    One that another matcher raised need not be heard of: what enters a list below its bar is cut off again.
    """
    bars = select(BarRow.subscription_id, BarRow.bar)
    return (await session.exec(bars if since is None else bars.where(col(BarRow.lowered_at) >= since))).all()


async def unscreened(session: AsyncSession, events: Iterable[PostingFound], shard: str) -> list[PostingFound]:
    """The latest revision of each posting, without those screened before (or a later one) and those closed since."""
    latest = {event.posting_id: event for event in sorted(events, key=lambda event: event.revision)}
    for posting_id in await closed(session, list(latest)):
        del latest[posting_id]
    screened = select(ScreeningRow.posting_id, ScreeningRow.revision).where(
        col(ScreeningRow.posting_id).in_(latest), ScreeningRow.shard == shard
    )
    for posting_id, revision in (await session.exec(screened)).all():
        if posting_id in latest and revision >= latest[posting_id].revision:
            del latest[posting_id]
    return list(latest.values())


async def closed(session: AsyncSession, posting_ids: Sequence[int]) -> Sequence[int]:
    """Those of the postings that are closed now: one may be listed again before its closing is handled."""
    gone = select(PostingRow.id).where(col(PostingRow.id).in_(posting_ids), col(PostingRow.closed_at).is_not(None))
    return (await session.exec(gone)).all()


async def record_screenings(session: AsyncSession, screenings: Sequence[ScreeningRow]) -> None:
    await upsert(session, ScreeningRow, [row.model_dump() for row in screenings])


async def already_shown(session: AsyncSession, posting_ids: Sequence[int]) -> dict[int, set[int]]:
    """For each posting the subscriptions that were mailed it, or another of its opening, or that do not want it."""
    shown: dict[int, set[int]] = {posting_id: set() for posting_id in posting_ids}
    found = []
    for table, *such in ((SentRow,), (FeedbackRow, col(FeedbackRow.liked).is_(False))):
        same_opening = col(table.opening_key) == col(PostingRow.opening_key)
        opening = select(PostingRow.id, table.subscription_id).where(same_opening, col(PostingRow.id).in_(posting_ids), *such)
        itself = select(table.posting_id, table.subscription_id).where(col(table.posting_id).in_(posting_ids), *such)
        found += [opening, itself]
    for posting_id, subscription_id in (await (await session.connection()).execute(union_all(*found))).all():
        shown[posting_id].add(subscription_id)
    return shown


async def published_since(session: AsyncSession, since_ms: int, kept_since: datetime, after: int = 0) -> Sequence[PostingRow]:
    """At most `CHUNK` postings whose last event was published at or after a time (ms since 1970), by id, above `after`.

    From the beginning (0) only those still open or first seen at or after `kept_since`.
    """
    held = or_(col(PostingRow.closed_at).is_(None), col(PostingRow.first_seen_at) >= kept_since)
    recent = col(PostingRow.published_ms) >= since_ms if since_ms else held
    # Added to nothing, the id is no index's: SQLite would read the whole table in its order instead of the few that are recent.
    id_ = col(PostingRow.id) + 0 if since_ms else col(PostingRow.id)
    page = select(PostingRow).where(recent, id_ > after).order_by(id_).limit(CHUNK)
    return (await session.exec(page)).all()


async def postings(session: AsyncSession, ids: Sequence[int], *conditions: Any) -> list[PostingRow]:
    """Those of the postings for which the conditions hold, in the order of `ids`."""
    wanted = select(PostingRow).where(col(PostingRow.id).in_(ids), *conditions)
    found = {row.id: row for row in (await session.exec(wanted)).all()}
    return [found[id_] for id_ in ids if id_ in found]


async def open_postings(session: AsyncSession, ids: Sequence[int], unseen_by: int | None = None) -> list[PostingRow]:
    """Those of the postings that are open, in the order of `ids`; without those a subscription (`unseen_by`) is done with."""
    is_open = col(PostingRow.closed_at).is_(None)
    return await postings(session, ids, is_open, *(_unseen_by(unseen_by) if unseen_by is not None else ()))


async def seen_before(
    session: AsyncSession, subscription_ids: Sequence[int], since: datetime, until: datetime, *, at_all: bool = False
) -> dict[int, set[int]]:
    """By subscription the postings first seen in [since, until) whose opening it had been mailed, or had refused, before.

    Before they came, that is; or before now, `at_all`.
    """
    period = [col(PostingRow.first_seen_at) >= since, col(PostingRow.first_seen_at) < until]
    seen: dict[int, set[int]] = {}
    for table, when, *such in ((SentRow, SentRow.sent_at), (FeedbackRow, FeedbackRow.given_at, ~col(FeedbackRow.liked))):
        same = col(table.opening_key) == col(PostingRow.opening_key)
        before = such if at_all else [*such, col(when) < col(PostingRow.first_seen_at)]
        pairs = select(table.subscription_id, PostingRow.id).join(PostingRow, same)
        for start in range(0, len(subscription_ids), CHUNK):
            ours = col(table.subscription_id).in_(subscription_ids[start : start + CHUNK])
            for subscription_id, posting_id in (await session.exec(pairs.where(ours, *before, *period))).all():
                seen.setdefault(subscription_id, set()).add(posting_id)
    return seen


def _unseen_by(subscription_id: int) -> list[Any]:
    """Neither mailed nor refused before, as itself or as another posting of its opening."""
    conditions: list[Any] = []
    for table, *such in ((SentRow,), (FeedbackRow, col(FeedbackRow.liked).is_(False))):
        same = or_(col(table.posting_id) == PostingRow.id, col(table.opening_key) == PostingRow.opening_key)
        conditions.append(~exists().where(col(table.subscription_id) == subscription_id, same, *such))
    return conditions
