"""The drop audit: every posting of a period is matched or fell to one cause, on real databases and over the broker."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from services.matcher.handlers import Matcher
from services.matcher.refresh import KEPT
from shared.audit import AUDIT, Audit, AuditAsked
from shared.database import Database
from shared.errors import NotFound, UnreadableInput
from shared.match import Cause
from shared.models import FeedbackRow, PostingRow, SentRow
from shared.posting import Employment, Level, Pay, Posting, Role
from shared.settings import Settings
from shared.streams import Streams
from tests.factories import BERLIN, NOW, board_row, facts, mail_row, opening_of, posting, posting_row, profile, subscription_row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WHO = profile(employments=(Employment.FULL_TIME,), pay_floor=Pay(low=100_000, currency="SGD"))
FALLS = {
    Cause.ROLE: facts("go", "postgresql", role=Role.OTHER),
    Cause.LEVEL: facts("go", "postgresql", level=Level.INTERN),
    Cause.PLACE: facts("verilog", "go", places=(BERLIN,), level=Level.JUNIOR),
    Cause.EMPLOYMENT: facts("go", "postgresql", employment=Employment.CONTRACT),
    Cause.PAY: facts("go", "postgresql", pay=Pay(low=10_000, high=20_000, currency="SGD")),
    Cause.SCORE: facts("verilog", "cuda"),
}


class World:
    def __init__(self, database: Database, matcher: Matcher) -> None:
        self.database, self.matcher = database, matcher
        self.last = 0

    async def add(self, what: Posting, first_seen_at: datetime = NOW - DAY, **given: object) -> PostingRow:
        self.last += 1
        row = posting_row(self.last, what, external_id=str(self.last), first_seen_at=first_seen_at, **given)
        row.published_ms = int(NOW.timestamp() * 1000)
        async with self.database.begin() as session:
            session.add(row)
        return row

    async def subscribe(self, **given: object) -> None:
        async with self.database.begin() as session:
            await session.merge(subscription_row(1, WHO, **given))

    async def audit(self, since: datetime = NOW - 7 * DAY, until: datetime = NOW) -> Audit:
        return await self.matcher.on_audit_asked(AuditAsked(subscription_id=1, since=since, until=until))


@pytest.fixture
async def world(database: Database, settings: Callable[..., Settings]) -> World:
    async with database.begin() as session:
        session.add(board_row(id=1))
        session.add(mail_row(1, state="sent"))
    world = World(database, Matcher(database, settings(), now=lambda: NOW))
    await world.subscribe()
    return world


async def test_each_job_falls_to_the_cause_that_is_named_first(world: World) -> None:
    for cause, what in FALLS.items():
        await world.add(posting(cause.value, facts=what))
    await world.add(posting("fits"))
    found = await world.audit()
    assert (found.considered, found.matched) == (len(FALLS) + 1, 1)
    assert found.dropped == dict.fromkeys(FALLS, 1)


async def test_what_fits_falls_to_being_shown_before_to_the_rule_or_to_having_closed(world: World) -> None:
    await world.subscribe(rule="not skill:kafka")
    repost, kafka, closed, refused = (posting(name) for name in ("repost", "kafka", "closed", "refused"))
    kafka = posting("kafka", "go", "postgresql", "kafka")
    async with world.database.begin() as session:
        session.add(
            SentRow(subscription_id=1, posting_id=900, opening_key=opening_of(repost), mail_id=1, sent_at=NOW - 2 * DAY)
        )
        answer = {"liked": False, "given_at": NOW - 2 * DAY}
        session.add(FeedbackRow(subscription_id=1, posting_id=901, opening_key=opening_of(refused), **answer))
    for what in (repost, kafka, refused):
        await world.add(what)
    await world.add(closed, closed_at=NOW - HOUR)
    await world.add(posting("fits"))
    found = await world.audit()
    assert (found.considered, found.matched) == (5, 1)
    assert found.dropped == {Cause.SENT: 2, Cause.RULE: 1, Cause.CLOSED: 1}


async def test_what_the_digest_of_the_period_showed_is_matched_and_not_shown_before(world: World) -> None:
    row = await world.add(posting("fits"))
    async with world.database.begin() as session:
        session.add(SentRow(subscription_id=1, posting_id=row.id, opening_key=row.opening_key, mail_id=1, sent_at=NOW - HOUR))
    assert (await world.audit()).matched == 1


async def test_what_closed_after_the_period_counts_as_matched_in_it(world: World) -> None:
    await world.add(posting("fits"), closed_at=NOW - HOUR)
    assert (await world.audit(until=NOW - 2 * HOUR)).matched == 1
    assert (await world.audit()).dropped == {Cause.CLOSED: 1}


async def test_the_first_instant_is_in_and_the_last_is_not(world: World) -> None:
    start, end = NOW - 3 * DAY, NOW - 2 * DAY
    for when in (start - timedelta(microseconds=1), start, end - timedelta(microseconds=1), end):
        await world.add(posting(f"at {when.isoformat()}"), when)
    assert (await world.audit(start, end)).considered == 2


async def test_what_comes_and_closes_while_the_matcher_runs_is_counted(world: World) -> None:
    assert (await world.audit()).considered == 0
    row = await world.add(posting("fits"))
    assert (await world.audit()).matched == 1
    async with world.database.begin() as session:
        held = await session.get_one(PostingRow, row.id)
        held.closed_at = NOW - HOUR
    assert (await world.audit()).dropped == {Cause.CLOSED: 1}
    async with world.database.begin() as session:
        held = await session.get_one(PostingRow, row.id)
        held.closed_at = None
    assert (await world.audit()).matched == 1


async def test_jobs_that_may_not_be_mailed_are_not_considered(world: World) -> None:
    await world.add(posting("secret", mailable=False))
    assert (await world.audit()).considered == 0


async def test_an_old_period_and_an_unknown_subscription_are_refused(world: World) -> None:
    with pytest.raises(UnreadableInput, match="35 days"):
        await world.audit(since=NOW - KEPT - HOUR)
    with pytest.raises(NotFound):
        await world.matcher.on_audit_asked(AuditAsked(subscription_id=404, since=NOW - DAY, until=NOW))


async def test_it_goes_over_the_broker(world: World, settings: Callable[..., Settings], redis_url: str) -> None:
    await world.add(posting("fits"))
    await world.add(posting("other", facts=FALLS[Cause.PAY]))
    answering, asking = (Streams(settings(redis_url=redis_url)) for _ in range(2))
    answering.answer(AUDIT, AuditAsked, world.matcher.on_audit_asked)
    asked = AuditAsked(subscription_id=1, since=NOW - 7 * DAY, until=NOW)
    async with asking.running(), answering.running():
        assert await asking.ask(AUDIT, asked, Audit, 5) == Audit(considered=2, matched=1, dropped={Cause.PAY: 1})
