"""A board's answer as bytes → a document, or one sentence that says what came instead.

The sentences have no subject: `Source.parse` puts `source:board:` before them.
"""

import json
import re

from pydantic_core import from_json

from shared.errors import UnreadableInput

MAX_BODY = 64_000_000
"""Bytes of one answer. The largest recorded board has 2 MB; a fetch stops at `fetch_max_bytes` long before."""
MAX_CONTAINERS = 1_000_000
"""Brackets and braces that may open in one JSON answer: 20,000 jobs of 50 objects each. Each costs memory once read."""

_LONE_SURROGATE = re.compile(
    r"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
_SPACE = " \t\r\n"


def json_document(body: bytes) -> object:
    """The JSON value that `body` holds. Raises `UnreadableInput` naming what is wrong, whatever the bytes are."""
    _check_size(body)
    if body.count(b"[") + body.count(b"{") > MAX_CONTAINERS:
        raise UnreadableInput(f"more than {MAX_CONTAINERS:,} objects and lists in one answer")
    document = _faultless(body)
    return _forgiven(body) if document is None else document


def _faultless(body: bytes) -> object | None:
    """What a body in strict JSON holds, as nearly all are: six times as fast as decoding, mending and then parsing it."""
    try:
        document = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        return None
    return document if isinstance(document, dict | list) else None


def _forgiven(body: bytes) -> object:
    """The same for any encoding, with `NaN` and halves of characters; or what is wrong."""
    text = text_of(body)
    if text[0] not in "{[":
        raise UnreadableInput(f"got {kind_of(text)} where JSON was expected: no structured data in it")
    try:
        return json.loads(text, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise UnreadableInput(_fault(text, error, len(body))) from None
    except RecursionError:
        raise UnreadableInput("JSON nested too deep to be a list of jobs") from None
    except ValueError:
        raise UnreadableInput("JSON with a number too long to be one") from None


def rows(document: object, key: str | None = None) -> list[object]:
    """The list of jobs: `document` itself, or what it holds under `key`. Raises `UnreadableInput` when there is none."""
    found = document.get(key) if isinstance(document, dict) else document
    if isinstance(found, list) and (key is None or isinstance(document, dict)):
        return found
    raise UnreadableInput(f"no list of jobs{f' under {key!r}' if key else ''}: {_outline(document)}")


def number(document: object, *path: str) -> int | None:
    """The whole number at `path`, such as `("meta", "total")`; `None` where there is none."""
    for step in path:
        document = document.get(step) if isinstance(document, dict) else None
    return document if isinstance(document, int) else None


def text_of(body: bytes) -> str:
    """`body` decoded, never empty. A bad byte becomes U+FFFD: one wrong letter must not cost a board."""
    _check_size(body)
    if body.startswith(b"\x1f\x8b"):
        raise UnreadableInput("still gzip-compressed; unpack it first")
    text = body.decode(json.detect_encoding(body), errors="replace").strip(_SPACE)
    if not text:
        raise UnreadableInput("empty body")
    return _LONE_SURROGATE.sub(lambda found: found[1] or r"\ufffd", text) if "\\ud" in text or "\\uD" in text else text


def _check_size(body: bytes) -> None:
    if len(body) > MAX_BODY:
        raise UnreadableInput(f"{len(body):,} bytes, more than the {MAX_BODY:,} that are read")


def kind_of(text: str) -> str:
    """What `text`, which is not what was asked for, looks like."""
    start = text[:2000].lower()
    if start[0] in "{[":
        return "JSON"
    if start.startswith("<?xml") or ("<rss" in start or "<feed" in start):
        return "an XML page"
    if start.startswith("<") or "<html" in start or "<!doctype" in start:
        return "an HTML page"
    return "binary data" if "\x00" in start or start.count("\ufffd") > len(start) // 4 else "plain text"


def _fault(text: str, error: json.JSONDecodeError, size: int) -> str:
    rest = text[error.pos :].strip(_SPACE)
    unfinished = any(word.startswith(rest) for word in ("true", "false", "null")) or (rest.startswith("\\u") and len(rest) < 6)
    if unfinished or error.msg.startswith("Unterminated string"):
        return f"truncated JSON at byte {size:,}"
    position = len(text[: error.pos].encode(errors="replace"))
    return f"broken JSON at byte {position:,}: {error.msg.lower()}"


def _outline(document: object) -> str:
    """What stands where jobs should be, in a few words and without passing on what a stranger wrote at length."""
    if isinstance(document, dict):
        return f"the answer has {', '.join(ascii(str(key)[:30]) for key in list(document)[:6]) or 'nothing'}"
    return f"the answer is a {type(document).__name__}"
