"""Making work for a line, and asking whether it was all done: used by every test that takes something away meanwhile."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from sqlmodel import func, select

from services.notifier.repository import schedules
from services.scraper import repository as scraper
from shared.database import Database
from shared.events import MAILS, STREAMS
from shared.models import ArrivalsRow, MailRow, PostingRow, ScheduleRow, ScreeningRow, SubscriptionRow
from shared.streams import Streams, dead_letters
from shared.streams.upkeep import waiting
from tests.e2e import people
from tests.e2e.boards import BoardServer, backend_job, company, greenhouse
from tests.e2e.catcher import PatientCatcher
from tests.e2e.line import Line, eventually, until_idle

FINISHED = ("sent", "failed", "unknown", "skipped")


async def scheduled(line: Line, database: Database, streams: Streams, groups: Sequence[int]) -> list[SubscriptionRow]:
    """Start every service and subscribe one engineer for each of `groups`; returns when each has a digest day."""
    rows = await people.subscribe(database, groups, datetime.now(UTC))
    await line.started("web", "scraper", "matcher", "notifier")
    await eventually(lambda: counted(database, ScheduleRow, len(groups)), "not everybody is scheduled")
    await until_idle(database, streams)
    return rows


def fill(boards: BoardServer, number: int, groups: Sequence[int]) -> str:
    """A board with one job for each of `groups`; gives its address."""
    jobs = [backend_job(number * 1000 + n, people.GROUPS[group], company(number)) for n, group in enumerate(groups)]
    return boards.put(f"board{number}", greenhouse(jobs))


async def watch(database: Database, number: int, address: str) -> None:
    async with database.begin() as session:
        await scraper.add_board(session, "greenhouse", f"board{number}", address, datetime.now(UTC))


async def make_due(database: Database, rows: Sequence[SubscriptionRow]) -> None:
    """The digest of each is due from now on."""
    now = datetime.now(UTC)
    async with database.begin() as session:
        due = [ScheduleRow(subscription_id=row.id, next_digest_at=now, revision=row.revision) for row in rows]
        await schedules.set_all(session, due)


async def counted(database: Database, table: type, enough: int) -> bool:
    async with database.read() as session:
        return (await session.exec(select(func.count()).select_from(table))).one() >= enough


async def mails(database: Database) -> list[MailRow]:
    async with database.read() as session:
        return list((await session.exec(select(MailRow))).all())


async def finished(database: Database, streams: Streams, number: int) -> None:
    """Wait until `number` mails have an outcome and nothing is on its way any more."""

    async def settled() -> bool:
        found = await mails(database)
        return len(found) >= number and all(map(_is_over, found))

    async def acknowledged() -> bool:
        return not any((await waiting(streams.client, MAILS)).values())

    async def entered() -> bool:
        async with database.read() as session:
            return (await session.exec(select(ArrivalsRow.posting_id).limit(1))).first() is None

    await until_idle(database, streams)
    await eventually(settled, "mails are not settled")
    await eventually(acknowledged, "events of mails are not handled")
    await until_idle(database, streams)
    await eventually(entered, "arrivals are not on their shortlists")


def _is_over(mail: MailRow) -> bool:
    """It has its outcome, and the matcher was told where there is anything to tell."""
    told = mail.published_at is not None or mail.kind != "digest" or mail.state in ("skipped", "failed")
    return told and mail.state in FINISHED


async def every_posting_was_matched_once(database: Database, number: int) -> None:
    async with database.read() as session:
        postings = (await session.exec(select(PostingRow.id, PostingRow.revision))).all()
        screenings = (await session.exec(select(ScreeningRow.posting_id, ScreeningRow.revision))).all()
    assert len(postings) == number
    assert sorted(screenings) == sorted(postings)


async def every_digest_came_once(database: Database, rows: Sequence[SubscriptionRow], catcher: PatientCatcher) -> None:
    assert Counter(arrival.recipient for arrival in catcher.arrivals) == Counter(row.email for row in rows)
    assert len({arrival.message_id for arrival in catcher.arrivals}) == len(rows)
    assert {mail.state for mail in await mails(database)} == {"sent"}


async def nothing_is_left(streams: Streams) -> None:
    """Nothing pending in any group, and nothing set aside."""
    for stream in STREAMS:
        assert not any((await waiting(streams.client, stream)).values()), stream
    assert await dead_letters.listing(streams.client) == []
