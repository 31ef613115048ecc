"""A board's answer in XML as bytes → its root element. Nothing that a document can declare is ever expanded or fetched.

A document type with declarations inside is refused, so there are no entities to multiply; names that HTML knows (`&nbsp;`)
are read as HTML reads them. Control characters, and references to them, are left out: XML forbids them, and feeds have them.
"""

import codecs
import html
import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from services.scraper.sources.base.answer import kind_of, text_of
from shared.errors import UnreadableInput

MAX_DEPTH = 60
MAX_NODES = 400_000
"""Elements, attributes and named entities in one answer: 20,000 jobs of 20 elements each. Each costs memory once read."""
MAX_TAG = 1_000_000
"""Characters of one tag with its attributes, or of one comment."""
MAX_NAMESPACE = 300
"""Characters of a namespace's name. It is written before the name of every element in it, so that a long one multiplies."""

_PIECE = 65_536
_LEGACY = frozenset(
    (
        "iso8859-1",
        "iso8859-2",
        "iso8859-15",
        "cp1250",
        "cp1251",
        "cp1252",
        "shift_jis",
        "euc_jp",
        "euc_kr",
        "gbk",
        "gb18030",
        "big5",
    )
)
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_CONTROL = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    "|&#0{0,9}(?:[0-8]|1[124-9]|2[0-9]|3[01]|5529[6-9]|55[3-9]\\d\\d|56\\d{3}|57[0-2]\\d\\d|573[0-3]\\d|5734[0-3]);"
    "|&#x0{0,9}(?:[0-8bcefBCEF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2});"
)
_CUT_SHORT = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}


def xml_document(body: bytes) -> Element:
    """The root element that `body` holds, tags written `{namespace}name`. Raises `UnreadableInput` naming what is wrong."""
    text = text_of(_in_unicode(body)).lstrip("\ufeff")
    if not text.startswith("<"):
        raise UnreadableInput(f"got {kind_of(text) if text else 'nothing'} where XML was expected: no structured data in it")
    if re.match(r"(?:<!--.{0,2000}?-->|\s)*<(?:!doctype\s+)?html\b", text[:3000], re.IGNORECASE | re.DOTALL):
        raise UnreadableInput("got an HTML page where XML was expected: no structured data in it")
    return _Reader().read(_CONTROL.sub("", text), len(body))


def text_at(element: Element, path: str) -> str | None:
    """The text of the first element at `path` (`tt:` names as `{namespace}name`), `None` when it is empty or not there."""
    return (element.findtext(path) or "").strip() or None


def texts_at(element: Element, path: str) -> list[str]:
    """The text of every element at `path` that has some, in their order."""
    return [text for found in element.iterfind(path) if (text := (found.text or "").strip())]


def _in_unicode(body: bytes) -> bytes:
    """`body` in UTF-8 where it says that it is in one of the older encodings; unknown ones are left to look like UTF-8."""
    declared = _DECLARED.match(body[:200])
    try:
        name = codecs.lookup(declared[1].decode()).name if declared else "utf-8"
    except LookupError:
        return body
    return body.decode(name, errors="replace").encode() if name in _LEGACY else body


class _Reader:
    """One reading of one document, given piece by piece so that a limit stops it early."""

    def __init__(self) -> None:
        self._tree, self._depth, self._nodes, self._given = TreeBuilder(), 0, 0, 0
        parser = self._parser = expat.ParserCreate("utf-8", namespace_separator="}")
        parser.buffer_text = True
        parser.UseForeignDTD(True)  # as if declared elsewhere, so that an unknown entity is skipped and not an error
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartNamespaceDeclHandler = self._namespace
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._tree.data
        parser.SkippedEntityHandler = self._entity

    def read(self, text: str, size: int) -> Element:
        try:
            for begin in range(0, len(text), _PIECE):
                self._feed(text[begin : begin + _PIECE].encode())
            self._parser.Parse(b"", True)
            return self._tree.close()
        except expat.ExpatError as error:
            place = f"truncated XML at byte {size:,}"
            broken = f"broken XML in line {error.lineno:,}: {expat.ErrorString(error.code).lower()}"
            raise UnreadableInput(place if error.code in _CUT_SHORT else broken) from None

    def _feed(self, piece: bytes) -> None:
        self._given += len(piece)
        self._parser.Parse(piece, False)
        if self._given - self._parser.CurrentByteIndex > MAX_TAG:
            raise UnreadableInput(f"an XML tag of more than {MAX_TAG:,} characters")

    def _doctype(self, name: str, system: str | None, public: str | None, declares: int) -> None:
        if declares:
            raise UnreadableInput("XML that declares its own entities; such documents are not read")

    def _namespace(self, prefix: str | None, uri: str | None) -> None:
        if len(uri or "") > MAX_NAMESPACE:
            raise UnreadableInput(f"an XML namespace with a name of more than {MAX_NAMESPACE} characters")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise UnreadableInput("XML nested too deep to be a list of jobs")
        self._count(1 + len(attributes))
        self._tree.start(_name(tag), {_name(key): value for key, value in attributes.items()})

    def _end(self, tag: str) -> None:
        self._depth -= 1
        self._tree.end(_name(tag))

    def _entity(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            self._count(1)
            self._tree.data(html.unescape(f"&{name};"))

    def _count(self, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise UnreadableInput(f"more than {MAX_NODES:,} elements, attributes and entities in one answer")


def _name(tag: str) -> str:
    return f"{{{tag}" if "}" in tag else tag
