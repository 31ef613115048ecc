"""The one way to the database: `begin()` to write, `read()` to read, on SQLite and Postgres alike."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json
from sqlalchemy import Connection, Engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.checkpoints import checkpointing

SQLITE_BUSY_MS = 10_000
"""How long SQLite waits for another process's write to end. Our transactions last milliseconds."""
ROOM = ("cache_size=-32768", "wal_autocheckpoint=25000")
"""32 MB of pages at most; a commit makes a checkpoint after 100 MB only, should `checkpointing` not keep up."""


class Database:
    """A pool of connections to one database. Close it with `await database.close()`."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        self.engine = create_async_engine(
            self.url,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,
            json_serializer=_written,
            json_deserializer=from_json,
        )
        self._turn: AbstractAsyncContextManager[Any] = asyncio.Lock() if self.is_sqlite else nullcontext()
        if self.is_sqlite:
            _make_sqlite_safe(self.engine.sync_engine)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction that writes: committed when the block ends, rolled back when it raises.

        SQLite lets one write at a time, and those who wait only look again now and then, so the unlucky wait for ever.
        Within a process they stand in line instead. Never begin one within another.
        """
        async with self._turn, AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """A transaction that only reads; on SQLite it takes no write lock."""
        engine = self.engine.execution_options(joblark_read=True)
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    async def ping(self) -> None:
        """Raise unless the database answers."""
        async with self.read() as session:
            await session.exec(select(1))

    async def writable(self) -> None:
        """Raise unless a transaction that writes can begin: the database is there, and nobody has locked it for long."""
        async with self.begin() as session:
            await session.exec(select(1))

    async def close(self) -> None:
        await self.engine.dispose()

    @classmethod
    @asynccontextmanager
    async def opened(cls, url: str) -> AsyncIterator["Database"]:
        """A database that closes when the block ends."""
        database = cls(url)
        file = database.url.database if database.is_sqlite else None
        try:
            async with checkpointing(Path(file)) if file else nullcontext():
                yield database
        finally:
            await database.close()


def _written(value: Any) -> str:
    """A JSON column's value as JSON. Models write themselves, without what is unknown: in half the time that dumping takes."""
    return value.model_dump_json(exclude_none=True) if isinstance(value, BaseModel) else to_json(value).decode()


def _make_sqlite_safe(engine: Engine) -> None:
    """Let several processes share one file without losing updates.

    The driver's own BEGIN is deferred: two processes may both read and then both write, and one update is lost
    (271 of 400 increments survived in an experiment). BEGIN IMMEDIATE takes the write lock first; WAL lets readers go on.
    """

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}", "foreign_keys=ON", *ROOM):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begin = "BEGIN" if connection.get_execution_options().get("joblark_read") else "BEGIN IMMEDIATE"
        adapted: Any = connection.connection.dbapi_connection
        adapted.run_async(lambda driver: driver.execute(begin))  # a fifth of what a statement of our own takes


def insert_into(session: AsyncSession, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT, as the database of this session has it."""
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)


async def upsert(
    session: AsyncSession,
    table: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    update: Iterable[str] = (),
) -> None:
    """Insert `rows`; where the primary or first unique key exists, overwrite the columns in `update` (none: leave it)."""
    if not rows:
        return
    insert = insert_into(session, table)
    keys = _conflict_key(table)
    new = {column: getattr(insert.excluded, column) for column in update}
    statement = (
        insert.on_conflict_do_update(index_elements=keys, set_=new)
        if new
        else insert.on_conflict_do_nothing(index_elements=keys)
    )
    connection = await session.connection()
    await connection.execute(statement, list(rows))


def _conflict_key(table: type[SQLModel]) -> list[str]:
    columns = table.__table__  # type: ignore[attr-defined]
    unique = [c for c in columns.constraints if type(c).__name__ == "UniqueConstraint"]
    key = unique[0] if unique else columns.primary_key
    return [column.name for column in key.columns]
