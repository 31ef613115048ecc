"""One connection to a mail server, once it is greeted, safe and logged in: commands out, replies in, in their order.

aiosmtplib makes the connection; it asks one thing at a time. Here several commands may go out in one write where the server
offers that (RFC 2920), which saves a round trip for every mail.
"""

import asyncio
import re
from collections import deque
from typing import cast

from aiosmtplib import SMTPReadTimeoutError, SMTPResponse, SMTPResponseException, SMTPServerDisconnected

LONGEST_REPLY = 32_768
"""Bytes of one reply with all its lines: a server that never ends a line must not fill our memory."""
_REPLY = re.compile(rb"(?:(\d{3})-[^\n]*\n)*?(\d{3})(?:[ \r][^\n]*)?\n")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Dialogue(asyncio.Protocol):
    """Takes over `transport`. `patience` (seconds) bounds each wait for a reply; `pipelining` if the server offers it.

    `mails` counts what was handed over on this connection.
    """

    def __init__(self, transport: asyncio.BaseTransport, patience: float, *, pipelining: bool = False) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.patience, self.pipelining, self.mails = patience, pipelining, 0
        self._buffer = bytearray()
        self._replies: deque[SMTPResponse | Exception] = deque()
        self._waiter: asyncio.Future[None] | None = None
        self._lost: Exception | None = None
        self.transport.set_protocol(self)

    @property
    def is_connected(self) -> bool:
        return self._lost is None and not self.transport.is_closing()

    @property
    def is_quiet(self) -> bool:
        """Whether the line stands and the server has said nothing unasked, as it does before it hangs up."""
        return self.is_connected and not self._replies and not self._buffer

    async def ask(self, commands: bytes, replies: int) -> list[SMTPResponse | SMTPResponseException]:
        """Write `commands`, whole lines, and read so many replies, one that says no or cannot be read as an exception.

        Raises `SMTPServerDisconnected` for a lost line, `SMTPReadTimeoutError` when none comes in time.
        """
        self.write(commands)
        return [await self.reply() for _ in range(replies)]

    def write(self, data: bytes) -> None:
        if not self.is_connected:
            raise self._lost or SMTPServerDisconnected("Connection lost")
        self.transport.write(data)

    async def reply(self) -> SMTPResponse | SMTPResponseException:
        """The next reply, as `ask` gives it."""
        if not self._replies:
            await self._wait()
        if not self._replies:
            raise self._lost or SMTPServerDisconnected("Connection lost")
        reply = self._replies.popleft()
        if isinstance(reply, SMTPResponseException):
            return reply
        if isinstance(reply, Exception):
            raise reply
        return reply if reply.code < 400 else SMTPResponseException(reply.code, reply.message)

    def close(self) -> None:
        """Hang up without a word."""
        if self._lost is None:
            self.transport.abort()

    async def _wait(self) -> None:
        if self._lost:
            return
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self.patience):
                await self._waiter
        except TimeoutError:
            raise SMTPReadTimeoutError("Timed out waiting for server response") from None
        finally:
            self._waiter = None

    # ------------------------------------------------------------------------------------------------ asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer:
            found = _REPLY.match(self._buffer)
            if found is None:
                if wrong := self._cannot_be_read():
                    self._buffer.clear()
                    self._replies.append(wrong)
                break
            lines = bytes(found[0]).decode("utf-8", "surrogateescape").splitlines()
            self._replies.append(SMTPResponse(int(found[2]), "\n".join(line[4:].strip() for line in lines)))
            del self._buffer[: found.end()]
        if self._replies:
            self._wake()

    def _cannot_be_read(self) -> SMTPResponseException | None:
        """What came that will never be a reply, however much more of it comes."""
        whole = self._buffer[: self._buffer.rfind(b"\n") + 1]
        if all(re.match(rb"\d{3}[- \r\n]", line) for line in whole.splitlines()) and len(self._buffer) <= LONGEST_REPLY:
            return None
        return SMTPResponseException(-1, bytes(self._buffer[:200]).decode("utf-8", "replace"))

    def eof_received(self) -> bool:
        self.connection_lost(None)
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lost is None:
            self._lost = SMTPServerDisconnected("Connection lost")
            self._lost.__cause__ = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)


def in_transit(message: bytes) -> bytes:
    """`message` as it follows DATA (RFC 5321 4.5.2): CRLF everywhere and no CR or LF alone, dots doubled, the final dot.

    A lone CR or LF would let a text end the message and begin another for a server that takes it for a line end.
    """
    ends = message.count(b"\r\n")
    if message.count(b"\n") != ends or message.count(b"\r") != ends:
        message = _LINE_END.sub(b"\r\n", message)
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    if b"\n." in message:
        message = message.replace(b"\r\n.", b"\r\n..")
    return (b"." if message.startswith(b".") else b"") + message + b".\r\n"
