"""What the scraper does at each tick: read the boards that are due, then publish what is owed."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.scraper import repository
from services.scraper.poll import Outcome, Poller
from shared.database import Database
from shared.events import POSTINGS
from shared.models import BoardRow, PostingRow
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
        """Read due boards, `poll_concurrency` at a time, until none is left or it is time to publish what was found.

        A board that is done makes room for the next at once: one that waits for its host does not hold up the others.
        What goes wrong on our side, with the database, is raised once those that are being read are done.
        """
        loop = asyncio.get_running_loop()
        ends = loop.time() + self.settings.tick_seconds
        polls, broken = set[asyncio.Task[Outcome]](), list[BaseException]()
        try:
            more = True
            while more or polls:
                room = self.settings.poll_concurrency - len(polls)
                boards = await self._claim(now, room) if more and room else ()
                polls |= {asyncio.create_task(self.poller.poll(board)) for board in boards}
                if polls:
                    done, polls = await asyncio.wait(polls, return_when=asyncio.FIRST_COMPLETED)
                    broken += [error for poll in done if (error := poll.exception())]
                more = more and len(boards) == room and loop.time() < ends and not broken
        finally:
            for poll in polls:
                poll.cancel()
        if broken:
            raise broken[0]

    async def _claim(self, now: datetime, limit: int) -> Sequence[BoardRow]:
        lease = timedelta(seconds=self.settings.poll_lease_seconds)
        async with self.database.begin() as session:
            return await repository.claim_due_boards(session, now, lease, limit)

    async def publish(self, now: datetime) -> int:
        return await publish_owed(self.database, self.streams, PostingRow, repository.event_of, now)
