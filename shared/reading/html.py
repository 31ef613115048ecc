"""HTML to plain text: paragraphs, `- ` list items, headings on lines of their own.

Boards send HTML, HTML escaped once or twice (Greenhouse), or plain text; `plain_text` tells them apart.
"""

import html
import re
from collections.abc import Iterable
from itertools import chain

from shared.reading.edges import ANY_TAG, Edge, edges

MAX_HTML = 1_000_000
"""Characters read of one document; the rest is cut."""
MAX_UNESCAPES = 2

_END: Edge = ("d", "")

_NAMES = (
    "a|abbr|article|aside|b|blockquote|body|br|center|code|dd|del|div|dl|dt|em|figure|font|footer|form|h[1-6]|head|header"
    "|hr|html|i|iframe|img|ins|label|li|link|main|meta|nav|noscript|ol|p|pre|s|script|section|small|span|strike|strong"
    "|style|sub|sup|svg|table|tbody|td|template|tfoot|th|thead|title|tr|u|ul|video"
)
_TAG = re.compile(rf"<(?:/?(?:{_NAMES})(?=[\s/>])|!--|!doctype)", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&(?:amp;)?lt;(?:/?(?:{_NAMES})(?=[\s/>]|&(?:amp;)?gt;)|!--)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, invisible and direction-changing marks, and half surrogates, which no UTF-8 writer takes."""


def plain_text(text: str) -> str:
    """The words of `text`, which may be HTML, escaped HTML or plain text, as lines.

    Plain text passes unchanged apart from white space. Input beyond `MAX_HTML` characters is cut, never refused.
    """
    text = _unescape_markup(_without_unseen(text[:MAX_HTML]))
    if not _TAG.search(text):
        return _tidy(_unescape_entities(text).splitlines())
    if _is_text_with_tags(text):
        text = text.replace("\n\n", "<hr>").replace("\n", "<br>")
    lines = "\n".join(_lines(edges(text))).strip()
    if "&" not in text:
        return lines
    unescaped = _unescape_entities(lines)
    return _without_unseen(lines if unescaped == lines else _tidy(unescaped.splitlines()))


def is_clean(text: str) -> bool:
    """Whether all of `text` can be seen, but for its line ends: whatever `_UNSEEN` names is not printable to Python.

    Most text is, and to see it takes 10 µs for 5,000 characters where taking out takes 25.
    """
    return text.replace("\n", " ").isprintable()


def _without_unseen(text: str) -> str:
    if is_clean(text):
        return text
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


def _unescape_markup(text: str) -> str:
    """Undo escaping while the text has no tags of its own but escaped ones."""
    for _ in range(MAX_UNESCAPES):
        if _TAG.search(text) or not _ESCAPED_TAG.search(text):
            break
        text = html.unescape(text)
    return text


def _unescape_entities(text: str) -> str:
    """Undo entities that end with a semicolon: `R&D` and `AT&T` are words, not entities."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def _tidy(lines: list[str]) -> str:
    """Lines with single spaces, and at most one empty line in a row."""
    kept: list[str] = []
    for line in lines:
        line = " ".join(line.split())
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()


def _is_text_with_tags(text: str) -> bool:
    """Plain text in which some tags were left: its line ends mean line ends, which those of HTML do not."""
    lines = text.count("\n")
    return lines > 0 and lines > 2 * sum(1 for _ in ANY_TAG.finditer(text))


def _lines(edges: Iterable[Edge]) -> list[str]:
    """The lines between the edges of elements, with single spaces, and at most one empty line in a row."""
    lines: list[str] = []
    line, bullet, gap, depth = "", False, False, 0
    for edge, words in chain(edges, [_END]):
        if not edge:
            line += words
            continue
        if line and (text := " ".join(line.split())):
            if gap and lines:
                lines.append("")
            lines.append(f"- {text}" if bullet and not text.startswith(("- ", "• ")) else text)
            bullet = gap = False
        line = words
        if edge in "Ll":
            bullet = edge == "L"
        elif edge in "Uu":
            gap = gap or depth == 0 or (depth == 1 and edge == "u")
            depth = depth + 1 if edge == "U" else max(0, depth - 1)
            bullet = bullet and edge == "U"
        else:
            gap = gap or (depth == 0 and edge in "PpSs")
            bullet = bullet and edge in "PSD"
    return lines
