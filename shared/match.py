"""How well a posting fits a subscription, and why: made by the matcher, shown by the digest and the command line."""

from pydantic import Field

from shared.posting import Value


class Match(Value):
    """`score` is 0–100. `parts` are the parts of the score, each 0–1, or `None` where it could not be known.

    `matched` and `missing` are skills the posting asks for; `reasons` are short English phrases, most important first.
    """

    score: float
    parts: dict[str, float | None] = Field(default_factory=dict)
    matched: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
