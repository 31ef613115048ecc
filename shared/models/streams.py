"""The table that whoever publishes to a stream writes."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class StreamMark(SQLModel, table=True):
    """How far every consumer group of a stream had acknowledged, kept outside Redis in case Redis is lost.

    `generation` names the life of the Redis data set; `acknowledged_ms` is the time part of a stream id.
    """

    __tablename__ = "stream_marks"

    stream: str = Field(primary_key=True)
    generation: str
    acknowledged_ms: int = Field(default=0, sa_type=BigInteger)
