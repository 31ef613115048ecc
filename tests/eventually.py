"""Waiting for a condition instead of sleeping for luck."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def eventually(look: Callable[[], T | Awaitable[T]], seconds: float = 20.0) -> T:
    """The first true value of `look`; fails the test when there is none within `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        assert time.monotonic() < deadline, f"{inspect.getsource(look).strip()} is still {found!r} after {seconds} s"
        await asyncio.sleep(0.02)
