"""The only socket to a board: one bounded, conditional HTTP request, and every way it can fail as a `FetchError`.

Before each request, redirects included: `guard` says where we may connect to, `robots` what the host's owner allows, and
`hosts` when it is our turn.

fetch_timeout       the whole answer did not come in time, however steadily it dripped      retry
fetch_unreachable   no connection: name, route, refusal, TLS                                retry
fetch_incomplete    the connection ended before the answer did, or the answer is not HTTP   retry
fetch_too_large     more bytes than allowed, as sent or unpacked                            no
fetch_encoding      packed in a way we did not ask for, or the packing is broken            retry
fetch_redirects     sent round in a circle, too far, or to something that is not http(s)    no
fetch_forbidden     an address that is not on the open internet, or hides what it is        no
fetch_disallowed    the host's robots.txt keeps us out, or cannot be read for now           once it may have changed
fetch_status        an error status; `retry` and `retry_after` follow it
board_gone          404 or 410: no such board, or not any more                              no
host_busy           postponed: the host is asked as often as it may be                      at its turn
host_resting        postponed: the host has failed several times in a row                   after its rest
"""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self, TypeVar

import httpx2

from services.scraper import robots
from services.scraper.freshness import Validators as Validators
from services.scraper.freshness import fresh_for, retry_after
from services.scraper.gate import TRY_AGAIN, Gate, Manners
from services.scraper.gate import shown as shown
from services.scraper.guard import Guard, guarded_pool
from services.scraper.sources.base import Request
from services.scraper.unpack import unpacked
from shared.errors import FetchError

MAX_REDIRECTS = 5
MAX_CONNECTIONS = 200
FOR_STRANGERS = {"accept", "accept-encoding", "content-length", "content-type", "host", "if-modified-since", "if-none-match"}
"""Headers that follow a redirect to another host, besides our own name. An access key does not."""
NOTHING_KNOWN = Validators()
T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """One answer. `body` is unpacked, and empty when `not_modified`; `url` is where redirects led.

    `fresh_for` is how many seconds the server says that nothing changes, and so need not be asked.
    """

    status: int
    body: bytes
    validators: Validators
    not_modified: bool
    url: str
    fresh_for: float = 0.0


class _Transport(httpx2.AsyncHTTPTransport):
    """The client's own transport, on connections that the guard has seen."""

    def __init__(self, guard: Guard, tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls)
        self._pool = guarded_pool(guard, tls, MAX_CONNECTIONS)


class Fetcher:
    """Fetches boards over one pool of connections; use as an async context manager.

    `timeout_seconds` is for a whole request with redirects and body, without the wait for its turn; `max_bytes` for a body.
    """

    def __init__(
        self,
        user_agent: str,
        timeout_seconds: float,
        max_bytes: int,
        manners: Manners | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.timeout_seconds, self.max_bytes = timeout_seconds, max_bytes
        manners = manners or Manners()
        self._gate = Gate(manners, self._robots_txt)
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=timeout_seconds,
            transport=_Transport(manners.guard, tls or httpx2.create_ssl_context()),
            trust_env=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._client.__aexit__(kind, error, at)
        await self._gate.close()

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page:
        """The answer to `request`, or a `FetchError` that names the address and says whether to try again.

        With `validators`, however empty, it opens a board, which may as well be read later; without, it goes on with one.
        """
        known = validators or NOTHING_KNOWN
        with _explained(shown(request.url), self.timeout_seconds):
            headers = {**dict(request.headers), **known.headers()}
            hop = self._client.build_request(request.method, request.url, headers=headers, json=request.json)
            opens = validators is not None
            return await self._follow(hop, lambda response: self._page(response, known), obey=True, opens=opens)

    async def _robots_txt(self, origin: str) -> robots.Answer:
        """An origin's robots.txt, wherever redirects lead; what is no answer at all raises `FetchError`."""
        with _explained(f"{origin}/robots.txt", self.timeout_seconds):
            hop = self._client.build_request("GET", f"{origin}/robots.txt", headers={"Accept": "text/plain, */*;q=0.1"})
            try:
                return await self._follow(hop, self._robots_answer, obey=False, opens=False)
            except FetchError as error:
                if error.code != "fetch_redirects":
                    raise
                return robots.Answer(404)  # RFC 9309 §2.3.1.2: more than five redirects are as good as none there

    async def _follow(
        self, hop: httpx2.Request, read: Callable[[httpx2.Response], Awaitable[T]], *, obey: bool, opens: bool
    ) -> T:
        """What `read` makes of the answer at the end of all redirects; `obey` robots.txt on each."""
        where = shown(str(hop.url))
        try:
            async with asyncio.timeout(self.timeout_seconds) as limit:
                for _ in range(MAX_REDIRECTS + 1):
                    self._gate.check(str(hop.url))
                    async with _standing_still(limit):
                        await self._gate.turn(str(hop.url), obey=obey, opens=opens)
                    response = await self._client.send(hop, stream=True)
                    try:
                        if response.next_request is None:
                            return await self._judged(response, read)
                        await self._gate.answered(str(hop.url), response.status_code, response.headers)
                        hop = _redirected(hop, response.next_request)
                    finally:
                        await response.aclose()
        except (TimeoutError, httpx2.TransportError):
            await self._gate.silent(str(hop.url))
            raise
        raise FetchError(f"{where} redirects more than {MAX_REDIRECTS} times", code="fetch_redirects", retry=False)

    async def _judged(self, response: httpx2.Response, read: Callable[[httpx2.Response], Awaitable[T]]) -> T:
        """What `read` makes of an answer. A good one counts as an answer only when it has come to its end."""
        told = (str(response.url), response.status_code, response.headers)
        if response.status_code >= 400:
            await self._gate.answered(*told)
            return await read(response)
        result = await read(response)
        await self._gate.answered(*told)
        return result

    async def _robots_answer(self, response: httpx2.Response) -> robots.Answer:
        fresh = fresh_for(response.headers, datetime.now(UTC))
        body = await self._body(response, robots.MAX_BYTES, cut=True) if response.is_success else b""
        return robots.Answer(response.status_code, body, fresh)

    async def _page(self, response: httpx2.Response, known: Validators) -> Page:
        url, fresh = str(response.url), fresh_for(response.headers, datetime.now(UTC)) or 0.0
        if response.status_code == 304 and known.headers():
            return Page(304, b"", Validators.of(response.headers, known), True, url, fresh)
        if not response.is_success:
            raise _refusal(response)
        body = await self._body(response, self.max_bytes)
        return Page(response.status_code, body, Validators.of(response.headers), False, url, fresh)

    async def _body(self, response: httpx2.Response, limit: int, *, cut: bool = False) -> bytes:
        """The body, unpacked as it comes; with `cut`, its first `limit` bytes."""
        where = shown(str(response.url))
        encoding, announced = (response.headers.get(name, "") for name in ("Content-Encoding", "Content-Length"))
        try:
            return await unpacked(response.aiter_raw(), encoding, announced, limit, cut=cut)
        except OverflowError:
            fault = f"{where} sends more than {limit:,} bytes; raise JOBLARK_FETCH_MAX_BYTES if that is right"
            raise FetchError(fault, code="fetch_too_large", retry=False) from None
        except zlib.error as error:
            raise FetchError(f"{where} sends what cannot be unpacked: {error}", code="fetch_encoding") from None


@contextmanager
def _explained(where: str, seconds: float) -> Iterator[None]:
    """Every way in which the client fails, as a `FetchError`."""
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException):
        raise FetchError(f"{where} did not answer completely within {seconds:g} s", code="fetch_timeout") from None
    except (httpx2.ConnectError, httpx2.ProxyError) as error:
        raise FetchError(f"cannot reach {where}: {_reason(error)}", code="fetch_unreachable") from error
    except httpx2.TransportError as error:
        raise FetchError(f"{where} broke off its answer: {_reason(error)}", code="fetch_incomplete") from error
    except (httpx2.InvalidURL, ValueError) as error:
        fault = f"{where} is not an address we can ask: {_reason(error)}"
        raise FetchError(fault, code="fetch_unreachable", retry=False) from error


@asynccontextmanager
async def _standing_still(limit: asyncio.Timeout) -> AsyncIterator[None]:
    """Time spent in the block does not count."""
    now = asyncio.get_running_loop().time
    left = (limit.when() or now()) - now()
    limit.reschedule(None)
    yield
    limit.reschedule(now() + left)


def _redirected(before: httpx2.Request, after: httpx2.Request) -> httpx2.Request:
    """The next request; what was meant for one host is not shown to another."""
    if (before.url.scheme, before.url.netloc) != (after.url.scheme, after.url.netloc):
        for name in set(after.headers) - FOR_STRANGERS - {"user-agent"}:
            del after.headers[name]
    return after


def _refusal(response: httpx2.Response) -> FetchError:
    status, where = response.status_code, shown(str(response.url))
    if status in (404, 410):
        fault = f"{where} answers {status}: there is no such board; check its name"
        return FetchError(fault, code="board_gone", retry=False, status=status)
    wait = retry_after(response.headers, datetime.now(UTC))
    asks = f" and asks to wait {wait:.0f} s" if wait is not None else ""
    retry = status in TRY_AGAIN or status >= 500
    return FetchError(f"{where} answers {status}{asks}", code="fetch_status", retry=retry, status=status, retry_after=wait)


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
