"""Mailgun: its webhooks are signed in their body.

documentation.mailgun.com, "Webhooks", "Securing webhooks": the hex HMAC-SHA256 of time and token, with the account's webhook
signing key. The event itself is not signed, so a token that was seen could carry any event: it is kept, and good for one
body only. The same body again is Mailgun trying again, which it does for eight hours.
"""

import hashlib
import hmac
from collections.abc import Mapping

from pydantic import BaseModel, Field

from services.web.webhooks.base import Desk, Hook, Refused
from shared.returns.base import read_json

WINDOW, AHEAD = 12 * 3_600, 600
"""Seconds that a call may be old, and that their clock may be ahead of ours."""


class Signature(BaseModel):
    timestamp: str = Field(pattern=r"^[0-9]{1,12}$")
    token: str = Field(min_length=10, max_length=200)
    signature: str = Field(max_length=200)


class Call(BaseModel):
    signature: Signature


async def open_call(desk: Desk, headers: Mapping[str, str], body: bytes) -> bytes:
    given = read_json(Call, body).signature
    key = desk.settings.mailgun_signing_key.get_secret_value().encode()
    wanted = hmac.new(key, f"{given.timestamp}{given.token}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.signature.encode("utf-8", "replace")):
        raise Refused("signature_wrong")
    if not -AHEAD <= desk.clock().timestamp() - int(given.timestamp) <= WINDOW:
        raise Refused("timestamp_outside_window")
    mark = hashlib.sha256(body).hexdigest()
    before = await desk.once(f"webhook:mailgun:{given.token}", mark, WINDOW + AHEAD)
    if before not in (None, mark):
        raise Refused("token_used")
    return body


HOOK = Hook("mailgun", lambda settings: bool(settings.mailgun_signing_key.get_secret_value()), open_call)
