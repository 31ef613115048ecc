"""The matcher's index kept on disk from one life of the process to the next, where a file for it is set."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import structlog

from services.matcher.index import Index
from services.matcher.refresh import Refresh
from services.matcher.snapshot import SnapshotUnusable, arrays_of, load, write
from shared.pacing import repeating
from shared.settings import Settings

log = structlog.get_logger()
SAVE_SECONDS = 900.0


def restored(settings: Settings) -> tuple[Index, datetime | None]:
    """The index of the process before, and what time it is true of; else an empty one, to be read from the database."""
    path = settings.matcher_snapshot
    if path is not None:
        try:
            index, at = load(path, settings.match_threshold, settings.shard)
        except SnapshotUnusable as error:
            log.info("snapshot_unusable", reason=str(error))
        else:
            log.info("snapshot_loaded", subscriptions=len(index), at=at.isoformat())
            return index, at
    return Index(settings.match_threshold), None


@asynccontextmanager
async def kept(index: Index, refresh: Refresh, path: Path | None) -> AsyncIterator[None]:
    """Save the index now and then while the block lasts, and when it ends."""
    if path is None:
        yield
        return
    saved: datetime | None = None

    async def save() -> None:
        nonlocal saved
        if refresh.since is not None and refresh.since != saved:
            saved = refresh.since
            await asyncio.to_thread(write, arrays_of(index, saved, refresh.shard), path)
            log.info("snapshot_saved", subscriptions=len(index), bytes=path.stat().st_size)

    try:
        async with repeating(SAVE_SECONDS, save):
            yield
    finally:
        await save()
