"""What is examined, and whom to ask."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from services.notifier.mail import domain_of
from services.notifier.maildomain.lookup import Lookup
from shared.settings import Settings

Post = Callable[[str, bytes], Awaitable[tuple[int, bool]]]
"""POSTs a form to an address: the status, and whether that was a redirect."""


@dataclass(frozen=True)
class Setup:
    """`now` is when the sample is signed."""

    settings: Settings
    lookup: Lookup
    post: Post
    now: datetime

    @property
    def domain(self) -> str:
        return domain_of(self.settings.mail_from)

    @property
    def return_domain(self) -> str:
        return domain_of(self.settings.mail_return_path or self.settings.mail_from)

    async def addresses(self) -> tuple[list[str], bool]:
        """Where our mail leaves from, and whether that is known or only guessed from the server that takes it."""
        if self.settings.mail_ips:
            return [word.strip() for word in self.settings.mail_ips.split(",") if word.strip()], True
        found = await self._server()
        return [address for address in found if ip_address(address).is_global], False

    async def _server(self) -> list[str]:
        try:
            return [str(ip_address(self.settings.smtp_host))]
        except ValueError:
            return await self.lookup.addresses(self.settings.smtp_host)
