"""A mail as it was sent, to be read on a page: asked by the web page, answered by a notifier."""

from pydantic import Field

from shared.posting import Value

COPY = "copy"
"""Where the question is put."""


class CopyAsked(Value):
    """Which mail of the ledger."""

    mail_id: int


class Copy(Value):
    """The HTML of the mail; empty where there is none: it was never sent, or is kept no more."""

    html: str = Field(default="", max_length=1_000_000)
