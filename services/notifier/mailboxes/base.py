"""What every mailbox can do."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from shared.returns import MAX_BYTES

MOST = MAX_BYTES + 1
"""Bytes of one mail that are read at all: one more than is ever looked at, so that too large shows."""


@dataclass(frozen=True)
class Item:
    """One mail: what the mailbox calls it, and its first `MOST` bytes."""

    name: str
    raw: bytes


class Mailbox(Protocol):
    """Iterating gives what was not read yet; `total` is how many, where that is known before."""

    total: int | None

    def __iter__(self) -> Iterator[Item]: ...

    def settle(self, item: Item, *, flag: bool) -> None:
        """Mark a mail as read, once what it says is committed; `flag` it for somebody to look at."""
