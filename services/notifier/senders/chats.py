"""Slack, Telegram, Discord and others through Apprise, for who prefers a chat to mail; an extra: `joblark[channels]`.

Apprise only says whether a message went out, not what the server said. A no that came quickly was an answer, and may be tried
again; one that took as long as Apprise waits for a server is a server that fell silent, and may have taken the message.
"""

import asyncio
import time
from email import message_from_bytes
from email.policy import default
from importlib.util import find_spec

from services.notifier.senders.base import BeforeData, SenderKind
from shared.channels import checked_channel, schemes
from shared.errors import OutcomeUnknown, SendError, UnreadableInput
from shared.settings import Settings

SILENT_SECONDS = 3.5
"""Apprise waits 4 s for a connection and 4 s for an answer (its `cto` and `rto`)."""
DEADLINE = 60.0
"""Longest for all pieces of one message: a chat may take a long digest in several."""


class ChatSender:
    """Hands the plain text of a mail to the chat that its recipient's address names. `allowed` are schemes."""

    def __init__(self, allowed: tuple[str, ...]) -> None:
        self._allowed = allowed

    async def send(self, mail_from: str, to: str, message: bytes, *, before_data: BeforeData) -> str:
        """See `Sender.send`. Codes: `channel_invalid`, `channel_refused` (retry)."""
        title, text = _words(message)
        notify = self._notifier(to)
        await before_data()
        started = time.monotonic()
        try:
            async with asyncio.timeout(DEADLINE):
                sent = await notify.async_notify(title=title, body=text, body_format="text")
        except TimeoutError:
            raise OutcomeUnknown("the chat did not answer in time: it may have taken this message") from None
        if sent:
            return "taken by the chat"
        if time.monotonic() - started >= SILENT_SECONDS:
            raise OutcomeUnknown("the chat fell silent: it may have taken this message")
        raise SendError("the chat refused the message, or cannot be reached", code="channel_refused", retry=True)

    async def close(self) -> None:
        """Nothing is held open."""

    def _notifier(self, url: str):  # type: ignore[no-untyped-def]
        from apprise import Apprise

        notify = Apprise()
        try:
            known = notify.add(checked_channel(url, self._allowed))
        except UnreadableInput as error:
            raise SendError(str(error), code=error.code, retry=False) from None
        if not known:
            raise SendError("Apprise does not understand this chat's address", code="channel_invalid", retry=False)
        return notify


def _words(message: bytes) -> tuple[str, str]:
    """Subject and plain text."""
    mail = message_from_bytes(message, policy=default)
    part = mail.get_body(("plain",))
    return str(mail["Subject"]), part.get_content() if part else ""


def _from_settings(settings: Settings) -> ChatSender:
    return ChatSender(schemes(settings.channels))


if find_spec("apprise"):
    SENDER = SenderKind(name="apprise", make=_from_settings)
