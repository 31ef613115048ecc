"""Mailgun: the event of one webhook call.

documentation.mailgun.com, "Webhooks" and "Event structure". A `failed` event of severity `temporary` is no failure yet: Mailgun
goes on, and says `permanent` when it gives up. `reason` says of a permanent one that Mailgun did not even try (`suppress-…`);
otherwise its code judges. `message.headers.message-id` is that of the mail as we sent it. An event's `id` is unique within a
day only, so the time belongs to its key.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from shared.returns.base import HookFormat, Report, Sort, read_json
from shared.returns.status import failure, status_of

ASKED_TO_STOP = frozenset({"complained", "unsubscribed"})
SUPPRESSED: dict[str, Sort] = {
    "suppress-bounce": "hard",
    "suppress-complaint": "complaint",
    "suppress-unsubscribe": "complaint",
}


class Status(BaseModel):
    code: int = 0
    enhanced: str | None = Field(None, alias="enhanced-code")
    message: str | None = None
    description: str | None = None


class Headers(BaseModel):
    message_id: str = Field("", alias="message-id")


class Message(BaseModel):
    headers: Headers = Headers()


class Envelope(BaseModel):
    sender: str = ""


class Event(BaseModel):
    event: str
    id: str = ""
    timestamp: Annotated[float, Field(ge=0, le=10**10)]
    recipient: str = ""
    severity: str = ""
    reason: str = ""
    status: Status = Field(Status(), alias="delivery-status")
    message: Message = Message()
    envelope: Envelope = Envelope()


class Call(BaseModel):
    event: Event = Field(alias="event-data")


def read(body: bytes) -> list[Report]:
    event = read_json(Call, body).event
    sort = _sort(event)
    if sort is None:
        return []
    at = datetime.fromtimestamp(event.timestamp, UTC)
    named = (event.message.headers.message_id, event.envelope.sender)
    detail = _words(event) or event.reason or event.event
    return [Report(f"{event.id} {event.timestamp}", sort, event.recipient, at, named, _code(event), detail)]


def _sort(event: Event) -> Sort | None:
    if event.event in ASKED_TO_STOP:
        return "complaint"
    if event.event == "delivered":
        return "taken"
    if event.event != "failed" or event.severity != "permanent":
        return None
    return SUPPRESSED.get(event.reason) or failure(_code(event), _words(event))


def _code(event: Event) -> str:
    return status_of(event.status.enhanced or "", _words(event))


def _words(event: Event) -> str:
    words = event.status.message or event.status.description or ""
    return f"{event.status.code} {words}" if 400 <= event.status.code < 600 else words


HOOK = HookFormat("mailgun", read)
