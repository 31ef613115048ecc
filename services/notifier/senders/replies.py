"""What a mail server said, fit for a log: on one line, bounded, and without anybody's address. Pure.

Codes: `smtp_sender_refused`, `smtp_recipient_refused`, `smtp_message_refused` for a 4xx (retry) or 5xx reply at that
step; `smtp_unreachable` for no line, or one that broke before the message; `address_invalid` for what was never tried.
"""

import re

from aiosmtplib import SMTPResponseException

from shared.errors import SendError

_LONGEST = 300
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]+@[^\s<>()\"',;@]+")
_ENVELOPE = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")
_MASK = "[address]"


def masked(reply: str, *addresses: str) -> str:
    """`reply` without addresses; `addresses` also go when only their part before the @ is named, as in `user ada unknown`."""
    line = reply[: _LONGEST * 8].encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    line = _ADDRESS.sub(_MASK, " ".join("".join(c if c.isprintable() else " " for c in line).split()))
    for local in (address.rpartition("@")[0] for address in addresses):
        line = re.sub(rf"(?<!\w){re.escape(local)}(?!\w)", _MASK, line, flags=re.IGNORECASE)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def checked_address(address: str, whose: str) -> str:
    """`address` if it can stand between the angle brackets of MAIL or RCPT: printable ASCII, one @."""
    if len(address) > 320 or not _ENVELOPE.fullmatch(address) or address.count("@") != 1:
        raise SendError(f"the {whose}'s address cannot be written in an SMTP command", code="address_invalid", retry=False)
    return address


def is_refusal(error: SMTPResponseException) -> bool:
    """Whether this is a reply that says no. A reply that cannot be read has code -1."""
    return 400 <= error.code < 600


def refused(whose: str, error: SMTPResponseException, *addresses: str) -> SendError:
    """The reply as an error: 4xx may be tried again, 5xx not. Anything else is a server that does not speak SMTP."""
    reply = masked(f"{error.code} {error.message}", *addresses)
    if not is_refusal(error):
        return SendError(f"the mail server gave no proper reply: {reply}", code="smtp_unreachable", retry=True)
    return SendError(
        f"the mail server refused the {whose}: {reply}",
        code=f"smtp_{whose}_refused",
        retry=error.code < 500,
        smtp_code=error.code,
    )
