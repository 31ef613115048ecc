"""One process's connection to the streams: a FastStream broker, and the rules every publisher and consumer shares."""

import asyncio
import logging
import os
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from faststream.redis import RedisBroker
from pydantic import BaseModel
from redis.exceptions import RedisError

from shared.errors import NotReady
from shared.events import Event, groups
from shared.pacing import repeating
from shared.settings import Settings
from shared.streams import questions
from shared.streams.consumer import Consumer, Handlers, Limits, Needs
from shared.streams.questions import Answer, Question
from shared.streams.tracing import outgoing
from shared.streams.upkeep import Upkeep
from shared.streams.wire import DATA, Client

log = structlog.get_logger()

WAIT_SECONDS = 60
UPKEEP_SECONDS = 2.0
FORGET_SECONDS = 60
"""How long questions wait in Redis after one of them was given up: nobody waits for their answer any more."""
GRACE_SECONDS = 15.0
"""How long handlers at work may go on after the process was told to stop."""


class Streams:
    """Publishes events and runs consumers. Declare consumers with `consume`, then enter `running()`."""

    def __init__(self, settings: Settings) -> None:
        _quieten_faststream()
        self.broker = RedisBroker(
            settings.redis,
            logger=logging.getLogger("faststream"),
            log_level=logging.DEBUG,
            apply_types=False,
            graceful_timeout=GRACE_SECONDS,
        )
        self.limits = Limits.of(settings)
        self.groups = groups(settings.shard[1])
        self.consumer_name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self.consumers: list[Consumer] = []
        self._client: Client = None

    @property
    def client(self) -> Client:
        if self._client is None:
            raise RuntimeError("streams are used outside `connected()` or `running()`")
        return self._client

    def consume(self, stream: str, group: str, handlers: Handlers, needs: Needs | None = None) -> None:
        """Let `handlers` (event class → coroutine function over a list of such events) read `stream` as `group`.

        While `needs` raises, such as when the database is away, a handler that fails is waited for, not blamed.
        """
        self.consumers.append(Consumer(self, stream, group, handlers, needs))

    def answer(self, name: str, kind: type[Question], handle: Callable[[Question], Awaitable[BaseModel]]) -> None:
        """Let `handle` answer questions of `kind` put to `name`: request and reply, for what is not worth a stream."""
        questions.answer(self.broker, name, kind, handle)

    async def ask(self, name: str, question: BaseModel, kind: type[Answer], seconds: float) -> Answer:
        """The answer to a question, within so many seconds. Raises `NotReady`; what nobody took is soon forgotten."""
        try:
            return await questions.ask(self.broker, name, question, kind, seconds)
        except NotReady:
            with suppress(RedisError, OSError):
                await self.client.expire(name, FORGET_SECONDS)
            raise

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["Streams"]:
        """Publish and inspect only. Waits up to a minute for Redis; raises `NotReady` after that."""
        self._client = await self._wait_for_redis()
        try:
            yield self
        finally:
            await self.broker.stop()

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Streams"]:
        """Publish and consume until the block ends; handlers that are at work then may finish first."""
        async with self.connected():
            upkeep = Upkeep(self)
            await upkeep.once()
            await self.broker.start()
            async with repeating(UPKEEP_SECONDS, upkeep.tend):
                yield self

    async def ping(self) -> None:
        """Raise unless Redis answers."""
        await self.client.ping()

    async def publish(self, events: Sequence[Event]) -> list[int]:
        """Append `events`, each to its stream, in one round trip. Returns the time part (ms) of each entry's id.

        Goes past FastStream's publisher, whose work per message costs half the rate, but writes what it would read.
        """
        trace = outgoing()
        async with self.client.pipeline(transaction=False) as pipeline:
            for event in events:
                traced = event.model_copy(update={"traceparent": trace}) if trace else event
                pipeline.xadd(event.stream, {DATA: traced.model_dump_json(exclude_none=True)})
            return [int(entry_id.split(b"-")[0]) for entry_id in await pipeline.execute()]

    async def _wait_for_redis(self) -> Client:
        for attempt in range(WAIT_SECONDS):
            try:
                client = await self.broker.connect()
                await client.ping()
                return client
            except (RedisError, OSError) as error:
                if attempt % 10 == 0:
                    log.warning("waiting_for_redis", reason=str(error))
                await asyncio.sleep(1)
        raise NotReady(f"Redis has not answered for {WAIT_SECONDS} s; check JOBLARK_REDIS_URL", code="redis_away")


def _quieten_faststream() -> None:
    """FastStream gives its loggers handlers of their own that print each event; let errors go the way of our logs."""
    logger = logging.getLogger("faststream")
    logger.handlers.clear()
    logger.setLevel(logging.WARNING)
    logger.propagate = True
