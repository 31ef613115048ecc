"""The scraper as a service: its parts wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from services.scraper.fetch import Fetcher
from services.scraper.gate import Manners, user_agent
from services.scraper.guard import Guard
from services.scraper.hosts import Hosts
from services.scraper.poll import Poller
from services.scraper.schedule import Schedule
from services.scraper.sources import sources
from services.scraper.threads import settle
from shared.database import Database
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker


def fetcher(settings: Settings) -> Fetcher:
    """The one way to a board, with the budgets of all hosts in the settings' Redis while that answers."""
    manners = Manners(Guard(settings.allowed_networks), Hosts.at(settings.redis), settings.fetch_gap_seconds, source_gaps())
    return Fetcher(user_agent(settings.contact), settings.fetch_timeout_seconds, settings.fetch_max_bytes, manners)


def source_gaps() -> dict[str, float]:
    """Seconds between two requests to a host, where a source's terms name them."""
    terms = {urlsplit(source.url).hostname or "": source.terms.gap_seconds for source in sources().values()}
    return {host: gap for host, gap in terms.items() if gap}


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Read due boards and publish what changed, until the block ends."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        streams = await stack.enter_async_context(Streams(settings).running())
        poller = Poller(database, await stack.enter_async_context(fetcher(settings)), settings)
        await settle()
        ticker = Ticker("scraper", settings.tick_seconds, Schedule(database, streams, poller, settings).tick)
        await stack.enter_async_context(ticker.running())
        yield Service("scraper", {"redis": streams.ping, "database": database.ping, "tick": ticker.check})
