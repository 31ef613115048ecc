"""Group commit: what many ask for at the same time is done in one go, and each hears when it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
MOST = 256


class Together(Generic[Item, Result]):
    """`await together(item)` gives what `work` gave for that item.

    While `work` is busy with some items, those who come wait, and the next round takes them all. `work` gives one result
    for each item, in their order; what it raises reaches everybody of that round. A round waits for as many as `enough()`
    says, `patience` seconds at most: so that it is worth its while.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        enough: Callable[[], int] = lambda: 1,
        patience: float = 0.0,
    ) -> None:
        self.work, self.enough, self.patience = work, enough, patience
        self.waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self.rounds: asyncio.Task[None] | None = None
        self.came = asyncio.Event()

    async def __call__(self, item: Item) -> Result:
        asked: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self.waiting.append((item, asked))
        self.came.set()
        if self.rounds is None or self.rounds.done():
            self.rounds = asyncio.create_task(self._rounds())
        return await asked

    async def _gather(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                while len(self.waiting) < self.enough():
                    self.came.clear()
                    await self.came.wait()

    async def _rounds(self) -> None:
        while self.waiting:
            if self.patience and len(self.waiting) < self.enough():
                await self._gather()
            round_, self.waiting = self.waiting[:MOST], self.waiting[MOST:]
            try:
                results = await self.work([item for item, _ in round_])
            except BaseException as error:
                _tell(round_, error)
                if not isinstance(error, Exception):
                    raise
            else:
                for (_, asked), result in zip(round_, results, strict=True):
                    if not asked.done():  # nobody waits any more for one that was cancelled
                        asked.set_result(result)


def _tell(round_: Sequence[tuple[Item, asyncio.Future[Result]]], error: BaseException) -> None:
    for _, asked in round_:
        if not asked.done():
            asked.cancel() if isinstance(error, asyncio.CancelledError) else asked.set_exception(error)
