"""A mail as a value, and its wire form. Pure: the same mail and `now` give the same bytes, so a repeat is a repeat.

Header values come partly from postings and profiles. Each is folded to one line of printable text before it becomes a
header, and whatever needs RFC 2047 is encoded by the standard library, so no value can start a header of its own.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from types import MappingProxyType

from pydantic import Field

from shared.errors import UnreadableInput
from shared.posting import Value

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9-]{1,63}\.)*[a-z0-9-]{1,63}", re.IGNORECASE)
_LINE = re.compile(r"(?P<name>[^<>@]*)<(?P<boxed>[^<>\s]+)>|(?P<bare>[^<>\s]+)")
_URL = re.compile(r"https?://[!-;=?-~]{1,900}")


class Mail(Value):
    """One mail to one person. `sender` is a From line such as `Joblark <digest@example.org>`, `to` a bare address."""

    to: str
    sender: str
    subject: str
    text: str
    html: str
    message_id: str
    headers: Mapping[str, str] = Field(default_factory=lambda: MappingProxyType({}))


class _OneLine(UnstructuredHeader, BaseHeader):
    """A header that is never folded: a folded or encoded URL in `List-Unsubscribe` is not a URL any more."""

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
for _header in ("list-unsubscribe", "list-id", "message-id"):
    _HEADERS.map_to_type(_header, _OneLine)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def to_message(mail: Mail, now: datetime) -> EmailMessage:
    """The mail as multipart/alternative, text first. Raises `UnreadableInput` where `to` or `sender` is no address."""
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(mail.sender)
    message["To"] = Address(addr_spec=address_of(mail.to))
    message["Subject"] = one_line(mail.subject)
    message["Date"] = now.astimezone(UTC)
    message["Message-ID"] = one_line(mail.message_id)
    for name, value in mail.headers.items():
        message[name] = one_line(value)
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{_digest(mail.message_id)}")
    return message


def message_id(kind: str, subscription_id: int, occasion: str, domain: str) -> str:
    """The same for the same mail of the ledger, at every attempt and on every machine; tells nobody's address."""
    return f"<{_digest(kind, str(subscription_id), occasion)}@{domain}>"


def list_headers(unsubscribe_url: str, sender: str) -> dict[str, str]:
    """What a mail program needs to offer *unsubscribe* (RFC 2369, RFC 8058) and to file the mail (RFC 2919).

    RFC 3834's Auto-Submitted keeps holiday notices from being sent back.
    """
    if not _URL.fullmatch(unsubscribe_url):
        raise UnreadableInput("the unsubscribe link is not a plain http(s) address", code="link_invalid")
    return {
        "List-Unsubscribe": f"<{unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Job digests <digest.{domain_of(sender)}>",
        **auto_headers(),
    }


def auto_headers() -> dict[str, str]:
    """For every mail that no person typed, a confirmation too."""
    return {"Auto-Submitted": "auto-generated"}


def address_of(line: str) -> str:
    """The bare ASCII address in `Name <address>` or `address`; an international domain becomes its `xn--` form.

    Raises `UnreadableInput` (which never repeats the address) for none, for several, or for one that needs SMTPUTF8.
    """
    local, _, domain = _parted(line)[1].rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address):
        raise UnreadableInput("this is not one mail address that every mail server takes", code="address_invalid")
    return address


def domain_of(line: str) -> str:
    """The domain of the address in `line`, as it goes into Message-ID and List-Id."""
    return address_of(line).rpartition("@")[2].lower()


def one_line(text: str) -> str:
    """`text` with every run of white space and control characters as one blank."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _mailbox(sender: str) -> Address:
    return Address(display_name=_parted(sender)[0], addr_spec=address_of(sender))


def _parted(line: str) -> tuple[str, str]:
    """Name and address of a line in one of our two forms, and no more than that: what is guessed goes to a stranger."""
    found = _LINE.fullmatch(line.strip()) if line.isprintable() else None
    return ((found["name"] or "").strip(' "'), found["boxed"] or found["bare"]) if found else ("", "")


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
