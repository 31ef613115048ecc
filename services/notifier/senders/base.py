"""What a sender is: something that hands one mail to one kind of server, and says exactly how that ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from shared.settings import Settings

BeforeData = Callable[[], Awaitable[None]]


class Sender(Protocol):
    """One way out. Safe to use from many tasks of one event loop at once."""

    async def send(self, mail_from: str, to: str, message: bytes, *, before_data: BeforeData) -> str:
        """Hand over `message` and return the server's final reply, addresses masked.

        `mail_from` and `to` are the bare addresses of the envelope. `before_data` is awaited once sender and recipient
        were accepted and before the first byte of the message goes out: until it returns, nothing can have been
        delivered; an error it raises stops the mail. Raises `OutcomeUnknown` when the server may have taken the mail,
        and otherwise `SendError`, whose `retry` says whether this same mail may be accepted later.
        """
        ...

    async def close(self) -> None:
        """Take leave of the server. A closed sender may be used again; it connects anew."""
        ...


@dataclass(frozen=True)
class SenderKind:
    """The declaration each sibling module makes as `SENDER`: its name in the settings, and how to make one from them."""

    name: str
    make: Callable[[Settings], Sender]
