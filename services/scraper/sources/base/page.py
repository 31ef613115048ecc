"""A web page as bytes → its tags and its structured data, in one pass and without a tree.

Career pages are strangers' pages of any size and shape. A tree costs the square of their depth, and we need no tree: only
scripts, links and a few words from the head. Every step here takes time in proportion to the page's length.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import UnreadableInput

MAX_PAGE = 4_000_000
"""Bytes of one page. The largest recorded has 290 kB, a listing with every job in its scripts."""
MAX_TAGS = 50_000
MAX_BLOCKS = 500
MAX_CONTAINERS = 100_000
"""Objects and lists in the structured data of one page."""

_MARKUP = re.compile(r"<(?:!--|!doctype|[a-z][a-z0-9]{0,20}[\s/>])", re.IGNORECASE)
_TAG_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+'|))*+>""")
"""The rest of a tag: a quote opens a value only after `=`, and the value may hold `>`."""
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w:.-]{0,40}+)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_RAW = {"script": re.compile("</script", re.IGNORECASE), "title": re.compile("</title", re.IGNORECASE)}
_CHARSET = re.compile(rb"""charset\s{0,5}=\s{0,5}["']?([\w-]{3,20})""", re.IGNORECASE)
_WRAPPED_IN = ("//", "/*", "*/", "<!--", "-->", "<![CDATA[", "]]>", ";")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_SPARE_COMMA = re.compile(r",(?=\s{0,200}[}\]])")


@dataclass(frozen=True)
class Tag:
    """One opening tag. `text` is what follows it, for a script and for the title; elsewhere it is empty."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""


def page_text(body: bytes) -> str:
    """The page decoded; a bad byte becomes U+FFFD. Raises `UnreadableInput` for what is no page, in words without a subject."""
    if len(body) > MAX_PAGE:
        raise UnreadableInput(f"{len(body):,} bytes, more than the {MAX_PAGE:,} that are read of a page")
    if body.startswith(b"\x1f\x8b"):
        raise UnreadableInput("still gzip-compressed; unpack it first")
    text = _decoded(body).strip()
    if not text:
        raise UnreadableInput("empty body")
    return text


def is_markup(text: str) -> bool:
    """Whether a tag or a comment opens anywhere near the start."""
    return _MARKUP.search(text[:5000]) is not None


def tags(text: str, *names: str) -> Iterator[Tag]:
    """The first `MAX_TAGS` opening tags of these names, in their order, outside comments and scripts."""
    opening = re.compile(rf"<(?:!--|({'|'.join({*names, *_RAW})})(?=[\s/>]))", re.IGNORECASE)
    found, at = opening.search(text), 0
    for _ in range(MAX_TAGS):
        if found is None:
            return
        if found[1] is None:
            at = _after(text, "-->", found.end())
        else:
            tag, at = _tag(text, found)
            if tag.name in names:
                yield tag
        found = opening.search(text, at)


def _after(text: str, mark: str, at: int) -> int:
    end = text.find(mark, at)
    return len(text) if end < 0 else end + len(mark)


def _tag(text: str, found: re.Match[str]) -> tuple[Tag, int]:
    """The tag that opens at `found`, and where to go on reading."""
    name, rest = found[1].lower(), _TAG_REST.match(text, found.end())
    at = rest.end() if rest else len(text)
    if name not in _RAW:
        return Tag(name, _attributes(rest)), at
    closing = _RAW[name].search(text, at)
    end = closing.start() if closing else len(text)
    return Tag(name, _attributes(rest), text[at:end]), end


def ends(text: str) -> bool:
    """Whether a page that opens its `<html>` or `<body>` also closes one: otherwise part of it may be missing."""
    start, rest = text[:20_000].lower(), text[-20_000:].lower()
    return not ("<html" in start or "<body" in start) or "</html" in rest or "</body" in rest


def structured_data(text: str) -> Iterator[Any]:
    """The JSON values of a page's `application/ld+json` scripts. One that is broken comes as its `UnreadableInput`."""
    blocks = containers = 0
    for tag in tags(text, "script"):
        if "ld+json" not in tag.attributes.get("type", "").lower() or not tag.text.strip():
            continue
        blocks, containers = blocks + 1, containers + tag.text.count("{") + tag.text.count("[")
        if blocks > MAX_BLOCKS or containers > MAX_CONTAINERS:
            raise UnreadableInput(f"more than {MAX_BLOCKS} blocks or {MAX_CONTAINERS:,} objects of structured data")
        yield _value(tag.text)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value, outermost first, in their order."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            yield found
        if isinstance(found, dict | list):
            waiting += reversed(list(found.values()) if isinstance(found, dict) else found)


def unescaped(text: str) -> str:
    """`R&amp;D` → `R&D`; only entities with their semicolon, so that `?a=1&copy=2` stays what it is."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        named = _CHARSET.search(body[:4000])
    try:
        return body.decode(named[1].decode() if named else "utf-8", errors="replace")
    except LookupError:
        return body.decode(errors="replace")


def _attributes(rest: re.Match[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest[0][:10_000] if rest else ""):
        found.setdefault(match[1].lower(), unescaped((match[2] or match[3] or match[4] or "").strip()))
    return found


def _value(text: str) -> Any:
    """JSON as people really publish it: in CDATA, as entities, with raw line breaks in its texts, with a comma too many."""
    bare = _unwrapped(text)
    fault: Exception | None = None
    for attempt in (bare, _SPARE_COMMA.sub("", bare), _unwrapped(html.unescape(bare))):
        try:
            return json.loads(attempt, strict=False, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            fault = fault or error
    reason = fault.msg.lower() if isinstance(fault, json.JSONDecodeError) else "nested too deep or a number too long"
    return UnreadableInput(f"broken JSON in the page's structured data: {reason}")


def _unwrapped(text: str) -> str:
    """Without the comment marks and CDATA brackets that some pages put around their data."""
    text = text.strip()
    for _ in range(12):
        before = len(text)
        for mark in _WRAPPED_IN:
            text = text.removeprefix(mark).removesuffix(mark).strip()
        if len(text) == before:
            break
    return text
