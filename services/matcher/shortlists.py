"""The one writer of `shortlist` and `bars`, and of `arrivals`, which are shortlists to be (`shared.arrivals`).

Whatever takes a match off a shortlist takes it out of the arrivals too, and that first: a matcher may be entering them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import gt, lt
from typing import Any

from sqlalchemy import ARRAY, BigInteger, and_, bindparam, delete, func, inspect
from sqlalchemy.dialects import postgresql
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.repository import CHUNK, Shard
from shared.arrivals import matches_of, packed
from shared.database import upsert
from shared.models import ArrivalsRow, BarRow, MatchRow

Row = dict[str, Any]
Entry = tuple[int, int, float]
"""Subscription, posting, score."""


async def enter(session: AsyncSession, entries: Iterable[Entry], now: datetime) -> None:
    """Put postings on shortlists; a pair that is there already gets the new score."""
    names = ("subscription_id", "posting_id", "score")
    rows = [dict(zip(names, entry, strict=True)) | {"matched_at": now} for entry in entries]
    await _put(session, MatchRow, rows, update=("score",))


async def take_arrivals(session: AsyncSession) -> list[Entry] | None:
    """The part of the arrivals that waited longest, to be entered in this transaction; `None` when nothing waits.

    What another matcher is entering is left to it.
    """
    oldest = _arrivals().limit(1).with_for_update(skip_locked=True)
    row = (await session.exec(oldest)).first()
    if row is None:
        return None
    await session.delete(row)
    pairs = zip(*(column.tolist() for column in matches_of(row)), strict=True)
    return [(subscription_id, row.posting_id, score / 100) for subscription_id, score in pairs]


def name_of(shard: Shard) -> str:
    """What arrivals call a shard."""
    number, shards = shard
    return f"{number}/{shards}"


async def parts_waiting(session: AsyncSession) -> int:
    """How many parts `take_arrivals` would find."""
    return (await session.exec(select(func.count()).select_from(ArrivalsRow))).one()


async def take_off(session: AsyncSession, posting_ids: Sequence[int], shard: Shard = (0, 1)) -> list[int]:
    """Take postings off the shortlists of a shard. Returns the subscription of each entry that is gone."""
    if not posting_ids:
        return []
    number, shards = shard
    ours = col(ArrivalsRow.shard) == name_of(shard)
    await session.exec(delete(ArrivalsRow).where(col(ArrivalsRow.posting_id).in_(posting_ids), ours))
    listed = and_(col(MatchRow.posting_id).in_(posting_ids), col(MatchRow.subscription_id) % shards == number)
    touched = (await session.exec(select(MatchRow.subscription_id).where(listed))).all()
    if touched:
        await session.exec(delete(MatchRow).where(listed))
    return list(touched)


async def use_up(session: AsyncSession, subscription_id: int, posting_ids: Sequence[int]) -> None:
    """Take postings off one shortlist."""
    await _forget_arrivals(session, subscription_id, col(ArrivalsRow.posting_id).in_(posting_ids))
    shown = and_(col(MatchRow.subscription_id) == subscription_id, col(MatchRow.posting_id).in_(posting_ids))
    await session.exec(delete(MatchRow).where(shown))


async def empty(session: AsyncSession, subscription_id: int) -> None:
    """Take everything off one shortlist."""
    await _forget_arrivals(session, subscription_id)
    await session.exec(delete(MatchRow).where(col(MatchRow.subscription_id) == subscription_id))


async def _forget_arrivals(session: AsyncSession, subscription_id: int, *such: Any) -> None:
    for row in (await session.exec(_arrivals().where(*such).with_for_update())).all():
        ids, scores = matches_of(row)
        others = ids != subscription_id
        if not others.all():
            row.subscription_ids, row.scores = packed(ids[others], scores[others])
    await session.flush()


def _arrivals() -> Any:
    return select(ArrivalsRow).order_by(col(ArrivalsRow.posting_id), col(ArrivalsRow.shard), col(ArrivalsRow.part))


async def settle(session: AsyncSession, subscription_ids: Iterable[int], size: int, now: datetime) -> dict[int, float]:
    """Cut shortlists to their best `size` and set each bar to the score of the last one in. Returns the bars (0: not full)."""
    bars: dict[int, float] = {}
    ordered = sorted(set(subscription_ids))
    for start in range(0, len(ordered), CHUNK):
        bars |= await _settle(session, ordered[start : start + CHUNK], size, now)
    return bars


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
