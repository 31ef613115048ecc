"""What somebody would get who subscribed now: asked by the web page before they do, answered by a matcher."""

from pydantic import Field

from shared.match import Match
from shared.posting import Line, Value
from shared.profile import Profile

PREVIEW = "preview"
"""Where the question is put."""


class PreviewAsked(Value):
    """`most` is how many jobs are wanted in words."""

    profile: Profile
    rule: str = ""
    keep_unknown: bool = True
    most: int = Field(default=5, ge=0, le=50)


class PreviewedJob(Value):
    """One job that fits; empty and `None` mean unknown. `attribution` is whom the source's terms ask to credit."""

    title: Line
    company: str | None
    location: str | None
    url: str | None
    attribution: str | None = None
    match: Match


class Preview(Value):
    """`open_postings` were compared; `count` openings among them are matches; `jobs` are the best. With a rule, `count` is
    without it.
    """

    open_postings: int
    count: int
    jobs: tuple[PreviewedJob, ...]
