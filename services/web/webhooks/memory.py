"""What webhooks remember of calls, in Redis, so that every process of the web page knows it."""

from collections.abc import Awaitable, Callable

from shared.streams import Streams


def once(streams: Streams) -> Callable[[str, str, int], Awaitable[str | None]]:
    """`Desk.once` over the Redis of the streams."""

    async def remember(key: str, value: str, seconds: int) -> str | None:
        before = await streams.client.set(f"joblark:{key}", value, nx=True, get=True, ex=seconds)
        return before.decode() if before else None

    return remember
