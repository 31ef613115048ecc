"""SQLite's checkpoints, made beside those who write.

SQLite copies its write-ahead log into the database within the commit that makes the log too long, and waits for the disk: a
tenth of a second for whoever happens to commit, and for all who wait behind. Here a connection of its own does the same while
others write.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiosqlite
import structlog

from shared.pacing import repeating

log = structlog.get_logger()
SECONDS = 0.5
LARGE = 4_000_000
"""Bytes of a log that is worth a checkpoint. At a hundred megabytes a commit makes one after all (`shared.database.ROOM`)."""


@asynccontextmanager
async def checkpointing(database: Path) -> AsyncIterator[None]:
    """Keep the log of a database short until the block ends."""
    wal = database.with_name(database.name + "-wal")
    seen = 0

    async def checkpoint() -> None:
        nonlocal seen
        try:
            state = wal.stat()
            if state.st_size < LARGE or state.st_mtime_ns == seen:
                return
            seen = state.st_mtime_ns
            async with aiosqlite.connect(database, isolation_level=None) as connection:
                for _ in range(2):  # the second takes what was written during the first: only an empty log begins anew
                    await connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        except FileNotFoundError:
            return
        except sqlite3.Error as error:
            log.debug("checkpoint_failed", reason=str(error))

    async with repeating(SECONDS, checkpoint):
        yield
