"""Where postings are read: in one thread beside the event loop.

One, because two would not be quicker, and each more would keep the event loop waiting for as long again before it has its
turn. Looking up names has threads of its own, so that a request goes out when its turn has come.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
READING = ThreadPoolExecutor(1, "reading")


async def compute(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `function` returns, while the event loop goes on. Those that wait are served in their order."""
    return await asyncio.get_running_loop().run_in_executor(READING, lambda: function(*args, **kwargs))
