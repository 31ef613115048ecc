"""SendGrid: the events of its event webhook, many in one request.

twilio.com/docs/sendgrid, "Event Webhook Reference". `smtp-id` is the Message-ID of the mail as we sent it. A `bounce` of type
`blocked` was refused for what it was or whom it came from; of type `bounce` it is judged by its code, for SendGrid calls a full
mailbox a bounce too. `deferred` is no failure yet. `dropped` names an earlier return that SendGrid has seen and we have not.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, Field, RootModel, ValidationError

from shared.errors import UnreadableInput
from shared.returns.base import HookFormat, Report, Sort, read_json
from shared.returns.status import failure, status_of

MAX_EVENTS = 5_000
DROPPED: dict[str, Sort] = {
    "bounced address": "hard",
    "invalid": "hard",
    "spam reporting address": "complaint",
    "unsubscribed address": "complaint",
}
ASKED_TO_STOP = frozenset({"spamreport", "unsubscribe", "group_unsubscribe"})


class Batch(RootModel[Annotated[list[object], Field(max_length=MAX_EVENTS)]]):
    pass


class Event(BaseModel):
    event: str
    email: str = ""
    timestamp: Annotated[int, Field(ge=0, le=10**10)]
    id: str = Field("", alias="sg_event_id")
    mail: str = Field("", alias="smtp-id")
    kind: str = Field("", alias="type")
    status: str = ""
    reason: str = ""
    classification: str = Field("", alias="bounce_classification")


def read(body: bytes) -> list[Report]:
    given = read_json(Batch, body).root
    events = list(_understood(given))
    if given and not events:
        raise UnreadableInput("none of these events is one of SendGrid's", code="report_unreadable")
    return [_report(event, sort) for event in events if (sort := _sort(event))]


def _understood(given: list[object]) -> Iterator[Event]:
    """The events that are whole: one that is not takes no other with it."""
    for item in given:
        try:
            yield Event.model_validate(item)
        except ValidationError:
            continue


def _sort(event: Event) -> Sort | None:
    if event.event in ASKED_TO_STOP:
        return "complaint"
    if event.event == "dropped":
        return DROPPED.get(event.reason.strip().lower())
    if event.event == "delivered":
        return "taken"
    return _bounced(event) if event.event == "bounce" else None


def _bounced(event: Event) -> Sort:
    if event.kind == "blocked":
        return "soft"
    if event.classification.lower() == "invalid address":
        return "hard"
    return failure(status_of(event.status, event.reason), event.reason)


def _report(event: Event, sort: Sort) -> Report:
    at = datetime.fromtimestamp(event.timestamp, UTC)
    key = event.id or f"{event.email} {event.event} {event.timestamp}"
    return Report(key, sort, event.email, at, (event.mail,), status_of(event.status, event.reason), event.reason or event.event)


HOOK = HookFormat("sendgrid", read)
