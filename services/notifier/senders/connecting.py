"""From nothing to a connection that takes mails: reached, greeted, safe and logged in.

All trouble on the way there is the server's or ours, never the mail's, so it may always be tried again. Codes:
`smtp_unreachable`, `smtp_no_starttls`, `smtp_tls_failed`, `smtp_login_refused`.
"""

import socket
from collections.abc import Awaitable

from aiosmtplib import SMTP, SMTPException, SMTPHeloError, SMTPResponse

from services.notifier.senders.dialogue import Dialogue
from shared.errors import SendError
from shared.masking import masked

BROKEN = (SMTPException, OSError)
"""All that aiosmtplib raises for a bad answer, a lost or refused connection, a timeout or a failed TLS handshake."""
PATIENCE = 30.0


async def connected(client: SMTP, security: str, login: tuple[str, str]) -> Dialogue:
    """A new connection, which waits for each reply as long as `client` does. `login`: user and password, or none."""
    try:
        await _reached("smtp_unreachable", "be reached", client.connect())
        await _reached("smtp_unreachable", "be greeted", _greeted(client))
        if security == "starttls":
            await _made_safe(client)
        if login[0]:
            await _reached("smtp_login_refused", "be logged in to", client.login(*login))
    except BaseException:
        client.close()
        raise
    return _taken_over(client)


def lost_before_data(error: Exception) -> SendError:
    """A line that broke where the mail cannot have been taken: worth another try."""
    reason = f"the connection to the mail server was lost before the message was sent ({type(error).__name__})"
    return SendError(reason, code="smtp_unreachable", retry=True)


def own_name() -> str:
    """What we call ourselves in EHLO, without asking a name server: RFC 5321 4.1.3 takes an address where there is no name."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _taken_over(client: SMTP) -> Dialogue:
    """The connection that aiosmtplib made, with our way of speaking on it."""
    transport = client.protocol.transport if client.protocol else None
    if transport is None or transport.is_closing():
        raise lost_before_data(ConnectionResetError())
    return Dialogue(transport, client.timeout or PATIENCE, pipelining=client.supports_extension("pipelining"))


async def _greeted(client: SMTP) -> SMTPResponse:
    try:
        return await client.ehlo()
    except SMTPHeloError:
        return await client.helo()


async def _made_safe(client: SMTP) -> None:
    """STARTTLS, then EHLO again, for what was said in clear text does not count (RFC 3207 4.2)."""
    if not client.supports_extension("starttls"):
        raise SendError(
            "the mail server offers no STARTTLS, and mail is not sent in clear text: give JOBLARK_SMTP_PORT a port that does, "
            "or set JOBLARK_SMTP_SECURITY=tls for one that speaks TLS from the start",
            code="smtp_no_starttls",
            retry=True,
        )
    await _reached("smtp_tls_failed", "be spoken to over TLS", client.starttls())
    await _reached("smtp_unreachable", "be greeted", _greeted(client))


async def _reached(code: str, what: str, step: Awaitable[SMTPResponse]) -> None:
    try:
        await step
    except BROKEN as error:
        reason = masked(str(error) or type(error).__name__)
        raise SendError(f"the mail server cannot {what}: {reason}", code=code, retry=True) from None
