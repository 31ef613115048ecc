"""A mail server that remembers when: what began, what arrived, and what it had answered when its client died."""

import asyncio
import random
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, syntax

from tests.smtp import SmtpCatcher


@dataclass
class Arrival:
    """One mail that came in whole; times are of this machine's clock, `answered` is empty until the reply is given."""

    message_id: str
    recipient: str
    received: float
    answered: float | None = None


class PatientCatcher(SmtpCatcher):
    """Keeps every mail that arrived whole, whether or not its sender lived to hear the answer.

    `delay` is how long (seconds, from–to) it thinks before it answers the end of DATA; `began` is set at each DATA.
    """

    def __init__(self, port: int = 0, delay: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> None:
        super().__init__()
        self.port = port
        self.delay, self.random = delay, random.Random(seed)
        self.arrivals: list[Arrival] = []
        self.began = threading.Event()
        self.data_starts = 0

    def factory(self) -> SMTP:
        return _Server(self, **self.SMTP_kwargs)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message_id = str(message_from_bytes(envelope.original_content, policy=default)["Message-ID"])
        arrival = Arrival(message_id, envelope.rcpt_tos[0], time.time())
        reply = await super().handle_DATA(server, session, envelope)
        if reply.startswith("2"):
            self.arrivals.append(arrival)
        await asyncio.sleep(self.random.uniform(*self.delay))
        arrival.answered = time.time()
        return reply

    @property
    def mails(self) -> list[EmailMessage]:
        """What was kept, parsed."""
        return [message_from_bytes(raw, policy=default) for raw in list(self.messages)]  # type: ignore[misc]

    def mails_to(self, address: str) -> list[EmailMessage]:
        return [mail for mail, to in zip(self.mails, list(self.recipients), strict=False) if address in to]


class _Server(SMTP):
    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        catcher: PatientCatcher = self.event_handler
        catcher.data_starts += 1
        catcher.began.set()
        await super().smtp_DATA(arg)
