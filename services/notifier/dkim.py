"""DKIM signatures (RFC 6376, 8301, 8463): relaxed/relaxed, SHA-256, RSA or Ed25519.

Pure, but that `signers` reads keys and `new_key` draws one. Only what a sender needs, on messages as we write them;
docs/decisions/0011-dkim.md says why it is here. The bodies of the functions follow the sections of RFC 6376 that they name.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from services.notifier.headers import header
from services.notifier.mail import domain_of
from shared.errors import Conflict, UnreadableInput
from shared.settings import Settings

SIGNED = (
    "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "List-Unsubscribe",
    "List-Unsubscribe-Post", "List-Id", "Feedback-ID", "Auto-Submitted",
)  # fmt: skip
OVERSIGNED = ("From", "Subject")
"""Signed once more than they stand there, so that nobody can add a second one (RFC 6376 5.4.2, 8.15)."""
SMALLEST, LARGEST = 2048, 4096
"""Bits of an RSA key. Smaller ones may be broken (RFC 8301 3.2); larger ones need not be verified by anybody."""
_SELECTOR = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE)
_FOLD = re.compile(rb"\r\n(?=[ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_RUN = re.compile(rb"  +")

Key = RSAPrivateKey | Ed25519PrivateKey


@dataclass(frozen=True)
class Signer:
    """A key and where its public half is published: the TXT record `record` at the name `name`."""

    domain: str
    selector: str
    key: Key

    @property
    def name(self) -> str:
        """RFC 6376 3.6.2.1."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """RFC 6376 3.6.1; an Ed25519 key is published as its bare 32 octets (RFC 8463 4)."""
        return f"v=DKIM1; k={self.kind}; p={base64.b64encode(self._public()).decode()}"

    @property
    def kind(self) -> str:
        return "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(data, PKCS1v15(), hashes.SHA256())
        return self.key.sign(hashlib.sha256(data).digest())

    def _public(self) -> bytes:
        raw, der = serialization.Encoding.Raw, serialization.Encoding.DER
        if isinstance(self.key, RSAPrivateKey):
            return self.key.public_key().public_bytes(der, serialization.PublicFormat.SubjectPublicKeyInfo)
        return self.key.public_key().public_bytes(raw, serialization.PublicFormat.Raw)


def sign(message: bytes, signers: Sequence[Signer], at: datetime) -> bytes:
    """`message` with one DKIM-Signature before it for each signer; as it is for none.

    `message` has CRLF line ends. The same message, key and instant give the same bytes.
    """
    if not signers:
        return message
    head, _, body = message.partition(b"\r\n\r\n")
    names, signed = _signed(_headers(head))
    common = f"t={at.timestamp():.0f}; h={': '.join(names)}; bh={body_hash(body)}"
    return b"".join([*(_signature(signer, common, signed) for signer in signers), message])


def body_hash(body: bytes) -> str:
    """`bh=`: the SHA-256 of the body in relaxed form (3.4.4), in base 64."""
    return base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()


def relaxed_body(body: bytes) -> bytes:
    """3.4.4: no white space at the ends of lines, one blank for every run of it, no empty lines at the end."""
    body = _RUN.sub(b" ", body.replace(b"\t", b" ")).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""


def relaxed_header(line: bytes) -> bytes:
    """3.4.2, of one header that may be folded and has no line end: small name, one line, one blank for each run."""
    name, _, value = _FOLD.sub(b"", line).partition(b":")
    return name.rstrip(b" \t").lower() + b":" + _BLANKS.sub(b" ", value).strip(b" ")


def signers(settings: Settings) -> tuple[Signer, ...]:
    """Every key that the settings give, read from its file; none means that mails go out unsigned.

    Raises `UnreadableInput` (`dkim_key_invalid`, `dkim_key_size`, `dkim_selector_invalid`), or `Conflict` for two keys of
    one selector.
    """
    found = [Signer(signing_domain(settings), selector, key) for selector, key in _keys(settings)]
    if len({signer.selector.lower() for signer in found}) < len(found):
        raise Conflict(
            f"two DKIM keys have the selector {settings.dkim_selector}: rename the file in JOBLARK_DKIM_KEYS_DIR",
            code="dkim_selector_twice",
        )
    return tuple(found)


def signing_domain(settings: Settings) -> str:
    """`d=`: for DMARC it has to be the domain of the From line, or one above or below it."""
    return settings.dkim_domain.strip().lower() or domain_of(settings.mail_from)


def new_key(kind: str = "rsa") -> Key:
    """A fresh key: RSA of 2048 bits, whose record every DNS provider takes, or `ed25519` to sign beside it."""
    return Ed25519PrivateKey.generate() if kind == "ed25519" else generate_private_key(65_537, SMALLEST)


def pem_of(key: Key) -> str:
    """The private key as it is kept: PKCS#8, not encrypted."""
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, none).decode()


def key_from(pem: str, what: str) -> Key:
    """The key in `pem`; a variable of one line may part its lines by a backslash and an n. `what` names it in errors."""
    try:
        key = serialization.load_pem_private_key(pem.replace("\\n", "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnreadableInput(f"{what} is no private key in PEM form, or has a password", code="dkim_key_invalid") from None
    if isinstance(key, RSAPrivateKey) and not SMALLEST <= key.key_size <= LARGEST:
        advice = f"make one with {SMALLEST} to {LARGEST} bits: joblark dkim create SELECTOR"
        raise UnreadableInput(f"{what} is an RSA key of {key.key_size} bits; {advice}", code="dkim_key_size")
    if not isinstance(key, Key):
        raise UnreadableInput(f"{what} is neither an RSA nor an Ed25519 key", code="dkim_key_invalid")
    return key


def checked_selector(selector: str) -> str:
    """`selector` if it can be part of a domain name (3.1). Raises `UnreadableInput`."""
    if len(selector) > 120 or not _SELECTOR.fullmatch(selector):
        reason = f"{selector[:60]!r} is no DKIM selector: use letters, digits and hyphens, such as joblark-2026"
        raise UnreadableInput(reason, code="dkim_selector_invalid")
    return selector


def _keys(settings: Settings) -> Iterator[tuple[str, Key]]:
    if pem := settings.dkim_key.get_secret_value():
        yield checked_selector(settings.dkim_selector), key_from(pem, "JOBLARK_DKIM_KEY")
    if settings.dkim_keys_dir is not None:
        for path in sorted(settings.dkim_keys_dir.glob("*.pem")):
            yield checked_selector(path.stem), key_from(_read(path), path.name)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableInput(f"{path.name}: {type(error).__name__}", code="dkim_key_invalid") from None


def _headers(head: bytes) -> dict[str, list[bytes]]:
    """Every header in relaxed form, by its small name, in their order."""
    found: dict[str, list[bytes]] = {}
    for line in _FOLD.sub(b"", head).split(b"\r\n"):
        relaxed = relaxed_header(line)
        found.setdefault(relaxed.partition(b":")[0].decode("latin-1"), []).append(relaxed)
    return found


def _signed(headers: dict[str, list[bytes]]) -> tuple[list[str], bytes]:
    """The names for `h=`, and what they stand for: of several with one name the last first (5.4.2)."""
    names: list[str] = []
    lines: list[bytes] = []
    for name in SIGNED:
        present = headers.get(name.lower(), [])
        lines += reversed(present)
        names += [name] * (len(present) + (name in OVERSIGNED))
    return names, b"".join(line + b"\r\n" for line in lines)


def _signature(signer: Signer, common: str, signed: bytes) -> bytes:
    """The header: signed is what `h=` names, and the header itself with an empty `b=` and no line end (3.7)."""
    tags = f"v=1; a={signer.kind}-sha256; c=relaxed/relaxed; d={signer.domain}; s={signer.selector}; {common}; b="
    value = base64.b64encode(signer.sign(signed + relaxed_header(f"DKIM-Signature:{tags}".encode()))).decode()
    return header("DKIM-Signature", tags + " ".join(value[i : i + 70] for i in range(0, len(value), 70))).encode()
