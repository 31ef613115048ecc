"""A clock that jumps: what was missed is sent once, and only what is new."""

from datetime import UTC, datetime, timedelta

import pytest

from services.matcher.handlers import Matcher
from services.notifier.handlers import Notifier
from services.notifier.post import Post
from services.notifier.schedule import Schedule
from services.notifier.senders import make_sender
from services.scraper.sources import source
from shared.events import MailDue, PostingFound, SubscriptionChanged
from shared.links import Links
from shared.models import MailRow, PostingRow
from shared.reading.posting import read_posting
from tests.e2e import flow, people
from tests.e2e.boards import backend_job, company, greenhouse
from tests.factories import opening_of

START = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class House:
    """Matcher and notifier in this process, at whatever time the test says it is."""

    def __init__(self, line, database, streams):
        settings = line.settings
        self.now, self.database, self.settings = START, database, settings
        self.sender = make_sender(settings)
        post = Post(database, self.sender, Links("http://joblark.example", settings.signing_secret), settings, lambda: self.now)
        self.notifier = Notifier(database, post, settings)
        self.matcher = Matcher(database, settings, lambda: self.now)
        self.schedule = Schedule(database, streams, settings)

    async def tick(self) -> None:
        """One tick of the notifier, and the events that it led to handled at once, in this process."""
        await self.schedule.tick(self.now)
        due = [mail for mail in await flow.mails(self.database) if mail.state in ("pending", "deferred")]
        await self.notifier.on_mails_due([MailDue(mail_id=mail.id, attempt=mail.attempts + 1) for mail in due])

    async def subscribe(self, cadence: str):
        row = (await people.subscribe(self.database, [0], self.now - DAY, cadence=cadence))[0]
        event = SubscriptionChanged(subscription_id=row.id, revision=row.revision)
        await self.matcher.on_subscriptions_changed([event])
        await self.notifier.on_subscriptions_changed([event])
        return row

    async def new_jobs(self, *numbers: int) -> None:
        """Jobs that fit, as the scraper would have recorded and published them just now."""
        body = greenhouse([backend_job(number, people.GROUPS[0], company(number)) for number in numbers])
        for raw in source("greenhouse").parse(body, "acme").postings:
            posting = read_posting(raw)
            async with self.database.begin() as session:
                row = PostingRow(
                    board_id=await _board(session, self.now),
                    external_id=posting.external_id,
                    posting=posting.model_dump(mode="json"),
                    content_hash=posting.content_hash,
                    opening_key=opening_of(posting),
                    revision=1,
                    first_seen_at=self.now,
                    last_seen_at=self.now,
                    missed_polls=0,
                    published_at=self.now,
                )
                session.add(row)
                await session.flush()
            event = PostingFound(posting_id=row.id, revision=1, first_seen_at=self.now, posting=posting)
            await self.matcher.on_postings_found([event])


async def _board(session, now) -> int:
    from services.scraper import repository
    from shared.errors import NotFound

    try:
        return (await repository.get_board(session, "greenhouse", "acme")).id
    except NotFound:
        return (await repository.add_board(session, "greenhouse", "acme", None, now)).id


@pytest.mark.parametrize(
    ("cadence", "jump", "occasions", "missed"),
    [
        ("daily", 7, ["2026-03-02", "2026-03-09", "2026-03-10"], [f"2026-03-0{day}" for day in range(3, 9)]),
        ("weekly", 22, ["2026-W10", "2026-W13", "2026-W14"], ["2026-W11", "2026-W12"]),
    ],
)
async def test_a_clock_that_jumps_ahead_sends_what_was_missed_once(line, catcher, cadence, jump, occasions, missed):
    async with line.inside() as (database, streams):
        house = House(line, database, streams)
        await house.subscribe(cadence)
        await house.new_jobs(1, 2)
        await _pass_days(house, 4 if cadence == "weekly" else 1)
        assert len(catcher.arrivals) == 1
        await house.new_jobs(3, 4, 5)
        house.now += timedelta(days=jump)
        await house.tick()
        await house.tick()
        assert len(catcher.arrivals) == 2
        await house.new_jobs(6)
        await _pass_days(house, 1 if cadence == "daily" else 7)
        everything: list[MailRow] = await flow.mails(database)
        mails = [mail for mail in everything if mail.state == "sent"]
        assert [mail.occasion for mail in mails] == occasions
        assert [mail.since for mail in mails[1:]] == [mail.until for mail in mails[:-1]], "the windows tile time"
        assert sorted(mail.occasion for mail in everything if mail.state == "skipped") == missed
        assert len(everything) == len(mails) + len(missed)
        shown = [entry["opening_key"] for mail in mails for entry in (mail.content or {})["entries"]]
        assert len(shown) == len(set(shown)) == 6
        await house.sender.close()


async def test_a_clock_set_back_and_forward_again_sends_nothing_twice(line, catcher):
    async with line.inside() as (database, streams):
        house = House(line, database, streams)
        await house.subscribe("daily")
        await house.new_jobs(1)
        await _pass_days(house, 1)
        at = house.now
        for now in (at - 3 * DAY, at - DAY, at):
            house.now = now
            await house.new_jobs(int(10 + (now - START) / DAY))
            await house.tick()
        assert len(catcher.arrivals) == 1
        await house.sender.close()


async def _pass_days(house: House, days: int) -> None:
    for _ in range(days * 24):
        house.now += timedelta(hours=1)
        await house.tick()
