"""What stands before and after each single request, redirects included: may we, is it our turn, and how did the host do."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from services.scraper.freshness import DAY, retry_after
from services.scraper.guard import Guard
from services.scraper.hosts import Hosts, host_of
from services.scraper.robots import EVERYTHING, Answer, Robots, Rules
from shared.errors import FetchError, Postponed

VERSION = "0.1"
GAP_SECONDS = 0.5
MAX_URL = 4_000
TRY_AGAIN = {403, 408, 425, 429}
"""Besides 5xx. 403 is how several boards and their guards say "too often"."""


@dataclass
class Manners:
    """How a fetcher behaves. Requests to a host are `gap` seconds apart, or what `gaps` says for that host."""

    guard: Guard = field(default_factory=Guard)
    hosts: Hosts = field(default_factory=Hosts)
    gap: float = GAP_SECONDS
    gaps: Mapping[str, float] = field(default_factory=dict)


class Gate:
    """`ask` fetches a robots.txt. Everything it refuses is a `FetchError` that names the address."""

    def __init__(self, manners: Manners, ask: Callable[[str], Awaitable[Answer]]) -> None:
        self._manners, self._robots = manners, Robots(ask)

    def check(self, url: str) -> None:
        """Refuse what is no plain web address. What it resolves to is checked when the connection is made."""
        parts, where = urlsplit(url), shown(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > MAX_URL:
            raise FetchError(f"{where} is not an http(s) address", code="fetch_redirects", retry=False)
        if "@" in parts.netloc:
            raise FetchError(f"{where} was given with a login, which is not used", code="fetch_forbidden", retry=False)
        self._manners.guard.check_host(parts.hostname)

    async def turn(self, url: str, *, obey: bool, opens: bool) -> None:
        """Wait until it is our turn to ask for `url`, seconds if it `opens` a board; `obey` the robots.txt of its host."""
        rules = await self._rules(url) if obey else EVERYTHING
        if not rules.allows(url):
            fault = f"{shown(url)} is kept from robots by its host's robots.txt"
            raise FetchError(fault, code="fetch_disallowed", retry=False, retry_after=DAY)
        host = host_of(url)
        gap = self._manners.gaps.get(host, self._manners.gap)
        await self._manners.hosts.turn(host, max(gap, min(rules.crawl_delay, DAY)), opens=opens)

    async def _rules(self, url: str) -> Rules:
        try:
            return await self._robots.rules(origin(url))
        except Postponed:
            raise
        except FetchError as error:
            fault = f"{shown(url)} was not asked: {error}"
            raise FetchError(fault, code=error.code, retry=error.retry, retry_after=error.retry_after) from error

    async def answered(self, url: str, status: int, headers: Mapping[str, str]) -> None:
        """Tell all who ask this host how it does, and when it wants to be asked again."""
        hold = retry_after(headers, datetime.now(UTC)) if status in TRY_AGAIN or status >= 500 else None
        well = status < 500 and (status != 429 or hold is not None)
        await self._manners.hosts.report(host_of(url), well=well, hold=hold or 0.0)

    async def silent(self, url: str) -> None:
        """Tell them that there was no answer, or half of one."""
        await self._manners.hosts.report(host_of(url), well=False)

    async def close(self) -> None:
        await self._manners.hosts.close()


def user_agent(contact: str) -> str:
    """How we introduce ourselves to boards, with a way to reach the operator: `Joblark/0.1 (+jobs@example.org)`."""
    reachable = " ".join(contact.encode("ascii", "ignore").decode().split())
    return f"Joblark/{VERSION} (+{reachable})"


def origin(url: str) -> str:
    """`https://example.org:8443/a?b` → `https://example.org:8443`, the place whose robots.txt counts."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def shown(url: str) -> str:
    """`url` fit for a log: without a login and with the query, where keys live, left out."""
    try:
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    address = f"{parts.scheme}://{host}{port}{parts.path}{'?…' if parts.query else ''}"
    return "".join(letter if letter.isprintable() else " " for letter in address)[:200]
