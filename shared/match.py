"""How well a posting fits a subscription, and why: made by `shared.scoring`, shown by the digest and the command line."""

from enum import StrEnum

from pydantic import Field

from shared.posting import Value

LOCAL = 0.8
"""From this value of its place part on, a job is where the person is."""


class Cause(StrEnum):
    """What keeps a posting from a person first of all."""

    PLACE = "place"
    ROLE = "role"
    LEVEL = "level"
    EMPLOYMENT = "employment"
    PAY = "pay"
    SCORE = "score"
    RULE = "rule"
    CLOSED = "closed"
    SENT = "sent"


class Match(Value):
    """`score` is 0–100. `parts` are the parts of the score, each 0–1, or `None` where it could not be known.

    `cause` is what to name first should the score be too low. `matched` and `missing` are skills the posting asks for,
    `perhaps` those a person may well have, knowing their like. `reasons` are short English phrases, most important first.
    """

    score: float
    parts: dict[str, float | None] = Field(default_factory=dict)
    cause: Cause = Cause.SCORE
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    perhaps: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the job can be done in the person's own country: on site there, or remotely for an office there."""
        return (self.parts.get("place") or 0.0) >= LOCAL
