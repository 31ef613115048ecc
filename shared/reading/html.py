"""HTML to plain text: paragraphs, `- ` list items, headings on lines of their own.

Boards send HTML, HTML escaped once or twice (Greenhouse), or plain text; `plain_text` tells them apart. The parser is
lexbor, which is quadratic in the depth of nesting and in the attributes of one tag, so markup made to be slow is
stripped of its tags without being parsed.
"""

import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from shared.reading.tables import parts

MAX_HTML = 1_000_000
"""Characters read of one document; the rest is cut."""
MAX_NESTING_WORK = 1_000_000
"""Sum of the depths of all tags, a bound for the parser's work. A real posting of 500 tags stays below 10,000."""
MAX_UNESCAPES = 2

_NAMES = (
    "a|abbr|article|aside|b|blockquote|body|br|center|code|dd|del|div|dl|dt|em|figure|font|footer|form|h[1-6]|head|header"
    "|hr|html|i|iframe|img|ins|label|li|link|main|meta|nav|noscript|ol|p|pre|s|script|section|small|span|strike|strong"
    "|style|sub|sup|svg|table|tbody|td|template|tfoot|th|thead|title|tr|u|ul|video"
)
_TAG = re.compile(rf"<(?:/?(?:{_NAMES})(?=[\s/>])|!--|!doctype)", re.IGNORECASE)
_ESCAPED_TAG = re.compile(rf"&(?:amp;)?lt;(?:/?(?:{_NAMES})(?=[\s/>]|&(?:amp;)?gt;)|!--)", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ANY_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_LONG_TAG = re.compile(r"<[a-zA-Z!/][^<>]{20000}")
_WHOLE_TAG = re.compile(r"<(/?)([a-zA-Z!][a-zA-Z0-9]*)[^<>]*>")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
"""Control characters, invisible and direction-changing marks, and half surrogates, which no UTF-8 writer takes."""

_VOID = frozenset(parts("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"))
_SILENT = frozenset(parts("script|style|template|noscript|iframe|svg|head|title|object|select|textarea"))
_PARAGRAPHS = frozenset(parts("p|h1|h2|h3|h4|h5|h6|ul|ol|dl|table|blockquote|pre|section|article|header|footer|hr"))
_LINES = frozenset(parts("div|li|tr|br|dt|dd|main|aside|nav|form|figure|tbody|thead|center|address"))


def plain_text(text: str) -> str:
    """The words of `text`, which may be HTML, escaped HTML or plain text, as lines.

    Plain text passes unchanged apart from white space. Input beyond `MAX_HTML` characters is cut, never refused.
    """
    text = _unescape_markup(_without_unseen(text[:MAX_HTML]))
    if not _TAG.search(text):
        return _tidy(_unescape_entities(text).splitlines())
    if _is_text_with_tags(text):
        text = text.replace("\n\n", "<hr>").replace("\n", "<br>")
    lines = _parsed_lines(text) if _parses_quickly(text) else _stripped_lines(text)
    return _without_unseen(_tidy(_unescape_entities("\n".join(lines)).splitlines()))


def _without_unseen(text: str) -> str:
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
    return lines > 0 and lines > 2 * sum(1 for _ in _ANY_TAG.finditer(text))


def _parses_quickly(text: str) -> bool:
    most = text.count("<")
    return (most * (most + 1) <= 2 * MAX_NESTING_WORK or _nesting_work(text) <= MAX_NESTING_WORK) and not _LONG_TAG.search(text)


def _nesting_work(text: str) -> int:
    """The sum of the depths of all tags: of n tags at most n(n+1)/2, when each opens and none closes."""
    depth = work = 0
    for tag in _ANY_TAG.finditer(text):
        if tag[2].lower() in _VOID:
            continue
        depth = max(0, depth - 1) if tag[1] else depth + 1
        work += depth
    return work


def _parsed_lines(text: str) -> list[str]:
    lines = _Lines()
    for node, opening in _walk(LexborHTMLParser(text).body):
        if node.is_text_node:
            lines.words(node.text_content or "")
        else:
            lines.edge(node.tag or "", opening=opening)
    return lines.finished()


def _walk(root: LexborNode | None) -> Iterator[tuple[LexborNode, bool]]:
    """Every text node once, every element twice (opening, closing), in document order, without recursion."""
    open_nodes: list[LexborNode] = []
    node = root
    while node is not None:
        if node.is_text_node:
            yield node, True
        elif node.is_element_node and node.tag not in _SILENT:
            yield node, True
            if node.child is not None:
                open_nodes.append(node)
                node = node.child
                continue
            yield node, False
        while node is not None and node.next is None:
            node = open_nodes.pop() if open_nodes else None
            if node is not None:
                yield node, False
        node = node.next if node is not None else None


def _stripped_lines(text: str) -> list[str]:
    """Tags taken out one by one, for markup too deeply nested to be parsed. Linear; reads scripts as silence."""
    lines, position, silent = _Lines(), 0, ""
    for tag in _WHOLE_TAG.finditer(text):
        name = tag[2].lower()
        if not silent:
            lines.words(text[position : tag.start()])
            lines.edge(name, opening=not tag[1])
        if name in ("script", "style"):
            silent = "" if tag[1] else name
        position = tag.end()
    lines.words("" if silent else text[position:])
    return lines.finished()


class _Lines:
    """Collects words into lines as the edges of elements go by."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._bullet = False
        self._depth = 0

    def words(self, text: str) -> None:
        if text:
            self._line.append(text.replace("\n", " "))

    def edge(self, tag: str, *, opening: bool) -> None:
        if tag in _PARAGRAPHS or tag in _LINES:
            self._end_line()
            if tag in ("ul", "ol"):
                self._depth = max(0, self._depth + (1 if opening else -1))
            if tag in _PARAGRAPHS and (self._depth == 0 or (self._depth == 1 and opening and tag in ("ul", "ol"))):
                self._lines.append("")
            self._bullet = (tag == "li" and opening) or (self._bullet and opening)
        elif tag in ("td", "th") and opening:
            self._line.append(" ")

    def finished(self) -> list[str]:
        self._end_line()
        return self._lines

    def _end_line(self) -> None:
        line = "".join(self._line).strip()
        self._line.clear()
        if line:
            self._lines.append(f"- {line}" if self._bullet and not line.startswith(("- ", "• ")) else line)
            self._bullet = False
