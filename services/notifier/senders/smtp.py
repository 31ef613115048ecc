"""SMTP, as RFC 5321 has it, over a few connections that are kept open and used again.

What an answer means depends on when it comes. Until DATA begins the mail cannot have been taken, so a lost line is worth
another try. Once it has begun, only a reply of the server tells: 4xx and 5xx, to DATA as to the final dot, mean not
taken; silence, a lost line or an answer that is no reply mean that nobody knows.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from aiosmtplib import SMTP, SMTPResponse, SMTPResponseException

from services.notifier.senders.base import BeforeData, SenderKind
from services.notifier.senders.connecting import BROKEN, connected, lost_before_data, own_name
from services.notifier.senders.dialogue import Dialogue, in_transit
from services.notifier.senders.replies import checked_address, is_refusal, refused
from shared.errors import OutcomeUnknown, SendError
from shared.masking import masked
from shared.settings import Settings

_GO_ON, _KEPT = 354, 250
_WHOSE = ("sender", "recipient")


class Line:
    """A place for one connection, which comes and goes."""

    def __init__(self) -> None:
        self.dialogue: Dialogue | None = None

    @property
    def is_connected(self) -> bool:
        return self.dialogue is not None and self.dialogue.is_connected

    def close(self) -> None:
        if self.dialogue:
            self.dialogue.close()
        self.dialogue = None


class SmtpSender:
    """Holds up to `concurrency` connections, each opened when first needed and again after it was lost.

    `security` is that of the settings: `starttls`, `tls` or `none`. `timeout` bounds, in seconds, each single wait: for
    the connection, for TLS and for every reply. After `most` mails a connection is ended and another opened, before the
    server does so. `tls` replaces the default trust in the system's authorities.
    """

    def __init__(
        self,
        *,
        host: str,
        port: int,
        security: str = "none",
        user: str = "",
        password: str = "",
        timeout: float = 30.0,
        concurrency: int = 4,
        most: int = 100,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._security, self._login = security, (user, password)
        self._most = most
        self._free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()  # the one used last is the least likely to be stale
        for _ in range(concurrency):
            self._free.put_nowait(Line())
        self._client: Callable[[], SMTP] = lambda: SMTP(
            hostname=host,
            port=port,
            use_tls=security == "tls",
            start_tls=False,
            tls_context=tls,
            timeout=timeout,
            local_hostname=own_name(),
        )

    async def send(self, mail_from: str, to: str, message: bytes, *, before_data: BeforeData) -> str:
        """See `Sender.send`; the codes of its errors are explained in `replies`, `connecting` and `_offer`."""
        checked_address(mail_from, "sender")
        checked_address(to, "recipient")
        body = in_transit(message)
        async with self._line() as line:
            dialogue = await self._offer(line, mail_from, to)
            await before_data()
            reply = await self._hand_over(dialogue, body, to)
            dialogue.mails += 1
        return reply

    async def close(self) -> None:
        """Say QUIT on every connection that no mail is using."""
        lines = [self._free.get_nowait() for _ in range(self._free.qsize())]
        await asyncio.gather(*(self._quit(line) for line in lines))
        for line in lines:
            self._free.put_nowait(line)

    @asynccontextmanager
    async def _line(self) -> AsyncIterator[Line]:
        """A line of our own. A refusal leaves it usable; after any other error its state is unknown: closed."""
        line = await self._free.get()
        try:
            yield line
            if line.dialogue and line.dialogue.mails >= self._most:
                await self._quit(line)
        except BaseException as error:
            if not isinstance(error, SendError) or error.smtp_code is None:
                line.close()
            raise
        finally:
            self._free.put_nowait(line)

    async def _quit(self, line: Line) -> None:
        if line.dialogue and line.is_connected:
            with suppress(*BROKEN):
                await line.dialogue.ask(b"QUIT\r\n", 1)
        line.close()

    async def _offer(self, line: Line, mail_from: str, to: str) -> Dialogue:
        """A connection on which the server took sender and recipient.

        A connection used before may have gone stale, which RSET finds out; nothing was sent then, so a new one is made.
        """
        commands = [f"MAIL FROM:<{mail_from}>".encode(), f"RCPT TO:<{to}>".encode()]
        if line.dialogue:
            with suppress(*BROKEN):
                if line.dialogue.is_quiet:
                    fresh, *replies = await self._say(line.dialogue, [b"RSET", *commands])
                    if not isinstance(fresh, SMTPResponseException):
                        return _accepted(line.dialogue, replies, to)
            line.close()
        line.dialogue = await connected(self._client(), self._security, self._login)
        try:
            return _accepted(line.dialogue, await self._say(line.dialogue, commands), to)
        except BROKEN as error:
            raise lost_before_data(error) from None

    async def _say(self, dialogue: Dialogue, commands: list[bytes]) -> list[SMTPResponse | SMTPResponseException]:
        """The replies to commands, in one go where the server takes them so; otherwise as far as the first that says no."""
        if dialogue.pipelining:
            return await dialogue.ask(b"".join(command + b"\r\n" for command in commands), len(commands))
        replies: list[SMTPResponse | SMTPResponseException] = []
        for command in commands:
            replies += await dialogue.ask(command + b"\r\n", 1)
            if isinstance(replies[-1], SMTPResponseException):
                break
        return replies

    async def _hand_over(self, dialogue: Dialogue, body: bytes, to: str) -> str:
        """The reply to the final dot. Nothing is awaited between the look at the line and the first byte of DATA."""
        if not dialogue.is_connected:
            raise lost_before_data(ConnectionResetError())
        try:
            (go_on,) = await dialogue.ask(b"DATA\r\n", 1)
            _expected(_GO_ON, go_on, to)
            (reply,) = await dialogue.ask(body, 1)
            _expected(_KEPT, reply, to)
        except BROKEN as error:
            raise _unknown(error) from None
        return masked(f"{reply.code} {reply.message}", to)


def _accepted(dialogue: Dialogue, replies: list[SMTPResponse | SMTPResponseException], to: str) -> Dialogue:
    """Raise the first of the replies to MAIL and RCPT that says no."""
    for whose, reply in zip(_WHOSE, replies, strict=False):
        if isinstance(reply, SMTPResponseException):
            raise refused(whose, reply, to)
    return dialogue


def _expected(code: int, reply: SMTPResponse | SMTPResponseException, to: str) -> None:
    """Raise unless it is the one reply that lets things go on: a refusal as `SendError`, all else as not understood."""
    if isinstance(reply, SMTPResponseException):
        raise refused("message", reply, to) if is_refusal(reply) else reply
    if reply.code != code:
        raise SMTPResponseException(reply.code, reply.message)


def _unknown(error: Exception) -> OutcomeUnknown:
    return OutcomeUnknown(f"no reply after DATA began ({type(error).__name__}): the mail server may have taken this mail")


def _from_settings(settings: Settings) -> SmtpSender:
    return SmtpSender(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_protection,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        timeout=settings.smtp_timeout_seconds,
        concurrency=settings.mail_concurrency,
        most=settings.smtp_mails_per_connection,
    )


SENDER = SenderKind(name="smtp", make=_from_settings)
