"""Header lines as RFC 5322 and RFC 2047 have them, fast. Pure.

A value is one line of printable text before anything else is done with it, so no value can start a header of its own; then
it is folded at its blanks, or encoded as a whole where a header may not hold it as it is.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from shared.errors import UnreadableInput

_Piece = TypeVar("_Piece", str, bytes)

CRLF = "\r\n"
_NAME = re.compile(r"[!-9;-~]{1,60}")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LINE = 76
"""Most characters of a line with an encoded word (RFC 2047 2), and so within the 78 of RFC 5322 2.1.1 for every line."""
_LONGEST = 900
"""Of a word that stands as it is, whatever its line: past 998 a server may refuse the mail (RFC 5322 2.1.1)."""
_QUOTED, _BASE64 = "=?utf-8?q?%s?=", "=?utf-8?b?%s?="
_AROUND = len(_QUOTED) - 2
_PLAIN = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_Q = ["_" if byte == 32 else chr(byte) if byte in _PLAIN else f"={byte:02X}" for byte in range(256)]
"""Each octet in the *Q* encoding, as a phrase may have it too (RFC 2047 5, rule 3)."""


def header(name: str, value: str) -> str:
    """One header with its line end. Raises `UnreadableInput` for a `name` that is none."""
    if not _NAME.fullmatch(name):
        raise UnreadableInput("this cannot be the name of a mail header", code="header_invalid")
    text = one_line(value)
    return _folded(name, text.split(" ") if _stands(text) else encoded_words(text, len(name) + 2))


def mailbox(name: str, display_name: str, address: str) -> str:
    """`From: Name <address>`: the name as atoms, quoted or encoded, whichever it needs. `address` is ASCII."""
    shown = one_line(display_name)
    if _stands(shown) and (not shown or _ATOMS.fullmatch(shown)):
        words = shown.split()
    elif _stands(shown) and len(shown) <= _LONGEST // 2:
        words = ['"' + re.sub(r'(["\\])', r"\\\1", shown) + '"']
    else:
        words = encoded_words(shown, len(name) + 2)
    return _folded(name, [*words, f"<{address}>" if words else address])


def one_line(text: str) -> str:
    """`text` with every run of white space and control characters as one blank."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())


def encoded_words(text: str, before: int = 0) -> list[str]:
    """`text` as RFC 2047 encoded words of at most 75 characters; the first has `before` characters before it on its line.

    In *Q* where most of it is ASCII, which then can be read as it is, else in the shorter *B*.
    """
    room = _LINE - 1 - _AROUND
    if sum(map(str.isascii, text)) * 2 >= len(text):
        quoted = ("".join(_Q[byte] for byte in char.encode()) for char in text)
        return [_QUOTED % "".join(chars) for chars in _packed(quoted, room - before, room)]
    octets = (char.encode() for char in text)
    packed = _packed(octets, (room - before) // 4 * 3, room // 4 * 3)
    return [_BASE64 % base64.b64encode(b"".join(chars)).decode() for chars in packed]


def _stands(text: str) -> bool:
    """Whether a header may hold `text` as it is, and nobody will read more into it."""
    return text.isascii() and "=?" not in text and (len(text) <= _LONGEST or max(map(len, text.split(" "))) <= _LONGEST)


def _packed(pieces: Iterable[_Piece], first: int, room: int) -> Iterator[list[_Piece]]:
    """Whole characters, as many as fit: a character is never split between two words (RFC 2047 5)."""
    packed: list[_Piece] = []
    left = first
    for piece in pieces:
        if packed and len(piece) > left:
            yield packed
            packed, left = [], room
        packed.append(piece)
        left -= len(piece)
    yield packed


def _folded(name: str, words: list[str]) -> str:
    """The header, with a line end before each word that would not fit. The first word stays on the line of the name."""
    line = f"{name}: {' '.join(words)}"
    if len(line) <= _LINE:
        return line.rstrip() + CRLF
    lines = [f"{name}: {words[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= _LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return CRLF.join(lines) + CRLF
