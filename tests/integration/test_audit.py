"""The drop audit: every posting of a period is matched or fell to one cause, on real databases and over the broker."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import pytest
from pydantic import ValidationError

from services.matcher import repository
from services.matcher.audit import KEPT_SECONDS, MOST_WINDOWS, Auditing
from services.matcher.handlers import Matcher
from services.matcher.refresh import KEPT
from shared.audit import AUDIT, MOST_ASKED, Audit, AuditAsked, Audits, AuditsAsked
from shared.database import Database
from shared.match import Cause
from shared.models import FeedbackRow, PostingRow, SentRow, SkillShareRow
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

    async def audit(self, since: datetime = NOW - 7 * DAY, until: datetime = NOW, **given: object) -> Audit:
        [found] = await self.audits(AuditAsked(subscription_id=1, since=since, until=until), **given)
        assert found is not None
        assert found.considered == found.matched + sum(found.dropped.values())
        return found

    async def audits(self, *asked: AuditAsked, **given: object) -> tuple[Audit | None, ...]:
        return (await self.matcher.on_audits_asked(AuditsAsked(asked=asked, **given))).audits


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


async def test_a_mail_that_is_made_counts_as_sent_what_another_mail_of_its_period_showed(world: World) -> None:
    row = await world.add(posting("shown by the welcome mail"))
    async with world.database.begin() as session:
        session.add(SentRow(subscription_id=1, posting_id=row.id, opening_key=row.opening_key, mail_id=1, sent_at=NOW - HOUR))
    assert (await world.audit(mailing=True)).dropped == {Cause.SENT: 1}


async def test_many_are_answered_at_once_each_for_a_period_of_its_own_in_the_order_asked(world: World) -> None:
    async with world.database.begin() as session:
        session.add(subscription_row(2, profile("verilog"), rule="skill:verilog"))
        session.add(subscription_row(3, WHO, rule="not skill:go"))
    await world.add(posting("new"), NOW - DAY)
    old = await world.add(posting("old"), NOW - 3 * DAY)
    async with world.database.begin() as session:
        shown = {"posting_id": 900, "opening_key": old.opening_key, "mail_id": 1, "sent_at": NOW - 4 * DAY}
        session.add(SentRow(subscription_id=1, **shown))
    spans = [(1, 2), (3, 4), (404, 2), (1, 4), (2, 4), (1, 60), (3, 2)]
    asked = [AuditAsked(subscription_id=who, since=NOW - days * DAY, until=NOW) for who, days in spans]
    assert await world.audits(*asked) == (
        Audit(considered=1, matched=1),
        Audit(considered=2, matched=0, dropped={Cause.RULE: 2}),
        None,
        Audit(considered=2, matched=1, dropped={Cause.SENT: 1}),
        Audit(considered=2, matched=0, dropped={Cause.SCORE: 2}),
        None,
        Audit(considered=1, matched=0, dropped={Cause.RULE: 1}),
    )
    assert await world.audits(*reversed(asked)) == tuple(reversed(await world.audits(*asked)))


async def test_a_month_of_five_weeks_that_is_caught_up_with_is_answered(world: World) -> None:
    await world.add(posting("fits"), NOW - 42 * DAY)
    assert (await world.audit(since=NOW - 42 * DAY, until=NOW - 7 * DAY)).considered == 1
    assert KEPT >= 42 * DAY


async def test_a_rule_is_asked_about_a_posting_as_it_is_after_an_edit(world: World) -> None:
    await world.subscribe(rule="title:ledger")
    row = await world.add(posting("edited"))
    assert (await world.audit()).dropped == {Cause.RULE: 1}
    async with world.database.begin() as session:
        (await session.get_one(PostingRow, row.id)).posting = {**row.posting, "title": "Ledger Engineer"}
    assert (await world.audit()).matched == 1


async def test_any_matcher_answers_whatever_its_shard(world: World, settings: Callable[..., Settings]) -> None:
    await world.add(posting("fits"))
    stranger = Matcher(world.database, settings(matcher_shard="0/2"), now=lambda: NOW)
    asked = AuditsAsked(asked=(AuditAsked(subscription_id=1, since=NOW - DAY, until=NOW),))
    assert (await stranger.on_audits_asked(asked)).audits == (Audit(considered=1, matched=1),)


async def test_when_time_is_up_the_others_are_left_out(world: World) -> None:
    await world.add(posting("fits"))
    asked = tuple(AuditAsked(subscription_id=1, since=NOW - days * DAY, until=NOW) for days in (1, 2, 3))
    seconds = iter(range(100))
    auditing = Auditing(world.matcher.open_postings, 50.0, lambda: next(seconds))
    async with world.database.read() as session:
        found = await auditing(session, AuditsAsked(asked=asked, seconds=6.5), NOW)
    assert [audit is not None for audit in found.audits] == [False, True, True], "the longest period is answered first"
    assert len(found.openings) == 3


async def test_for_mails_the_postings_of_a_period_are_a_minute_old_at_most(world: World) -> None:
    clock = 1000.0
    world.matcher.auditing.clock = lambda: clock
    await world.add(posting("first"))
    assert (await world.audit(mailing=True)).considered == 1
    await world.add(posting("second"))
    clock += KEPT_SECONDS - 1
    assert (await world.audit(mailing=True)).considered == 1
    assert (await world.audit(NOW - 2 * DAY, mailing=True)).considered == 1
    clock += 1
    assert (await world.audit(mailing=True)).considered == 2
    await world.add(posting("third"))
    assert (await world.audit()).considered == 3, "whoever else asks is told what is true now"
    assert (await world.audit(mailing=True)).considered == 3


@asynccontextmanager
async def held_while_reading(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[asyncio.Event]:
    """The first page of postings is read when the block ends. Gives the event of somebody having come for it."""
    came, go_on, read = asyncio.Event(), asyncio.Event(), repository.published_since

    async def slowly(*given: object) -> object:
        came.set()
        await go_on.wait()
        return await read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "published_since", slowly)
    yield came
    go_on.set()


async def test_who_asks_while_the_postings_are_read_waits_for_all_of_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        await world.add(posting(name))
    async with held_while_reading(monkeypatch) as came:
        first = asyncio.create_task(world.audit(mailing=True))
        await came.wait()
        others = [asyncio.create_task(world.audit(mailing=True)) for _ in range(2)]
        await asyncio.wait(others, timeout=0.5)  # those that did not wait would have answered by then
    assert [found.considered for found in await asyncio.gather(first, *others)] == [3, 3, 3]


async def test_while_all_is_read_anew_it_is_known_as_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        await world.add(posting(name))
    await world.add(posting("gone"), closed_at=NOW - HOUR)
    assert (await world.audit()).considered == 3
    async with world.database.begin() as session:
        session.add(SkillShareRow(skill="go", share=0.5, openings=9, measured_over=18, measured_at=NOW))
    held = world.matcher.open_postings
    before = held.catalogue, held.gone
    reading: asyncio.Task[Audit]
    async with held_while_reading(monkeypatch) as came:
        reading = asyncio.create_task(world.audit())
        await came.wait()
        assert (len(held.catalogue), len(held.gone)) == (2, 1)
    assert (await reading).considered == 3
    assert held.catalogue is not before[0], "this test is about reading all anew"


async def test_few_periods_are_kept(world: World) -> None:
    await world.add(posting("fits"))
    asked = (AuditAsked(subscription_id=1, since=NOW - hours * HOUR, until=NOW) for hours in range(30, 60))
    assert await world.audits(*asked, mailing=True) == (Audit(considered=1, matched=1),) * 30
    assert len(world.matcher.auditing._windows) == MOST_WINDOWS


def test_no_more_than_so_many_are_asked_for_at_once() -> None:
    one = AuditAsked(subscription_id=1, since=NOW - DAY, until=NOW)
    with pytest.raises(ValidationError):
        AuditsAsked(asked=(one,) * (MOST_ASKED + 1))
    with pytest.raises(ValidationError):
        AuditsAsked(asked=(one,), seconds=3600)


async def test_it_goes_over_the_broker(world: World, settings: Callable[..., Settings], redis_url: str) -> None:
    await world.add(posting("fits"))
    await world.add(posting("other", facts=FALLS[Cause.PAY]))
    answering, asking = (Streams(settings(redis_url=redis_url)) for _ in range(2))
    answering.answer(AUDIT, AuditsAsked, world.matcher.on_audits_asked)
    asked = AuditsAsked(asked=(AuditAsked(subscription_id=1, since=NOW - 7 * DAY, until=NOW),))
    async with asking.running(), answering.running():
        [found] = (await asking.ask(AUDIT, asked, Audits, 5)).audits
    assert found == Audit(considered=2, matched=1, dropped={Cause.PAY: 1})
