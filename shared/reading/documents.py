"""Bytes of a CV to its text: PDF, Word (DOCX), HTML, saved web archives (MHTML), JSON and plain text, told apart by content.

Everything here is bounded in size and pages. Time is not: a PDF can be made to be slow to read, so those of strangers are
read in a process apart, by `shared.apart`.
"""

import email
import json
import re
from email import policy
from functools import cache
from typing import Any, TypeAlias

from shared.errors import UnreadableInput
from shared.reading.encodings import decoded
from shared.reading.linkedin import arranged

MAX_BYTES = 10_000_000
MAX_TEXT_BYTES = 4_000_000
"""Of plain text and JSON, which are as long as they look; HTML may carry pictures and scripts."""
PDF, DOCX = b"%PDF-", b"PK\x03\x04"
PASTE = "paste the text of your CV instead"

Document: TypeAlias = str | dict[str, Any]
"""Text, or the object of a JSON résumé."""

_OTHERS = {
    b"\xd0\xcf\x11\xe0": "an old Word file (.doc); save it as .docx or PDF",
    b"{\\rtf": "an RTF file; save it as .docx or PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture or a recording",
    b"\x1f\x8b": "a packed file; unpack it",
    b"7z\xbc\xaf": "a packed file; unpack it",
    b"Rar!": "a packed file; unpack it",
    b"%!PS": "a PostScript file; print it to PDF",
}
_JSON = re.compile(r'\s*\{\s*"[^"\n]{0,100}"\s*:')
_DROPPED = re.compile(r"<(script|style|svg|noscript|template)\b", re.IGNORECASE)
_MHTML = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,30}?content-type:\s*multipart/related", re.IGNORECASE)


def read_document(body: bytes) -> Document:
    """The text of a file, or the object of a JSON résumé.

    Raises `UnreadableInput`: `profile_too_long`, `profile_format`, `profile_empty`, and for PDF and Word files
    `profile_encrypted`, `profile_scanned`, `profile_damaged`.
    """
    if len(body) > MAX_BYTES:
        raise _too_long(len(body))
    head = body[:1024].lstrip()
    if is_packed(body):
        return _arranged(_packed_text(head, body))
    for magic, kind in _OTHERS.items():
        if head.startswith(magic):
            raise UnreadableInput(f"this is {kind}, or {PASTE}", code="profile_format")
    return _plain(body)


def is_packed(body: bytes) -> bool:
    """Whether the file is of a format whose text has to be unpacked first: PDF or Word."""
    return PDF in body[:1024] or body.startswith(DOCX)


def _packed_text(head: bytes, body: bytes) -> str:
    if head.startswith(DOCX):
        from shared.reading.word import word_text

        return word_text(body)
    from shared.reading.pdf import pdf_text

    return pdf_text(body[body.index(PDF) :])


def _arranged(text: str) -> str:
    """The text in the order a person reads it, where we know the layout."""
    return arranged(text) or text


def _plain(body: bytes) -> Document:
    if _MHTML.match(body[:8192]):
        return _of_page(_page_of_archive(body))
    text = decoded(body)
    if _is_page(text):
        return _of_page(text)
    if len(body) > MAX_TEXT_BYTES:
        raise _too_long(len(body))
    return read_pasted(text)


def read_pasted(text: str) -> Document:
    """What stands in a text: a JSON résumé is its object, LinkedIn's two columns come in reading order.

    Raises `UnreadableInput`: `profile_broken_json`.
    """
    document = _json_object(text) if text.lstrip()[:1] == "{" else None
    return document if document is not None else _arranged(text)


def _is_page(text: str) -> bool:
    """A whole HTML page; text with some tags in it is left to `plain_text`, which knows both."""
    start = text[:2048].lower()
    return "<!doctype html" in start or "<html" in start or "<head" in start


def _of_page(page: str) -> str:
    """The page without what only a browser reads: a saved one can hold megabytes of scripts and styles before its words."""
    kept: list[str] = []
    position = 0
    while found := _DROPPED.search(page, position):
        kept.append(page[position : found.start()])
        ends = _closing(found[1].lower()).search(page, found.end())
        close = page.find(">", ends.end()) if ends else -1
        position = close + 1 if close >= 0 else len(page)
    return "".join([*kept, page[position:]])


@cache
def _closing(element: str) -> re.Pattern[str]:
    return re.compile(rf"</{element}\b", re.IGNORECASE)


def _page_of_archive(body: bytes) -> str:
    """The first HTML page of a web archive (MHTML), which is a mail with its pictures attached."""
    for part in email.message_from_bytes(body, policy=policy.default).walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            return decoded(content) if isinstance(content, bytes) else ""
    raise UnreadableInput(f"this web archive holds no page; {PASTE}", code="profile_format")


def _json_object(text: str) -> dict[str, Any] | None:
    """The object; None for a text that only begins like one (`{Go, Kafka}`)."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        if _JSON.match(text):
            raise _broken_json(error) from error
        return None
    return document if isinstance(document, dict) else None


def _broken_json(error: ValueError | RecursionError) -> UnreadableInput:
    where = "nested too deep"
    if isinstance(error, json.JSONDecodeError):
        where = f"line {error.lineno}, column {error.colno}: {error.msg.lower().removesuffix(' at')}"
    return UnreadableInput(f"this JSON résumé is broken ({where}); save it again, or {PASTE}", code="profile_broken_json")


def _too_long(size: int) -> UnreadableInput:
    most = f"{MAX_BYTES:,}; {MAX_TEXT_BYTES:,} of text"
    message = f"the profile has {size:,} bytes, more than we read ({most}); paste only the CV itself"
    return UnreadableInput(message, code="profile_too_long")
