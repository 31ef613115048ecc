"""Files that people name on the command line; `-` is standard input."""

import sys
from pathlib import Path

from shared.errors import UnreadableInput

LIMIT = 200_000_000
"""Bytes. A guard against a wrong file name, not a promise: each reader has its own, far lower limit."""


def read(path: str) -> bytes:
    """The content of a file, or of standard input for `-`. Raises `UnreadableInput`."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(LIMIT)
        with Path(path).open("rb") as file:
            return file.read(LIMIT)
    except OSError as error:
        raise UnreadableInput(f"{path}: {error.strerror or error}", code="file_unreadable") from error
