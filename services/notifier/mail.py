"""A mail as a value, and its wire form. Pure: the same mail and `now` give the same bytes, so a repeat is a repeat.

The standard library's email package writes the same form, forty times slower: what is here is only the part of it that our
mails need, and the tests read every mail back with that package.
"""

import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from types import MappingProxyType

from pydantic import Field

from services.notifier.headers import CRLF, header, mailbox
from shared.errors import UnreadableInput
from shared.posting import Value

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}", re.IGNORECASE)
_LINE = re.compile(r"(?P<name>[^<>@]*)<(?P<boxed>[^<>\s]+)>|(?P<bare>[^<>\s]+)")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")
_LONGEST = 998
"""Octets in a line, its end not counted: RFC 5322 2.1.1."""
_SENDER_ID = "joblark"


class Mail(Value):
    """One mail to one person. `sender` is a From line such as `Joblark <digest@example.org>`, `to` a bare address."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType({}))


def to_bytes(mail: Mail, now: datetime) -> bytes:
    """The mail as multipart/alternative, text first. Raises `UnreadableInput` where `to` or `sender` is no address."""
    boundary = f"=_{_digest(mail.message_id)}"
    head = (
        mailbox("From", _parted(mail.sender)[0], address_of(mail.sender)),
        mailbox("To", "", address_of(mail.to)),
        header("Subject", mail.subject),
        f"Date: {format_datetime(now.astimezone(UTC))}{CRLF}",
        header("Message-ID", mail.message_id),
        *(header(name, value) for name, value in mail.headers.items()),
        f"MIME-Version: 1.0{CRLF}",
        f'Content-Type: multipart/alternative;{CRLF} boundary="{boundary}"{CRLF}',
    )
    between = f"{CRLF}--{boundary}".encode()
    parts = _part("plain", mail.text), _part("html", mail.html)
    return "".join(head).encode("ascii") + between + between.join((*parts, b"--" + CRLF.encode()))


def message_id(name: str, kind: str, subscription_id: int, occasion: str, domain: str) -> str:
    """The same for the same mail of the ledger, at every attempt and on every machine; tells nobody's address.

    `name` is the mail's signed name (`shared.mail_ids`), by which a report of a bounce finds it again.
    """
    return f"<{name}.{_digest(kind, str(subscription_id), occasion)}@{domain}>"


def list_headers(unsubscribe_url: str, sender: str) -> dict[str, str]:
    """What a mail program needs to offer *unsubscribe* (RFC 2369, RFC 8058) and to file the mail (RFC 2919)."""
    if not _URL.fullmatch(unsubscribe_url):
        raise UnreadableInput("the unsubscribe link is not a plain http(s) address", code="link_invalid")
    return {
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Job digests <digest.{domain_of(sender)}>",
    }


def feedback_header(campaign: str, customer: str, kind: str) -> dict[str, str]:
    """`Feedback-ID: campaign:customer:mail type:sender`, by which Gmail's Postmaster Tools count complaints.

    Each part is shared by many mails, so that it tells of nobody. Colons part the parts and so stand in none of them.
    """
    parts = (re.sub(r"[^A-Za-z0-9.-]+", "-", part)[:60] for part in (campaign, customer, kind))
    return {"Feedback-ID": ":".join((*parts, _SENDER_ID))}


def auto_headers() -> dict[str, str]:
    """For every mail that no person typed, a confirmation too: it keeps holiday notices from being sent back (RFC 3834)."""
    return {"Auto-Submitted": "auto-generated"}


def address_of(line: str) -> str:
    """The bare ASCII address in `Name <address>` or `address`; an international domain becomes its `xn--` form.

    Raises `UnreadableInput` (which never repeats the address) for none, for several, or for one that needs SMTPUTF8.
    """
    local, _, domain = _parted(line)[1].rpartition("@")
    try:
        address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address):
        raise UnreadableInput("this is not one mail address that every mail server takes", code="address_invalid")
    return address


def domain_of(line: str) -> str:
    """The domain of the address in `line`, as it goes into Message-ID and List-Id."""
    return address_of(line).rpartition("@")[2].lower()


def _part(subtype: str, text: str) -> bytes:
    """One part of the multipart, from the line end of its boundary on."""
    octets = text.replace(CRLF, "\n").replace("\r", "\n").encode("utf-8", "replace")
    encoding, body = ("7bit", octets) if _is_easy(octets) else ("quoted-printable", binascii.b2a_qp(octets, istext=True))
    head = f'\nContent-Type: text/{subtype}; charset="utf-8"\nContent-Transfer-Encoding: {encoding}\n\n'
    return (head.encode() + body).replace(b"\n", CRLF.encode())


def _is_easy(octets: bytes) -> bool:
    """Whether this is 7bit (RFC 2045 2.7) and no server has a reason to change it: nothing blank at the ends of its lines.

    In quoted-printable no line can begin like our boundaries; here that is looked at.
    """
    if not octets.isascii() or b"\0" in octets:
        return False
    lines = octets.split(b"\n")
    return max(map(len, lines)) <= _LONGEST and not any(
        line.endswith((b" ", b"\t")) or line.startswith(b"--=_") for line in lines
    )


def _parted(line: str) -> tuple[str, str]:
    """Name and address of a line in one of our two forms, and no more than that: what is guessed goes to a stranger."""
    found = _LINE.fullmatch(line.strip()) if line.isprintable() else None
    return ((found["name"] or "").strip(' "'), found["boxed"] or found["bare"]) if found else ("", "")


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
