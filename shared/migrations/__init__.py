"""The database's schema over time: alembic, driven from code, so there is no ini file and no second event loop."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from shared.database import Database
from shared.errors import NotReady

LOCK = 0x6A6F626C
"""Postgres advisory lock: two processes that upgrade at once would both create the same tables, and one would fail."""


async def upgrade(database: Database) -> str:
    """Bring the schema up to date. Returns its revision. Safe to run at any time and from several processes."""
    async with database.engine.begin() as connection:
        await connection.run_sync(_upgrade)
        return await connection.run_sync(_revision) or ""


async def check(database: Database) -> str:
    """The schema's revision. Raises `NotReady` unless it is the one this version needs."""
    async with database.engine.connect() as connection:
        found = await connection.run_sync(_revision)
    if found != head():
        raise NotReady(
            f"the database is at revision {found or 'none'}, this version needs {head()}: run `joblark migrate`",
            code="migrations_pending",
        )
    return head()


def head() -> str:
    """The newest revision there is."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def config(connection: Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent))
    settings.attributes["connection"] = connection
    return settings


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    command.upgrade(config(connection), "head")


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
