"""Ways out for a mail. Each sibling module that declares `SENDER` is one; there is no list to keep."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from services.notifier.senders.base import BeforeData, Sender, SenderKind
from shared.errors import Conflict, NotFound
from shared.settings import Settings

__all__ = ["CHATS", "BeforeData", "Sender", "SenderKind", "make_sender", "sender_kinds"]

CHATS = "apprise"
"""The sender of whoever gave a chat in place of an address: it declares itself only where Apprise is installed."""


@cache
def sender_kinds() -> dict[str, SenderKind]:
    """Every declared kind by its name. Raises `Conflict` when two modules claim one name."""
    modules = (import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__))
    return by_name([module.SENDER for module in modules if hasattr(module, "SENDER")])


def by_name(declared: list[SenderKind]) -> dict[str, SenderKind]:
    kinds: dict[str, SenderKind] = {}
    for kind in declared:
        if kind.name in kinds:
            raise Conflict(f"two modules of services/notifier/senders declare a sender called {kind.name!r}: rename one")
        kinds[kind.name] = kind
    return kinds


def make_sender(settings: Settings, name: str = "smtp") -> Sender:
    """The sender called `name`, set up from `settings`; connects when first used. Raises `NotFound` for an unknown name."""
    kinds = sender_kinds()
    if name not in kinds:
        raise NotFound(f"there is no sender called {name[:60]!r}: choose one of {', '.join(sorted(kinds))}")
    return kinds[name].make(settings)
