"""Who is next, and group commit: without a clock and without a database."""

import asyncio

import pytest

from services.notifier.lanes import Lanes
from services.notifier.together import Together


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_at_once_than_there_are_lanes_and_those_that_are_waited_for_go_first() -> None:
    lanes, order, busy = Lanes(1), list[str](), asyncio.Event()

    async def go(name: str, *, first: bool = False) -> None:
        async with lanes.one(first=first):
            order.append(name)
            await busy.wait()

    tasks = [asyncio.create_task(go(name, first=name == "notice")) for name in ("a", "b", "notice", "c")]
    await settle()
    assert order == ["a"]
    busy.set()
    await asyncio.gather(*tasks)
    assert order == ["a", "notice", "b", "c"]
    assert lanes.free == 1


async def test_a_lane_is_not_lost_with_who_was_given_it_and_was_cancelled() -> None:
    lanes = Lanes(1)
    async with lanes.one():
        waiting = [asyncio.create_task(enter(lanes)) for _ in range(2)]
        await settle()
        waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert lanes.free == 1


async def test_a_lane_given_and_cancelled_in_one_breath_goes_to_the_next() -> None:
    lanes = Lanes(1)
    first = lanes.one()
    await first.__aenter__()
    waiting = [asyncio.create_task(enter(lanes)) for _ in range(2)]
    await settle()
    await first.__aexit__(None, None, None)  # gives the lane to waiting[0], which has not run yet
    waiting[0].cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert not waiting[1].cancelled()
    assert lanes.free == 1


async def enter(lanes: Lanes) -> None:
    async with lanes.one():
        await asyncio.sleep(0)


async def test_those_who_come_while_a_round_is_on_share_the_next() -> None:
    rounds, go = list[list[int]](), asyncio.Event()

    async def work(items):
        rounds.append(list(items))
        await go.wait()
        return [item * 10 for item in items]

    together = Together(work)
    tasks = [asyncio.create_task(together(1))]
    await settle()
    tasks += [asyncio.create_task(together(n)) for n in (2, 3, 4)]
    await settle()
    go.set()
    assert await asyncio.gather(*tasks) == [10, 20, 30, 40]
    assert rounds == [[1], [2, 3, 4]]


async def test_an_error_reaches_everybody_of_its_round_and_nobody_of_the_next() -> None:
    async def work(items):
        if 1 in items:
            raise LookupError("gone")
        return items

    together = Together(work)
    both = await asyncio.gather(together(1), together(2), return_exceptions=True)
    assert [type(one) for one in both] == [LookupError, LookupError]
    assert await together(3) == 3


async def test_one_who_is_cancelled_takes_nobody_with_it() -> None:
    go = asyncio.Event()

    async def work(items):
        await go.wait()
        return items

    together = Together(work)
    tasks = [asyncio.create_task(together(n)) for n in (1, 2)]
    await settle()
    tasks[0].cancel()
    await settle()
    go.set()
    assert await tasks[1] == 2
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
