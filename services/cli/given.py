"""Postings that people give at the command line: JSON lines, a saved web page, or text copied from one."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

from services.cli import files
from services.cli.show import progress
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from shared.posting import Posting, RawPosting

PAGE = "page.invalid"
"""What a saved page is called where its address is not known; no such host can exist."""


class Given(NamedTuple):
    """A posting, what its giver calls it (`id`, `external_id` or the line number), and all that was said of it."""

    id: Any
    posting: "Posting"
    said: dict[str, Any]


def given_in(file: str) -> list[Given]:
    """The postings in a file, read completely. Raises `UnreadableInput` naming the file, and of several the line."""
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
    from shared.posting import MAX_DESCRIPTION, RawPosting

    found = []
    for number, line in enumerate(body.decode("utf-8-sig", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            defaults = {"source": "file", "board": file, "external_id": str(said.get("id") or number)}
            known = {name: value for name, value in said.items() if value is not None}
            raw = RawPosting.model_validate(defaults | known | {"description": str(said["description"])[:MAX_DESCRIPTION]})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise UnreadableInput(f"{file}, line {number}: {_reason(error)}", code="posting_unreadable") from error
        found.append((said.get("id", said.get("external_id", number)), raw, said))
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return "it has no description" if isinstance(error, KeyError) else "not a JSON object"
