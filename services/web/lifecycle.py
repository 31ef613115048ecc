"""What the web does to subscriptions as time goes by: it owns the table, so it resumes, ends and forgets."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web import repository
from services.web.repository.ageing import BATCH
from shared.database import Database
from shared.settings import Settings

log = structlog.get_logger()

SOON, RARELY = timedelta(minutes=1), timedelta(hours=1)


class Step(NamedTuple):
    """Something done again and again, `every` so often; `work` does one batch of it and says how many it changed."""

    name: str
    every: timedelta
    work: Callable[[AsyncSession, datetime], Awaitable[int]]


class Lifecycle:
    """Any number of processes may tick at once. What a step changes owes its event, which the outbox publishes."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.address_kept = timedelta(days=settings.address_keep_days)
        self.done: dict[str, datetime] = {}
        self.steps = (
            Step("resumed", SOON, repository.resume_due),
            Step("complained", SOON, repository.end_complained),
            Step("unconfirmed", RARELY, repository.end_unconfirmed),
            Step("silent", RARELY, repository.end_silent),
            Step("addresses_erased", RARELY, self._erase_addresses),
        )

    async def tick(self, now: datetime) -> None:
        """Do every step whose time has come again; a clock that was set back does them all."""
        for step in self.steps:
            last = self.done.get(step.name)
            if last is None or not timedelta(0) <= now - last < step.every:
                await self._do(step, now)
                self.done[step.name] = now

    async def _do(self, step: Step, now: datetime) -> None:
        """Batch by batch, so that no transaction holds many rows."""
        total, batch = 0, BATCH
        while batch == BATCH:
            async with self.database.begin() as session:
                batch = await step.work(session, now)
            total += batch
        if total:
            log.info("subscriptions_aged", step=step.name, count=total)

    async def _erase_addresses(self, session: AsyncSession, now: datetime) -> int:
        return await repository.erase_addresses(session, now - self.address_kept)
