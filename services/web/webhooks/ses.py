"""Amazon SES, by way of a topic of Amazon SNS.

Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages" and "HTTP/HTTPS message formats": some fields of
the call, each as its name, a line end, its value and a line end, signed with RSA over SHA-1 (version 1) or SHA-256 (version 2).
The certificate is fetched, and a subscription confirmed, only at SNS of the region of the one topic that the settings name:
whoever can have any certificate believed can suppress anybody.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from pydantic import BaseModel, Field

from services.web.webhooks.base import Desk, Hook, Refused
from shared.errors import FetchError
from shared.returns.base import read_json
from shared.settings import Settings

log = structlog.get_logger()

NOTIFICATION, CONFIRM_IN, CONFIRM_OUT = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"
SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    CONFIRM_IN: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    CONFIRM_OUT: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
"""The signed fields of each type, in their order. One that is absent (Subject) is left out."""
HASHES: Mapping[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303 - Amazon's own version 1
_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-f]{16,64}\.pem")
_ARN = re.compile(r"arn:aws[a-z-]*:sns:([a-z0-9-]{3,40}):\d{12}:[\w-]{1,256}(?:\.fifo)?")
MOST_CERTIFICATES = 8


class Call(BaseModel):
    """An SNS message. Field names are Amazon's: they are signed."""

    Type: str
    MessageId: str
    TopicArn: str
    Message: str
    Timestamp: str
    Signature: str = Field(max_length=2_000)
    SignatureVersion: str
    SigningCertURL: str = Field(max_length=500)
    Subject: str | None = None
    Token: str | None = None
    SubscribeURL: str | None = Field(None, max_length=2_000)


async def open_call(desk: Desk, headers: Mapping[str, str], body: bytes) -> bytes | None:
    call = read_json(Call, body)
    if call.TopicArn != desk.settings.ses_topic:
        raise Refused("topic_unknown")
    await _check(desk, call)
    if call.Type == CONFIRM_IN:
        await _confirm(desk, call)
    return call.Message.encode() if call.Type == NOTIFICATION else None


async def _check(desk: Desk, call: Call) -> None:
    """Raises `Refused` unless Amazon signed this."""
    algorithm, fields = HASHES.get(call.SignatureVersion), SIGNED.get(call.Type)
    if algorithm is None or fields is None:
        raise Refused("signature_unknown")
    key = await _key(desk, call.SigningCertURL)
    try:
        key.verify(base64.b64decode(call.Signature, validate=True), signed_text(call, fields), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        raise Refused("signature_wrong") from None


def signed_text(call: Call, fields: tuple[str, ...]) -> bytes:
    """What Amazon signs of a call."""
    present = ((name, getattr(call, name)) for name in fields)
    return "".join(f"{name}\n{value}\n" for name, value in present if value is not None).encode()


async def _key(desk: Desk, url: str) -> rsa.RSAPublicKey:
    """The public key of the certificate at `url`, which is kept until it ends."""
    if not _CERTIFICATE.fullmatch(_path_at_sns(desk.settings, url)):
        raise Refused("certificate_elsewhere")
    pem = desk.certificates.get(url) or await _fetch(desk, url)
    try:
        certificate = x509.load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except ValueError:
        raise Refused("certificate_unreadable") from None
    if not isinstance(key, rsa.RSAPublicKey) or not _in_time(certificate, desk.clock()):
        desk.certificates.pop(url, None)
        raise Refused("certificate_invalid")
    if len(desk.certificates) < MOST_CERTIFICATES:
        desk.certificates[url] = pem
    return key


def _in_time(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


async def _confirm(desk: Desk, call: Call) -> None:
    """Visit the address that begins the subscription to our topic."""
    url = call.SubscribeURL or ""
    query = _path_at_sns(desk.settings, url).removeprefix("/?")
    if parse_qs(query).get("TopicArn") != [call.TopicArn]:
        raise Refused("subscription_elsewhere")
    await _fetch(desk, url)
    log.info("webhook_subscribed", provider="ses")


async def _fetch(desk: Desk, url: str) -> bytes:
    try:
        return await desk.fetch(url)
    except FetchError as error:
        if error.retry:
            raise
        raise Refused("certificate_absent") from None


def _path_at_sns(settings: Settings, url: str) -> str:
    """What follows the host of an address at SNS of our topic's region; empty for one that is anywhere else."""
    region = _ARN.fullmatch(settings.ses_topic)
    host = f"https://sns.{region[1]}.amazonaws.com" if region else ""
    return url.removeprefix(host) if region and url.startswith(f"{host}/") else ""


HOOK = Hook("ses", lambda settings: bool(settings.ses_topic), open_call)
