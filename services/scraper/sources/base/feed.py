"""RSS 2.0, RSS 1.0 and Atom as one thing: a name, and entries as dictionaries by the local names of their elements.

Of two elements of one name the one in the feed's own namespace counts. Every category is kept; a link is its address.
"""

import html
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from shared.errors import UnreadableInput

_OWN = ("", "http://www.w3.org/2005/Atom", "http://purl.org/rss/1.0/")
FEED = (("Accept", "application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5"),)


def entries(root: Element) -> list[object]:
    """Every entry of a feed. Raises `UnreadableInput` when the document is no feed."""
    name = local(root)
    if name not in ("rss", "RDF", "feed"):
        raise UnreadableInput(f"no feed: the document is {name[:30]!a}")
    found = [*_named(root, "item"), *(item for channel in _named(root, "channel") for item in _named(channel, "item"))]
    return [_entry(item) for item in (_named(root, "entry") if name == "feed" else found)]


def feed_name(root: Element) -> str | None:
    """What the feed calls itself."""
    for place in (*_named(root, "channel"), root):
        for title in _named(place, "title"):
            return markup(title).strip() or None
    return None


def local(element: Element) -> str:
    """The name without its namespace."""
    return element.tag.rpartition("}")[2]


def markup(element: Element) -> str:
    """The element's content: its text, or, where tags stand in it unescaped (XHTML), as markup again."""
    return "".join(_written(element)) if len(element) else element.text or ""


def _written(element: Element) -> Iterator[str]:
    yield html.escape(element.text or "", quote=False)
    for inner in element:
        yield f"<{local(inner)}>"
        yield from _written(inner)
        yield f"</{local(inner)}>{html.escape(inner.tail or '', quote=False)}"


def _named(element: Element, name: str) -> list[Element]:
    return [inner for inner in element if local(inner) == name]


def _entry(item: Element) -> dict[str, object]:
    """By local name; what stands in no namespace, or in the feed's, before what others added."""
    found: dict[str, object] = {"categories": [text for inner in _named(item, "category") if (text := _category(inner))]}
    for inner in sorted(item, key=lambda inner: inner.tag.rpartition("}")[0].lstrip("{") not in _OWN):
        text = _link(inner) if local(inner) == "link" else markup(inner).strip()
        if text:
            found.setdefault(local(inner), text)
        if local(inner) == "guid":
            found["permanent"] = inner.get("isPermaLink") != "false"
    return found


def _link(element: Element) -> str:
    """The address of a link that leads to the entry's own page."""
    return (element.get("href") or element.text or "").strip() if element.get("rel", "alternate") == "alternate" else ""


def _category(element: Element) -> str:
    return (element.get("term") or element.text or "").strip()
