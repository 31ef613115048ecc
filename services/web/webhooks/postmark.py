"""Postmark: its webhooks log in, as the address they are given says (`https://user:password@…`).

postmarkapp.com/developer/webhooks/webhooks-overview, "Protecting your webhook": HTTP basic authentication; nothing is signed.
"""

import base64
import hmac
from collections.abc import Mapping

from services.web.webhooks.base import Desk, Hook, Refused


async def open_call(desk: Desk, headers: Mapping[str, str], body: bytes) -> bytes:
    wanted = base64.b64encode(desk.settings.postmark_webhook.get_secret_value().encode())
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or not hmac.compare_digest(given.strip().encode(), wanted):
        raise Refused("login_wrong")
    return body


HOOK = Hook("postmark", lambda settings: ":" in settings.postmark_webhook.get_secret_value(), open_call)
