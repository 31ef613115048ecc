"""What stands before every page: limits on what comes in, headers on what goes out, and no trace of a fault shown."""

import asyncio
import traceback
from collections.abc import Callable

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()

MAX_BODY = 1_000_000
MAX_UPLOAD = 10_500_000
"""Where a CV may come as a file: the file, of 10,000,000 bytes at most, and the fields around it."""
UPLOAD = "/preview"
MAX_DRAINED = 16_000_000
BODY_SECONDS = 20
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",  # the address of a page holds its token
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
Refuse = Callable[[Request, int, str, str], Response]
"""Makes the page of an error: request, status, stable code, what to do."""


class Guard:
    """The outermost ASGI layer of the web page."""

    def __init__(self, app: ASGIApp, refuse: Refuse) -> None:
        self._app = app
        self._refuse = refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        guarded = _with_headers(send)
        try:
            body = await asyncio.wait_for(_body(scope, receive), BODY_SECONDS)
        except TimeoutError:
            await self._answer(scope, guarded, 408, "too_slow", "The request did not arrive in time; please send it again.")
        except OverflowError:
            words = f"That is more than {_most(scope):,} bytes. Paste the part of your CV that is about your work."
            await self._answer(scope, guarded, 413, "too_large", words)
        else:
            await self._serve(scope, _replay(body, receive), guarded)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)  # a page is rendered whole before its first byte is sent
        except (OperationalError, InterfaceError, OSError) as error:
            _note(error)
            await self._answer(scope, send, 503, "database_away", "The database does not answer. Please try again in a minute.")
        except Exception as error:
            _note(error)
            await self._answer(scope, send, 500, "fault", "Something broke on our side, and it has been noted.")

    async def _answer(self, scope: Scope, send: Send, status: int, code: str, words: str) -> None:
        response = self._refuse(Request(scope), status, code, words)
        response.headers["Connection"] = "close"
        await response(scope, _nothing, send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """The whole request body. Raises `OverflowError` past `_most`.

    What is too much is still taken in up to `MAX_DRAINED`: a browser that is cut off while it sends shows its own error.
    """
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    size, body, more, most = 0, bytearray(), True, _most(scope)
    while more:
        if max(size, int(declared) if declared.isdigit() else 0) > MAX_DRAINED:
            raise OverflowError
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        body += chunk if size <= most else b""
        more = message.get("more_body", False)
    if size > most:
        raise OverflowError
    return bytes(body)


def _most(scope: Scope) -> int:
    return MAX_UPLOAD if scope["path"].endswith(UPLOAD) else MAX_BODY


def _replay(body: bytes, receive: Receive) -> Receive:
    waiting = [body]

    async def again() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(), "more_body": False}
        return await receive()

    return again


def _with_headers(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _note(error: Exception) -> None:
    """Where it broke, without the error's words: those may hold an address."""
    log.error("page_failed", error=type(error).__name__, where="".join(traceback.format_tb(error.__traceback__)[-4:]))
