"""Work that repeats beside other work, and stops with it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def repeating(seconds: float, work: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Await `work()` every `seconds` for as long as the block lasts; a round that has begun is finished first.

    Never by cancelling: before Python 3.12 `asyncio.wait_for`, which redis-py awaits inside, may swallow a cancellation,
    and who then waits for the task to end waits for ever.
    """
    stop = asyncio.Event()
    task = asyncio.create_task(_repeat(seconds, work, stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def _repeat(seconds: float, work: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    while True:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await stop.wait()
        if stop.is_set():
            return
        await work()
