"""Boards that are queries, and pages that we count ourselves.

A board of an aggregator is `all`, or a query such as `geo=usa&industry=dev` that narrows it.
"""

from dataclasses import replace
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from services.scraper.sources.base.source import Request

WHOLE = "all"


def narrowing(board: str) -> str:
    """`geo=usa&tag=go` as it stands at the end of an address, with its leading `&`; nothing for a board that is no query."""
    pairs = [part.partition("=") for part in board.split("&") if "=" in part]
    return "".join("&" + urlencode([(key.strip(), value.strip())]) for key, _, value in pairs)


def narrowed(address: SplitResult, *paging: str) -> str:
    """The board that the address of a feed stands for: what its query says, but for the names in `paging`."""
    said = [f"{key}={value}" for key, value in parse_qsl(address.query) if key not in paging and "&" not in value]
    return "&".join(said) or WHOLE


def asked(request: Request, name: str, default: int) -> int:
    """The number that the request's query has for `name`."""
    value = dict(parse_qsl(urlsplit(request.url).query)).get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else default


def asking(request: Request, name: str, value: int) -> Request:
    """The same request with `name` set to `value` in its query."""
    address = urlsplit(request.url)
    pairs = [pair for pair in parse_qsl(address.query, keep_blank_values=True) if pair[0] != name]
    return replace(request, url=urlunsplit(address._replace(query=urlencode([*pairs, (name, value)]))))


def host(address: SplitResult) -> str:
    """The host in lower case and without `www.`."""
    return (address.hostname or "").removeprefix("www.")
