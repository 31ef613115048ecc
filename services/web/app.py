"""The web page as a service: its parts wired together."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from services.web import feedback, manage, subscribe
from services.web.guard import Guard
from services.web.outbox import Outbox
from services.web.pages import HANDLERS, HERE, refusal
from services.web.site import Ask, Site
from shared.database import Database
from shared.links import Links
from shared.preview import PREVIEW, Preview, PreviewAsked
from shared.serving import Service
from shared.settings import Settings
from shared.streams import Streams
from shared.ticking import Ticker

ASK_SECONDS = 1.5
"""How long the page waits for the jobs that fit: long for a page, and a matcher that is there needs a tenth of it."""


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
        ticker = Ticker("web", settings.tick_seconds, outbox.tick)
        await stack.enter_async_context(ticker.running())
        links = Links(settings.base_url, settings.signing_secret)

        async def ask(question: PreviewAsked) -> Preview:
            return await streams.ask(PREVIEW, question, Preview, ASK_SECONDS)

        routes = build_routes(database, links, outbox.publish, lambda: datetime.now(UTC), ask)
        yield Service("web", {"redis": streams.ping, "database": database.ping, "tick": ticker.check}, routes)


def build_routes(
    database: Database,
    links: Links,
    notify: Callable[[], Awaitable[None]],
    clock: Callable[[], datetime],
    ask: Ask | None = None,
) -> list[BaseRoute]:
    """Every page, with its own limits, headers and error pages, as one mount that takes each path not taken before it.

    `notify` is called after each commit, to publish the `SubscriptionChanged` that is then owed; `clock` is aware; `ask`
    asks a matcher, without which the page shows no jobs.
    """
    return [Mount("", build_app(Site(database, links, notify, clock, ask=ask)))]


def build_app(site: Site) -> Starlette:
    """The same as one ASGI application."""
    return Starlette(
        routes=[
            *subscribe.routes(site),
            *manage.routes(site),
            *feedback.routes(site),
            Mount("/static", _Static(directory=HERE / "static")),
        ],
        middleware=[Middleware(Guard, refuse=refusal)],
        exception_handlers=HANDLERS,
    )
