"""Amazon SES: what it publishes to an SNS topic, as the `Message` of an SNS notification.

Amazon SES Developer Guide, "Amazon SNS notification contents for Amazon SES" (`notificationType`, feedback of an identity) and
"Contents of event data that Amazon SES publishes to Amazon SNS" (`eventType`, events of a configuration set).

SES judges bounces itself: `Permanent` is hard, `Transient` and `Undetermined` soft. It replaces our Message-ID, but gives the
envelope sender (`mail.source`, our return path) and, where original headers are switched on, those of the mail as we sent it.
`DeliveryDelay` is no failure yet. `Delivery` settles a mail whose fate was unknown.
"""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from shared.returns.base import MAX_RECIPIENTS, HookFormat, Report, Sort, read_json
from shared.returns.status import status_of

BOUNCES: dict[str, Sort] = {"Permanent": "hard", "Transient": "soft", "Undetermined": "soft"}


class Recipient(BaseModel):
    address: str = Field(alias="emailAddress")
    status: str = ""
    diagnostic: str = Field("", alias="diagnosticCode")


Recipients = Annotated[list[Recipient], Field(max_length=MAX_RECIPIENTS)]


class Bounce(BaseModel):
    kind: str = Field("", alias="bounceType")
    detail: str = Field("", alias="bounceSubType")
    recipients: Recipients = Field(alias="bouncedRecipients")
    timestamp: datetime
    id: str = Field(alias="feedbackId")


class Complaint(BaseModel):
    kind: str | None = Field(None, alias="complaintFeedbackType")
    recipients: Recipients = Field(alias="complainedRecipients")
    timestamp: datetime
    id: str = Field(alias="feedbackId")


class Delivery(BaseModel):
    timestamp: datetime


class Header(BaseModel):
    name: str
    value: str = ""


class Mail(BaseModel):
    id: str = Field("", alias="messageId")
    source: str = ""
    headers: Annotated[list[Header], Field(max_length=1_000)] = []

    @property
    def named(self) -> tuple[str, ...]:
        return (self.source, *(header.value for header in self.headers if header.name.lower() == "message-id"))


class Notification(BaseModel):
    mail: Mail
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    delivery: Delivery | None = None


def read(body: bytes) -> list[Report]:
    said = read_json(Notification, body)
    named = said.mail.named
    found = [*_bounces(said.bounce, named), *_complaints(said.complaint, named)]
    if said.delivery:
        found.append(Report(f"{said.mail.id} taken", "taken", "", said.delivery.timestamp, named))
    return found


def _bounces(bounce: Bounce | None, named: tuple[str, ...]) -> list[Report]:
    sort = BOUNCES.get(bounce.kind) if bounce else None
    if bounce is None or sort is None:
        return []
    return [
        Report(
            f"{bounce.id} {who.address}",
            sort,
            who.address,
            bounce.timestamp,
            named,
            status_of(who.status, who.diagnostic),
            who.diagnostic or bounce.detail,
        )
        for who in bounce.recipients
    ]


def _complaints(complaint: Complaint | None, named: tuple[str, ...]) -> list[Report]:
    if complaint is None or complaint.kind == "not-spam":
        return []
    detail = f"feedback of type {complaint.kind or 'unknown'}"
    return [
        Report(f"{complaint.id} {who.address}", "complaint", who.address, complaint.timestamp, named, detail=detail)
        for who in complaint.recipients
    ]


HOOK = HookFormat("ses", read)
