"""The budget and the breaker of every host, shared by all scrapers through Redis; `turns` has the rules.

A host's state is one short JSON string. It is read together with the server's clock, changed here, and written only if
nobody else has written meanwhile. While Redis is away each process keeps to the budget by itself: better than to stop.
"""

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, TypeVar
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from services.scraper.turns import Host, Turn, answered, failed, take_turn
from shared.errors import Postponed

log = structlog.get_logger()

T = TypeVar("T")
Step = Callable[[Host, float], tuple[Host, T]]
KEY = "joblark:host:"
KEPT_SECONDS = 2 * 86_400
AWAY_SECONDS = 5.0
"""How long Redis is not asked again after it did not answer."""
ANSWER_SECONDS = 1.0
TRIES = 50
MAX_HOSTS = 10_000
SWAP = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
"""


class Hosts:
    """`redis` may be `None`, for a process that is alone."""

    def __init__(self, redis: "Redis | None" = None, clock: Callable[[], float] = time.time) -> None:
        self._redis, self._clock = redis, clock
        self._away_until = 0.0
        self._own: OrderedDict[str, Host] = OrderedDict()
        self._changing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @classmethod
    def at(cls, url: str, clock: Callable[[], float] = time.time) -> "Hosts":
        """With the state in the Redis at `url`, which need not answer yet."""
        client = Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            retry=Retry(NoBackoff(), 0),
            decode_responses=True,
        )
        return cls(client, clock)

    async def close(self) -> None:
        if self._redis is not None:
            await self._redis.aclose()

    async def turn(self, host: str, gap: float, *, opens: bool = True) -> None:
        """Wait until `host` may be asked. Raises `Postponed` where that is too long, or while the host rests.

        Who `opens` a board waits for seconds; who goes on with one, for a minute.
        """
        turn: Turn = await self._change(host, lambda state, now: take_turn(state, gap, now, opens=opens))
        if turn.state == "go":
            await asyncio.sleep(turn.seconds)
            return
        later = f"it is asked again in {turn.seconds:.0f} s"
        if turn.state == "busy":
            raise Postponed(f"{host} is asked as often as it may be; {later}", code="host_busy", retry_after=turn.seconds)
        raise Postponed(f"{host} rests after failures in a row; {later}", code="host_resting", retry_after=turn.seconds)

    async def report(self, host: str, *, well: bool, hold: float = 0.0) -> None:
        """Say how a request ended; `hold` is how many seconds the host asks to be left alone."""

        def step(state: Host, now: float) -> tuple[Host, tuple[float, float]]:
            new = (answered if well else failed)(state, hold, now)
            return new, (state.rest, new.rest)

        before, rest = await self._change(host, step)
        if rest > before:
            log.warning("host_rests", host=host, seconds=rest)
        elif before and not rest:
            log.info("host_is_back", host=host)

    async def look(self, hosts: Sequence[str]) -> dict[str, Host]:
        """How hosts stand now, as all scrapers together know it; nothing while Redis is away."""
        if self._redis is None or not hosts:
            return {}
        try:
            found: list[Any] = await self._redis.mget([KEY + host for host in hosts])
        except (RedisError, OSError):
            return {}
        return {host: _read(state) for host, state in zip(hosts, found, strict=True)}

    async def _change(self, host: str, step: Step[T]) -> T:
        async with self._changing.setdefault(host, asyncio.Lock()):
            if self._redis is not None and self._clock() >= self._away_until:
                try:
                    return await self._change_shared(self._redis, host, step)
                except (RedisError, OSError) as error:
                    self._away_until = self._clock() + AWAY_SECONDS
                    log.warning("budget_not_shared", reason=str(error)[:200])
            return self._change_own(host, step)

    async def _change_shared(self, redis: "Redis", host: str, step: Step[T]) -> T:
        for _ in range(TRIES):
            async with redis.pipeline(transaction=False) as pipeline:
                pipeline.time()
                pipeline.get(KEY + host)
                (seconds, micros), found = await pipeline.execute()
            new, result = step(_read(found), seconds + micros / 1e6)
            if await redis.eval(SWAP, 1, KEY + host, found or "", _written(new), KEPT_SECONDS):
                return result
        raise RedisError(f"the state of {host} was changed by others {TRIES} times in a row")

    def _change_own(self, host: str, step: Step[T]) -> T:
        new, result = step(self._own.pop(host, Host()), self._clock())
        self._own[host] = new
        if len(self._own) > MAX_HOSTS:
            self._own.popitem(last=False)
        return result


def host_of(url: str) -> str:
    """The host of an address as one word, with its port unless that is the usual one."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removesuffix(".")
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return host if port in (80, 443) else f"{host}:{port}"


def _read(found: str | None) -> Host:
    try:
        known: dict[str, Any] = json.loads(found or "{}")
        return Host(**{name: float(known[name]) for name in known if name in Host.__dataclass_fields__})  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return Host()  # written by another version


def _written(host: Host) -> str:
    return json.dumps(asdict(host))
