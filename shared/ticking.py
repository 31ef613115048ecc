"""The clock of a service: APScheduler asks, every few seconds, "who is due?". When things are due is data."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

log = structlog.get_logger()
logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each tick skipped because one is still running

GRACE_SECONDS = 15.0
"""How long a tick at work may go on after the process was told to stop."""


class Ticker:
    """Runs `tick(now)` every `seconds`, never twice at once. `last` is when it last went well."""

    def __init__(self, name: str, seconds: float, tick: Callable[[datetime], Awaitable[None]]) -> None:
        self.name, self.seconds, self.tick = name, seconds, tick
        self.last: datetime | None = None
        self.at_work = asyncio.Lock()

    async def once(self) -> None:
        """A failed tick is logged and the next one tries again: the database may be locked or Redis away for a moment."""
        now = datetime.now(UTC)
        try:
            async with self.at_work:
                await self.tick(now)
        except Exception as error:
            log.error("tick_failed", service=self.name, reason=f"{type(error).__name__}: {error}", exc_info=True)
        else:
            self.last = now

    async def check(self) -> None:
        """Raise unless a tick went well lately; the health page calls this."""
        age = (datetime.now(UTC) - self.last).total_seconds() if self.last else None
        if age is None or age > 60 + 3 * self.seconds:
            raise RuntimeError(f"no tick has gone well for {age and round(age)} s")

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Ticker"]:
        """Tick until the block ends. (The defaults of APScheduler 3 would drop a tick that is one second late.)"""
        scheduler = AsyncIOScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        scheduler.add_job(self.once, "interval", seconds=self.seconds, next_run_time=datetime.now(UTC))
        scheduler.start()
        try:
            yield self
        finally:
            scheduler.pause()
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS), self.at_work:
                    pass  # a tick at work ends before its database and streams are closed
            scheduler.shutdown(wait=False)
