"""The matcher as a service: its parts wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from services.matcher.allocator import keep_freed_memory
from services.matcher.handlers import Matcher
from services.matcher.keeping import kept
from shared.audit import AUDIT, AuditsAsked
from shared.database import Database
from shared.events import DELIVERIES, POSTINGS, SUBSCRIPTIONS, matcher_group
from shared.preview import PREVIEW, PreviewAsked
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker

TICK_SECONDS = 600.0
"""How often the open postings in memory are brought up to date though nobody asks. A tick that fails harms no matching."""
ENTER_SECONDS = 10.0
"""How long arrivals wait at most where nothing else is to do."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Score postings as they come, until the block ends."""
    keep_freed_memory()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        matcher = Matcher(database, settings)
        streams = Streams(settings)
        for stream in (POSTINGS, SUBSCRIPTIONS, DELIVERIES):
            streams.consume(stream, matcher_group(*settings.shard), matcher.handlers(stream), database.writable)
        streams.answer(PREVIEW, PreviewAsked, matcher.on_preview_asked)
        await stack.enter_async_context(kept(matcher.index, matcher.refresh, settings.matcher_snapshot))
        streams.answer(AUDIT, AuditsAsked, matcher.on_audits_asked)
        await stack.enter_async_context(streams.running())
        await stack.enter_async_context(Ticker("matcher", TICK_SECONDS, matcher.tick).running())
        await stack.enter_async_context(Ticker("arrivals", ENTER_SECONDS, matcher.enter_waiting).running())
        yield Service("matcher", {"redis": streams.ping, "database": database.ping})
