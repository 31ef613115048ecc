"""What every page needs, made once per process and passed in."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request

from services.web import repository
from services.web.rates import Buckets, Rates, TooOften, client_key
from shared.copy import Copy, CopyAsked
from shared.database import Database
from shared.errors import NotReady
from shared.links import Links
from shared.models import SubscriptionRow
from shared.preview import Preview, PreviewAsked
from shared.profile import Profile
from shared.rarities import StoredRarities

log = structlog.get_logger()

PUBLISH_SECONDS = 3
"""How long a page waits for the stream server; what is not published by then goes out with the next tick."""

READERS = 2
"""Files read at once, each in a process of its own."""

Ask = Callable[[PreviewAsked], Awaitable[Preview]]
AskCopy = Callable[[CopyAsked], Awaitable[Copy]]
Change = Callable[[AsyncSession, int, datetime], Awaitable[SubscriptionRow]]


@dataclass(frozen=True)
class Site:
    """`notify` is called after each commit that owes an event; `ask` is how a matcher is asked what suits somebody, and
    `ask_copy` how a notifier is asked for a mail as it was sent. `channels` are the schemes of chats that a digest may go to.
    """

    database: Database
    links: Links
    notify: Callable[[], Awaitable[None]]
    clock: Callable[[], datetime]
    rates: Rates = field(default_factory=Rates)
    ask: Ask | None = None
    ask_copy: AskCopy | None = None
    channels: tuple[str, ...] = ()
    rarities: StoredRarities = field(default_factory=StoredRarities)
    readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))

    async def find(self, purpose: str, token: str) -> SubscriptionRow:
        """The subscription a link is for. Raises `NotFound` for a forged token and for one that is gone, alike."""
        async with self.database.read() as session:
            return await repository.get(session, self.links.read(purpose, token))

    async def apply(self, change: Change, purpose: str, token: str) -> SubscriptionRow:
        """Make one change to the subscription a link is for, and tell of it."""
        subscription_id = self.links.read(purpose, token)
        async with self.database.begin() as session:
            row = await change(session, subscription_id, self.clock())
        log.info("subscription_changed", subscription_id=row.id, state=row.state, revision=row.revision)
        await self.tell()
        return row

    async def jobs_for(self, profile: Profile) -> Preview | None:
        """The open jobs that fit somebody best; `None` when no matcher says so in time. Words of the CV stay here."""
        if self.ask is None:
            return None
        try:
            return await self.ask(PreviewAsked(profile=profile.without_words()))
        except NotReady as error:
            log.info("preview_without_jobs", reason=error.code)
            return None

    async def copy_of(self, asked: CopyAsked) -> str:
        """The HTML of a mail; empty where there is none any more. Raises `NotReady` when no notifier says so in time."""
        if self.ask_copy is None:
            raise NotReady("no notifier can be asked for a copy of this mail", code="no_answer")
        try:
            return (await self.ask_copy(asked)).html
        except NotReady as error:
            message = "The copy of this mail could not be fetched just now. Please try again in a minute."
            raise NotReady(message, code=error.code) from error

    async def tell(self) -> None:
        """Publish what is owed. What is committed stands even when that fails: the event stays owed and goes out later."""
        try:
            async with asyncio.timeout(PUBLISH_SECONDS):
                await self.notify()
        except Exception as error:
            log.warning("publishing_delayed", error=type(error).__name__)

    def limit_client(self, buckets: Buckets, request: Request) -> None:
        """Count one request of this client. Raises `TooOften`."""
        self.limit(buckets, client_key(request.client.host if request.client else ""))

    def limit(self, buckets: Buckets, key: str) -> None:
        """Count one request under `key`. Raises `TooOften`."""
        wait = buckets.take(key, self.clock().timestamp())
        if wait:
            raise TooOften(
                "That was asked for several times already. Look in your inbox and its spam folder, or try later.", wait
            )
