"""The scraper as a service: its parts wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from services.scraper.fetch import Fetcher, user_agent
from services.scraper.poll import Poller
from services.scraper.schedule import Schedule
from shared.database import Database
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker


def fetcher(settings: Settings) -> Fetcher:
    return Fetcher(user_agent(settings.contact), settings.fetch_timeout_seconds, settings.fetch_max_bytes)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Read due boards and publish what changed, until the block ends."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        streams = await stack.enter_async_context(Streams(settings).running())
        poller = Poller(database, await stack.enter_async_context(fetcher(settings)), settings)
        ticker = Ticker("scraper", settings.tick_seconds, Schedule(database, streams, poller, settings).tick)
        await stack.enter_async_context(ticker.running())
        yield Service("scraper", {"redis": streams.ping, "database": database.ping, "tick": ticker.check})
