"""The tables. Each names its one writer; every other service may only read it.

Times are UTC and aware on every database. Values read from outside (`Profile`, `Posting.facts`) are stored as JSON and
validated by the code that reads them back. Rows that lead to an event carry `published_at`: empty means the event is
still owed (see `shared.outbox`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.columns import Id, Json, Utc

# ------------------------------------------------------------------------------------------------ written by: scraper


class BoardRow(SQLModel, table=True):
    """One board and everything the scraper remembers about it. `url` replaces the source's own address when given.

    `held_why` says why it was not read when it was last due: its host rests, or is asked as often as it may be.
    `changes_per_day` is how often it was found changed lately (`services.scraper.pace`).
    """

    __tablename__ = "boards"
    __table_args__ = (UniqueConstraint("source", "name"), Index(None, "next_poll_at"))

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    source: str
    name: str
    url: str | None = None
    added_at: datetime = Field(sa_type=Utc)
    removed_at: datetime | None = Field(default=None, sa_type=Utc)
    next_poll_at: datetime = Field(sa_type=Utc)
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    etag: str | None = None
    last_modified: str | None = None
    last_polled_at: datetime | None = Field(default=None, sa_type=Utc)
    last_complete_at: datetime | None = Field(default=None, sa_type=Utc)
    failures: int = 0
    last_error: str | None = Field(default=None, sa_type=Text)
    last_yield_at: datetime | None = Field(default=None, sa_type=Utc)
    postings_now: int = 0
    dropped_now: int = 0
    dropped_why: str | None = Field(default=None, sa_type=Text)
    held_why: str | None = Field(default=None, sa_type=Text)
    changes_per_day: float | None = None


class PostingRow(SQLModel, table=True):
    """One posting on one board. `posting` is `shared.posting.Posting` as JSON; the columns beside it are for queries."""

    __tablename__ = "postings"
    __table_args__ = (
        UniqueConstraint("board_id", "external_id"),
        Index(None, "published_at", "closed_at"),
        Index(None, "closed_at", "first_seen_at"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    board_id: int = Field(sa_type=Id, foreign_key="boards.id")
    external_id: str
    posting: dict[str, Any] = Field(sa_type=Json)
    content_hash: str
    listing_hash: str | None = None
    opening_key: str = Field(index=True)
    job_key: str | None = Field(default=None, index=True)
    requisition_key: str | None = Field(default=None, index=True)
    link_key: str | None = Field(default=None, index=True)
    text_key: str | None = Field(default=None, index=True)
    signature: bytes | None = None
    revision: int = 1
    first_seen_at: datetime = Field(sa_type=Utc)
    last_seen_at: datetime = Field(sa_type=Utc)
    closed_at: datetime | None = Field(default=None, sa_type=Utc)
    relisted_at: datetime | None = Field(default=None, sa_type=Utc)
    missed_polls: int = 0
    published_at: datetime | None = Field(default=None, sa_type=Utc)
    published_ms: int | None = Field(default=None, sa_type=BigInteger, index=True)


# ---------------------------------------------------------------------------------------------------- written by: web


class SubscriptionRow(SQLModel, table=True):
    """An address, a profile, a rule and when to write. `state`: pending → active ⇄ paused → ended.

    `rule` is in the language of `shared.rule`; `keep_unknown` says what becomes of a job that leaves it open. `weekday`
    is 0 for Monday; `hour` and `weekday` are in `timezone` (IANA). `revision` grows with every change.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (Index(None, "published_at"), Index(None, "changed_at"))

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    email: str = Field(index=True)
    state: str = "pending"
    profile: dict[str, Any] = Field(sa_type=Json)
    tuning: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    rule: str = ""
    keep_unknown: bool = True
    cadence: str = "weekly"
    timezone: str = "UTC"
    weekday: int = 0
    hour: int = 8
    revision: int = 1
    created_at: datetime = Field(sa_type=Utc)
    changed_at: datetime = Field(sa_type=Utc)
    confirmed_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    published_at: datetime | None = Field(default=None, sa_type=Utc)
    published_ms: int | None = Field(default=None, sa_type=BigInteger, index=True)


# ----------------------------------------------------------------------- written by: whoever publishes to the stream


class StreamMark(SQLModel, table=True):
    """How far every consumer group of a stream had acknowledged, kept outside Redis in case Redis is lost.

    `generation` names the life of the Redis data set; `acknowledged_ms` is the time part of a stream id.
    """

    __tablename__ = "stream_marks"

    stream: str = Field(primary_key=True)
    generation: str
    acknowledged_ms: int = Field(default=0, sa_type=BigInteger)


# ------------------------------------------------------------------------------------------------ written by: matcher


class MatchRow(SQLModel, table=True):
    """The shortlist: the best unsent matches of a subscription, and a few more until it is cut again.

    Only the score is kept: far more postings come onto a list than are ever shown, and why is worked out for those.
    """

    __tablename__ = "shortlist"
    __table_args__ = (Index(None, "posting_id"),)

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    posting_id: int = Field(primary_key=True, sa_type=Id)
    score: float
    matched_at: datetime = Field(sa_type=Utc)


class BarRow(SQLModel, table=True):
    """The score a posting must beat to enter a full shortlist. No row: the shortlist is not full."""

    __tablename__ = "bars"
    __table_args__ = (Index(None, "changed_at"),)

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    bar: float
    changed_at: datetime = Field(sa_type=Utc)


class DropRow(SQLModel, table=True):
    """Postings that reached a subscription's bar on one day (UTC, `2026-11-21`), and what kept them from it all the same.

    `cause` is one of `shared.match.Cause`: its rule, that it was shown the same opening before, or that the job is gone.
    """

    __tablename__ = "drops"

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    day: str = Field(primary_key=True)
    cause: str = Field(primary_key=True)
    postings: int = 0


class ScreeningRow(SQLModel, table=True):
    """Proof that one revision of a posting was scored against every subscription of a shard, and what came of it."""

    __tablename__ = "screenings"

    posting_id: int = Field(primary_key=True, sa_type=Id)
    revision: int = Field(primary_key=True)
    shard: str = Field(default="0/1", primary_key=True)
    subscriptions: int
    shortlisted: int
    screened_at: datetime = Field(sa_type=Utc)


# ----------------------------------------------------------------------------------------------- written by: notifier


class ScheduleRow(SQLModel, table=True):
    """When a subscription's next digest is due: its cadence in its own time zone, worked out to an instant."""

    __tablename__ = "digest_schedules"
    __table_args__ = (Index(None, "next_digest_at"),)

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    next_digest_at: datetime = Field(sa_type=Utc)
    revision: int


class MailRow(SQLModel, table=True):
    """The ledger: one mail of one kind to one subscription for one occasion, sent at most once.

    `kind` is `digest` or `confirm`; `occasion` is the period of a digest (`2026-W47`) or what a confirmation confirms.
    `state`: pending → sending (leased) → sent | deferred | failed | unknown | skipped. `content` is what was chosen,
    fixed at the first attempt so that a repeat is the same mail. An empty `published_at` owes `MailDue` while the mail
    is to be sent, and `DigestSent` once it was.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("subscription_id", "kind", "occasion"),
        Index(None, "state", "due_at"),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    subscription_id: int = Field(sa_type=Id, index=True)
    kind: str
    occasion: str
    state: str = "pending"
    opened_at: datetime = Field(sa_type=Utc)
    due_at: datetime = Field(sa_type=Utc)
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    attempts: int = 0
    content: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    published_at: datetime | None = Field(default=None, sa_type=Utc)
    published_ms: int | None = Field(default=None, sa_type=BigInteger)


class DeliveryRow(SQLModel, table=True):
    """One attempt to hand a mail to a server. `data_at` is committed before DATA: past it, a silence is `unknown`."""

    __tablename__ = "deliveries"

    mail_id: int = Field(primary_key=True, sa_type=Id, foreign_key="mails.id")
    attempt: int = Field(primary_key=True)
    started_at: datetime = Field(sa_type=Utc)
    data_at: datetime | None = Field(default=None, sa_type=Utc)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    outcome: str | None = None
    reply: str | None = Field(default=None, sa_type=Text)


class SentRow(SQLModel, table=True):
    """The sent ledger: what a subscription has been shown. Neither the posting nor its opening is ever shown to it again.

    Both are kept: an edit may give a posting another opening key, and a re-post has another posting id.
    """

    __tablename__ = "sent_openings"
    __table_args__ = (Index(None, "subscription_id", "opening_key"), Index(None, "opening_key"), Index(None, "posting_id"))

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    posting_id: int = Field(primary_key=True, sa_type=Id)
    opening_key: str
    mail_id: int = Field(sa_type=Id, foreign_key="mails.id")
    sent_at: datetime = Field(sa_type=Utc)
