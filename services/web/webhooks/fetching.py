"""One bounded GET over verified TLS, for the two addresses of Amazon's that a notification of theirs asks us to visit."""

import asyncio
import http.client
import ssl
from urllib.parse import urlsplit

from shared.errors import FetchError

SECONDS = 3.0
MOST = 64_000


async def fetch(url: str, tls: ssl.SSLContext | None = None) -> bytes:
    """The body of an https address, redirects not followed. Raises `FetchError`: `retry` unless the server says no."""
    return await asyncio.to_thread(_get, url, tls or ssl.create_default_context())


def _get(url: str, tls: ssl.SSLContext) -> bytes:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise FetchError("only https is fetched", code="fetch_forbidden", retry=False)
    connection = http.client.HTTPSConnection(parts.hostname, parts.port or 443, timeout=SECONDS, context=tls)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path or "/")
        response = connection.getresponse()
        body = response.read(MOST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise FetchError(f"{parts.hostname} does not answer: {type(error).__name__}", code="fetch_unreachable") from None
    finally:
        connection.close()
    if response.status != 200 or len(body) > MOST:
        retry = response.status >= 500 or response.status == 429
        words = f"{parts.hostname} answers {response.status} with {len(body)} bytes"
        raise FetchError(words, code="fetch_status", status=response.status, retry=retry)
    return body
