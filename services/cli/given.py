"""Postings that people give at the command line: JSON lines, a saved web page, or text copied from one."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from rich.markup import escape

from services.cli import files
from services.cli.lines import read_lines
from services.cli.show import err, progress
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from shared.posting import Posting, RawPosting

PAGE = "page.invalid"
"""What a saved page is called where its address is not known; no such host can exist."""
SHOWN = 5
"""Lines that are told one by one of those that were left out."""


class Given(NamedTuple):
    """A posting, what its giver calls it (`id`, `external_id` or the line number), and all that was said of it."""

    id: Any
    posting: "Posting"
    said: dict[str, Any]


def given_in(file: str) -> list[Given]:
    """The postings in a file, read completely. Raises `UnreadableInput` naming the file, and the line, where there are none."""
    from shared.reading.posting import read_posting

    with progress() as bar:
        raw = _raw_postings(file, files.read(file))
        return [Given(id_, read_posting(one), said) for id_, one, said in bar.track(raw, description="reading postings")]


def _raw_postings(file: str, body: bytes) -> "list[tuple[Any, RawPosting, dict[str, Any]]]":
    if not body.strip():
        return []
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return _lines(file, body)
    return [(raw.external_id, raw, {}) for raw in page_postings(file, body)]


def page_postings(file: str, body: bytes) -> "list[RawPosting]":
    """The postings of a saved page, from its structured data, or the one that its words describe."""
    from shared.reading.page import read_page_file

    return _structured(body) or [read_page_file(file, body, today=datetime.now(UTC).date())]


def _structured(body: bytes) -> "list[RawPosting]":
    """What schema.org `JobPosting`s in the page say; nothing where there are none, or none with a text."""
    from services.scraper.sources import source

    if b"ld+json" not in body:
        return []
    try:
        found = source("jsonld").parse(body, PAGE).postings
    except UnreadableInput:
        return []
    return [_of_file(raw) for raw in found if raw.description]


def _of_file(raw: "RawPosting") -> "RawPosting":
    """Without the address and the company that only stand for the page's own."""
    ours = {"source": "file", "board": "page", "company": None if raw.company == PAGE else raw.company}
    return raw.model_copy(update={**ours, "url": None if PAGE in (raw.url or "") else raw.url})


def _lines(file: str, body: bytes) -> "list[tuple[Any, RawPosting, dict[str, Any]]]":
    """What can be read of JSON; the rest is told. Raises `UnreadableInput` where that is nothing."""
    lines = read_lines(body, file)
    if lines.unread and not lines.found:
        raise UnreadableInput(f"{file}, {lines.unread[0]}", code="posting_unreadable")
    if lines.unread:
        total = len(lines.unread) + len(lines.found)
        _warn(f"{file}: {len(lines.unread)} of {total} left out: {'; '.join(lines.unread[:SHOWN])}")
    if lines.dropped:
        fields = ", ".join(f"{name} ({count})" for name, count in sorted(lines.dropped.items()))
        _warn(f"{file}: read without fields that say nothing to us: {fields}")
    return [tuple(line) for line in lines.found]


def _warn(text: str) -> None:
    err.print(f"[yellow]{escape(text)}[/]", soft_wrap=True)
