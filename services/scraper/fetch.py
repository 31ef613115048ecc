"""The only socket to a board: one bounded, conditional HTTP request, and every way it can fail as a `FetchError`.

fetch_timeout       the whole answer did not come in time, however steadily it dripped      retry
fetch_unreachable   no connection: name, route, refusal, TLS                                retry
fetch_incomplete    the connection ended before the answer did, or the answer is not HTTP   retry
fetch_too_large     more bytes than allowed, as sent or unpacked                            no
fetch_encoding      packed in a way we did not ask for, or the packing is broken            retry
fetch_redirects     sent round in a circle, too far, or to something that is not http(s)    no
fetch_status        an error status; `retry` and `retry_after` follow it
board_gone          404 or 410: no such board, or not any more                              no
"""

import asyncio
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx2

from services.scraper.sources.base import Request
from shared.errors import FetchError

VERSION = "0.1"
MAX_REDIRECTS = 5
MAX_CONNECTIONS = 32
LONGEST_WAIT = 86_400.0
"""Seconds. A server that asks for more than a day is asked again after a day."""
TRY_AGAIN = {403, 408, 425, 429}
"""Besides 5xx. 403 is how several boards and their guards say "too often"."""


@dataclass(frozen=True)
class Validators:
    """What a server gave us to ask "has it changed since?" with."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}


NOTHING_KNOWN = Validators()


@dataclass(frozen=True)
class Page:
    """One answer. `body` is unpacked, and empty when `not_modified`; `url` is where redirects led."""

    status: int
    body: bytes
    validators: Validators
    not_modified: bool
    url: str


class Fetcher:
    """Fetches boards over one pool of connections; use as an async context manager.

    `timeout_seconds` is for a whole request with redirects and body, `max_bytes` for the body, both as sent and unpacked.
    """

    def __init__(self, user_agent: str, timeout_seconds: float, max_bytes: int) -> None:
        self.timeout_seconds, self.max_bytes = timeout_seconds, max_bytes
        self._client = httpx2.AsyncClient(
            headers={"User-Agent": user_agent, "Accept-Encoding": "gzip"},
            timeout=timeout_seconds,
            limits=httpx2.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=30),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._client.__aexit__(kind, error, at)

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page:
        """The answer to `request`, or a `FetchError` that names the address and says whether to try again."""
        where = shown(request.url)
        try:
            async with asyncio.timeout(self.timeout_seconds):
                return await self._follow(request, validators or NOTHING_KNOWN)
        except (TimeoutError, httpx2.TimeoutException):
            fault = f"{where} did not answer completely within {self.timeout_seconds:g} s"
            raise FetchError(fault, code="fetch_timeout") from None
        except (httpx2.ConnectError, httpx2.ProxyError) as error:
            raise FetchError(f"cannot reach {where}: {_reason(error)}", code="fetch_unreachable") from error
        except httpx2.TransportError as error:
            raise FetchError(f"{where} broke off its answer: {_reason(error)}", code="fetch_incomplete") from error
        except (httpx2.InvalidURL, ValueError) as error:
            fault = f"{where} is not an address we can ask: {_reason(error)}"
            raise FetchError(fault, code="fetch_unreachable", retry=False) from error

    async def _follow(self, request: Request, validators: Validators) -> Page:
        hop = self._client.build_request(
            request.method, request.url, headers={**dict(request.headers), **validators.headers()}, json=request.json
        )
        for _ in range(MAX_REDIRECTS + 1):
            self._check(hop)
            response = await self._client.send(hop, stream=True)
            try:
                if response.next_request is None:
                    return await self._page(response, validators)
                hop = response.next_request
            finally:
                await response.aclose()
        fault = f"{shown(request.url)} redirects more than {MAX_REDIRECTS} times"
        raise FetchError(fault, code="fetch_redirects", retry=False)

    def _check(self, hop: httpx2.Request) -> None:
        """Every address passes here before it is asked, redirects included: the place for rules about where we may go."""
        if hop.url.scheme not in ("http", "https") or not hop.url.host:
            raise FetchError(f"{shown(str(hop.url))} is not an http(s) address", code="fetch_redirects", retry=False)

    async def _page(self, response: httpx2.Response, validators: Validators) -> Page:
        url = str(response.url)
        if response.status_code == 304 and validators.headers():
            return Page(304, b"", _validators(response, validators), True, url)
        if not response.is_success:
            raise _refusal(response)
        body = await self._body(response)
        return Page(response.status_code, body, _validators(response, NOTHING_KNOWN), False, url)

    async def _body(self, response: httpx2.Response) -> bytes:
        """The body, unpacked as it comes, so that a bomb costs no more than `max_bytes`."""
        where = shown(str(response.url))
        announced = response.headers.get("Content-Length", "")
        try:
            unpacker = _Unpacker(response.headers.get("Content-Encoding", ""), self.max_bytes)
            unpacker.expect(int(announced) if announced.isascii() and announced.isdigit() else 0)
            async for chunk in response.aiter_raw():
                unpacker.feed(chunk)
            return unpacker.finished()
        except OverflowError:
            fault = f"{where} sends more than {self.max_bytes:,} bytes; raise JOBLARK_FETCH_MAX_BYTES if that is right"
            raise FetchError(fault, code="fetch_too_large", retry=False) from None
        except zlib.error as error:
            raise FetchError(f"{where} sends what cannot be unpacked: {error}", code="fetch_encoding") from None


class _Unpacker:
    """Collects a body, unpacking gzip chunk by chunk, and raises `OverflowError` at the first byte too many."""

    def __init__(self, encoding: str, limit: int) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise zlib.error(f"encoding {encoding[:40]!r}, where gzip or none was asked for")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
        self._limit, self._sent, self._body = limit, 0, bytearray()

    def expect(self, size: int) -> None:
        if size > self._limit:
            raise OverflowError

    def feed(self, chunk: bytes) -> None:
        self._sent += len(chunk)
        self.expect(self._sent)
        self._body += self._gzip.decompress(chunk, self._limit - len(self._body) + 1) if self._gzip else chunk
        self.expect(len(self._body))

    def finished(self) -> bytes:
        if self._gzip and self._sent and not self._gzip.eof:
            raise zlib.error("it ends in the middle")
        return bytes(self._body)


def user_agent(contact: str) -> str:
    """How we introduce ourselves to boards, with a way to reach the operator: `Joblark/0.1 (+jobs@example.org)`."""
    reachable = " ".join(contact.encode("ascii", "ignore").decode().split())
    return f"Joblark/{VERSION} (+{reachable})"


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


def _refusal(response: httpx2.Response) -> FetchError:
    status, where = response.status_code, shown(str(response.url))
    if status in (404, 410):
        fault = f"{where} answers {status}: there is no such board; check its name"
        return FetchError(fault, code="board_gone", retry=False, status=status)
    wait = _retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
    asks = f" and asks to wait {wait:.0f} s" if wait is not None else ""
    retry = status in TRY_AGAIN or status >= 500
    return FetchError(f"{where} answers {status}{asks}", code="fetch_status", retry=retry, status=status, retry_after=wait)


def _retry_after(header: str, now: datetime) -> float | None:
    """Seconds from a number or an HTTP date (RFC 9110 §10.2.3), between 0 and `LONGEST_WAIT`."""
    header = header.strip()
    try:
        moment = None if header.isdigit() else parsedate_to_datetime(header)
        seconds = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds() if moment else float(header)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _validators(response: httpx2.Response, otherwise: Validators) -> Validators:
    etag, last_modified = (_kept(response.headers.get(name)) for name in ("ETag", "Last-Modified"))
    return Validators(etag or otherwise.etag, last_modified or otherwise.last_modified)


def _kept(value: str | None) -> str | None:
    """A header value that can be sent back later: short, and made of what a header may hold."""
    return value if value and len(value) <= 500 and value.isascii() and value.isprintable() else None


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
