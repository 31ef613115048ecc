"""Work that repeats beside other work."""

import asyncio

import pytest

from shared.pacing import repeating


async def test_it_repeats_while_the_block_lasts_and_not_after() -> None:
    rounds, enough = 0, asyncio.Event()

    async def work() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            enough.set()

    async with repeating(0.001, work):
        await asyncio.wait_for(enough.wait(), 10)
    last = rounds
    await asyncio.sleep(0.01)
    assert rounds == last


async def test_a_block_that_is_shorter_than_the_interval_does_no_round() -> None:
    rounds = []

    async def work() -> None:
        rounds.append(1)

    async with asyncio.timeout(10), repeating(3600, work):
        await asyncio.sleep(0)
    assert rounds == []


async def test_a_round_that_has_begun_is_finished_before_the_block_ends() -> None:
    begun, done = asyncio.Event(), False

    async def work() -> None:
        nonlocal done
        begun.set()
        await asyncio.sleep(0.05)
        done = True

    async with repeating(0.001, work):
        await begun.wait()
        assert not done
    assert done


async def test_it_ends_although_the_work_swallows_cancellation() -> None:
    """As `asyncio.wait_for` may, before Python 3.12: the reason why nothing is cancelled here."""
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.sleep(0.01)
        except asyncio.CancelledError:
            return

    async with asyncio.timeout(10), repeating(0.001, work):
        await begun.wait()


async def test_an_error_of_the_block_is_the_blocks() -> None:
    async def work() -> None:
        pass

    with pytest.raises(ZeroDivisionError):
        async with repeating(3600, work):
            raise ZeroDivisionError
