"""The text of a Word file (DOCX), by python-docx: paragraphs, lists, tables, text boxes and headers in their order."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn

from shared.errors import UnreadableInput

MAX_UNPACKED = 50_000_000
MAX_ENTRIES = 2_000
MAX_PARAGRAPHS = 20_000
MAX_TEXT = 400_000
"""Characters; a profile of half that length is refused anyway."""
SHORT_CELL = 60
"""Characters: rows of cells this short are lines of a list, longer ones are columns of a page."""
PASTE = "paste the text of your CV instead"

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
_TEXT, _TAB, _BREAK, _RETURN, _BOX = qn("w:t"), qn("w:tab"), qn("w:br"), qn("w:cr"), qn("w:txbxContent")
_LISTED = f".//{qn('w:numPr')}"
_SKIPPED = frozenset({"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback", qn("w:del"), qn("w:instrText")})


_BROKEN = (
    *(KeyError, ValueError, TypeError, AttributeError, RecursionError, OSError, NotImplementedError),
    *(SyntaxError, PackageNotFoundError, zipfile.BadZipFile),  # broken XML is a SyntaxError to lxml
)


def word_text(body: bytes) -> str:
    """The text of the document, its headers first. Raises `UnreadableInput`.

    `profile_format` (a zip file that is no Word file), `profile_encrypted`, `profile_too_long`, `profile_damaged`,
    `profile_empty`.
    """
    _check_package(body)
    try:
        document = docx.Document(io.BytesIO(body))
        headers = [section.header._element for section in document.sections if not section.header.is_linked_to_previous]
        lines = [line for root in (*headers, document.element.body) for line in _lines(root)]
    except _BROKEN as error:
        raise _damaged() from error
    text = "\n".join(lines)[:MAX_TEXT]
    if not text.strip():
        raise UnreadableInput(f"there is no text in this Word file; {PASTE}", code="profile_empty")
    return text


def _damaged() -> UnreadableInput:
    return UnreadableInput(f"this Word file is damaged; save it again, or {PASTE}", code="profile_damaged")


def _check_package(body: bytes) -> None:
    """A DOCX is a zip: what it unpacks to is added up before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            entries = package.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _damaged() from error
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        message = f"this Word file unpacks to more than {MAX_UNPACKED:,} bytes; leave out its pictures, or {PASTE}"
        raise UnreadableInput(message, code="profile_too_long")
    if any(entry.flag_bits & 1 for entry in entries):
        message = f"this file is locked with a password; save a copy without it, or {PASTE}"
        raise UnreadableInput(message, code="profile_encrypted")
    if "word/document.xml" not in {entry.filename for entry in entries}:
        raise UnreadableInput(f"this is a zip file, not a Word file; choose the CV in it, or {PASTE}", code="profile_format")


def _lines(root: Any) -> Iterator[str]:
    """The lines of everything below an element, in the order of the document."""
    for number, block in enumerate(_blocks(root)):
        if number >= MAX_PARAGRAPHS:
            return
        yield from _row(block) if block.tag == _ROW else _paragraph(block)


def _blocks(root: Any) -> Iterator[Any]:
    """Paragraphs, and rows of tables whose cells are all short. Those of text boxes come after the paragraph they hang on."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag in _SKIPPED:
            continue
        if element.tag == _PARAGRAPH or (element.tag == _ROW and _is_list_row(element)):
            yield element
            waiting += [box for box in reversed(list(element.iter(_BOX))) if _outermost(box, element)]
        else:
            waiting += reversed(list(element))


def _outermost(box: Any, above: Any) -> bool:
    """A text box that is in no other below `above`, and not there twice for old readers."""
    parents = []
    for parent in box.iterancestors():
        if parent is above:
            break
        parents.append(parent.tag)
    return _BOX not in parents and not _SKIPPED.intersection(parents)


def _is_list_row(row: Any) -> bool:
    cells = [child for child in row if child.tag == _CELL]
    return len(cells) > 1 and all(
        sum(1 for _ in cell.iter(_PARAGRAPH)) == 1 and len("".join(_words(cell))) <= SHORT_CELL for cell in cells
    )


def _row(row: Any) -> Iterator[str]:
    cells = ("".join(_words(cell)).strip() for cell in row if cell.tag == _CELL)
    yield " | ".join(cell for cell in cells if cell)


def _paragraph(paragraph: Any) -> Iterator[str]:
    text = "".join(_words(paragraph)).strip()
    bullet = "- " if paragraph.find(_LISTED) is not None and text else ""
    yield from f"{bullet}{text}".split("\n")


def _words(element: Any) -> Iterator[str]:
    """The text of one paragraph or cell, without the text boxes that hang on it."""
    waiting = list(reversed(element))
    while waiting:
        child = waiting.pop()
        if child.tag in _SKIPPED or child.tag == _BOX:
            continue
        if child.tag == _TEXT:
            yield child.text or ""
        elif child.tag == _TAB:
            yield " "
        elif child.tag in (_BREAK, _RETURN):
            yield "\n"
        else:
            waiting += reversed(list(child))
