"""What a webhook of a mail provider is: how it shows that it is the provider who calls."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.events import Event
from shared.settings import Settings

MOST = 256_000
"""Bytes of one call; a provider that sends many events at once says so itself."""


class Refused(Exception):
    """Not from the provider, or not for us. `str` is a stable code; nothing of the call is repeated."""


@dataclass(frozen=True)
class Desk:
    """What webhooks work with.

    `publish` returns once Redis has the events. `once(key, value, seconds)` remembers a value and gives the one that was
    remembered under that key before, if any. `fetch(url)` is a bounded GET over verified TLS that raises `FetchError`.
    """

    settings: Settings
    publish: Callable[[Sequence[Event]], Awaitable[Any]]
    once: Callable[[str, str, int], Awaitable[str | None]]
    fetch: Callable[[str], Awaitable[bytes]]
    clock: Callable[[], datetime]
    certificates: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Hook:
    """The declaration each sibling module makes as `HOOK`; its name is the last part of the address.

    `open` checks who calls and gives the report to be read by `shared.returns`, or `None` when there is none in it. It raises
    `Refused`, `UnreadableInput`, or `FetchError`. Without `configured` there is no such page.
    """

    name: str
    configured: Callable[[Settings], bool]
    open: Callable[[Desk, Mapping[str, str], bytes], Awaitable[bytes | None]]
    most: int = MOST
