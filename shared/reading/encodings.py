"""Bytes of a text file to its characters, whatever program saved it."""

import codecs
import re

_MARKS = (b"\xff\xfe", b"\xfe\xff")
_SAMPLE = 2_000
_OLD = "cp1252"
"""Also what browsers take for Latin-1, which has control characters where this has dashes and quotation marks."""
_CHARSET = re.compile(rb"charset\s?=\s?[\"']?((?:windows|iso|koi8|euc|big5|gb|shift|cp)[\w-]{0,20})", re.IGNORECASE)


def decoded(body: bytes) -> str:
    """Text of UTF-8 or UTF-16, else of what the page itself names, else of Windows-1252, in which old editors save.

    Never raises: a byte that means nothing becomes U+FFFD. A few broken bytes, or a character cut at the end, are still UTF-8.
    """
    if wide := _utf_16(body):
        return body.decode(wide, errors="replace")
    text = body.decode("utf-8-sig", errors="replace")
    broken = text.count("\ufffd")
    if not broken or broken < sum(char > "\x7f" for char in text) - broken:
        return text
    return body.decode(_named(body), errors="replace")


def _utf_16(body: bytes) -> str | None:
    """The kind of UTF-16, by its mark, else by the zeros that every other byte of Western text is in it."""
    if body[:2] in _MARKS:
        return "utf-16"
    sample = body[:_SAMPLE]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if 10 * low > 4 * len(sample) and high * 20 < low:
        return "utf-16-le"
    return "utf-16-be" if 10 * high > 4 * len(sample) and low * 20 < high else None


def _named(body: bytes) -> str:
    found = _CHARSET.search(body[:4_000])
    try:
        name = codecs.lookup(found[1].decode()).name if found else _OLD
    except LookupError:
        return _OLD
    return _OLD if name == "iso8859-1" else name
