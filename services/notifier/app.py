"""The notifier as a service: its parts wired together."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from services.notifier.handlers import Notifier
from services.notifier.post import Post
from services.notifier.schedule import Schedule
from services.notifier.senders import make_sender
from shared.database import Database
from shared.events import MAILS, NOTICES, SUBSCRIPTIONS, MailDue, NoticeDue, SubscriptionChanged
from shared.links import Links
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Open digests when they are due and send what is in the ledger, until the block ends."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        sender = make_sender(settings)
        stack.push_async_callback(sender.close)
        post = Post(database, sender, Links(settings.base_url, settings.signing_secret), settings)
        notifier = Notifier(database, post, settings)
        streams = Streams(settings)
        streams.consume(SUBSCRIPTIONS, "notifier", {SubscriptionChanged: notifier.on_subscriptions_changed}, database.writable)
        streams.consume(MAILS, "notifier", {MailDue: notifier.on_mails_due}, database.writable)
        streams.consume(NOTICES, "notifier", {NoticeDue: notifier.on_notices_due}, database.writable)
        await stack.enter_async_context(streams.running())
        ticker = Ticker("notifier", settings.tick_seconds, Schedule(database, streams).tick)
        await stack.enter_async_context(ticker.running())
        yield Service("notifier", {"redis": streams.ping, "database": database.ping, "tick": ticker.check})
