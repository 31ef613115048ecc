"""When a server wants to be asked again, and with what, from the headers of its answer (RFC 9110, RFC 9111). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

DAY = 86_400.0
"""Seconds. A server that asks for more than a day is asked again after a day."""
MAX_AGE = re.compile(r'max-age="?(\d{1,12})"?')


@dataclass(frozen=True)
class Validators:
    """What a server gave us to ask "has it changed since?" with."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        pairs = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in pairs.items() if value}

    @classmethod
    def of(cls, headers: Mapping[str, str], otherwise: "Validators | None" = None) -> "Validators":
        """What an answer gives, each where it gives none as it was `otherwise`."""
        before = otherwise or cls()
        return cls(sendable(headers.get("ETag")) or before.etag, sendable(headers.get("Last-Modified")) or before.last_modified)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """`Retry-After` in seconds, from a number or an HTTP date, between 0 and a day; `None` without one."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), DAY)
    moment = _moment(text)
    return min(max((moment - now).total_seconds(), 0.0), DAY) if moment else None


def fresh_for(headers: Mapping[str, str], now: datetime) -> float | None:
    """For how many seconds an answer says that it stays as it is, a day at most; `None` when it does not say.

    `Cache-Control` goes before `Expires`; what the answer has aged in somebody's cache is taken off.
    """
    control = [word.strip() for word in headers.get("Cache-Control", "").lower().split(",")]
    if {"no-store", "no-cache"} & set(control):
        return 0.0
    ages = [float(found[1]) for word in control if (found := MAX_AGE.fullmatch(word))]
    if ages:
        age = headers.get("Age", "").strip()
        return min(max(min(ages) - (float(age) if re.fullmatch(r"\d{1,12}", age) else 0.0), 0.0), DAY)
    if "Expires" not in headers:
        return None
    expires = _moment(headers["Expires"])  # "0" and other nonsense mean that it has expired
    dated = _moment(headers.get("Date", "")) or now
    return min(max((expires - dated).total_seconds(), 0.0), DAY) if expires else 0.0


def sendable(value: str | None) -> str | None:
    """A header's value, if it can be sent back later: short, and made of what a header may hold."""
    return value if value and len(value) <= 500 and value.isascii() and value.isprintable() else None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
