"""SendGrid: its signed event webhook.

twilio.com/docs/sendgrid, "Getting Started with the Event Webhook Security Features": ECDSA over SHA-256 of the time in
`X-Twilio-Email-Event-Webhook-Timestamp` followed by the body as it came; the public key is base64 of a
SubjectPublicKeyInfo. SendGrid tries again for a day, so a call may be a day old; told twice, its events count once.
"Event Webhook Overview": a call holds the events of up to 30 seconds, up to 768 kilobytes.
"""

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from services.web.webhooks.base import Desk, Hook, Refused
from shared.errors import NotReady

MOST = 800_000
OLDEST, AHEAD = 86_400 + 600, 600
"""Seconds that a call may be old, and that their clock may be ahead of ours."""


async def open_call(desk: Desk, headers: Mapping[str, str], body: bytes) -> bytes:
    at = headers.get("x-twilio-email-event-webhook-timestamp", "")
    age = desk.clock().timestamp() - int(at) if at.isascii() and at.isdigit() and len(at) <= 12 else None
    if age is None or not -AHEAD <= age <= OLDEST:
        raise Refused("timestamp_outside_window")
    try:
        signature = base64.b64decode(headers.get("x-twilio-email-event-webhook-signature", ""), validate=True)
        _key(desk.settings.sendgrid_webhook_key).verify(signature, at.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        raise Refused("signature_wrong") from None
    return body


def _key(text: str) -> ec.EllipticCurvePublicKey:
    try:
        key = load_der_public_key(base64.b64decode(text))
    except (ValueError, binascii.Error, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotReady("JOBLARK_SENDGRID_WEBHOOK_KEY is not the public key that SendGrid shows", code="webhook_key_invalid")
    return key


HOOK = Hook("sendgrid", lambda settings: bool(settings.sendgrid_webhook_key), open_call, MOST)
