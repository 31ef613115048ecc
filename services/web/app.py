"""The web page as a service: its parts wired together."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from services.web import digests, feedback, lost, manage, renew, subscribe, webhooks
from services.web.guard import Guard
from services.web.lifecycle import Lifecycle
from services.web.outbox import Outbox
from services.web.pages import HANDLERS, HERE, refusal
from services.web.site import Ask, AskCopy, Site
from services.web.webhooks.fetching import fetch
from services.web.webhooks.memory import once
from shared.channels import schemes
from shared.copy import COPY, Copy, CopyAsked
from shared.database import Database
from shared.links import Links
from shared.preview import PREVIEW, Preview, PreviewAsked
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker

ASK_SECONDS = 1.5
"""How long the page waits for the jobs that fit: long for a page, and a matcher that is there needs a tenth of it."""
COPY_SECONDS = 3.0
"""How long it waits for the copy of a mail, which a notifier has to render."""


class _Static(StaticFiles):
    """Files that a browser keeps, but asks about before it uses them again."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers["Cache-Control"] = "no-cache"
        return response


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Show the pages and tell of what people change there, until the block ends."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        streams = await stack.enter_async_context(Streams(settings).running())
        outbox = Outbox(database, streams)
        lifecycle = Lifecycle(database, settings)

        async def tick(now: datetime) -> None:
            try:
                await lifecycle.tick(now)
            finally:
                await outbox.tick(now)

        ticker = Ticker("web", settings.tick_seconds, tick)
        await stack.enter_async_context(ticker.running())
        links = Links(settings.base_url, settings.signing_secret)

        async def ask(question: PreviewAsked) -> Preview:
            return await streams.ask(PREVIEW, question, Preview, ASK_SECONDS)

        async def ask_copy(question: CopyAsked) -> Copy:
            return await streams.ask(COPY, question, Copy, COPY_SECONDS)

        desk = webhooks.Desk(settings, streams.publish, once(streams), fetch, lambda: datetime.now(UTC))
        hooks = webhooks.routes(desk)
        chats = schemes(settings.channels) if find_spec("apprise") else ()
        routes = build_routes(database, links, outbox.publish, lambda: datetime.now(UTC), ask, ask_copy, hooks, chats)
        yield Service("web", {"redis": streams.ping, "database": database.ping, "tick": ticker.check}, routes)


def build_routes(
    database: Database,
    links: Links,
    notify: Callable[[], Awaitable[None]],
    clock: Callable[[], datetime],
    ask: Ask | None = None,
    ask_copy: AskCopy | None = None,
    hooks: Sequence[BaseRoute] = (),
    channels: tuple[str, ...] = (),
) -> list[BaseRoute]:
    """Every page, with its own limits, headers and error pages, as one mount that takes each path not taken before it.

    `notify` is called after each commit, to publish the `SubscriptionChanged` that is then owed; `clock` is aware; `ask`
    asks a matcher, without which the page shows no jobs; `ask_copy` a notifier, without which it shows no copies of mails;
    `hooks` are the addresses that mail providers call; `channels` the schemes of chats that a digest may go to.
    """
    site = Site(database, links, notify, clock, ask=ask, ask_copy=ask_copy, channels=channels)
    return [Mount("", build_app(site, hooks))]


def build_app(site: Site, hooks: Sequence[BaseRoute] = ()) -> Starlette:
    """The same as one ASGI application."""
    return Starlette(
        routes=[
            *subscribe.routes(site),
            *manage.routes(site),
            *feedback.routes(site),
            *lost.routes(site),
            *renew.routes(site),
            *digests.routes(site),
            *hooks,
            Mount("/static", _Static(directory=HERE / "static")),
        ],
        middleware=[Middleware(Guard, refuse=refusal)],
        exception_handlers=HANDLERS,
    )
