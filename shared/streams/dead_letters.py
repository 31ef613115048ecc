"""What was set aside: entries that failed too often, each with its reason, in `<stream>.dead`.

Replaying appends the entry to its stream again. Every group of that stream reads it again; handlers change nothing
when they have seen it, so only the group that failed does work.
"""

import re
from datetime import UTC, datetime

from pydantic import BaseModel

from shared.errors import NotFound
from shared.events import STREAMS
from shared.streams.wire import DATA, Client

_ID = re.compile(r"\d{1,18}-\d{1,18}", re.ASCII)


class DeadLetter(BaseModel):
    """One entry set aside. `id` names it in `<stream>.dead`; `entry` was its id in the stream."""

    id: str
    stream: str
    group: str
    entry: str
    deliveries: int
    reason: str
    at: datetime
    body: str


def dead_stream(stream: str) -> str:
    return f"{stream}.dead"


async def add(client: Client, stream: str, group: str, entry: bytes, body: bytes, deliveries: int, reason: str) -> None:
    """Move one entry from the group's pending list to the dead letters, both or neither."""
    async with client.pipeline(transaction=True) as pipeline:
        pipeline.xadd(
            dead_stream(stream),
            {
                "group": group,
                "entry": entry,
                "deliveries": deliveries,
                "reason": reason,
                "at": datetime.now(UTC).isoformat(),
                "body": body,
            },
        )
        pipeline.xack(stream, group, entry)
        await pipeline.execute()


async def listing(client: Client, streams: tuple[str, ...] = STREAMS, limit: int = 1000) -> list[DeadLetter]:
    """Dead letters of `streams`, newest first within each, at most `limit` of each."""
    found = []
    for stream in streams:
        rows = await client.xrevrange(dead_stream(stream), count=limit)
        found += [_letter(stream, id_, fields) for id_, fields in rows]
    return found


async def counts(client: Client, streams: tuple[str, ...] = STREAMS) -> dict[str, tuple[int, datetime | None]]:
    """How many dead letters each stream has, and when the oldest of them was set aside."""
    found = dict[str, tuple[int, datetime | None]]()
    for stream in streams:
        oldest = await client.xrange(dead_stream(stream), count=1)
        found[stream] = (await client.xlen(dead_stream(stream)), _set_aside_at(oldest[0][0]) if oldest else None)
    return found


async def show(client: Client, stream: str, id_: str) -> DeadLetter:
    """One dead letter with its body. Raises `NotFound`."""
    rows = await client.xrange(dead_stream(stream), min=id_, max=id_) if _ID.fullmatch(id_) else []
    if not rows:
        raise NotFound(f"no dead letter {id_} in {stream}; see `joblark dead-letters list`", code="dead_letter_not_found")
    return _letter(stream, *rows[0])


async def replay(client: Client, letter: DeadLetter) -> None:
    """Append the entry to its stream again and remove it from the dead letters, both or neither."""
    async with client.pipeline(transaction=True) as pipeline:
        pipeline.xadd(letter.stream, {DATA: letter.body})
        pipeline.xdel(dead_stream(letter.stream), letter.id)
        await pipeline.execute()


async def drop(client: Client, letter: DeadLetter) -> None:
    await client.xdel(dead_stream(letter.stream), letter.id)


def _set_aside_at(id_: bytes) -> datetime:
    return datetime.fromtimestamp(int(id_.partition(b"-")[0]) / 1000, UTC)


def _letter(stream: str, id_: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    text = {key.decode(): value.decode(errors="replace") for key, value in fields.items()}
    return DeadLetter.model_validate({"id": id_.decode(), "stream": stream, **text})
