"""The tables that the web writes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, event, text
from sqlmodel import Field, SQLModel

from shared.address import address_hash
from shared.columns import Id, Json, Utc

TO_ERASE, QUIET_NOTE = "ended_at IS NOT NULL AND email <> ''", "quiet_note"
"""Conditions of indexes, in the words in which a query must repeat them for either engine to use the index."""


class SubscriptionRow(SQLModel, table=True):
    """An address, a profile, a rule and when to write. `state`: pending → active ⇄ paused → ended.

    `rule` is in the language of `shared.rule`; `keep_unknown` says what becomes of a job that leaves it open. `weekday`
    is 0 for Monday; `hour` and `weekday` are in `timezone` (IANA). `revision` grows with every change.

    `email` is empty once its owner's data are erased; `address_hash` (`shared.address`) stays. `channel` is an Apprise URL
    for who prefers a chat to mail. `paused_until` ends a pause by itself; `quiet_note` asks for a line a month when nothing
    fits; `renewed_at` is the last time the person said they are still there; `link_asked_at` the last time they asked for the
    link to this subscription by mail. `ended_why`: asked, unconfirmed, silent, complaint, erased.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        Index(None, "published_at"),
        Index(None, "changed_at"),
        Index(None, "state", "paused_until"),
        Index("ix_subscriptions_to_erase", "ended_at", sqlite_where=text(TO_ERASE), postgresql_where=text(TO_ERASE)),
        Index("ix_subscriptions_quiet_note", "id", sqlite_where=text(QUIET_NOTE), postgresql_where=text(QUIET_NOTE)),
    )

    id: int = Field(default=None, primary_key=True, sa_type=Id)
    email: str = Field(index=True)
    address_hash: str = Field(default="", index=True)
    channel: str = ""
    state: str = "pending"
    profile: dict[str, Any] = Field(sa_type=Json)
    tuning: dict[str, int] = Field(default_factory=dict, sa_type=Json)
    rule: str = ""
    keep_unknown: bool = True
    cadence: str = "weekly"
    timezone: str = "UTC"
    weekday: int = 0
    hour: int = 8
    quiet_note: bool = False
    paused_until: datetime | None = Field(default=None, sa_type=Utc)
    revision: int = 1
    created_at: datetime = Field(sa_type=Utc)
    changed_at: datetime = Field(sa_type=Utc)
    confirmed_at: datetime | None = Field(default=None, sa_type=Utc)
    renewed_at: datetime | None = Field(default=None, sa_type=Utc)
    link_asked_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_at: datetime | None = Field(default=None, sa_type=Utc)
    ended_why: str = ""
    published_at: datetime | None = Field(default=None, sa_type=Utc)
    published_ms: int | None = Field(default=None, sa_type=BigInteger, index=True)


@event.listens_for(SubscriptionRow, "before_insert")
def _hash_address(_mapper: object, _connection: object, row: SubscriptionRow) -> None:
    row.address_hash = address_hash(row.email)


class FeedbackRow(SQLModel, table=True):
    """What a person said of one job: more like it, or not for them. One answer for a job; the last one counts.

    `parts` are those of its score when the answer was given, empty once the person took back what their answers taught. Both
    posting and opening are kept, as in the sent ledger.
    """

    __tablename__ = "feedback"
    __table_args__ = (Index(None, "opening_key"), Index(None, "posting_id"))

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    posting_id: int = Field(primary_key=True, sa_type=Id)
    opening_key: str
    liked: bool
    parts: dict[str, float | None] = Field(default_factory=dict, sa_type=Json)
    given_at: datetime = Field(sa_type=Utc)
