"""What keeps streams healthy: groups that exist, subscribers that run, no entry that nobody needs any more."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog
from redis.exceptions import RedisError, ResponseError

from shared.streams.wire import Client

if TYPE_CHECKING:
    from shared.streams.connection import Streams

log = structlog.get_logger()

GENERATION = "joblark:generation"
FORGET_CONSUMER_MS = 24 * 3600 * 1000
Position = tuple[int, int]
Groups = Sequence[Mapping[str, Any]]


class Upkeep:
    """Runs beside the consumers of one process. Every action may be done by several processes at once."""

    def __init__(self, streams: "Streams") -> None:
        self.streams = streams
        self._trimmed: dict[str, Position] = {}

    async def tend(self) -> None:
        """`once`, but Redis may be away: the next round tries again."""
        try:
            await self.once()
        except (RedisError, OSError) as error:
            log.warning("stream_upkeep_failed", reason=str(error))

    async def once(self) -> None:
        """Every process creates every group, also other services', so that nothing is trimmed before they first start.

        At rest it asks one thing of each stream: it comes every other second, four times in a process that runs all services.
        """
        for stream, names in self.streams.groups.items():
            groups = await self._created(stream, names)
            await self._trim(stream, await forget_groups(self.streams.client, stream, groups, names))
        await self._revive()
        for consumer in self.streams.consumers:
            await forget_consumers(self.streams.client, consumer.stream, consumer.group)

    async def _created(self, stream: str, names: Iterable[str]) -> Groups:
        """The groups of a stream, those among them that were missing."""
        found = await groups_of(self.streams.client, stream)
        missing = set(names) - set(map(_name, found))
        for name in missing:
            await create_group(self.streams.client, stream, name)
        return await groups_of(self.streams.client, stream) if missing else found

    async def _trim(self, stream: str, groups: Groups) -> None:
        """Drop entries that every group has acknowledged. (MAXLEN would also drop what nobody has read yet.)"""
        position = await _needed_from(self.streams.client, stream, groups)
        if position != self._trimmed.get(stream):
            ms, sequence = position
            await self.streams.client.xtrim(stream, minid=f"{ms}-{sequence}", approximate=True)
            self._trimmed[stream] = position

    async def _revive(self) -> None:
        """FastStream stops a subscriber for good when its group is gone (Redis was emptied); we start it again."""
        for consumer in self.streams.consumers:
            for subscriber in consumer.subscribers:
                if self.streams.broker.running and not subscriber.running:
                    log.warning("subscriber_restarted", stream=consumer.stream, group=consumer.group)
                    await subscriber.start()


async def create_group(client: Client, stream: str, group: str) -> None:
    """Create the group at 0. FastStream would create it at the end and lose what was published before the first start."""
    try:
        await client.xgroup_create(stream, group, id="0", mkstream=True)
    except ResponseError as error:
        if "BUSYGROUP" not in str(error):
            raise


async def acknowledged(client: Client, stream: str) -> Position:
    """The position below which every group has acknowledged everything; (0, 0) when nothing is known."""
    return await _needed_from(client, stream, await groups_of(client, stream))


async def last_published(client: Client, stream: str) -> int:
    """The time part of the last id that `stream` ever gave out, trimmed entries included; 0 when there is no stream."""
    try:
        return _position((await client.xinfo_stream(stream))["last-generated-id"])[0]
    except ResponseError:
        return 0


async def waiting(client: Client, stream: str) -> dict[str, int]:
    """For each group, how many entries are unread or unacknowledged."""
    counts = {}
    for group in await groups_of(client, stream):
        unread = await client.xrange(stream, min=b"(" + group["last-delivered-id"], count=10_000)
        counts[_name(group)] = group["pending"] + len(unread)
    return counts


async def forget_consumers(client: Client, stream: str, group: str) -> None:
    """Remove consumers of processes long gone. One that still owns pending entries stays until they are claimed."""
    for consumer in await client.xinfo_consumers(stream, group):
        if not consumer["pending"] and consumer["idle"] > FORGET_CONSUMER_MS:
            await client.xgroup_delconsumer(stream, group, consumer["name"])


async def forget_groups(client: Client, stream: str, groups: Groups, expected: Iterable[str]) -> Groups:
    """Remove groups left over from another number of shards, once nobody reads as them: they would block trimming.

    Returns the groups that are left.
    """
    left_over = [group for group in groups if _name(group) not in expected and not group["consumers"]]
    for group in left_over:
        log.warning("group_forgotten", stream=stream, group=_name(group))
        await client.xgroup_destroy(stream, group["name"])
    return [group for group in groups if group not in left_over]


async def generation(client: Client) -> str:
    """A name for the life of this Redis data set. A new name means that Redis has lost everything we gave it."""
    await client.set(GENERATION, uuid.uuid4().hex, nx=True)
    return str((await client.get(GENERATION)).decode())


async def groups_of(client: Client, stream: str) -> Groups:
    """What Redis knows of each group of a stream; nothing where there is no such stream."""
    try:
        return list(await client.xinfo_groups(stream))
    except ResponseError:
        return []


def _name(group: Mapping[str, Any]) -> str:
    return str(group["name"].decode())


async def _needed_from(client: Client, stream: str, groups: Groups) -> Position:
    return min([await _first_needed(client, stream, group) for group in groups], default=(0, 0))


async def _first_needed(client: Client, stream: str, group: Mapping[str, Any]) -> Position:
    if group["pending"]:
        oldest = (await client.xpending(stream, group["name"]))["min"]
        if oldest:
            return _position(oldest)
    return _position(group["last-delivered-id"])


def _position(entry_id: bytes) -> Position:
    ms, _, sequence = entry_id.partition(b"-")
    return int(ms), int(sequence)
