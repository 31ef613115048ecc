"""The tables that the matcher writes."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from shared.columns import Id, Utc


class MatchRow(SQLModel, table=True):
    """The shortlist: the best unsent matches of a subscription, and a few more until it is cut again.

    Only the score is kept: far more postings come onto a list than are ever shown, and why is worked out for those. Rows
    lie by subscription, as they are read: entering a thousand lists then touches half as many pages.
    """

    __tablename__ = "shortlist"
    __table_args__ = (Index(None, "posting_id"), {"sqlite_with_rowid": False})

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    posting_id: int = Field(primary_key=True, sa_type=Id)
    score: float
    matched_at: datetime = Field(sa_type=Utc)


class ArrivalsRow(SQLModel, table=True):
    """Matches that have not been put onto their shortlists yet, by posting: a part of them, packed (`shared.arrivals`)."""

    __tablename__ = "arrivals"

    posting_id: int = Field(primary_key=True, sa_type=Id)
    shard: str = Field(primary_key=True)
    part: int = Field(primary_key=True)
    subscription_ids: bytes
    scores: bytes
    matched_at: datetime = Field(sa_type=Utc)


class BarRow(SQLModel, table=True):
    """The score a posting must beat to enter a full shortlist. No row: the shortlist is not full."""

    __tablename__ = "bars"
    __table_args__ = (Index(None, "lowered_at"),)

    subscription_id: int = Field(primary_key=True, sa_type=Id)
    bar: float
    lowered_at: datetime | None = Field(default=None, sa_type=Utc)


class ScreeningRow(SQLModel, table=True):
    """Proof that one revision of a posting was scored against every subscription of a shard, and what came of it."""

    __tablename__ = "screenings"

    posting_id: int = Field(primary_key=True, sa_type=Id)
    revision: int = Field(primary_key=True)
    shard: str = Field(default="0/1", primary_key=True)
    subscriptions: int
    shortlisted: int
    screened_at: datetime = Field(sa_type=Utc)


class SkillShareRow(SQLModel, table=True):
    """How many of the engineering openings that are open name a skill: what its rarity comes from (`shared.rarities`).

    All rows are of one measurement: of `measured_over` openings at `measured_at`, `openings` name the skill; `share` is that
    with the shipped table as a prior.
    """

    __tablename__ = "skill_shares"

    skill: str = Field(primary_key=True)
    share: float
    openings: int
    measured_over: int
    measured_at: datetime = Field(sa_type=Utc)


class PlaceWeekRow(SQLModel, table=True):
    """How many openings were first seen in a week at a place: a country (`SG`) or a city (`SG:Singapore`).

    `week` is the Monday it began (UTC), as an ISO date. Copies and re-posts are no openings of their own.
    """

    __tablename__ = "place_weeks"

    place: str = Field(primary_key=True)
    week: str = Field(primary_key=True)
    openings: int
