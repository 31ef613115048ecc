"""What the scraper does at each tick: read the boards that are due, then publish what is owed."""

import asyncio
from datetime import datetime, timedelta

from services.scraper import repository
from services.scraper.poll import Poller
from shared.database import Database
from shared.events import POSTINGS
from shared.models import PostingRow
from shared.outbox import publish_owed, remember
from shared.settings import Settings
from shared.streams import Streams


class Schedule:
    """The scraper's tick. It asks the database who is due and knows no board by name."""

    def __init__(self, database: Database, streams: Streams, poller: Poller, settings: Settings) -> None:
        self.database, self.streams, self.poller, self.settings = database, streams, poller, settings

    async def tick(self, now: datetime) -> None:
        """Polls first: when Redis is away, boards are still read and their postings owed."""
        await self.poll_due_boards(now)
        await remember(self.database, self.streams, PostingRow, POSTINGS)
        await self.publish(now)

    async def poll_due_boards(self, now: datetime) -> None:
        lease = timedelta(seconds=self.settings.poll_lease_seconds)
        async with self.database.begin() as session:
            boards = await repository.claim_due_boards(session, now, lease, self.settings.poll_concurrency)
        await asyncio.gather(*(self.poller.poll(board) for board in boards))

    async def publish(self, now: datetime) -> int:
        return await publish_owed(self.database, self.streams, PostingRow, repository.event_of, now)
