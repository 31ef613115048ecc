"""SMTP, as RFC 5321 has it, over a few connections that are kept open and used again.

What an answer means depends on when it comes. Until DATA begins the mail cannot have been taken, so a lost line is worth
another try. Once it has begun, only a reply of the server tells: 4xx and 5xx, to DATA as to the final dot, mean not
taken; silence, a lost line or an answer that is no reply mean that nobody knows.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

from aiosmtplib import SMTP, SMTPException, SMTPResponse, SMTPResponseException

from services.notifier.senders.base import BeforeData, SenderKind
from services.notifier.senders.replies import checked_address, is_refusal, masked, refused
from shared.errors import OutcomeUnknown, SendError
from shared.settings import Settings

_BROKEN = (SMTPException, OSError)
"""All that aiosmtplib raises for a bad answer, a lost or refused connection, a timeout or a failed TLS handshake."""


class SmtpSender:
    """Holds up to `concurrency` connections, each opened when first needed and again after it was lost.

    `security` is that of the settings: `starttls`, `tls` or `none`. `timeout` bounds, in seconds, each single wait: for
    the connection, for TLS and for every reply. `tls` replaces the default trust in the system's authorities.
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
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._starttls = security == "starttls"
        self._login = (user, password)
        self._free: asyncio.LifoQueue[SMTP] = asyncio.LifoQueue()  # the one used last is the least likely to be stale
        for _ in range(concurrency):
            client = SMTP(
                hostname=host,
                port=port,
                use_tls=security == "tls",
                start_tls=False,
                tls_context=tls,
                timeout=timeout,
                local_hostname=_own_name(),
            )
            self._free.put_nowait(client)

    async def send(self, mail_from: str, to: str, message: bytes, *, before_data: BeforeData) -> str:
        """See `Sender.send`; the codes of its errors are explained in `replies` and `_ready`."""
        checked_address(mail_from, "sender")
        checked_address(to, "recipient")
        async with self._connection() as client:
            await _accepted("sender", client.mail(mail_from), to)
            await _accepted("recipient", client.rcpt(to), to)
            await before_data()
            return await _delivered(client, message, to)

    async def close(self) -> None:
        """Say QUIT on every connection that no mail is using."""
        for client in [self._free.get_nowait() for _ in range(self._free.qsize())]:
            with suppress(*_BROKEN):
                await client.quit()
            client.close()
            self._free.put_nowait(client)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[SMTP]:
        """A connection ready for MAIL. A refusal leaves it usable; after any other error its state is unknown: closed."""
        client = await self._free.get()
        try:
            await self._ready(client)
            yield client
        except BaseException as error:
            if not isinstance(error, SendError) or error.smtp_code is None:
                client.close()
            raise
        finally:
            self._free.put_nowait(client)

    async def _ready(self, client: SMTP) -> None:
        """RSET both clears what an earlier mail left behind and finds out whether the line still stands.

        All trouble on the way there is the server's or ours, never the mail's, so it may always be tried again.
        """
        if client.is_connected:
            with suppress(*_BROKEN):
                await client.rset()
                return
        client.close()
        await _reached("smtp_unreachable", "be reached", client.connect())
        if self._starttls:
            await _reached("smtp_tls_failed", "be spoken to over TLS", client.starttls())
        if self._login[0]:
            await _reached("smtp_login_refused", "be logged in to", client.login(*self._login))


async def _reached(code: str, what: str, step: Awaitable[SMTPResponse]) -> None:
    try:
        await step
    except _BROKEN as error:
        reason = masked(str(error) or type(error).__name__)
        raise SendError(f"the mail server cannot {what}: {reason}", code=code, retry=True) from None


async def _accepted(whose: str, command: Awaitable[SMTPResponse], to: str) -> None:
    try:
        await command
    except SMTPResponseException as error:
        raise refused(whose, error, to) from None
    except _BROKEN as error:
        raise _lost_before_data(error) from None


async def _delivered(client: SMTP, message: bytes, to: str) -> str:
    """The reply to the final dot. Nothing is awaited between the look at the line and the first byte of DATA."""
    if not client.is_connected:
        raise _lost_before_data(ConnectionResetError())
    try:
        reply = await client.data(message)
    except SMTPResponseException as error:
        raise (refused("message", error, to) if is_refusal(error) else _unknown(error)) from None
    except _BROKEN as error:
        raise _unknown(error) from None
    return masked(f"{reply.code} {reply.message}", to)


def _lost_before_data(error: Exception) -> SendError:
    reason = f"the connection to the mail server was lost before the message was sent ({type(error).__name__})"
    return SendError(reason, code="smtp_unreachable", retry=True)


def _unknown(error: Exception) -> OutcomeUnknown:
    return OutcomeUnknown(f"no reply after DATA began ({type(error).__name__}): the mail server may have taken this mail")


def _own_name() -> str:
    """What we call ourselves in EHLO, without asking a name server: RFC 5321 4.1.3 takes an address where there is no name."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _from_settings(settings: Settings) -> SmtpSender:
    return SmtpSender(
        host=settings.smtp_host,
        port=settings.smtp_port,
        security=settings.smtp_protection,
        user=settings.smtp_user,
        password=settings.smtp_password.get_secret_value(),
        timeout=settings.smtp_timeout_seconds,
        concurrency=settings.mail_concurrency,
    )


SENDER = SenderKind(name="smtp", make=_from_settings)
