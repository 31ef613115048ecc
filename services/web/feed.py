"""What was sent to one subscription as an Atom feed (RFC 4287). Pure: the same entries give the same bytes.

Built as a tree, so every text is escaped by the writer; what XML 1.0 cannot carry at all (production 2, `Char`) is left out.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from services.web.pages import web_address

ATOM = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Sent(NamedTuple):
    """One opening that was sent. `key` is its own within a subscription; `url` is the employer's page, where one is known."""

    key: str
    title: str
    company: str
    location: str
    url: str | None
    attribution: str
    sent_at: datetime


def atom(address: str, identity: str, entries: Sequence[Sent], since: datetime) -> bytes:
    """The feed at `address`, newest first; `identity` names it for good, `since` is when a feed without entries was begun.

    Ids are UUIDs made of `identity` (RFC 4287, 4.2.6: they must stay when the address changes).
    """
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _texts(feed, id=_urn(identity), title="Joblark: jobs that fit you", updated=_when(changed_at(entries, since)))
    SubElement(feed, "link", rel="self", type="application/atom+xml", href=address)
    SubElement(SubElement(feed, "author"), "name").text = "Joblark"
    for entry in entries:
        _entry(SubElement(feed, "entry"), identity, entry)
    return bytes(tostring(feed, encoding="utf-8", xml_declaration=True))


def changed_at(entries: Sequence[Sent], since: datetime) -> datetime:
    """When the feed last changed."""
    return max((entry.sent_at for entry in entries), default=since)


def _entry(element: Element, identity: str, entry: Sent) -> None:
    title = f"{entry.title} at {entry.company}" if entry.company else entry.title
    _texts(
        element, id=_urn(f"{identity}/{entry.key}"), title=title, updated=_when(entry.sent_at), published=_when(entry.sent_at)
    )
    if url := web_address(entry.url):
        SubElement(element, "link", rel="alternate", href=_clean(url))
    via = f"via {entry.attribution}" if entry.attribution else ""
    words = " · ".join(part for part in (entry.company, entry.location, via) if part)
    SubElement(element, "content", type="text").text = _clean(words or entry.title)


def _texts(element: Element, **texts: str) -> None:
    for name, text in texts.items():
        SubElement(element, name).text = _clean(text)


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, name)}"


def _when(time: datetime) -> str:
    """RFC 3339, to the second."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)
