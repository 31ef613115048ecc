"""What was set aside can be seen, tried again and thrown away."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.errors import NotFound
from shared.events import MAILS, POSTINGS, PostingFound
from shared.settings import Settings
from shared.streams import Streams, dead_letters
from shared.streams.upkeep import Upkeep, waiting
from tests.eventually import eventually
from tests.factories import found


@pytest.fixture
async def streams(settings: Callable[..., Settings], redis_url: str) -> AsyncIterator[Streams]:
    quick = settings(redis_url=redis_url, stream_min_idle_seconds=0.3, stream_backoff_seconds=0.05, stream_max_deliveries=2)
    async with Streams(quick).connected() as streams:
        await Upkeep(streams).once()
        yield streams


async def set_aside(streams: Streams, posting_id: int, reason: str = "ValueError: no") -> None:
    """As a consumer does it: read, then moved out of the group's pending list."""
    await streams.publish([found(posting_id)])
    ((_, ((id_, fields),)),) = await streams.client.xreadgroup("matcher", "test", {POSTINGS: ">"}, count=1)
    await dead_letters.add(streams.client, POSTINGS, "matcher", id_, fields[b"__data__"], 5, reason)


async def test_setting_aside_frees_the_group(streams: Streams) -> None:
    await set_aside(streams, 1)
    assert await waiting(streams.client, POSTINGS) == {"matcher": 0}


async def test_letters_are_listed_newest_first_with_where_and_why(streams: Streams) -> None:
    await set_aside(streams, 1, "ValueError: one")
    await set_aside(streams, 2, "ValueError: two")
    await dead_letters.add(streams.client, MAILS, "notifier", b"1-1", b"\xff", 1, "unreadable")
    letters = await dead_letters.listing(streams.client)
    assert [(letter.stream, letter.group, letter.reason) for letter in letters] == [
        (POSTINGS, "matcher", "ValueError: two"),
        (POSTINGS, "matcher", "ValueError: one"),
        (MAILS, "notifier", "unreadable"),
    ]
    assert [letter.body for letter in await dead_letters.listing(streams.client, (MAILS,))] == ["\ufffd"]
    assert len(await dead_letters.listing(streams.client, (POSTINGS,), limit=1)) == 1


async def test_a_letter_is_shown_by_its_id(streams: Streams) -> None:
    await set_aside(streams, 1)
    (letter,) = await dead_letters.listing(streams.client)
    assert await dead_letters.show(streams.client, POSTINGS, letter.id) == letter
    assert PostingFound.model_validate_json(letter.body) == found(1)
    with pytest.raises(NotFound) as raised:
        await dead_letters.show(streams.client, POSTINGS, "1-1")
    assert raised.value.code == "dead_letter_not_found"


async def test_a_dropped_letter_is_gone_and_the_others_stay(streams: Streams) -> None:
    await set_aside(streams, 1)
    await set_aside(streams, 2)
    newest, oldest = await dead_letters.listing(streams.client)
    await dead_letters.drop(streams.client, newest)
    assert await dead_letters.listing(streams.client) == [oldest]
    assert await waiting(streams.client, POSTINGS) == {"matcher": 0}


async def test_a_replayed_letter_is_handled_once_the_fault_is_mended(
    streams: Streams, settings: Callable[..., Settings]
) -> None:
    mended, handled = False, []

    async def handle(events: list[PostingFound]) -> None:
        if not mended:
            raise ValueError("broken")
        handled.extend(events)

    streams.consume(POSTINGS, "matcher", {PostingFound: handle})
    async with streams.running():
        await streams.publish([found(1)])
        (letter,) = await eventually(lambda: dead_letters.listing(streams.client))
        assert (letter.deliveries, letter.reason) == (2, "ValueError: broken")
        mended = True
        await dead_letters.replay(streams.client, letter)
        await eventually(lambda: handled)
        assert handled == [found(1)]
        assert await dead_letters.listing(streams.client) == []
