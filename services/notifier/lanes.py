"""How many mails are sent at once, and who is next: first those that somebody waits for."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Lanes:
    """So many at once. Of those who wait, `first` go before all others; otherwise in the order they came."""

    def __init__(self, number: int) -> None:
        self.number = self.free = number
        self.queues: tuple[deque[asyncio.Future[None]], deque[asyncio.Future[None]]] = (deque(), deque())

    @property
    def busy(self) -> int:
        return self.number - self.free

    @asynccontextmanager
    async def one(self, *, first: bool = False) -> AsyncIterator[None]:
        """Wait for a lane, and have it until the block ends."""
        await self._enter(self.queues[0 if first else 1])
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, queue: deque[asyncio.Future[None]]) -> None:
        if self.free and not any(self.queues):
            self.free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():
                self._leave()  # it was given to one who does not want it any more
            raise

    def _leave(self) -> None:
        for queue in self.queues:
            while queue:
                if not (turn := queue.popleft()).done():
                    turn.set_result(None)
                    return
        self.free += 1
