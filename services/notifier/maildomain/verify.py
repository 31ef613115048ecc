"""Whether a signed mail verifies with the key that is published (RFC 6376 6.1), for our own sample: see `dkim` for the rest."""

import base64
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from services.notifier.dkim import body_hash, relaxed_header
from shared.errors import UnreadableInput

_FOLD = re.compile(rb"\r\n(?=[ \t])")
_VALUE = re.compile(rb"(\bb=)[^;]*$")
_BLANK = re.compile(r"\s")
NEEDED = ("from", "subject", "list-unsubscribe", "list-unsubscribe-post")
"""RFC 6376 5.4.1 and RFC 8058 4: a mail with one-click is only believed if both its headers are signed."""


def tags(text: str) -> dict[str, str]:
    """`v=DKIM1; k=rsa; p=…` as pairs, white space left out (3.2)."""
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip(): _BLANK.sub("", value) for name, _, value in pairs if name.strip()}


def fault(message: bytes, selector: str, record: str) -> str:
    """Why the signature of `selector` does not verify with the published `record`; nothing if it does."""
    head, _, body = message.partition(b"\r\n\r\n")
    lines = _FOLD.sub(b"", head).split(b"\r\n")
    for line in lines:
        name, _, value = line.partition(b":")
        signature = tags(value.decode("latin-1"))
        if name.lower() == b"dkim-signature" and signature.get("s") == selector:
            return _fault(lines, line, signature, body, record)
    return f"it carries no signature of {selector}"


def _fault(lines: list[bytes], line: bytes, signature: dict[str, str], body: bytes, record: str) -> str:
    names = [name.lower() for name in signature["h"].split(":")]
    if missing := [name for name in NEEDED if name not in names]:
        return f"it does not sign {', '.join(missing)}"
    if signature["bh"] != body_hash(body):
        return "its body is not what was signed"
    signed = _picked(lines, names) + _VALUE.sub(rb"\1", relaxed_header(line))
    try:
        _check(tags(record).get("p", ""), base64.b64decode(signature["b"]), signed)
    except (InvalidSignature, UnreadableInput) as error:
        return str(error) or "the published key is not the one that signs"
    return ""


def _picked(lines: list[bytes], names: list[str]) -> bytes:
    """The headers that `names` name, the last of several first (5.4.2); what is named and absent is nothing."""
    left = [relaxed_header(line) for line in lines]
    picked = b""
    for name in names:
        found = next((line for line in reversed(left) if line.startswith(name.encode() + b":")), None)
        if found is not None:
            left.reverse()
            left.remove(found)
            left.reverse()
            picked += found + b"\r\n"
    return picked


def _check(published: str, signature: bytes, signed: bytes) -> None:
    try:
        raw = base64.b64decode(published, validate=True)
        key = Ed25519PublicKey.from_public_bytes(raw) if len(raw) == 32 else load_der_public_key(raw)
    except ValueError:
        raise UnreadableInput("the published key cannot be read", code="dkim_record_invalid") from None
    if isinstance(key, RSAPublicKey):
        key.verify(signature, signed, PKCS1v15(), hashes.SHA256())
    elif isinstance(key, Ed25519PublicKey):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(signed)
        key.verify(signature, digest.finalize())
    else:
        raise UnreadableInput("the published key is neither RSA nor Ed25519", code="dkim_record_invalid")
