"""The clock of a service."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from shared.ticking import Ticker
from tests.eventually import eventually


class Work:
    """Counts ticks; fails the first `failures` of them, and waits at `gate`."""

    def __init__(self, failures: int = 0) -> None:
        self.failures, self.ticks, self.at_once, self.most_at_once = failures, 0, 0, 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.enough = asyncio.Event()

    async def __call__(self, now: datetime) -> None:
        assert now.tzinfo is UTC
        self.ticks += 1
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await self.gate.wait()
            if self.ticks >= 3:
                self.enough.set()
            if self.ticks <= self.failures:
                raise OSError("the database is locked")
        finally:
            self.at_once -= 1


async def test_it_ticks_at_once_and_then_again_and_again() -> None:
    work = Work()
    async with Ticker("test", 0.01, work).running() as ticker:
        await asyncio.wait_for(work.enough.wait(), 10)
        await ticker.check()
    assert work.ticks >= 3


async def test_a_failed_tick_does_not_end_the_ticking() -> None:
    work = Work(failures=2)
    async with Ticker("test", 0.01, work).running():
        await asyncio.wait_for(work.enough.wait(), 10)
    assert work.ticks >= 3


async def test_a_slow_tick_is_never_run_beside_itself() -> None:
    work = Work()
    work.gate.clear()
    async with Ticker("test", 0.01, work).running():
        await eventually(lambda: work.ticks)
        await asyncio.sleep(0.1)  # ten ticks' worth of chances to do it wrong
        assert (work.ticks, work.most_at_once) == (1, 1)
        work.gate.set()
        await asyncio.wait_for(work.enough.wait(), 10)
    assert work.most_at_once == 1


async def test_it_is_unwell_until_a_tick_went_well_and_when_the_last_one_is_long_ago() -> None:
    ticker = Ticker("test", 5, Work(failures=1))
    with pytest.raises(RuntimeError, match="None s"):
        await ticker.check()
    await ticker.once()
    with pytest.raises(RuntimeError):
        await ticker.check()
    await ticker.once()
    await ticker.check()
    ticker.last = datetime.now(UTC) - timedelta(seconds=76)
    with pytest.raises(RuntimeError, match="76 s"):
        await ticker.check()
