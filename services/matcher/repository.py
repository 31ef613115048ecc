"""The matcher's queries. The one writer of `shortlist`, `bars` and `screenings`; it reads subscriptions and postings.

`skill_shares` is written by `services.matcher.shares`, `place_weeks` by `services.matcher.place_weeks`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import gt, lt
from typing import Any

from sqlalchemy import ARRAY, BigInteger, and_, bindparam, delete, exists, func, inspect, or_
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import upsert
from shared.events import PostingFound
from shared.models import BarRow, FeedbackRow, MatchRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow

Shard = tuple[int, int]
Row = dict[str, Any]
Entry = tuple[int, int, float]
"""Subscription, posting, score."""
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
    for table, *such in ((SentRow,), (FeedbackRow, col(FeedbackRow.liked).is_(False))):
        opening = select(PostingRow.id, table.subscription_id).where(col(table.opening_key) == col(PostingRow.opening_key))
        same = select(table.posting_id, table.subscription_id)
        for query, column in ((opening, PostingRow.id), (same, table.posting_id)):
            pairs = query.where(col(column).in_(posting_ids), *such)
            for posting_id, subscription_id in (await session.exec(pairs)).all():
                shown[posting_id].add(subscription_id)
    return shown


async def shortlist(session: AsyncSession, entries: Iterable[Entry], now: datetime) -> None:
    """Put postings on shortlists; a pair that is there already gets the new score."""
    names = ("subscription_id", "posting_id", "score")
    rows = [dict(zip(names, entry, strict=True)) | {"matched_at": now} for entry in entries]
    await _put(session, MatchRow, rows, update=("score",))


async def take_off(session: AsyncSession, posting_ids: Sequence[int], shard: Shard = (0, 1)) -> list[int]:
    """Take postings off the shortlists of a shard. Returns the subscription of each entry that is gone."""
    number, shards = shard
    listed = and_(col(MatchRow.posting_id).in_(posting_ids), col(MatchRow.subscription_id) % shards == number)
    touched = (await session.exec(select(MatchRow.subscription_id).where(listed))).all()
    if touched:
        await session.exec(delete(MatchRow).where(listed))
    return list(touched)


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


async def _settle(session: AsyncSession, ids: Sequence[int], size: int, now: datetime) -> dict[int, float]:
    """Locks the bars first, so that two matchers settle one shortlist one after the other."""
    await _put(session, BarRow, [{"subscription_id": id_, "bar": 0.0} for id_ in ids])
    held = select(BarRow.subscription_id, BarRow.bar).where(col(BarRow.subscription_id).in_(ids))
    before = dict((await session.exec(held.order_by(col(BarRow.subscription_id)).with_for_update())).all())
    # Of each list only the last one in and what is beyond it leave the database: all of it would take most of the time.
    bars, beyond = cut(ids, (await session.exec(_from_rank(ids, size))).all(), 1)
    await _take_pairs_off(session, beyond)
    rows_of = {id_: {"subscription_id": id_, "bar": bar, "lowered_at": now} for id_, bar in bars.items()}
    raised, lowered = ([rows_of[id_] for id_ in ids if is_so(bars[id_], before[id_])] for is_so in (gt, lt))
    await _put(session, BarRow, raised, update=("bar",))
    await _put(session, BarRow, lowered, update=("bar", "lowered_at"))
    return bars


def _from_rank(ids: Sequence[int], rank: int) -> Any:
    """Subscription, posting and score of all that is on these shortlists at a rank (the best has 1) or below."""
    ours, best_first = col(MatchRow.subscription_id), (col(MatchRow.score).desc(), col(MatchRow.posting_id))
    place = func.row_number().over(partition_by=ours, order_by=best_first).label("place")
    of = select(ours, MatchRow.posting_id, MatchRow.score, place).where(ours.in_(ids)).subquery().c
    return select(of.subscription_id, of.posting_id, of.score).where(of.place >= rank)


async def _take_pairs_off(session: AsyncSession, pairs: Sequence[tuple[int, int]]) -> None:
    """On SQLite pair by pair: of a list of pairs it would make a scan of the table."""
    both = ("of", "which")
    rows = [dict(zip(both, pair, strict=True)) for pair in pairs]
    given = _arrays(rows, dict.fromkeys(both, BigInteger)).c if _is_postgres(session) else {n: bindparam(n) for n in both}
    such = delete(MatchRow).where(col(MatchRow.subscription_id) == given["of"], col(MatchRow.posting_id) == given["which"])
    if rows:
        await (await session.connection()).execute(such, None if _is_postgres(session) else rows)


async def _put(session: AsyncSession, table: type[SQLModel], rows: Sequence[Row], update: Sequence[str] = ()) -> None:
    """As `upsert`, no key twice; on Postgres all in one statement, since row by row each takes some 20 µs."""
    if not rows or not _is_postgres(session):
        await upsert(session, table, rows, update=update)
        return
    types = {name: inspect(table).columns[name].type for name in rows[0]}
    insert = postgresql.insert(table).from_select(list(types), select(_arrays(rows, types)))
    new = {"set_": {name: insert.excluded[name] for name in update}} if update else {}
    on: Any = insert.on_conflict_do_update if update else insert.on_conflict_do_nothing
    await (await session.connection()).execute(on(index_elements=inspect(table).primary_key, **new))


def _arrays(rows: Sequence[Row], types: Mapping[str, Any]) -> Any:
    """Rows as a table that Postgres makes of an array for each column."""
    arrays = [bindparam(name, [row[name] for row in rows], ARRAY(type_), unique=True) for name, type_ in types.items()]
    return func.unnest(*arrays).table_valued(*types).render_derived(name="given")


def _is_postgres(session: AsyncSession) -> bool:
    return session.get_bind().dialect.name == "postgresql"


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
