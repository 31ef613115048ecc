"""What became of the postings of a period, and how many openings there were: asked by whoever says so, answered by a matcher.

One question is for many subscriptions, each with a period of its own, for whoever makes mails makes many at once.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from shared.match import Cause
from shared.posting import Place, Value

AUDIT = "audit"
"""Where the question is put."""
MOST_ASKED = 500
"""Subscriptions in one question."""
MARKET_WEEKS = 8
"""Complete weeks that `Openings` goes back, at most."""


class AuditAsked(Value):
    """The postings first seen at or after `since` and before `until`, for one subscription."""

    subscription_id: int
    since: datetime
    until: datetime


class AuditsAsked(Value):
    """`seconds` are how long the answer is waited for: what is not worked out by then is left out.

    `mailing` is for mails that are being made: all that a person was shown counts as sent before. Otherwise only what they
    were shown before it came, so that the jobs of a digest of the period itself are among those that fit.
    """

    asked: tuple[AuditAsked, ...] = Field(max_length=MOST_ASKED)
    seconds: float = Field(default=60.0, gt=0, le=60)
    mailing: bool = False


class Audit(Value):
    """`considered` postings: `matched` of them fit, each of the others fell to one cause. The numbers add up."""

    considered: int
    matched: int
    dropped: Mapping[Cause, int] = Field(default_factory=dict)


class Openings(Value):
    """How many openings were first seen at `places`, together, in each of the last complete weeks, the oldest week first."""

    places: tuple[Place, ...]
    weeks: tuple[int, ...]


class Audits(Value):
    """In the order asked. `None`: no such subscription, a period too long ago, nothing measured there, or no time left."""

    audits: tuple[Audit | None, ...]
    openings: tuple[Openings | None, ...]
