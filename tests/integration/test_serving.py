"""Health, metrics and a clean stop."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from httpx2 import ASGITransport, AsyncClient
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from shared import serving
from shared.serving import Service, application, listening

ROOT = Path(__file__).parents[2]


async def well() -> None:
    """Nothing wrong."""


async def ill() -> None:
    raise ConnectionError("no database " + "x" * 900)


async def hangs() -> None:
    await asyncio.Event().wait()


def client(service: Service) -> AsyncClient:
    return AsyncClient(transport=ASGITransport(application(service)), base_url="http://test")


async def test_a_well_service_says_so() -> None:
    async with client(Service("matcher", {"database": well})) as browser:
        answer = await browser.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"service": "matcher", "unwell": {}})


async def test_every_check_that_fails_or_hangs_is_named() -> None:
    serving.CHECK_SECONDS, before = 0.05, serving.CHECK_SECONDS
    try:
        async with client(Service("matcher", {"database": ill, "redis": hangs, "tick": well})) as browser:
            answer = await browser.get("/healthz")
    finally:
        serving.CHECK_SECONDS = before
    unwell = answer.json()["unwell"]
    assert answer.status_code == 503
    assert sorted(unwell) == ["database", "redis"]
    assert unwell["database"].startswith("ConnectionError: no database")
    assert len(unwell["database"]) <= 200


async def test_metrics_are_served() -> None:
    async with client(Service("matcher")) as browser:
        answer = await browser.get("/metrics")
    assert "joblark_events_total" in answer.text


async def test_a_service_has_its_own_pages() -> None:
    async def hello(_: Request) -> PlainTextResponse:
        return PlainTextResponse("hello")

    async with listening(application(Service("web", routes=[Route("/hello", hello)]))) as url, AsyncClient() as browser:
        assert (await browser.get(f"{url}/hello")).text == "hello"


PROCESS = """
import sys
from contextlib import asynccontextmanager
from shared.serving import Service, serve
from shared.settings import Settings

@asynccontextmanager
async def running(settings):
    print("begun", flush=True)
    try:
        yield Service("test")
    finally:
        print("cleaned up", flush=True)

serve(Settings(_env_file=None, port=0), running)
print("ended", flush=True)
"""


async def test_sigterm_ends_a_service_in_order() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PROCESS, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    assert await process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGTERM)
    rest, _ = await asyncio.wait_for(process.communicate(), 30)
    said = [line for line in rest.decode().split("\n") if line in ("cleaned up", "ended")]
    assert (said, process.returncode) == (["cleaned up", "ended"], 0)
