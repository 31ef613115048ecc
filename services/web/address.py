"""Email addresses as people type them. What leaves here is safe in a header and equal for equal mailboxes."""

import re

from shared.errors import UnreadableInput

MAX_ADDRESS = 254
MAX_LOCAL = 64
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+$)[a-z0-9][a-z0-9-]{0,61}[a-z0-9]")


def parse_email(text: str) -> str:
    """`text` as one mailbox, lower case, its domain in ASCII (RFC 5321 sizes, dot-atom local part, RFC 5890 domain).

    Raises `UnreadableInput` with code `email_invalid`; the message does not repeat the address.
    """
    local, at, domain = text.strip().rpartition("@")
    address = f"{local}@{_ascii(domain)}".lower()
    valid = at and len(local) <= MAX_LOCAL and len(address) <= MAX_ADDRESS and _LOCAL.fullmatch(local)
    if not valid or not _DOMAIN.fullmatch(_ascii(domain)):
        raise UnreadableInput(
            "that is not an email address we can write to; it should look like ana@example.org", code="email_invalid"
        )
    return address


def masked(address: str) -> str:
    """Enough of an address for its owner to know it by, and no more: `a•••@example.org`; once it is erased, words for it."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}" if address else "your address"


def _ascii(domain: str) -> str:
    """The domain as it goes over the wire, or "" where it has no such form."""
    try:
        return domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
