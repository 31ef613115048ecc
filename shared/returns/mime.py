"""A mail as a tree of parts (RFC 5322, RFC 2045, RFC 2046), read in time proportional to its size. Pure.

The standard library's parser looks at every line once for each open multipart and keeps an object for each part, so a
hostile megabyte can keep it busy for minutes. This one reads only what a report needs, and refuses early:

mail_too_large     more than MAX_BYTES
mail_too_complex   deeper than MAX_DEPTH, more parts than MAX_PARTS, or a header longer than MAX_HEAD
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from shared.errors import UnreadableInput

MAX_BYTES = 1_000_000
MAX_DEPTH = 5
MAX_PARTS = 40
MAX_HEAD = 64_000
MAX_BOUNDARY = 200
_FIELD = re.compile(r"([!-9;-~]{1,100}):[ \t]*(.*)", re.DOTALL)
_PARAMETER = re.compile(r";\s*([\w-]{1,40})\s*=\s*(?:\"([^\"]{0,300})\"|([^\s;\"]{1,300}))")
Fields = tuple[tuple[str, str], ...]
"""Names in lower case, values unfolded, in the order they stand."""


@dataclass(frozen=True)
class Part:
    """A mail, or a part of one. `body` is as it was sent: `text` decodes it. `parts` are those of a multipart."""

    fields: Fields
    body: bytes
    parts: tuple["Part", ...] = ()

    def get(self, name: str) -> str:
        """The first value of a field; empty where there is none."""
        return next(iter(self.all(name)), "")

    def all(self, *names: str) -> list[str]:
        return [value for field, value in self.fields if field in names]

    @property
    def kind(self) -> str:
        """The content type in lower case, without its parameters."""
        return self.get("content-type").partition(";")[0].strip().lower() or "text/plain"

    def parameter(self, name: str) -> str:
        """A parameter of the content type."""
        given = _PARAMETER.finditer(self.get("content-type")[:2_000])
        return next((quoted or bare for key, quoted, bare in (found.groups() for found in given) if key.lower() == name), "")

    def text(self) -> str:
        """The body without its transfer encoding, with line ends of one character; what is not UTF-8 is replaced."""
        return _decoded(self.body, self.get("content-transfer-encoding").strip().lower()).decode("utf-8", "replace")

    def walk(self) -> Iterator["Part"]:
        """The part itself and every part in it. A mail enclosed as `message/rfc822` is one part: what is in it is not ours."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def first(self, *kinds: str) -> "Part | None":
        """The first part of one of these content types."""
        return next((part for part in self.walk() if part.kind in kinds), None)


def parse(raw: bytes) -> Part:
    """The tree of a mail as it lies in a mailbox. Raises `UnreadableInput`."""
    if len(raw) > MAX_BYTES:
        raise UnreadableInput(f"this mail has more than {MAX_BYTES:,} bytes: no report is so large", code="mail_too_large")
    body = raw.replace(b"\r\n", b"\n")
    return _part(body.partition(b"\n")[2] if body.startswith((b"From ", b">From ")) else body, 0, iter(range(MAX_PARTS)))


def head(text: str) -> Part:
    """Only the header of the mail that `text` begins with."""
    raw = text.lstrip("\n").encode("utf-8", "replace")[:MAX_HEAD]
    return Part(_fields(raw.partition(b"\n\n")[0]), b"")


def groups(text: str, most: int) -> list[dict[str, str]]:
    """The groups of fields that a report consists of, with blank lines between them: at most `most` + 1 of them."""
    blocks = re.split(r"\n\s*\n", text, maxsplit=2 * most)
    found = (dict(reversed(_fields(block.encode()))) for block in blocks)
    return list(islice((group for group in found if group), most + 1))


def _part(raw: bytes, depth: int, left: Iterator[int]) -> Part:
    if depth > MAX_DEPTH or next(left, None) is None:
        raise _too_complex()
    before, found, body = raw.partition(b"\n\n")
    if raw.startswith(b"\n"):
        before, body = b"", raw[1:]
    elif not found:
        body = b""
    if len(before) > MAX_HEAD:
        raise _too_complex()
    part = Part(_fields(before), body)
    boundary = part.parameter("boundary")[:MAX_BOUNDARY]
    if not part.kind.startswith("multipart/") or not boundary:
        return part
    return Part(part.fields, body, tuple(_part(piece, depth + 1, left) for piece in _pieces(body, boundary)))


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """What stands between the lines `--boundary`, up to `--boundary--` or the end: the last line may be cut off."""
    line = re.compile(rb"(?:^|\n)--" + re.escape(boundary.encode()) + rb"(--)?[ \t]*(?=\n|$)")
    start = None
    for found in line.finditer(body):
        if start is not None:
            yield body[start : found.start()]
        start = found.end() + 1
        if found[1]:
            return
    if start is not None:
        yield body[start:]


def _fields(raw: bytes) -> Fields:
    unfolded = re.sub(r"\n[ \t]+", " ", raw.decode("utf-8", "replace"))
    found = (_FIELD.fullmatch(line) for line in unfolded.split("\n"))
    return tuple((match[1].lower(), match[2].strip()) for match in found if match)


def _decoded(body: bytes, encoding: str) -> bytes:
    try:
        if encoding == "base64":
            body = binascii.a2b_base64(body)
        elif encoding == "quoted-printable":
            body = binascii.a2b_qp(body)
    except binascii.Error:
        return b""
    return body.replace(b"\r\n", b"\n")


def _too_complex() -> UnreadableInput:
    return UnreadableInput("this mail has more parts, or longer headers, than any report needs", code="mail_too_complex")
