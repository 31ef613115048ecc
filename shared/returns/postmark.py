"""Postmark: its bounce, spam complaint, subscription change and delivery webhooks.

postmarkapp.com/developer/webhooks: "Bounce webhook", "Spam complaint webhook", "Subscription change webhook", "Delivery
webhook"; the types are those of "Bounce types" in its Bounce API. `MessageID` is Postmark's own, so the mail is known only
where the dump of the bounce is included (`Content`) and holds our Message-ID.
"""

from datetime import datetime

from pydantic import BaseModel, Field

from shared.returns.base import HookFormat, Report, Sort, read_json
from shared.returns.status import enhanced

BOUNCES: dict[str, Sort] = {
    "HardBounce": "hard",
    "BadEmailAddress": "hard",
    "SpamComplaint": "complaint",
    "Unsubscribe": "complaint",
    "SoftBounce": "soft",
    "DnsError": "soft",
    "Blocked": "soft",
    "SpamNotification": "soft",
    "VirusNotification": "soft",
    "DMARCPolicy": "soft",
    "Unknown": "soft",
}
"""Not there, and no matter: what is still being tried (Transient), automatic replies, what the operator did at Postmark."""


class Event(BaseModel):
    record: str = Field(alias="RecordType")
    kind: str | None = Field(None, alias="Type")
    id: int | str = Field("", alias="ID")
    message_id: str | None = Field(None, alias="MessageID")
    email: str = Field("", alias="Email")
    recipient: str = Field("", alias="Recipient")
    details: str | None = Field(None, alias="Details")
    content: str | None = Field(None, alias="Content")
    bounced_at: datetime | None = Field(None, alias="BouncedAt")
    changed_at: datetime | None = Field(None, alias="ChangedAt")
    delivered_at: datetime | None = Field(None, alias="DeliveredAt")
    suppress: bool = Field(False, alias="SuppressSending")
    reason: str | None = Field(None, alias="SuppressionReason")
    origin: str | None = Field(None, alias="Origin")


def read(body: bytes) -> list[Report]:
    said = read_json(Event, body)
    named = tuple(line for line in (said.content or "")[:20_000].splitlines() if line.lower().startswith("message-id:"))
    if said.record in ("Bounce", "SpamComplaint"):
        sort = BOUNCES.get(said.kind or "")
        key, detail = f"{said.record} {said.id}", said.details or said.kind or ""
        return [Report(key, sort, said.email, said.bounced_at, named, enhanced(detail), detail)] if sort else []
    if said.record == "SubscriptionChange" and said.suppress and _by_recipient(said):
        key = f"{said.record} {said.recipient} {said.changed_at}"
        return [Report(key, "complaint", said.recipient, said.changed_at, detail="unsubscribed at Postmark")]
    return []


def _by_recipient(said: Event) -> bool:
    """Whether the person left by Postmark's own link. The other reasons to stop are told as a bounce or a complaint too."""
    return said.reason == "ManualSuppression" and said.origin == "Recipient"


HOOK = HookFormat("postmark", read)
