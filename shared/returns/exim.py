"""Bounces of Exim before it wrote delivery status notifications, and of those who set a `bounce_message_file`.

Exim's specification, chapter "Customizing bounce and warning messages": a bounce has the field `X-Failed-Recipients` and says
that it was created automatically by mail delivery software. Its reasons stand between the addresses and a line of dashes.
"""

import re

from shared.returns.base import Finding, MailFormat
from shared.returns.dsn import REPORTS
from shared.returns.mime import Part, head
from shared.returns.status import failure, status_of

MADE_BY = "this message was created automatically by mail delivery software"
FAILED = "could not be delivered to one or more of its"
DELAYED = "has not yet been delivered to one or more of its"
_COPY = re.compile(r"^-{3,}.{0,10}This is a copy of .{0,80}-{3,}$", re.MULTILINE)


def read(message: Part) -> Finding | None:
    if message.kind != "text/plain" or message.first(*REPORTS):
        return None
    words, original = _parted(message.text())
    said = " ".join(words.lower().split())
    if MADE_BY not in said:
        return None
    if DELAYED in said:
        return Finding("taken", original=original)
    addresses = tuple(part.strip() for part in message.get("x-failed-recipients").split(",") if "@" in part)
    if FAILED not in said or "permanent error" not in words or len(addresses) != 1:
        return None
    reason = words.partition("permanent error")[2]
    status = status_of("", reason)
    return Finding(failure(status, reason), status, reason, original, addresses)


def _parted(text: str) -> tuple[str, Part | None]:
    found = _COPY.search(text)
    return (text[: found.start()], head(text[found.end() :])) if found else (text, None)


FORMAT = MailFormat("exim", read)
