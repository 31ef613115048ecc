"""The tables that the notifier writes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from shared.columns import Id, Json, Utc

WITH_CONTENT, STILL_THERE = "content IS NOT NULL", "kind = 'still-there'"
OWING = (
    "published_at IS NULL AND NOT (state NOT IN ('pending', 'deferred') AND "
    "(state NOT IN ('sent', 'unknown') OR kind NOT IN ('digest', 'welcome')))"
)
"""Conditions of indexes, in the words in which a query must repeat them for either engine to use the index.

`OWING` is of mails that owe an event. It says so by two negations: of a plain OR, SQLite would look up each state by itself.
"""


class ScheduleRow(SQLModel, table=True):
    """When a subscription's next digest is due: its cadence in its own time zone, worked out to an instant, spread included.

    `covered_until` is where the window of its last digest (or welcome) ended: the next one begins there.
    """

    __tablename__ = "digest_schedules"
    __table_args__ = (Index(None, "next_digest_at"),)

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    next_digest_at: datetime = Field(sa_type=Utc)
    revision: int
    covered_until: datetime | None = Field(default=None, sa_type=Utc)


class MailRow(SQLModel, table=True):
    """The ledger: one mail of one kind to one subscription for one occasion, sent at most once.

    `kind` is one of `services.notifier.kinds`; `occasion` is the period of a digest (`2026-W47`) or what else the mail is
    about. A subscription of 0 is the operator. `state`: pending → sending (leased) → sent | deferred | failed | unknown |
    skipped | held. `content` is what was chosen, fixed at the first attempt so that a repeat is the same mail, and dropped
    after some days. A digest covers postings first seen in [`since`, `until`). An empty `published_at` owes `MailDue` or
    `NoticeDue` while the mail is to be sent, and `DigestSent` once it was. `returned` is what came back of a mail that a
    server had taken: `hard 5.1.1`, `complaint`.
    """

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("subscription_id", "kind", "occasion"),
        Index(None, "state", "due_at"),
        Index(None, "finished_at"),
        Index(None, "published_ms"),
        Index("ix_mails_owing", "id", sqlite_where=text(OWING), postgresql_where=text(OWING)),
        *(
            Index(name, "finished_at", sqlite_where=text(where), postgresql_where=text(where))
            for name, where in (("ix_mails_with_content", WITH_CONTENT), ("ix_mails_still_there", STILL_THERE))
        ),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    subscription_id: int = Field(sa_type=Id, index=True)
    kind: str
    occasion: str
    since: datetime | None = Field(default=None, sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)
    state: str = "pending"
    opened_at: datetime = Field(sa_type=Utc)
    due_at: datetime = Field(sa_type=Utc)
    leased_until: datetime | None = Field(default=None, sa_type=Utc)
    attempts: int = 0
    content: dict[str, Any] | None = Field(default=None, sa_type=Json)
    reason: str | None = Field(default=None, sa_type=Text)
    finished_at: datetime | None = Field(default=None, sa_type=Utc)
    returned: str | None = None
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


class ReturnRow(SQLModel, table=True):
    """A mail that came back: a bounce or a complaint. `key` is what makes a report told twice one report.

    `kind`: hard, soft or complaint. `status` is RFC 3463's (`5.1.1`) where one was given; `source` who told us.
    """

    __tablename__ = "returns"
    __table_args__ = (Index(None, "address_hash", "returned_at"),)

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    key: str = Field(unique=True)
    kind: str
    address_hash: str
    mail_id: int | None = Field(default=None, sa_type=Id, index=True)
    status: str = ""
    source: str
    detail: str = Field(default="", sa_type=Text)
    returned_at: datetime = Field(sa_type=Utc)


class SuppressionRow(SQLModel, table=True):
    """An address (as `shared.address.address_hash`) that gets no mail of any kind, for good or `until` a date.

    `cause`: hard, soft, complaint or operator.
    """

    __tablename__ = "suppressions"

    address_hash: str = Field(primary_key=True)
    cause: str
    detail: str = Field(default="", sa_type=Text)
    since: datetime = Field(sa_type=Utc)
    until: datetime | None = Field(default=None, sa_type=Utc)


class SwitchRow(SQLModel, table=True):
    """Something the notifier was told or has found out, for every process of it: `digests` off, `doctor` red."""

    __tablename__ = "switches"

    name: str = Field(primary_key=True)
    value: str
    reason: str = Field(default="", sa_type=Text)
    set_at: datetime = Field(sa_type=Utc)
