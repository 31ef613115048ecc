"""`/webhooks/<provider>`: where a mail provider tells of bounces and complaints. There is no list of providers to keep.

404 not configured · 403 not the provider, or not for us · 413 too much · 422 not a report · 503 tell us again later
200 Redis has it. The provider tells again whatever was not answered with 200, and a report told twice counts once.
"""

import asyncio
from functools import cache, partial
from importlib import import_module
from pkgutil import iter_modules

import structlog
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from services.web.webhooks.base import Desk, Hook, Refused
from shared.errors import Conflict, FetchError, NotFound, NotReady, UnreadableInput
from shared.returns import read_hook

__all__ = ["Desk", "routes"]
log = structlog.get_logger()

SECONDS = 10
"""For a whole call; a provider waits no longer than that."""


def routes(desk: Desk) -> list[BaseRoute]:
    """One address for each provider."""
    return [Route("/webhooks/{provider}", partial(receive, desk), methods=["POST"])]


async def receive(desk: Desk, request: Request) -> Response:
    """Take one call of a provider."""
    hook = hooks().get(request.path_params["provider"])
    if hook is None or not hook.configured(desk.settings):
        raise NotFound("no such webhook", code="webhook_unknown")
    body = await request.body()
    if len(body) > hook.most:
        return _answer(hook, 413, "webhook_too_large")
    try:
        async with asyncio.timeout(SECONDS):
            count = await _take(desk, hook, request, body)
    except Refused as refused:
        return _answer(hook, 403, str(refused))
    except UnreadableInput as error:
        return _answer(hook, 422, error.code)
    except NotReady as error:
        return _answer(hook, 503, error.code)
    except (RedisError, OSError, TimeoutError, FetchError) as error:
        return _answer(hook, 503, type(error).__name__)
    log.info("webhook_taken", provider=hook.name, returns=count)
    return PlainTextResponse("taken")


async def _take(desk: Desk, hook: Hook, request: Request, body: bytes) -> int:
    report = await hook.open(desk, request.headers, body)
    if report is None:
        return 0
    returned = read_hook(hook.name, report, desk.settings.signing_secret, desk.clock())
    if returned:
        await desk.publish(returned)
    return len(returned)


def _answer(hook: Hook, status: int, code: str) -> Response:
    """A refusal is logged without anything that came with it."""
    log.warning("webhook_refused", provider=hook.name, status=status, reason=code)
    return PlainTextResponse(code, status)


@cache
def hooks() -> dict[str, Hook]:
    """Every declared webhook by its name. Raises `Conflict` when two modules claim one name."""
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__)]
    declared = [module.HOOK for module in modules if hasattr(module, "HOOK")]
    known = {hook.name: hook for hook in declared}
    if len(known) < len(declared):
        raise Conflict("two modules of services/web/webhooks declare a hook of one name: rename one")
    return known
