"""What became of the postings of a period for one subscription: asked by whoever says so, answered by a matcher."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from shared.match import Cause
from shared.posting import Value

AUDIT = "audit"
"""Where the question is put."""


class AuditAsked(Value):
    """The postings first seen at or after `since` and before `until`."""

    subscription_id: int
    since: datetime
    until: datetime


class Audit(Value):
    """`considered` postings: `matched` of them fit, each of the others fell to one cause. The numbers add up."""

    considered: int
    matched: int
    dropped: Mapping[Cause, int] = Field(default_factory=dict)
