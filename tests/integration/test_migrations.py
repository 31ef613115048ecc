"""The schema over time, on both engines."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from shared import migrations
from shared.database import Database
from shared.errors import NotReady
from tests.eventually import eventually
from tests.factories import board_row

UPGRADE = """
import asyncio, sys
from shared.database import Database
from shared.migrations import upgrade

async def main() -> None:
    async with Database.opened(sys.argv[1]) as database:
        print(await upgrade(database))

asyncio.run(main())
"""


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[Database]:
    async with Database.opened(database_url) as database:
        yield database


async def tables(database: Database) -> set[str]:
    async with database.engine.connect() as connection:
        return set(await connection.run_sync(lambda it: inspect(it).get_table_names())) - {"alembic_version"}


async def test_an_empty_database_gets_every_table(empty: Database) -> None:
    assert await migrations.upgrade(empty) == migrations.head()
    assert await tables(empty) == set(SQLModel.metadata.tables)
    assert await migrations.check(empty) == migrations.head()


async def test_upgrading_again_keeps_what_is_there(empty: Database) -> None:
    await migrations.upgrade(empty)
    async with empty.begin() as session:
        session.add(board_row(id=1))
    assert await migrations.upgrade(empty) == migrations.head()
    async with empty.read() as session:
        assert await session.get(type(board_row()), 1)


async def test_migrations_make_what_the_models_say(empty: Database) -> None:
    def differences(connection: Connection) -> list[object]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), SQLModel.metadata)

    await migrations.upgrade(empty)
    async with empty.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_processes_that_upgrade_at_once_all_succeed(empty: Database, database_url: str) -> None:
    upgrades = [await upgrading(database_url) for _ in range(3)]
    said = [(await upgrade.communicate())[0].decode().strip() for upgrade in upgrades]
    assert said == [migrations.head()] * 3
    assert await tables(empty) == set(SQLModel.metadata.tables)


@pytest.mark.docker
async def test_an_upgrade_waits_for_another_one_on_postgres(postgres_url: str) -> None:
    waiter = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")

    async with Database.opened(postgres_url) as database, database.engine.connect() as other:
        await other.execute(text(f"SELECT pg_advisory_lock({migrations.LOCK})"))
        upgrade = await upgrading(postgres_url)

        async def waits() -> bool:
            return bool((await other.execute(waiter)).scalar())

        await eventually(waits)
        await other.execute(text(f"SELECT pg_advisory_unlock({migrations.LOCK})"))
        assert await upgrade.wait() == 0
        assert await tables(database) == set(SQLModel.metadata.tables)


async def upgrading(url: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", UPGRADE, url, env=environment, stdout=asyncio.subprocess.PIPE
    )


async def test_the_way_back_to_nothing(empty: Database) -> None:
    await migrations.upgrade(empty)
    async with empty.engine.begin() as connection:
        await connection.run_sync(lambda it: command.downgrade(migrations.config(it), "base"))
    assert await tables(empty) == set()
    assert await migrations.upgrade(empty) == migrations.head()


async def test_a_database_that_was_not_migrated_is_a_clear_error(empty: Database) -> None:
    with pytest.raises(NotReady, match="joblark migrate") as raised:
        await migrations.check(empty)
    assert raised.value.code == "migrations_pending"
