"""Everything in one process: the same services, wired to one SQLite file and one Valkey server of our own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from pydantic import SecretStr

from services.embedded.valkey import running_valkey
from services.matcher import app as matcher
from services.notifier import app as notifier
from services.scraper import app as scraper
from services.web import app as web
from shared import migrations
from shared.database import Database
from shared.serving import Service
from shared.settings import EMBEDDED_REDIS, Settings


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Scraper, matcher, notifier and web until the block ends. Raises `Conflict` if the data folder is in use."""
    settings.create_secret()
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(running_valkey(settings.data_dir))
        (settings.data_dir / EMBEDDED_REDIS).write_text(url)
        settings = settings.model_copy(update={"redis_url": SecretStr(url)})
        async with Database.opened(settings.database) as database:
            await migrations.upgrade(database)
        services = [await stack.enter_async_context(part.running(settings)) for part in (matcher, notifier, scraper, web)]
        yield together(services)


def together(services: list[Service]) -> Service:
    """Several services as one: all their pages, and the checks of each under its name."""
    checks = {f"{service.name}.{name}": check for service in services for name, check in service.checks.items()}
    routes = [route for service in services for route in service.routes]
    middleware = [part for service in services for part in service.middleware]
    return Service("embedded", checks, routes, middleware)
