"""What the scraper does at each tick: read the boards that are due, then publish what is owed."""

import asyncio
from datetime import datetime, timedelta

from services.scraper import repository
from services.scraper.poll import Outcome, Poller
from shared.database import Database
from shared.events import POSTINGS
from shared.models import PostingRow
from shared.outbox import publish_owed, remember
from shared.settings import Settings
from shared.streams import Streams

Poll = asyncio.Task[Outcome]
ROUND = 0.8
"""The share of the time between two ticks in which boards are begun; those that were begun are then read to their end."""
LOOK_EVERY = 0.2


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

        Boards that were put off because their host is busy come back within the round. What goes wrong on our side, with
        the database, is raised once those that are being read are done.
        """
        loop = asyncio.get_running_loop()
        begun, polls, put_off, broken = loop.time(), set[Poll](), False, list[BaseException]()
        try:
            while True:
                elapsed = loop.time() - begun
                begins = elapsed < self.settings.tick_seconds * ROUND and not broken
                polls |= await self._begun(now + timedelta(seconds=elapsed), len(polls)) if begins else set()
                if not polls and not (put_off and begins):
                    break
                done, polls = await _some_done(polls)
                broken += [error for poll in done if (error := poll.exception())]
                put_off = put_off or any(not poll.exception() and poll.result().postponed for poll in done)
        finally:
            for poll in polls:
                poll.cancel()
        if broken:
            raise broken[0]

    async def _begun(self, now: datetime, at_work: int) -> set[Poll]:
        """Polls of as many due boards as there is room for."""
        lease = timedelta(seconds=self.settings.poll_lease_seconds)
        if at_work >= self.settings.poll_concurrency:
            return set()
        async with self.database.begin() as session:
            boards = await repository.claim_due_boards(session, now, lease, self.settings.poll_concurrency - at_work)
        return {asyncio.create_task(self.poller.poll(board)) for board in boards}

    async def publish(self, now: datetime) -> int:
        return await publish_owed(self.database, self.streams, PostingRow, repository.event_of, now)


async def _some_done(polls: set[Poll]) -> tuple[set[Poll], set[Poll]]:
    """Wait until one is done, or it is time to look who has become due: (done, still at work)."""
    if not polls:
        await asyncio.sleep(LOOK_EVERY)
        return set(), set()
    return await asyncio.wait(polls, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
