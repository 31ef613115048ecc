"""How well a posting fits a subscription, and why: made by the matcher, shown by the digest and the command line."""

from pydantic import Field

from shared.posting import Value

LOCAL = 0.8
"""From this value of its place part on, a job is where the person is."""


class Match(Value):
    """`score` is 0–100. `parts` are the parts of the score, each 0–1, or `None` where it could not be known.

    `matched` and `missing` are skills the posting asks for; `reasons` are short English phrases, most important first.
    """

    score: float
    parts: dict[str, float | None] = Field(default_factory=dict)
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()

    @property
    def is_local(self) -> bool:
        """Whether the job can be done in the person's own country: on site there, or remotely for an office there."""
        return (self.parts.get("place") or 0.0) >= LOCAL
