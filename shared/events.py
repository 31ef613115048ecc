"""What the services tell each other. Names are past tense; each event carries what its reader needs.

An event knows its stream. One stream may carry several kinds of event; `kind` tells them apart on the wire, which is
plain JSON, so `redis-cli XRANGE` and a consumer in any language can read it.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from shared.posting import Posting, Value

POSTINGS = "postings"
SUBSCRIPTIONS = "subscriptions"
MAILS = "mails"
NOTICES = "notices"
DELIVERIES = "deliveries"
RETURNS = "returns"
STREAMS = (POSTINGS, SUBSCRIPTIONS, MAILS, NOTICES, DELIVERIES, RETURNS)


def groups(shards: int = 1) -> dict[str, tuple[str, ...]]:
    """Every stream and the consumer groups that must have acknowledged an entry before it may be trimmed."""
    matchers = tuple(matcher_group(shard, shards) for shard in range(shards))
    ours = dict.fromkeys((MAILS, NOTICES, RETURNS), ("notifier",))
    return {POSTINGS: matchers, SUBSCRIPTIONS: (*matchers, "notifier"), DELIVERIES: matchers, **ours}


def matcher_group(shard: int, shards: int) -> str:
    """Replicas of one shard share a group and so the work; each shard has its own, so that every posting reaches it."""
    return "matcher" if shards == 1 else f"matcher-{shard}-of-{shards}"


class Event(Value):
    """`traceparent` is the W3C trace context of the work that led to this event, where tracing is on."""

    stream: ClassVar[str]
    traceparent: str | None = None


class PostingFound(Event):
    """A posting is new, edited (`revision` > 1) or listed again. Scraper → matcher."""

    stream = POSTINGS
    kind: Literal["posting_found"] = "posting_found"
    posting_id: int
    revision: int
    first_seen_at: datetime
    posting: Posting


class PostingClosed(Event):
    """A posting is gone from its board. Scraper → matcher."""

    stream = POSTINGS
    kind: Literal["posting_closed"] = "posting_closed"
    posting_id: int


class SubscriptionChanged(Event):
    """A subscription was made, confirmed, edited or ended: read it again. Web → matcher, notifier."""

    stream = SUBSCRIPTIONS
    kind: Literal["subscription_changed"] = "subscription_changed"
    subscription_id: int
    revision: int


class MailDue(Event):
    """A digest stands in the ledger and is to be sent. Notifier → notifier, so that any replica may send it."""

    stream = MAILS
    kind: Literal["mail_due"] = "mail_due"
    mail_id: int
    attempt: int


class NoticeDue(Event):
    """A mail that somebody waits for is to be sent: it has a stream of its own, so that it never queues behind digests."""

    stream = NOTICES
    kind: Literal["notice_due"] = "notice_due"
    mail_id: int
    attempt: int


class MailReturned(Event):
    """A mail came back: a bounce or a complaint, as a mail provider's webhook tells it. Web → notifier.

    `key` is the same whenever the same report is told again; `address_hash` is `shared.address.address_hash`, empty where
    only the mail is known; `mail_id` is 0 where the report does not say which mail. `taken` is no return: a server says that
    it has the mail, which settles one whose fate was unknown.
    """

    stream = RETURNS
    kind: Literal["mail_returned"] = "mail_returned"
    key: str
    sort: Literal["hard", "soft", "complaint", "taken"]
    address_hash: str
    mail_id: int = 0
    status: str = ""
    detail: str = ""
    source: str
    returned_at: datetime


class DigestSent(Event):
    """A digest was handed over (or its outcome is unknown): these postings are used up. Notifier → matcher."""

    stream = DELIVERIES
    kind: Literal["digest_sent"] = "digest_sent"
    mail_id: int
    subscription_id: int
    posting_ids: tuple[int, ...]


AnyEvent = PostingFound | PostingClosed | SubscriptionChanged | MailDue | NoticeDue | DigestSent | MailReturned
_ADAPTER: TypeAdapter[AnyEvent] = TypeAdapter(Annotated[AnyEvent, Field(discriminator="kind")])


def parse_event(body: bytes) -> AnyEvent:
    """Read one event from the wire. Raises `pydantic.ValidationError` for anything else."""
    return _ADAPTER.validate_json(body)
