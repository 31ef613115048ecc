"""The database, on both engines: no update lost between processes, UTC in and out, and a lock is waited for."""

import asyncio
import os
import sqlite3
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import select

from shared.database import Database, upsert
from shared.models import BarRow, BoardRow, MailRow, PostingRow
from tests.factories import NOW, board_row, posting_row

COUNTER = """
import asyncio, sys
from sqlmodel import select
from shared.database import Database
from shared.models import BoardRow

async def main() -> None:
    async with Database.opened(sys.argv[1]) as database:
        for _ in range(200):
            async with database.begin() as session:
                board = (await session.exec(select(BoardRow).with_for_update())).one()
                board.failures += 1

asyncio.run(main())
"""


async def test_two_processes_lose_no_update(database: Database, database_url: str) -> None:
    async with database.begin() as session:
        session.add(board_row())
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    counters = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", COUNTER, database_url, env=environment) for _ in range(2)
    ]
    assert [await counter.wait() for counter in counters] == [0, 0]
    async with database.read() as session:
        assert (await session.exec(select(BoardRow.failures))).one() == 400


async def test_times_come_back_as_utc(database: Database) -> None:
    noon = datetime(2026, 11, 21, 12, 30, 15, 123456, tzinfo=timezone(timedelta(hours=8)))
    async with database.begin() as session:
        session.add(board_row(added_at=noon))
    async with database.read() as session:
        (found,) = (await session.exec(select(BoardRow.added_at))).all()
        earlier = (await session.exec(select(func.count()).where(BoardRow.added_at < noon))).one()
    assert found == noon
    assert found.tzinfo is UTC
    assert earlier == 0


async def test_a_time_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"):
        async with database.begin() as session:
            session.add(board_row(added_at=datetime(2026, 11, 21)))


async def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    async def fails() -> None:
        async with database.begin() as session:
            session.add(board_row())
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    async with database.read() as session:
        assert (await session.exec(select(BoardRow))).all() == []


async def test_upsert_leaves_or_overwrites_what_is_there(database: Database) -> None:
    first, second = ({"subscription_id": 1, "bar": bar, "changed_at": NOW} for bar in (10.0, 20.0))
    bars = []
    for row, update in ((first, ()), (second, ()), (second, ("bar",))):
        async with database.begin() as session:
            await upsert(session, BarRow, [row], update=update)
        async with database.read() as session:
            bars.append((await session.exec(select(BarRow.bar))).one())
    assert bars == [10.0, 10.0, 20.0]


async def test_upsert_goes_by_the_unique_key_and_takes_many_rows(database: Database) -> None:
    row = {"kind": "digest", "occasion": "2026-W47", "state": "pending", "attempts": 0, "opened_at": NOW, "due_at": NOW}
    async with database.begin() as session:
        await upsert(session, MailRow, [])
        await upsert(session, MailRow, [{**row, "subscription_id": i % 1500} for i in range(3000)])
        assert (await session.exec(select(func.count()).select_from(MailRow))).one() == 1500


async def test_a_row_must_belong_to_a_board_that_is_there(database: Database) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as session:
            session.add(posting_row(1, board_id=99))
    async with database.read() as session:
        assert (await session.exec(select(PostingRow.id))).all() == []


async def test_reading_goes_on_while_somebody_writes(database: Database) -> None:
    async with database.begin() as writing:
        writing.add(board_row())
        await writing.flush()
        async with database.read() as session:
            assert (await session.exec(select(BoardRow))).all() == []
        await database.ping()


async def test_a_locked_sqlite_file_is_waited_for(sqlite_url: str) -> None:
    async with Database.opened(sqlite_url) as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(BarRow.metadata.create_all)
        other = sqlite3.connect(database.url.database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        async def write() -> None:
            async with database.begin() as session:
                session.add(BarRow(subscription_id=1, bar=1.0))

        writing = asyncio.create_task(write())
        done, _ = await asyncio.wait([writing], timeout=0.3)
        assert not done, "it neither failed nor went through"
        other.execute("COMMIT")
        other.close()
        await writing
        async with database.read() as session:
            assert (await session.exec(select(BarRow.bar))).one() == 1.0


async def test_the_folder_of_a_sqlite_file_is_made(tmp_path: Path) -> None:
    async with Database.opened(f"sqlite+aiosqlite:///{tmp_path}/a/b/joblark.db") as database:
        await database.ping()
    assert (tmp_path / "a/b/joblark.db").exists()


async def test_the_log_of_sqlite_is_brought_into_the_database_beside_the_writers(tmp_path: Path) -> None:
    """Long before a commit would have to do it itself."""
    file = tmp_path / "joblark.db"
    async with Database.opened(f"sqlite+aiosqlite:///{file}") as database:
        async with database.begin() as session:
            await session.exec(text("CREATE TABLE pages (page BLOB)"))
            await session.exec(text("INSERT INTO pages VALUES (zeroblob(6000000))"))
        async with asyncio.timeout(20):
            while file.stat().st_size < 6_000_000:  # noqa: ASYNC110 - nobody tells when it is done
                await asyncio.sleep(0.05)
        async with database.begin() as session:
            await session.exec(text("INSERT INTO pages VALUES (zeroblob(10))"))
