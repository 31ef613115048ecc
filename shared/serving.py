"""How a service becomes a process: its parts run inside a small web server that also answers /healthz and /metrics."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field

import structlog
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from shared.settings import Settings

log = structlog.get_logger()

CHECK_SECONDS = 5
Check = Callable[[], Awaitable[object]]


@dataclass
class Service:
    """What a running service shows of itself: `checks` by name (each raises when unwell) and pages."""

    name: str
    checks: dict[str, Check] = field(default_factory=dict)
    routes: Sequence[BaseRoute] = ()
    middleware: Sequence[Middleware] = ()


Running = Callable[[Settings], AbstractAsyncContextManager[Service]]


def serve(settings: Settings, running: Running) -> None:
    """Run one service until SIGTERM or SIGINT, then stop it in order. Raises what its start raises."""
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_serve(settings, running))


async def _serve(settings: Settings, running: Running) -> None:
    with _stopping(asyncio.current_task()) as on_stop:
        async with running(settings) as service:
            server = _Server(
                uvicorn.Config(application(service), settings.host, settings.port, log_config=None, access_log=False)
            )
            on_stop.append(server.stop)
            log.info("started", service=service.name, url=f"http://{settings.host}:{settings.port}")
            await server.serve()
            log.info("stopping", service=service.name)


def application(service: Service) -> Starlette:
    """The ASGI application of a service: its own pages, health and metrics."""

    async def healthz(_: Request) -> Response:
        problems = await _unwell(service.checks)
        return JSONResponse({"service": service.name, "unwell": problems}, status_code=503 if problems else 200)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    operating = [Route("/healthz", healthz), Route("/metrics", metrics)]
    return Starlette(routes=[*operating, *service.routes], middleware=service.middleware)


@contextlib.asynccontextmanager
async def listening(app: Starlette) -> AsyncIterator[str]:
    """Serve `app` on a free port of the loopback address until the block ends; gives its address."""
    server = _Server(uvicorn.Config(app, "127.0.0.1", 0, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.stop()
        await serving


async def _unwell(checks: dict[str, Check]) -> dict[str, str]:
    async def ask(check: Check) -> str | None:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check()
        except Exception as error:
            return f"{type(error).__name__}: {error}"[:200]
        return None

    answers = await asyncio.gather(*(ask(check) for check in checks.values()))
    return {name: answer for name, answer in zip(checks, answers, strict=True) if answer}


class _Server(uvicorn.Server):
    """uvicorn without its signal handling, which would kill the process before our own clean-up has run."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


@contextlib.contextmanager
def _stopping(main: "asyncio.Task[None] | None") -> Iterator[list[Callable[[], None]]]:
    """On SIGTERM or SIGINT: ask the server to end; before there is one, or the second time, cancel everything."""
    on_stop: list[Callable[[], None]] = []

    def stop() -> None:
        if on_stop:
            on_stop.pop()()
        elif main:
            main.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    try:
        yield on_stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
