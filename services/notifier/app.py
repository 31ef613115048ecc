"""The notifier as a service: its parts wired together."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from services.notifier import maildomain
from services.notifier.alarms.looking import look
from services.notifier.copies import Copies
from services.notifier.handlers import Notifier
from services.notifier.post import Post
from services.notifier.rates import Rates
from services.notifier.repository import retention
from services.notifier.returned import Returned
from services.notifier.schedule import Schedule, Step
from services.notifier.senders import CHATS, Sender, make_sender, sender_kinds
from shared.copy import COPY, CopyAsked
from shared.database import Database
from shared.events import MAILS, NOTICES, RETURNS, SUBSCRIPTIONS, MailDue, MailReturned, NoticeDue, SubscriptionChanged
from shared.links import Links
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.consumer import Handlers
from shared.ticking import Ticker


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Open digests when they are due and send what is in the ledger, until the block ends."""
    _collect_rarely()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        streams = Streams(settings)
        post = await stack.enter_async_context(_posting(settings, database, streams))
        _consume(streams, Notifier(database, post, settings), Returned(database), database)
        streams.answer(COPY, CopyAsked, Copies(database, post.delivery.letters.links, settings).on_copy_asked)
        await stack.enter_async_context(streams.running())
        further: dict[str, Step] = {
            "post": post.tend,
            "alarms": partial(look, database, streams, settings),
            "retention": partial(retention.sweep, database, settings),
        }
        ticker = Ticker("notifier", settings.tick_seconds, Schedule(database, streams, settings, further).tick)
        await stack.enter_async_context(ticker.running())
        domain = Ticker("mail domain", maildomain.EVERY_SECONDS, partial(maildomain.watch, database, settings))
        await stack.enter_async_context(domain.running())
        yield Service("notifier", {"redis": streams.ping, "database": database.ping, "tick": ticker.check})


def _collect_rarely() -> None:
    """Looking for garbage cycles through all the postings that are remembered took a fifth of a digest's time.

    A batch makes ten thousands of values, and nearly all of them go by themselves.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _consume(streams: Streams, notifier: Notifier, returned: Returned, database: Database) -> None:
    handlers: dict[str, Handlers] = {
        SUBSCRIPTIONS: {SubscriptionChanged: notifier.on_subscriptions_changed},
        MAILS: {MailDue: notifier.on_mails_due},
        NOTICES: {NoticeDue: notifier.on_notices_due},
        RETURNS: {MailReturned: returned.on_mails_returned},
    }
    for stream, handler in handlers.items():
        streams.consume(stream, "notifier", handler, database.writable)


@asynccontextmanager
async def _posting(settings: Settings, database: Database, streams: Streams) -> AsyncIterator[Post]:
    """Mails flow until the block ends."""
    sender, chats = make_sender(settings), _chats(settings)
    links = _links(settings)
    rates = Rates(settings, lambda: streams.client)
    post = Post(database, sender, links, settings, chats=chats, rates=rates, ask=streams.ask)
    try:
        async with post.flowing():
            yield post
    finally:
        for one in (sender, chats):
            if one:
                await one.close()


def _links(settings: Settings) -> Links:
    return Links(settings.base_url, settings.signing_secret)


def _chats(settings: Settings) -> Sender | None:
    """The sender for chats, where what it needs is installed; a digest to a chat is held where it is not."""
    return make_sender(settings, CHATS) if CHATS in sender_kinds() else None
