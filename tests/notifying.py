"""One or more notifiers over a real database and a real Redis, with a clock that is set by hand."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.calendar import next_digest
from services.notifier.handlers import Notifier
from services.notifier.owed import Owed, rhythm_of
from services.notifier.post import Post
from services.notifier.repository import ledger, opening
from services.notifier.schedule import Schedule
from services.notifier.senders import Sender
from shared.database import Database
from shared.events import MAILS, NOTICES, MailDue, NoticeDue, SubscriptionChanged, parse_event
from shared.links import Links
from shared.models import MailRow, ScheduleRow, SentRow, SubscriptionRow
from shared.posting import Posting
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.upkeep import Upkeep
from tests.factories import NOW, board_row, match_row, posting_row, subscription_row
from tests.fakes import FakeSender

LEASE = timedelta(seconds=120)


class World:
    """One or more notifiers over one database and one Redis, with a clock that is set by hand."""

    def __init__(self, database: Database, streams: Streams, settings: Settings) -> None:
        self.database, self.streams, self.settings = database, streams, settings
        self.now = NOW
        self.sender = FakeSender()
        self.schedule = Schedule(database, streams, settings)
        self.notifier = self.another(self.sender)
        self.read: dict[str, bytes] = {}

    def another(self, sender: Sender) -> Notifier:
        links = Links("https://joblark.example.org", "thirty-two characters, none secret")
        post = Post(self.database, sender, links, self.settings, now=lambda: self.now)
        return Notifier(self.database, post, self.settings)

    async def events(self, stream: str) -> list[Any]:
        """What was published on `stream` since the last call."""
        rows = await self.streams.client.xrange(stream, min=b"(" + self.read[stream] if stream in self.read else "-")
        self.read[stream] = rows[-1][0] if rows else self.read.get(stream, b"0")
        return [parse_event(fields[b"__data__"]) for _, fields in rows]

    async def tick(self, later: timedelta = timedelta(0)) -> list[MailDue | NoticeDue]:
        """One tick, `later`; gives the mails that are now due."""
        self.now += later
        await self.schedule.tick(self.now)
        return [*await self.events(MAILS), *await self.events(NOTICES)]

    async def run(self, later: timedelta = timedelta(0)) -> None:
        """One tick, `later`, and everything that follows from it."""
        await self.notifier.on_mails_due(await self.tick(later))

    async def add(self, *rows: Any) -> None:
        async with self.database.begin() as session:
            for row in rows:
                await session.merge(row)

    async def find(self, subscription_id: int, *posting_ids: int, of: Posting | None = None) -> None:
        """Put postings on a shortlist, as the matcher does."""
        for id_ in posting_ids:
            await self.add(posting_row(id_, of))
            await self.add(match_row(subscription_id, id_, 100.0 - id_))

    async def subscribe(self, id_: int, **given: Any) -> None:
        await self.add(subscription_row(id_, **given))
        await self.notifier.on_subscriptions_changed([SubscriptionChanged(subscription_id=id_, revision=1)])

    async def ready(self, id_: int, *posting_ids: int, **given: Any) -> None:
        """A subscription whose digest is due now, with these postings on its shortlist."""
        await self.subscribe(id_, **given)
        await self.find(id_, *posting_ids)
        await self.add(ScheduleRow(subscription_id=id_, next_digest_at=self.now, revision=1))

    async def all(self, table: type[Any]) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.exec(select(table).order_by(*table.__table__.primary_key.columns))).all()

    async def states(self) -> dict[int, str]:
        """State by subscription, for one mail each."""
        return {mail.subscription_id: mail.state for mail in await self.all(MailRow)}

    async def mail(self) -> MailRow:
        (mail,) = await self.all(MailRow)
        return mail

    async def shown(self) -> list[tuple[int, int]]:
        return [(row.subscription_id, row.posting_id) for row in await self.all(SentRow)]

    def message(self, number: int = 0) -> EmailMessage:
        return message_from_bytes(self.sender.taken[number].message, policy=default)


@asynccontextmanager
async def opened(database: Database, settings: Callable[..., Settings], redis_url: str) -> AsyncIterator[World]:
    """A world with one board and nobody in it."""
    config = settings(
        redis_url=redis_url,
        mail_lease_seconds=LEASE.seconds,
        mail_retry_seconds=30,
        mail_give_up_hours=72,
        digest_spread_minutes=0,
        mail_from="Joblark <digest@joblark.example.org>",
    )
    async with Streams(config).connected() as streams:
        await Upkeep(streams).once()
        world = World(database, streams, config)
        await world.add(board_row(id=1))
        yield world


def when(row: SubscriptionRow, after: datetime) -> datetime:
    """The hour of the subscription's first digest after `after`."""
    return next_digest(*rhythm_of(row), after)


async def open_mail(session: AsyncSession, subscription_id: int, kind: str, occasion: str, now: datetime) -> MailRow:
    """One mail that is due `now`, without a window, put into the ledger unless it is there."""
    await opening.open_all(session, [Owed(subscription_id, kind, occasion, now)], now)
    return await ledger.find_mail(session, subscription_id, kind, occasion)


def raising(error: BaseException | None = None) -> Callable[[str], None]:
    """For a `FakeSender`: raise `error`, or nothing, for whomever the mail is."""

    def act(_: str) -> None:
        if error:
            raise error

    return act
