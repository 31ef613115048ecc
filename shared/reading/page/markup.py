"""A saved web page: what its head says of it, and its body without navigation, footers, forms and banners.

No tree is built: pages are strangers' pages, and a tree of one made to be slow costs the square of its depth. Every step
takes time in proportion to the length of the page.
"""

import html
import re
from typing import NamedTuple

from shared.reading.html import plain_text
from shared.reading.tables import parts

MAX_PAGE = 4_000_000
"""Characters of one page."""
MAX_HINT = 300

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|h1|meta|section|main|article|ul|br)\b", re.IGNORECASE)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]{0,20})([^<>]{0,4000})>|<!--")
_OUTSIDE = frozenset(parts("nav|footer|aside|form|button|dialog|script|style|template|noscript|iframe|svg|select|textarea"))
_BANNER = re.compile(
    r"""(?:class|id|role|aria-label)\s{0,3}=\s{0,3}["'][^"']{0,200}?(?:cookie|consent|gdpr|onetrust|breadcrumb|navbar|site-?nav"""
    r"""|site-?header|site-?footer|main-?menu|skip-?link|social-?share|share-?buttons|newsletter|job-?alert|similar-?jobs"""
    r"""|related-?jobs|recommended-?jobs|navigation|contentinfo)""",
    re.IGNORECASE,
)
_VOID = frozenset(parts("area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr"))
_ATTRIBUTE = re.compile(r"""([\w:-]{1,20})\s{0,3}=\s{0,3}(?:"([^"]{0,2000})"|'([^']{0,2000})')""")
_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_HEADING = re.compile(r"<h1\b[^<>]{0,2000}>", re.IGNORECASE)


class Hints(NamedTuple):
    """What a page says of itself outside its text; empty where it does not. `heading` is its only `<h1>`."""

    heading: str = ""
    shared_as: str = ""
    window: str = ""
    site: str = ""


def is_markup(text: str) -> bool:
    return _MARKUP.search(text[:5_000]) is not None


def hints(page: str) -> Hints:
    """What the head and the first heading of a page say."""
    meta = _meta(page)
    window = _TITLE.search(page)
    return Hints(
        heading=_heading(page),
        shared_as=meta.get("og:title", "") or meta.get("twitter:title", ""),
        window=_words(window[1]) if window else "",
        site=meta.get("og:site_name", ""),
    )


def body_text(page: str) -> str:
    """The words of the page outside navigation, footers, forms, banners and scripts, as lines."""
    return plain_text("".join(_kept(page[:MAX_PAGE])))


def _kept(page: str) -> list[str]:
    """The pieces of the page outside every element to leave out; such an element ends at its own closing tag."""
    kept: list[str] = []
    start, at = 0, 0
    while (tag := _TAG.search(page, at)) is not None:
        at = tag.end()
        if tag[0] == "<!--":
            at = _after(page, "-->", at)
        elif not tag[1] and _is_outside(tag[2].lower(), tag[3]):
            kept.append(page[start : tag.start()])
            start = at = _end_of(page, tag[2].lower(), at)
    return [*kept, page[start:]]


def _is_outside(name: str, attributes: str) -> bool:
    return name not in _VOID and name not in ("html", "body", "main") and (
        name in _OUTSIDE or ("=" in attributes and _BANNER.search(attributes) is not None)
    )  # fmt: skip


def _end_of(page: str, name: str, at: int) -> int:
    """Just after the closing tag of the element `name` that is open at `at`; the end of the page where there is none."""
    depth = 1
    for tag in re.compile(rf"<(/?){name}(?=[\s/>])[^<>]{{0,4000}}>", re.IGNORECASE).finditer(page, at):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    return len(page)


def _after(page: str, mark: str, at: int) -> int:
    end = page.find(mark, at)
    return len(page) if end < 0 else end + len(mark)


def _meta(page: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in _TAG.finditer(page, 0, 200_000):
        if tag[2] and tag[2].lower() == "meta":
            pairs = {match[1].lower(): match[2] or match[3] or "" for match in _ATTRIBUTE.finditer(tag[3])}
            name = pairs.get("property") or pairs.get("name") or pairs.get("itemprop") or ""
            found.setdefault(name.lower(), _words(pairs.get("content", "")))
    return found


def _heading(page: str) -> str:
    """The words of the first `<h1>`; of several, none: then they are headings of sections."""
    opening = [match.end() for match in _HEADING.finditer(page)][:2]
    if len(opening) != 1:
        return ""
    return _words(plain_text(page[opening[0] : _end_of(page, "h1", opening[0])][:2_000]))


def _words(text: str) -> str:
    return " ".join(html.unescape(text).split())[:MAX_HINT]
