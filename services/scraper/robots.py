"""robots.txt as RFC 9309 has it: what its owner wants of robots is done, on every host we are led to, public API or not.

allowed where         the file allows it to `joblark` (or to `*` where that is not named), or there is no such file (4xx)
disallowed where      the file says so, or the server cannot tell (5xx, 429); after 30 days of that it counts as not there
kept                  for as long as the answer's `Cache-Control` says, between an hour and a day; for a day otherwise
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

from protego import Protego

from services.scraper.threads import compute
from shared.errors import FetchError

PRODUCT = "joblark"
"""The word that a robots.txt calls us by; the first of our User-Agent."""
MAX_BYTES = 500 * 1024
"""What RFC 9309 §2.5 has everyone read at least; we read no more."""
MAX_KEPT = 8_000_000
"""Bytes of robots.txt kept at once, as sent. Beyond it, those not asked for longest go."""
HOUR, DAY = 3600.0, 86_400.0
UNTOLD = 30 * DAY
USER_AGENT = re.compile(r"\s*user[- ]?agent\s*(?::|\s)\s*([A-Za-z_-]+|\*)?", re.IGNORECASE)


@dataclass(frozen=True)
class Rules:
    """What a robots.txt says to us. `crawl_delay` is in seconds, 0 when it names none."""

    parsed: Protego
    crawl_delay: float = 0.0
    size: int = 0

    def allows(self, url: str) -> bool:
        return self.parsed.can_fetch(url, PRODUCT)


@dataclass(frozen=True)
class Answer:
    """The answer to a request for a robots.txt: its first `MAX_BYTES`, and for how many seconds it says it is fresh."""

    status: int
    body: bytes = b""
    fresh_for: float | None = None


@dataclass
class _Kept:
    """Rules and until when they hold. No rules: since `since` the server has not been able to tell."""

    rules: Rules | None
    until: float
    since: float = 0.0


def read(body: bytes) -> Rules:
    """The rules in a robots.txt. Whatever the bytes, there is no error: what is no rule is no rule."""
    text = body[:MAX_BYTES].decode("utf-8-sig", errors="replace")
    parsed = Protego.parse("\n".join(_ours(line) for line in text.splitlines()))
    return Rules(parsed, parsed.crawl_delay(PRODUCT) or 0.0, len(body))


EVERYTHING = read(b"")


class Robots:
    """The robots.txt of every host asked lately. `ask` fetches one: an origin such as `https://example.org` → its answer."""

    def __init__(self, ask: Callable[[str], Awaitable[Answer]], clock: Callable[[], float] = time.time) -> None:
        self._ask, self._clock = ask, clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._size = 0

    async def rules(self, origin: str) -> Rules:
        """The rules of an origin. Raises `FetchError` when they are not to be had, which means: keep out."""
        lock = self._asking.setdefault(origin, asyncio.Lock())
        async with lock:
            kept = self._kept.get(origin)
            if kept is None or kept.until <= self._clock():
                kept = await self._fetched(origin, kept)
            else:
                self._kept.move_to_end(origin)
        if kept.rules is None:
            wait = max(kept.until - self._clock(), 0.0)
            fault = f"{origin}/robots.txt answers with an error of its server, which means: keep out for now"
            raise FetchError(fault, code="fetch_disallowed", retry_after=wait)
        return kept.rules

    async def _fetched(self, origin: str, old: _Kept | None) -> _Kept:
        """Ask anew. While the server cannot be reached, the rules it gave last go on holding."""
        try:
            answer = await self._ask(origin)
        except FetchError:
            if old is None or old.rules is None:
                raise
            answer = Answer(503)
        now = self._clock()
        kept = await _judged(answer, old, now)
        self._keep(origin, kept)
        return kept

    def _keep(self, origin: str, kept: _Kept) -> None:
        before = self._kept.pop(origin, None)
        self._kept[origin] = kept
        self._size += _weight(kept) - (_weight(before) if before else 0)
        while self._size > MAX_KEPT:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _weight(oldest)


async def _judged(answer: Answer, old: _Kept | None, now: float) -> _Kept:
    if answer.status >= 500 or answer.status == 429:
        since = old.since if old and old.since else now
        last = old.rules if old else None
        return _Kept(EVERYTHING if now - since > UNTOLD else last, now + HOUR, since)
    until = now + min(max(DAY if answer.fresh_for is None else answer.fresh_for, HOUR), DAY)
    if answer.status >= 300:
        return _Kept(EVERYTHING, until)
    return _Kept(await compute(read, answer.body), until)


def _weight(kept: _Kept) -> int:
    return 200 + (kept.rules.size if kept.rules else 0)


def _ours(line: str) -> str:
    """The line, with every robot but us and `*` made one and the same.

    A group that names thousands of robots before thousands of rules would otherwise cost millions of rules.
    """
    named = USER_AGENT.match(line)
    if named is None:
        return line
    token = (named[1] or "").lower()
    return f"User-agent: {token if token in (PRODUCT, '*') else 'another'}"
