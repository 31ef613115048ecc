"""What a mail server said, as an error of ours; its words are masked (`shared.masking`). Pure.

Codes: `smtp_sender_refused`, `smtp_recipient_refused`, `smtp_message_refused` for a 4xx (retry) or 5xx reply at that
step; `smtp_unreachable` for no line, or one that broke before the message; `address_invalid` for what was never tried.
"""

import re

from aiosmtplib import SMTPResponseException

from shared.errors import SendError
from shared.masking import masked

_ENVELOPE = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")


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
