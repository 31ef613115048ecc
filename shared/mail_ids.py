"""The signed name of a mail: in its return path and its Message-ID, so that what comes back says which mail it was. Pure.

`1a-k3w5…`: the ledger's number in base 36, and 60 bits of an HMAC in base 32. Lower case and digits only, for a return path
is often handed back in another case.
"""

import base64
import hashlib
import hmac
import re

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_LONGEST = 12
_NAMED = re.compile(rf"(?<![0-9a-z])([0-9a-z]{{1,{_LONGEST}}})-([a-z2-7]{{12}})(?![0-9a-z])", re.IGNORECASE)
_SEARCHED = 4_000


def mail_name(mail_id: int, secret: str) -> str:
    """The name of the mail with this number in the ledger, at most 25 characters."""
    number = _base36(mail_id)
    return f"{number}-{_signature(number, secret)}"


def named_mail(text: str, secret: str) -> int | None:
    """The mail whose name stands somewhere in `text` (an address, a Message-ID); `None` for none, or for a forged one.

    Only the first 4,000 characters are looked at.
    """
    for found in _NAMED.finditer(text[:_SEARCHED]):
        number, signature = found[1].lower(), found[2].lower()
        if hmac.compare_digest(signature, _signature(number, secret)):
            return int(number, 36)
    return None


def return_path(template: str, mail_id: int, secret: str) -> str:
    """Variable envelope return path: `bounces@example.org` becomes `bounces+1a-k3w5…@example.org`."""
    local, _, domain = template.rpartition("@")
    return f"{local}+{mail_name(mail_id, secret)}@{domain}"


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def _signature(number: str, secret: str) -> str:
    mac = hmac.digest(secret.encode(), f"joblark.mail:{number}".encode(), hashlib.sha256)
    return base64.b32encode(mac)[:12].decode().lower()
