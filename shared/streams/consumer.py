"""One handler's way of reading a stream.

Two FastStream subscribers share each handler: a *reader* takes new entries in batches, a *claimer* takes over, one at a
time, entries that somebody read and never acknowledged. One at a time is what isolates an entry that kills its process:
only its own delivery count grows, and past the limit it is set aside before anybody touches it again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, Self

import structlog
from faststream import AckPolicy
from faststream.redis import StreamSub
from faststream.redis.message import FAKE_CONSUMER, RedisBatchStreamMessage

from shared.events import Event, parse_event
from shared.pacing import repeating
from shared.settings import Settings
from shared.streams import dead_letters
from shared.streams.tracing import handling
from shared.streams.wire import DATA
from shared.telemetry import EVENTS

if TYPE_CHECKING:
    from shared.streams.connection import Streams

log = structlog.get_logger()

Handlers = Mapping[type[Event], Callable[[list[Any]], Awaitable[None]]]
Needs = Callable[[], Awaitable[object]]
"""Raises while what handlers stand on, such as the database, is away."""
NEEDS_SECONDS = 15.0
"""How long an answer may take: longer than SQLite waits for a lock."""
POLL_MS = 2_000
"""How long a read blocks. Longer than redis-py's 5 s socket time-out would fail; an entry wakes it at once anyway."""


@dataclass(frozen=True)
class Limits:
    """`batch` entries at a time; times in milliseconds; `deliveries` before an entry is set aside."""

    batch: int
    deliveries: int
    idle_ms: int
    backoff_ms: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(
            batch=settings.stream_batch,
            deliveries=settings.stream_max_deliveries,
            idle_ms=int(settings.stream_min_idle_seconds * 1000),
            backoff_ms=int(settings.stream_backoff_seconds * 1000),
        )


@dataclass(frozen=True)
class Entry:
    id: bytes
    body: bytes


class Consumer:
    """Reads one stream for one group and hands events to `handlers`, which must commit before they return."""

    def __init__(self, streams: "Streams", stream: str, group: str, handlers: Handlers, needs: Needs | None = None) -> None:
        self.streams, self.stream, self.group, self.handlers, self.needs = streams, stream, group, handlers, needs
        self.limits = streams.limits
        name = streams.consumer_name
        claim_poll = min(POLL_MS, self.limits.idle_ms)
        self.subscribers = [
            self._subscribe(self._on_read, consumer=name, max_records=self.limits.batch, polling_interval=POLL_MS),
            self._subscribe(
                self._on_claim, consumer=f"{name}-claims", min_idle_time=self.limits.idle_ms, polling_interval=claim_poll
            ),
        ]

    def _subscribe(self, take: Callable[[list[Entry]], Awaitable[None]], **options: Any) -> Any:
        subscriber = self.streams.broker.subscriber(
            stream=StreamSub(self.stream, group=self.group, batch=True, **options),
            ack_policy=AckPolicy.MANUAL,
            parser=_keep_raw,
            decoder=_entries,
        )
        subscriber(take)
        return subscriber

    async def _on_read(self, entries: list[Entry]) -> None:
        async with self._held(entries):
            await self._take(entries)

    async def _on_claim(self, entries: list[Entry]) -> None:
        async with self._held(entries):
            for entry in entries:
                if (count := await self._deliveries(entry)) > self.limits.deliveries:
                    await self._set_aside(entry, count, "no answer: it stops the process that handles it")
                else:
                    await self._take([entry])

    async def _take(self, entries: Sequence[Entry]) -> None:
        """Handle and acknowledge together; if that fails, one by one, so that one bad entry costs only itself."""
        try:
            await self._dispatch_when_able(entries)
        except Exception as error:
            if len(entries) > 1:
                for entry in entries:
                    await self._take([entry])
            else:
                await self._put_back(entries[0], error)
        else:
            await self.streams.client.xack(self.stream, self.group, *(entry.id for entry in entries))
            EVENTS.labels(self.stream, self.group, "handled").inc(len(entries))

    async def _dispatch_when_able(self, entries: Sequence[Entry]) -> None:
        """While what the handlers need is away no event is to blame: wait, and do it again, without counting a delivery."""
        while True:
            try:
                return await self._dispatch(entries)
            except Exception as error:
                if not await self._needs_are_away():
                    raise
                log.warning("handler_cannot_work", stream=self.stream, group=self.group, reason=describe(error))
            while await self._needs_are_away():  # noqa: ASYNC110 - nobody tells us when it is back
                await asyncio.sleep(self.limits.backoff_ms / 1000)

    async def _needs_are_away(self) -> bool:
        try:
            async with asyncio.timeout(NEEDS_SECONDS):
                await (self.needs() if self.needs else asyncio.sleep(0))
        except Exception:
            return True
        return False

    async def _dispatch(self, entries: Sequence[Entry]) -> None:
        events = [parse_event(entry.body) for entry in entries]
        for kind, run in groupby(events, key=type):
            if handler := self.handlers.get(kind):
                batch = list(run)
                with handling(self.stream, self.group, batch):
                    await handler(batch)

    async def _put_back(self, entry: Entry, error: Exception) -> None:
        """Leave the entry pending so that the claimer takes it after the backoff, or set it aside after the last try."""
        count = await self._deliveries(entry)
        context = {"stream": self.stream, "group": self.group, "entry": entry.id.decode(), "deliveries": count}
        if count >= self.limits.deliveries:
            return await self._set_aside(entry, count, describe(error))
        log.warning("event_failed", **context, reason=describe(error), exc_info=count == 1)
        wait = min(self.limits.backoff_ms * 2 ** (count - 1), self.limits.idle_ms)
        await self._claim([entry], idle=self.limits.idle_ms - wait)
        EVENTS.labels(self.stream, self.group, "retried").inc()
        return None

    async def _set_aside(self, entry: Entry, deliveries: int, reason: str) -> None:
        log.error("event_set_aside", stream=self.stream, group=self.group, entry=entry.id.decode(), reason=reason)
        await dead_letters.add(self.streams.client, self.stream, self.group, entry.id, entry.body, deliveries, reason)
        EVENTS.labels(self.stream, self.group, "set_aside").inc()

    async def _deliveries(self, entry: Entry) -> int:
        """How often Redis has handed out this entry, also to processes that died of it."""
        rows = await self.streams.client.xpending_range(self.stream, self.group, min=entry.id, max=entry.id, count=1)
        return int(rows[0]["times_delivered"]) if rows else 1

    def _held(self, entries: Sequence[Entry]) -> AbstractAsyncContextManager[None]:
        """Keep other claimers away while the handler works, however long it takes."""

        async def hold() -> None:
            with suppress(Exception):
                await self._claim(entries, idle=0)

        return repeating(self.limits.idle_ms / 3000, hold)

    async def _claim(self, entries: Sequence[Entry], idle: int) -> None:
        """Set the idle time of entries without counting a delivery (XCLAIM … JUSTID)."""
        await self.streams.client.xclaim(
            self.stream,
            self.group,
            self.streams.consumer_name,
            min_idle_time=0,
            message_ids=[entry.id for entry in entries],
            idle=idle,
            justid=True,
        )


def describe(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


async def _keep_raw(raw: Any) -> RedisBatchStreamMessage:
    return RedisBatchStreamMessage(raw_message=raw, body=[], consumer=FAKE_CONSUMER, group=None)


async def _entries(message: RedisBatchStreamMessage) -> list[Entry]:
    raw: Any = message.raw_message
    return [Entry(id_, data.get(DATA, b"")) for id_, data in zip(raw["message_ids"], raw["data"], strict=True)]
