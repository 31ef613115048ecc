"""The text of a PDF, by pypdf. Where the writing jumps up the page, to another column, an empty line marks it."""

import io
import re
from collections.abc import Callable
from typing import Any

from pypdf import PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PdfReadError, PyPdfError

from shared.errors import UnreadableInput

MAX_PAGES = 50
MAX_TEXT = 400_000
"""Characters; the rest of a longer document is not read, and a profile of that length is refused anyway."""
FEWEST_LETTERS = 20
COLUMN_JUMP = 25
"""Points up the page (72 are an inch) that are no superscript but a new column."""

_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\xa0": " ", "\xad": ""}
)
_GLYPH_NAMES = re.compile(r"(?:/(?:gid|g|c|cid|uni)\d{1,6}|\(cid:\d{1,6}\))", re.IGNORECASE)
_BROKEN_WORD = re.compile(r"(?<=[^\W\d_])-\n(?=[a-z])")
_PRINTED = re.compile(
    r"^(?:(?:file|https?)://\S{1,500}[ \t]{0,20}\d{1,2}/\d{1,2}"
    r"|\d{1,4}[./-]\d{1,2}[./-]\d{1,4},? \d{1,2}[:.]\d\d(?:\s?[AP]M)?\b.{0,200})[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""What browsers print above and below a page: the time and its title, its address and number."""
PASTE = "paste the text of your CV instead"


def pdf_text(body: bytes) -> str:
    """The text, page by page. Raises `UnreadableInput`.

    `profile_encrypted`, `profile_too_long` (pages), `profile_scanned` (pictures of text), `profile_empty`, `profile_damaged`.
    """
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        _unlocked(reader)
        pages = _pages(reader)
    except UnreadableInput:
        raise
    except (DependencyError, FileNotDecryptedError) as error:
        raise _encrypted() from error
    except (PyPdfError, *_BROKEN) as error:
        raise UnreadableInput(f"this PDF is damaged; print it to PDF again, or {PASTE}", code="profile_damaged") from error
    return _checked(reader, _PRINTED.sub("", "\n\n".join(pages).translate(_LIGATURES)))


_BROKEN = (ValueError, TypeError, LookupError, AttributeError, AssertionError, ArithmeticError, RecursionError, OSError)
"""What pypdf lets through when the objects of a file are not of the types they should be."""


def _unlocked(reader: PdfReader) -> None:
    """Many files are locked against printing only: their password to read is empty."""
    if reader.is_encrypted and not reader.decrypt(""):
        raise _encrypted()


def _encrypted() -> UnreadableInput:
    message = f"this PDF is locked with a password; save a copy without it, or {PASTE}"
    return UnreadableInput(message, code="profile_encrypted")


def _pages(reader: PdfReader) -> list[str]:
    count = len(reader.pages)
    if count > MAX_PAGES:
        message = f"this PDF has {count:,} pages, more than {MAX_PAGES}; keep those about your work, or {PASTE}"
        raise UnreadableInput(message, code="profile_too_long")
    found: list[str] = []
    for page in reader.pages:
        chunks: list[str] = []
        page.extract_text(visitor_text=_collector(chunks))
        found.append(_BROKEN_WORD.sub("-", "".join(chunks)))
        if sum(map(len, found)) > MAX_TEXT:
            break
    return found


def _collector(chunks: list[str]) -> Callable[..., None]:
    """Takes the pieces of a page as pypdf finds them, with the position of each."""
    lowest: list[float] = []

    def collect(text: str, machine: list[float], matrix: list[float], _font: Any, _size: float) -> None:
        height = matrix[4] * machine[1] + matrix[5] * machine[3] + machine[5]
        if text.strip():
            if lowest and height - lowest[0] > COLUMN_JUMP:
                chunks.append("\n\n")
            lowest[:] = [height]
        chunks.append(text)

    return collect


def _checked(reader: PdfReader, text: str) -> str:
    letters = sum(map(str.isalnum, text))
    names = sum(len(match[0]) for match in _GLYPH_NAMES.finditer(text))
    if letters >= FEWEST_LETTERS and names * 4 < letters:
        return text
    if letters >= FEWEST_LETTERS or _has_pictures(reader):
        message = f"this PDF holds pictures of text, or letters without their meaning; {PASTE}"
        raise UnreadableInput(message, code="profile_scanned")
    raise UnreadableInput(f"there is no text in this PDF; {PASTE}", code="profile_empty")


def _has_pictures(reader: PdfReader) -> bool:
    try:
        return any("/XObject" in (page.get("/Resources") or {}) for page in reader.pages)
    except (PdfReadError, PyPdfError, *_BROKEN):
        return False
