"""The tables that the scraper writes."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from shared.columns import Id, Json, Utc


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
