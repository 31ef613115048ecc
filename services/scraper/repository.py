"""The scraper's queries: boards that are due, and what a poll changed. The one writer of `boards` and `postings`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, Update, bindparam, or_, update
from sqlmodel import col, insert, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.scraper.answer import Answer
from services.scraper.changes import Changes, Known
from services.scraper.grouping import opening_columns
from shared.errors import Conflict, NotFound
from shared.events import PostingClosed, PostingFound
from shared.models import BoardRow, PostingRow
from shared.posting import Posting

# Made once: to put a statement together takes longer than to run it.
_BOARD = update(BoardRow).where(col(BoardRow.id) == bindparam("board"))
_NEW = insert(PostingRow)
_KNOWN = select(
    PostingRow.external_id,
    PostingRow.id,
    PostingRow.content_hash,
    PostingRow.closed_at,
    PostingRow.missed_polls,
    PostingRow.listing_hash,
    PostingRow.last_seen_at,
).where(PostingRow.board_id == bindparam("board"))  # type: ignore[call-overload]


async def add_board(session: AsyncSession, source: str, name: str, url: str | None, now: datetime) -> BoardRow:
    """Watch a board, due at once; one that was removed comes back with its history. Raises `Conflict` if it is watched."""
    board = await _find_board(session, source, name)
    if board is None:
        board = BoardRow(source=source, name=name, added_at=now, next_poll_at=now)
        session.add(board)
    elif board.removed_at is None:
        raise Conflict(f"{source}:{name} is watched already; see `joblark boards list`", code="board_exists")
    board.url, board.removed_at, board.next_poll_at, board.failures = url, None, now, 0
    board.etag = board.last_modified = None
    await session.flush()
    return board


async def add_boards(session: AsyncSession, boards: Iterable[tuple[str, str, str | None]], now: datetime) -> tuple[int, int]:
    """Watch many boards, each (source, name, url), in a few statements. Returns how many are new and how many were watched."""
    wanted = {(source, name): url for source, name, url in boards}
    row = BoardRow
    columns = select(row.source, row.name, row.id, row.removed_at)
    there = (await session.exec(columns.where(col(row.source).in_({source for source, _ in wanted})))).all()
    known = {(source, name): (id_, removed) for source, name, id_, removed in there if (source, name) in wanted}
    fresh = [{"source": key[0], "name": key[1], "url": url} for key, url in wanted.items() if key not in known]
    back = [{"row": id_, "address": wanted[key]} for key, (id_, removed) in known.items() if removed is not None]
    if fresh:
        await session.exec(insert(row), params=[{**each, "added_at": now, "next_poll_at": now} for each in fresh])
    if back:
        afresh = {"removed_at": None, "next_poll_at": now, "failures": 0, "etag": None, "last_modified": None}
        again = update(row).where(col(row.id) == bindparam("row")).values(url=bindparam("address"), **afresh)
        await (await session.connection()).execute(again, back)
    return len(fresh) + len(back), len(known) - len(back)


async def remove_board(session: AsyncSession, source: str, name: str, now: datetime) -> int:
    """Stop watching a board and close its open postings. Returns how many were open."""
    board = await get_board(session, source, name)
    still_open = update(PostingRow).where(col(PostingRow.board_id) == board.id, col(PostingRow.closed_at).is_(None))
    closed = await session.exec(still_open.values(closed_at=now, published_at=None))
    board.removed_at = now
    return int(closed.rowcount)


async def get_board(session: AsyncSession, source: str, name: str) -> BoardRow:
    """The watched board, or `NotFound`."""
    board = await _find_board(session, source, name)
    if board is None or board.removed_at is not None:
        raise NotFound(f"{source}:{name} is not watched; add it: `joblark boards add {source}:{name}`", code="board_not_found")
    return board


async def list_boards(session: AsyncSession) -> Sequence[BoardRow]:
    watched = select(BoardRow).where(col(BoardRow.removed_at).is_(None))
    return (await session.exec(watched.order_by(BoardRow.source, BoardRow.name))).all()


async def claim_due_boards(session: AsyncSession, now: datetime, lease: timedelta, limit: int) -> Sequence[BoardRow]:
    """Boards whose time has come, leased to the caller: no other scraper gets them before the lease ends."""
    due = select(BoardRow).where(col(BoardRow.next_poll_at) <= now, col(BoardRow.removed_at).is_(None), _free(now))
    boards = (await session.exec(due.order_by(col(BoardRow.next_poll_at)).limit(limit).with_for_update(skip_locked=True))).all()
    for board in boards:
        board.leased_until = now + lease
    return boards


async def claim_board(session: AsyncSession, source: str, name: str, now: datetime, lease: timedelta) -> BoardRow:
    """One board, whenever it is due. Raises `Conflict` while another scraper reads it."""
    row = BoardRow
    this = (col(row.source) == source, col(row.name) == name, col(row.removed_at).is_(None))
    free = update(BoardRow).where(*this, _free(now)).execution_options(synchronize_session=False)
    taken = await session.exec(free.values(leased_until=now + lease).returning(BoardRow))
    board: BoardRow | None = taken.scalar_one_or_none()
    if board is None:
        await get_board(session, source, name)
        raise Conflict(f"{source}:{name} is being read right now", code="board_leased")
    return board


async def known_postings(session: AsyncSession, board_id: int) -> dict[str, Known]:
    """What is known of the board's postings, open and closed, by external id."""
    rows = (await _execute(session, _KNOWN, {"board": board_id})).all()
    return {
        external_id: Known(id_, content, closed is not None, missed, listing, seen)
        for external_id, id_, content, closed, missed, listing, seen in rows
    }


async def links(session: AsyncSession, ids: Sequence[int]) -> dict[int, str]:
    """The addresses of postings, by row id; those without one are left out."""
    rows = (await session.exec(select(PostingRow.id, PostingRow.posting).where(col(PostingRow.id).in_(ids)))).all()
    return {id_: url for id_, posting in rows if (url := posting.get("url"))}


async def apply(session: AsyncSession, board_id: int, changes: Changes, answer: Answer, now: datetime) -> None:
    """Write what a poll changed. Whatever the matcher must hear of is left with `published_at` empty."""
    await _by_id(session, changes.seen, update(PostingRow).values(last_seen_at=now, missed_polls=0))
    await _by_id(session, changes.missing, update(PostingRow).values(missed_polls=col(PostingRow.missed_polls) + 1))
    await _by_id(session, changes.gone, update(PostingRow).values(closed_at=now, published_at=None))
    openings = await opening_columns(session, changes, answer.evidence, now)
    if changes.new:
        fixed = {"board_id": board_id, "revision": 1, "missed_polls": 0, "first_seen_at": now}
        rows = [{**fixed, "external_id": new.external_id, **_columns(new, answer, openings, now)} for new in changes.new]
        await _execute(session, _NEW, rows)
    owed = {"revision": col(PostingRow.revision) + 1, "missed_polls": 0, "published_at": None}
    listed_again = {"closed_at": None, "relisted_at": now, **owed}
    for postings, fixed in ((changes.edited, owed), (changes.relisted, listed_again), (changes.reworded, {})):
        rows = [{"row": id_, **_columns(posting, answer, openings, now)} for id_, posting in postings.items()]
        await _overwrite(session, rows, fixed)


async def renew_lease(session: AsyncSession, board_id: int, until: datetime) -> None:
    await _execute(session, _BOARD, {"board": board_id, "leased_until": until})


async def close_poll(session: AsyncSession, board_id: int, **columns: Any) -> None:
    """Write what the poll says of the board itself and give the lease back."""
    await _execute(session, _BOARD, {"board": board_id, "leased_until": None, **columns})


def event_of(row: PostingRow) -> PostingFound | PostingClosed:
    """The event that an unpublished posting owes."""
    if row.closed_at is not None:
        return PostingClosed(posting_id=row.id)
    posting = Posting.model_validate(row.posting)
    return PostingFound(posting_id=row.id, revision=row.revision, first_seen_at=row.first_seen_at, posting=posting)


async def _find_board(session: AsyncSession, source: str, name: str) -> BoardRow | None:
    return (await session.exec(select(BoardRow).where(BoardRow.source == source, BoardRow.name == name))).one_or_none()


def _free(now: datetime) -> Any:
    return or_(col(BoardRow.leased_until).is_(None), col(BoardRow.leased_until) <= now)


def _columns(posting: Posting, answer: Answer, openings: Mapping[str, dict[str, Any]], now: datetime) -> dict[str, Any]:
    return {
        **openings.get(posting.external_id, {}),
        "posting": posting,
        "content_hash": posting.content_hash,
        "listing_hash": answer.listings.get(posting.external_id),
        "last_seen_at": now,
    }


async def _overwrite(session: AsyncSession, rows: Sequence[dict[str, Any]], fixed: Mapping[str, Any]) -> None:
    """Overwrite columns of postings, `row` being the id of each; `fixed` are further columns, the same for all."""
    if rows:
        columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "row"}
        statement = update(PostingRow).where(col(PostingRow.id) == bindparam("row")).values(**columns, **fixed)
        await _execute(session, statement, rows)


async def _execute(session: AsyncSession, statement: Executable, parameters: Any = None) -> Any:
    """Run a statement whose rows need not become objects: in a third of the time that the session takes."""
    return await (await session.connection()).execute(statement, parameters)


async def _by_id(session: AsyncSession, ids: Sequence[int], statement: Update) -> None:
    for start in range(0, len(ids), 500):
        await _execute(session, statement.where(col(PostingRow.id).in_(ids[start : start + 500])))
