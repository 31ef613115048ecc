"""Boards that are a site of their own: `acme` is `acme.<domain>`, and a name with a dot is a whole host, `jobs.acme.com`.

Makers of career pages give each employer a name under their domain, and let the site be shown under the employer's own.
"""

from collections.abc import Callable
from urllib.parse import SplitResult, quote

_NOT_BOARDS = frozenset({"www", "api", "app", "help", "support", "docs", "developer", "status", "blog"})


def site(board: str, domain: str) -> str:
    """The host of `board`. Nothing in a name can lead to another part of the address."""
    return quote(board.lower() if "." in board else f"{board}.{domain}".lower(), safe="")


def site_of(*domains: str) -> Callable[[SplitResult], str | None]:
    """Recognises the sites under `domains`: by name under the first, by the whole host under the others."""

    def board_of(address: SplitResult) -> str | None:
        name, _, domain = (address.hostname or "").partition(".")
        if domain not in domains or not name or name in _NOT_BOARDS:
            return None
        return name if domain == domains[0] else f"{name}.{domain}"

    return board_of
