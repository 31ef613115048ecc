"""The matcher's queries. The one writer of `shortlist`, `bars` and `screenings`; it reads subscriptions and postings."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, exists, or_, true, tuple_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.index import Candidate
from shared.database import upsert
from shared.events import PostingFound
from shared.models import BarRow, MatchRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow
from shared.posting import Posting

CHUNK = 500
"""Ids in one IN list, and rows read at a time. SQLite takes 32,766 variables at most."""


async def changed_subscriptions(
    session: AsyncSession, since: datetime | None, shard: tuple[int, int] = (0, 1)
) -> Sequence[SubscriptionRow]:
    """Subscriptions of a shard changed at or after `since`; all its active ones when `since` is `None`."""
    changed = col(SubscriptionRow.state) == "active" if since is None else col(SubscriptionRow.changed_at) >= since
    ours = col(SubscriptionRow.id) % shard[1] == shard[0]
    return (await session.exec(select(SubscriptionRow).where(changed, ours))).all()


async def changed_bars(session: AsyncSession, since: datetime | None) -> Sequence[BarRow]:
    """Bars changed at or after `since`; all of them when `since` is `None`."""
    bars = select(BarRow) if since is None else select(BarRow).where(col(BarRow.changed_at) >= since)
    return (await session.exec(bars)).all()


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


async def already_shown(session: AsyncSession, posting_id: int, ids: Sequence[int]) -> set[int]:
    """Those of the subscriptions `ids` that were mailed this posting, or another of its opening, before."""
    opening = select(PostingRow.opening_key).where(PostingRow.id == posting_id).scalar_subquery()
    same = or_(col(SentRow.posting_id) == posting_id, col(SentRow.opening_key) == opening)
    shown: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        some = col(SentRow.subscription_id).in_(ids[start : start + CHUNK])
        shown.update((await session.exec(select(SentRow.subscription_id).where(some, same))).all())
    return shown


async def shortlist(session: AsyncSession, entries: Iterable[tuple[int, Candidate]], now: datetime) -> None:
    """Put postings (by id) on the shortlists of their candidates; a pair that is there already gets the new score."""
    rows = [
        {
            "subscription_id": candidate.subscription_id,
            "posting_id": posting_id,
            "score": candidate.match.score,
            "match": candidate.match.model_dump(mode="json"),
            "matched_at": now,
        }
        for posting_id, candidate in entries
    ]
    await upsert(session, MatchRow, rows, update=("score", "match"))


async def take_off(session: AsyncSession, posting_ids: Sequence[int], shard: tuple[int, int] = (0, 1)) -> set[int]:
    """Take postings off the shortlists of a shard. Returns the subscriptions that had them."""
    number, shards = shard
    listed = and_(col(MatchRow.posting_id).in_(posting_ids), col(MatchRow.subscription_id) % shards == number)
    touched = set((await session.exec(select(MatchRow.subscription_id).where(listed).distinct())).all())
    await session.exec(delete(MatchRow).where(listed))
    return touched


async def use_up(session: AsyncSession, subscription_id: int, posting_ids: Sequence[int]) -> None:
    """Take postings off one shortlist."""
    shown = and_(col(MatchRow.subscription_id) == subscription_id, col(MatchRow.posting_id).in_(posting_ids))
    await session.exec(delete(MatchRow).where(shown))


async def empty_shortlist(session: AsyncSession, subscription_id: int) -> None:
    await session.exec(delete(MatchRow).where(col(MatchRow.subscription_id) == subscription_id))


async def settle(session: AsyncSession, subscription_ids: Iterable[int], size: int, now: datetime) -> dict[int, float]:
    """Cut shortlists to their best `size` and set each bar to the score of the last one in. Returns the bars (0: not full)."""
    bars: dict[int, float] = {}
    ordered = sorted(set(subscription_ids))
    for start in range(0, len(ordered), CHUNK):
        bars |= await _settle(session, ordered[start : start + CHUNK], size, now)
    return bars


async def open_postings(session: AsyncSession, unseen_by: int | None = None) -> AsyncIterator[tuple[int, Posting]]:
    """Postings still open, by id; without those `unseen_by` (a subscription id) was mailed before."""
    same = or_(col(SentRow.posting_id) == PostingRow.id, col(SentRow.opening_key) == PostingRow.opening_key)
    shown = exists().where(col(SentRow.subscription_id) == unseen_by, same)
    is_open = and_(col(PostingRow.closed_at).is_(None), true() if unseen_by is None else ~shown)
    last = 0
    while True:
        page = select(PostingRow.id, PostingRow.posting).where(col(PostingRow.id) > last, is_open)
        rows = (await session.exec(page.order_by(col(PostingRow.id)).limit(CHUNK))).all()
        for id_, posting in rows:
            yield id_, Posting.model_validate(posting)
        if len(rows) < CHUNK:
            return
        last = rows[-1][0]


async def _settle(session: AsyncSession, ids: Sequence[int], size: int, now: datetime) -> dict[int, float]:
    """Locks the bars first, so that two matchers settle one shortlist one after the other."""
    await upsert(session, BarRow, [{"subscription_id": id_, "bar": 0.0, "changed_at": now} for id_ in ids])
    held = select(BarRow).where(col(BarRow.subscription_id).in_(ids)).order_by(col(BarRow.subscription_id))
    await session.exec(held.with_for_update())
    scores = select(MatchRow.subscription_id, MatchRow.posting_id, MatchRow.score)
    rows = (await session.exec(scores.where(col(MatchRow.subscription_id).in_(ids)))).all()
    bars, beyond = cut(ids, rows, size)
    for start in range(0, len(beyond), CHUNK):
        pair = tuple_(col(MatchRow.subscription_id), col(MatchRow.posting_id))
        await session.exec(delete(MatchRow).where(pair.in_(beyond[start : start + CHUNK])))
    new = [{"subscription_id": id_, "bar": bar, "changed_at": now} for id_, bar in bars.items()]
    await upsert(session, BarRow, new, update=("bar", "changed_at"))
    return bars


def cut(
    ids: Iterable[int], rows: Iterable[tuple[int, int, float]], size: int
) -> tuple[dict[int, float], list[tuple[int, int]]]:
    """From (subscription, posting, score) rows: each subscription's bar, and the pairs beyond its best `size`."""
    lists: dict[int, list[tuple[float, int]]] = {id_: [] for id_ in ids}
    for subscription_id, posting_id, value in rows:
        lists[subscription_id].append((-value, posting_id))
    bars: dict[int, float] = {}
    beyond: list[tuple[int, int]] = []
    for subscription_id, ranked in lists.items():
        ranked.sort()
        bars[subscription_id] = -ranked[size - 1][0] if len(ranked) >= size else 0.0
        beyond += [(subscription_id, posting_id) for _, posting_id in ranked[size:]]
    return bars, beyond
