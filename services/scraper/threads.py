"""Where postings are read: in one thread beside the event loop.

One, because two would not be quicker, and each more would keep the event loop waiting for as long again before it has its
turn. Looking up names has threads of its own, so that a request goes out when its turn has come.
"""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from shared.posting import RawPosting
from shared.reading.posting import read_posting

P = ParamSpec("P")
T = TypeVar("T")
READING = ThreadPoolExecutor(1, "reading")


async def compute(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What `function` returns, while the event loop goes on. Those that wait are served in their order."""
    return await asyncio.get_running_loop().run_in_executor(READING, lambda: function(*args, **kwargs))


async def settle() -> None:
    """Load the tables that reading needs, and have the garbage collector leave alone what will stay for good anyway.

    It would otherwise look through all of it again and again, and the event loop would stand still for 100 ms each time.
    """
    sample = RawPosting(source="none", board="none", external_id="0", title="Engineer", company="None", location="Singapore")
    await compute(read_posting, sample)
    gc.collect()
    gc.freeze()
