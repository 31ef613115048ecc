"""An mbox (RFC 4155, with the quoting of mboxrd), or one mail as it is: from a file, or as it comes in by a pipe.

Nothing in it is changed, so it is read whole each time; what was read before is known by its key and counts once.
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from services.notifier.mailboxes.base import MOST, Item

LINE = 65_536
_FROM = re.compile(rb"From .*\d\d:\d\d.*\d{4}")
_QUOTED = re.compile(rb">+From ")


class Mbox:
    """Reads a stream once, and keeps no more than one mail of it."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self.stream, self.name = stream, name
        self.total: int | None = None

    def __iter__(self) -> Iterator[Item]:
        first = self.stream.readline(LINE)
        mails = self._mails(first) if _FROM.match(first) else self._one(first)
        for number, raw in enumerate(mails, 1):
            yield Item(f"{self.name} #{number}", raw)

    def settle(self, item: Item, *, flag: bool) -> None:
        """An mbox has no marks."""

    def _one(self, first: bytes) -> Iterator[bytes]:
        raw = first + self.stream.read(MOST)
        if raw.strip():
            yield raw[:MOST]

    def _mails(self, first: bytes) -> Iterator[bytes]:
        mail, blank = bytearray(first), False
        while line := self.stream.readline(LINE):
            if blank and _FROM.match(line):
                yield bytes(mail)
                mail = bytearray()
            blank = not line.strip(b"\r\n")
            if len(mail) < MOST:
                mail += (line[1:] if _QUOTED.match(line) else line)[: MOST - len(mail)]
        yield bytes(mail)
