"""When mails are opened, on real databases: each period's digest once, whoever dies, whatever was missed or edited."""

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

import tests
from services.notifier import lifecycle, schedule
from services.notifier.calendar import spread
from services.notifier.handlers import Notifier
from services.notifier.kinds import kinds
from services.notifier.owed import WELCOME_AFTER
from services.notifier.post import Post
from services.notifier.prepare import QUIET
from services.notifier.repository import ledger, schedules
from services.notifier.schedule import MISSED, Schedule
from shared.address import address_hash
from shared.audit import AUDIT, Audit, Audits
from shared.database import Database
from shared.errors import NotReady
from shared.events import MAILS, NOTICES, SubscriptionChanged
from shared.links import Links
from shared.match import Cause
from shared.models import FeedbackRow, MailRow, ScheduleRow, SubscriptionRow
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.upkeep import Upkeep
from shared.ticking import Ticker
from tests.factories import NOW, mail_row, subscription_row
from tests.fakes import FakeSender
from tests.notifying import when

MINUTES = 50
MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
"""Monday at 8 in Singapore, two days after `NOW`."""


class Office:
    """The scheduler and the handler of one notifier, with a clock that is set by hand."""

    def __init__(self, database: Database, streams: Streams, settings: Settings) -> None:
        self.database, self.streams, self.settings = database, streams, settings
        self.now = NOW
        self.schedule = Schedule(database, streams, settings)
        self.lifecycle = lifecycle.Lifecycle(database, nobody_answers)
        links = Links("https://joblark.example.org", "thirty-two characters, none secret")
        self.notifier = Notifier(database, Post(database, FakeSender(), links, settings, now=lambda: self.now), settings)

    async def add(self, *rows: Any) -> None:
        async with self.database.begin() as session:
            for row in rows:
                await session.merge(row)

    async def tell(self, *ids: int, times: int = 2) -> None:
        """The event of a change, which may come twice."""
        for _ in range(times):
            await self.notifier.on_subscriptions_changed([SubscriptionChanged(subscription_id=id_, revision=1) for id_ in ids])

    async def subscribe(self, id_: int, **given: Any) -> SubscriptionRow:
        row = subscription_row(id_, **{"address_hash": address_hash(f"mei.{id_}@example.org"), **given})
        await self.add(row)
        await self.tell(id_)
        return row

    async def open(self, later: timedelta = timedelta(0)) -> int:
        self.now += later
        return await self.schedule.open_due_digests(self.now)

    async def all(self, table: type[Any], *where: Any) -> Sequence[Any]:
        async with self.database.read() as session:
            return (await session.exec(select(table).where(*where).order_by(*table.__table__.primary_key.columns))).all()

    async def mails(self, kind: str = "digest", **given: Any) -> list[MailRow]:
        rows = [mail for mail in await self.all(MailRow) if mail.kind == kind]
        return [row for row in rows if all(getattr(row, name) == value for name, value in given.items())]

    async def occasions(self, kind: str = "digest", **given: Any) -> list[str]:
        return [mail.occasion for mail in await self.mails(kind, **given)]

    async def planned(self, id_: int = 1) -> ScheduleRow:
        (row,) = await self.all(ScheduleRow, ScheduleRow.subscription_id == id_)
        return row


async def nobody_answers(*_: Any) -> Any:
    raise NotReady("no matcher", code="no_answer")


@pytest.fixture
async def office(database: Database, settings: Callable[..., Settings]) -> Office:
    config = settings(digest_spread_minutes=MINUTES)
    return Office(database, Streams(config), config)


# -------------------------------------------------------------------------------------------------------------- opening


async def test_a_digest_is_due_at_its_hour_and_its_place_in_the_ramp(office: Office) -> None:
    row = await office.subscribe(1)
    due = when(row, NOW) + spread(1, MINUTES)
    assert (await office.planned()).next_digest_at == due == MONDAY + spread(1, MINUTES)
    assert await office.open(due - NOW - timedelta(seconds=1)) == 0
    assert await office.open(timedelta(seconds=1)) == 1
    (mail,) = await office.mails()
    assert (mail.occasion, mail.state, mail.since, mail.until) == ("2026-W48", "pending", MONDAY - WEEK, MONDAY)
    assert (mail.opened_at, mail.due_at, mail.published_at) == (due, due, None)
    assert (await office.planned()).next_digest_at == due + WEEK
    assert await office.open() == 0


async def test_what_was_missed_is_opened_once_and_the_rest_is_noted(office: Office) -> None:
    await office.subscribe(1, cadence="daily")
    await office.open(DAY + HOUR)
    (first,) = await office.mails()
    await office.open(5 * DAY)
    *missed, caught_up = (await office.mails())[1:]
    assert [mail.occasion for mail in missed] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]
    for mail in missed:
        assert (mail.state, mail.reason, mail.since, mail.until) == ("skipped", MISSED, None, None)
        assert mail.due_at == mail.finished_at.replace(day=int(mail.occasion[-2:]), hour=0, minute=0, second=0) + spread(1, 50)
    assert (caught_up.occasion, caught_up.state, caught_up.since) == ("2026-11-27", "pending", first.until)
    assert caught_up.until == datetime(2026, 11, 27, tzinfo=UTC)
    await office.open()
    assert len(await office.mails()) == 6


async def test_what_was_due_more_than_a_week_ago_is_noted_and_never_opened(office: Office) -> None:
    await office.subscribe(1, cadence="monthly")
    due = (await office.planned()).next_digest_at
    await office.open(due + WEEK + MINUTE - NOW)
    (mail,) = await office.mails()
    assert (mail.occasion, mail.state, mail.reason) == ("2026-12", "skipped", MISSED)
    await office.open((await office.planned()).next_digest_at - office.now)
    (january,) = await office.mails(state="pending")
    assert (january.occasion, january.until - january.since) == ("2027-01", 28 * DAY)


async def test_after_a_long_outage_a_month_is_noted_and_covered(office: Office) -> None:
    await office.subscribe(1, cadence="daily")
    await office.open(DAY + HOUR)
    await office.open(200 * DAY)
    states = Counter(mail.state for mail in await office.mails())
    assert states == {"pending": 2, "skipped": 31}
    latest = (await office.mails(state="pending"))[1]
    assert latest.until - latest.since == 31 * DAY


async def test_windows_tile_through_a_year_of_weeks_and_changes_of_clocks(office: Office) -> None:
    await office.subscribe(1, timezone="Australia/Lord_Howe", hour=2, weekday=6)
    for _ in range(52):
        await office.open((await office.planned()).next_digest_at - office.now)
    mails = await office.mails()
    assert len({mail.occasion for mail in mails}) == 52
    assert all(after.since == before.until for before, after in pairwise(mails))
    assert {mail.until - mail.since for mail in mails} == {WEEK, WEEK - HOUR / 2, WEEK + HOUR / 2}


async def test_a_subscription_that_cannot_be_read_starves_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time zone is no longer one, as after an upgrade of the time zone data. It is first in every batch."""
    monkeypatch.setattr(schedule, "BATCH", 2)
    for id_ in range(1, 6):
        await office.add(subscription_row(id_), ScheduleRow(subscription_id=id_, next_digest_at=MONDAY, revision=1))
    for id_ in (1, 2):
        await office.add(subscription_row(id_, timezone="Mars/Olympus"))
        await office.add(ScheduleRow(subscription_id=id_, next_digest_at=MONDAY - HOUR, revision=1))
    await office.open(MONDAY + HOUR - NOW)
    assert [mail.subscription_id for mail in await office.mails()] == [3, 4, 5]
    assert (await office.planned(1)).next_digest_at == office.now + DAY
    await office.add(subscription_row(1))
    await office.open(DAY)
    assert [mail.subscription_id for mail in await office.mails()] == [3, 4, 5, 1]


async def test_a_tick_opens_no_more_than_it_can_publish(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BATCH", 2)
    monkeypatch.setattr(schedule, "AT_ONCE", 4)
    for id_ in range(1, 8):
        await office.add(
            subscription_row(id_), ScheduleRow(subscription_id=id_, next_digest_at=MONDAY + id_ * MINUTE, revision=1)
        )
    assert [await office.open(MONDAY + HOUR - office.now) for _ in range(3)] == [4, 3, 0]
    assert [mail.subscription_id for mail in await office.mails()] == [1, 2, 3, 4, 5, 6, 7], "the longest due first"


@pytest.mark.parametrize("state", ["paused", "ended", "pending", None])
async def test_nothing_is_opened_for_a_subscription_that_is_not_active(office: Office, state: str | None) -> None:
    """The event of the change has not come yet, or is lost."""
    if state:
        await office.add(subscription_row(1, state=state))
    await office.add(ScheduleRow(subscription_id=1, next_digest_at=NOW, revision=1))
    await office.open()
    assert (await office.mails(), await office.all(ScheduleRow)) == ([], [])


async def test_a_digest_that_was_sent_by_hand_is_not_opened_again(office: Office) -> None:
    row = await office.subscribe(1)
    await office.add(mail_row(1001, occasion="2026-W48", state="sent"))
    await office.open(MONDAY + HOUR - NOW)
    assert await office.occasions() == ["2026-W48"]
    planned = await office.planned()
    assert planned.next_digest_at == when(row, office.now) + spread(1, MINUTES)
    assert planned.covered_until is None, "the window that nobody opened is the next one's"


# ---------------------------------------------------------------------------------------------------------- processes


class Worker:
    """`tests/schedule_worker.py` in a process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    @classmethod
    async def start(cls, url: str, now: datetime, *words: str) -> "Worker":
        script = Path(tests.__path__[0]) / "schedule_worker.py"
        root = script.parents[1]
        command = [sys.executable, str(script), url, now.isoformat(), *words]
        return cls(
            await asyncio.create_subprocess_exec(*command, cwd=root, env=_importing(root), stdout=asyncio.subprocess.PIPE)
        )

    async def until(self, word: str) -> None:
        assert self.process.stdout
        async with asyncio.timeout(60):
            while word not in (line := (await self.process.stdout.readline()).decode()):
                assert line, f"the scheduler ended before it said {word!r}"

    async def end(self) -> int:
        async with asyncio.timeout(60):
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


def _importing(root: Path) -> dict[str, str]:
    return {"PYTHONPATH": str(root), "PATH": ""}


async def _many_due(office: Office, number: int) -> None:
    async with office.database.begin() as session:
        for id_ in range(1, number + 1):
            session.add(subscription_row(id_))
            session.add(ScheduleRow(subscription_id=id_, next_digest_at=MONDAY + spread(id_, MINUTES), revision=1))


async def _each_was_opened_once(office: Office, number: int) -> None:
    mails = await office.mails()
    assert Counter(mail.subscription_id for mail in mails) == dict.fromkeys(range(1, number + 1), 1)
    assert {(mail.occasion, mail.since, mail.until) for mail in mails} == {("2026-W48", MONDAY - WEEK, MONDAY)}
    planned = await office.all(ScheduleRow)
    assert [row.next_digest_at for row in planned] == [MONDAY + WEEK + spread(row.subscription_id, 50) for row in planned]
    assert {row.covered_until for row in planned} == {MONDAY}


async def test_two_schedulers_at_once_double_nothing(office: Office, database_url: str) -> None:
    await _many_due(office, 400)
    workers = [await Worker.start(database_url, MONDAY + HOUR) for _ in range(2)]
    assert [await worker.end() for worker in workers] == [0, 0]
    await _each_was_opened_once(office, 400)


async def test_a_scheduler_that_is_killed_half_way_loses_and_doubles_nothing(office: Office, database_url: str) -> None:
    """It dies in the middle of its third batch, with everything of it written and nothing committed."""
    await _many_due(office, 400)
    dying = await Worker.start(database_url, MONDAY + HOUR, "hang=3")
    await dying.until("hanging")
    other = await Worker.start(database_url, MONDAY + HOUR)
    dying.process.kill()
    assert (await dying.end(), await other.end()) == (-9, 0)
    await _each_was_opened_once(office, 400)


# -------------------------------------------------------------------------------------------------------------- edits


async def test_an_edit_after_the_digest_was_opened_makes_no_second_one_and_loses_none(office: Office) -> None:
    await office.subscribe(1)
    await office.open(MONDAY + HOUR - NOW)
    await office.subscribe(1, revision=2, weekday=3, hour=18)
    thursday = datetime(2026, 12, 3, 10, tzinfo=UTC)
    assert (await office.planned()).next_digest_at == thursday + spread(1, MINUTES), "W48 had its digest on Monday"
    await office.open(3 * WEEK)
    first, *missed, latest = await office.mails()
    assert [mail.occasion for mail in missed] == ["2026-W49"]
    assert (latest.occasion, latest.since) == ("2026-W50", first.until)


async def test_an_hour_moved_into_the_past_is_not_lost(office: Office) -> None:
    await office.subscribe(1, cadence="daily", hour=18)
    await office.open(MONDAY + 4 * HOUR - NOW)
    await office.subscribe(1, revision=2, cadence="daily", hour=8)
    await office.open()
    assert await office.occasions(state="pending") == ["2026-11-22", "2026-11-23"]
    assert (await office.planned()).next_digest_at == MONDAY + DAY + spread(1, MINUTES)


async def test_a_tick_before_the_event_of_an_edit_opens_one_digest_of_the_period(office: Office) -> None:
    await office.subscribe(1)
    await office.add(subscription_row(1, revision=2, weekday=3, hour=18))
    await office.open(MONDAY + HOUR - NOW)
    assert (await office.planned()).revision == 1, "the edit is still to be seen"
    await office.tell(1)
    for _ in range(14):
        await office.open(DAY)
    assert await office.occasions() == ["2026-W48", "2026-W49"]
    assert (await office.planned()).revision == 2


@pytest.mark.parametrize("hours", range(0, 60, 6))
async def test_whoever_edits_whenever_has_one_digest_a_day(office: Office, hours: int) -> None:
    """Hour and time zone are edited back and forth; ticks come each hour."""
    zones = ("Asia/Singapore", "Asia/Tokyo", "Europe/London", "Asia/Singapore")
    await office.subscribe(1, cadence="daily", hour=20)
    for revision, zone in enumerate(zones, 2):
        for _ in range(hours):
            await office.open(HOUR)
        await office.subscribe(1, cadence="daily", hour=(hours + 5 * revision) % 24, timezone=zone, revision=revision)
    for _ in range(72):
        await office.open(HOUR)
    mails = await office.mails()
    assert len({mail.occasion for mail in mails}) == len(mails)
    assert all(after.since == before.until for before, after in pairwise(mails))
    assert all(after.opened_at - before.opened_at <= 2 * DAY + HOUR for before, after in pairwise(mails))
    assert {mail.state for mail in mails} == {"pending"}


async def test_an_older_event_that_is_handled_late_does_not_undo_a_newer_plan(office: Office) -> None:
    row = await office.subscribe(1, revision=3)
    planned = await office.planned()
    async with office.database.begin() as session:
        stale = ScheduleRow(subscription_id=row.id, next_digest_at=NOW, revision=2)
        await schedules.set_all(session, [stale])
    assert await office.planned() == planned


async def test_a_pause_takes_back_what_waits_and_the_window_is_the_next_ones(office: Office) -> None:
    await office.subscribe(1)
    await office.open(MONDAY + HOUR - NOW)
    await office.open(WEEK)
    await office.subscribe(1, state="paused", revision=2)
    assert await office.all(ScheduleRow) == []
    *_, taken_back = await office.mails()
    assert (taken_back.state, taken_back.reason) == ("skipped", "not_asked_for: the subscription is paused")
    office.now += 10 * DAY
    await office.subscribe(1, revision=3)
    await office.open((await office.planned()).next_digest_at - office.now)
    *_, latest = await office.mails()
    assert (latest.state, latest.occasion) == ("pending", "2026-W51")


async def test_the_window_after_a_pause_begins_where_the_last_mail_that_went_out_ended(office: Office) -> None:
    await office.subscribe(1)
    await office.open(MONDAY + HOUR - NOW)
    await office.add(mail_row((await office.mails())[0].id, occasion="2026-W48", state="sent", since=NOW, until=MONDAY))
    await office.open(WEEK)
    await office.subscribe(1, state="paused", revision=2)
    await office.subscribe(1, revision=3)
    assert (await office.planned()).covered_until == MONDAY
    assert (await office.planned()).next_digest_at == MONDAY + 2 * WEEK + spread(1, MINUTES), "W49 is in the ledger"


# --------------------------------------------------------------------------------------------------------- what is owed


async def test_who_confirmed_is_welcomed_once_when_the_matcher_has_had_its_time(office: Office) -> None:
    await office.subscribe(1, state="pending", confirmed_at=None, created_at=NOW - DAY)
    confirmed = NOW - MINUTE
    for revision in (2, 3):
        await office.subscribe(1, confirmed_at=confirmed, created_at=NOW - DAY, revision=revision)
    (welcome,) = await office.mails("welcome")
    due = confirmed + WELCOME_AFTER
    assert (welcome.state, welcome.due_at, welcome.since, welcome.until) == ("pending", due, due - WEEK, due)
    assert (await office.planned()).covered_until == due
    await office.open(MONDAY + HOUR - NOW)
    (digest,) = await office.mails()
    assert digest.since == welcome.until, "the first digest begins where the welcome ended"


async def test_an_operators_subscription_is_not_welcomed_and_an_old_one_not_either(office: Office) -> None:
    await office.subscribe(1)
    await office.subscribe(2, created_at=NOW - 30 * DAY, confirmed_at=NOW - 29 * DAY)
    assert await office.mails("welcome") == []


async def test_the_links_are_mailed_once_for_each_time_they_are_asked_for(office: Office) -> None:
    await office.add(
        subscription_row(2, email="mei.1@example.org"), subscription_row(3, state="ended", email="mei.1@example.org")
    )
    for at in (NOW - HOUR, NOW):
        await office.subscribe(1, link_asked_at=at, state="paused")
    mails = await office.mails("manage")
    assert [mail.occasion for mail in mails] == [(NOW - HOUR).isoformat(), NOW.isoformat()]
    assert [one["id"] for one in (mails[1].content or {})["subscriptions"]] == [2, 1]
    assert {mail.state for mail in mails} == {"pending"}, "also for who rests"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ended_why": "asked"}, 1),
        ({"ended_why": "silent"}, 1),
        ({"ended_why": "complaint"}, 0),
        ({"ended_why": "unconfirmed"}, 0),
        ({"ended_why": "erased"}, 0),
        ({"ended_why": "asked", "confirmed_at": None}, 0),
        ({"ended_why": "asked", "ended_at": NOW - 8 * DAY}, 0),
    ],
)
async def test_a_farewell_is_for_who_left_or_fell_silent(office: Office, given: dict[str, Any], expected: int) -> None:
    await office.subscribe(1)
    await office.open(MONDAY + HOUR - NOW)
    await office.subscribe(1, revision=2, **{"state": "ended", "ended_at": NOW, **given})
    await office.subscribe(1, revision=3, **{"state": "ended", "ended_at": NOW, **given})
    assert await office.occasions("farewell", state="pending") == ["farewell"] * expected
    assert await office.occasions(state="pending") == []


async def test_whoever_confirms_needs_no_confirmation_any_more(office: Office) -> None:
    await office.subscribe(1, state="pending")
    assert await office.occasions("confirm", state="pending") == ["revision-1"]
    await office.subscribe(1, revision=2)
    assert await office.occasions("confirm", state="skipped") == ["revision-1"]


async def test_one_subscription_that_cannot_be_read_holds_up_no_other_event(office: Office) -> None:
    await office.add(subscription_row(1, timezone="Mars/Olympus", created_at=NOW - DAY), subscription_row(2))
    await office.tell(1, 2)
    assert [row.subscription_id for row in await office.all(ScheduleRow)] == [2]


# ---------------------------------------------------------------------------------------------------------- lifecycle


def _pending(id_: int, ago: timedelta) -> SubscriptionRow:
    return subscription_row(id_, state="pending", changed_at=NOW - ago, created_at=NOW - ago, confirmed_at=None)


async def _look(office: Office, *, times: int = 2) -> None:
    for _ in range(times):
        await lifecycle.Lifecycle(office.database, nobody_answers).tick(office.now)


async def test_a_request_is_reminded_of_once_after_three_days_while_it_can_be_confirmed(office: Office) -> None:
    for id_, ago in enumerate((2 * DAY, 3 * DAY, 13 * DAY, 14 * DAY, 5 * DAY), 1):
        await office.add(_pending(id_, ago), mail_row(1000 + id_, id_, kind="confirm", occasion="revision-1", state="sent"))
    await office.add(mail_row(1005, 5, kind="confirm", occasion="revision-1", state="failed"))
    await _look(office)
    reminders = await office.mails("confirm", occasion="reminder")
    assert [mail.subscription_id for mail in reminders] == [2, 3]
    office.now += DAY
    await _look(office)
    assert [mail.subscription_id for mail in await office.mails("confirm", occasion="reminder")] == [2, 3, 1]


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({}, True),
        ({"state": "paused"}, True),
        ({"state": "ended"}, False),
        ({"renewed_at": NOW - 364 * DAY}, False),
        ({"changed_at": NOW - 364 * DAY}, False),
        ({"link_asked_at": NOW - 364 * DAY}, False),
        ({"renewed_at": NOW - 365 * DAY}, True),
    ],
)
async def test_after_a_year_without_a_sign_somebody_is_asked_whether_they_are_there(
    office: Office, given: dict[str, Any], asked: bool
) -> None:
    long_ago = dict.fromkeys(("created_at", "changed_at", "confirmed_at"), NOW - 365 * DAY)
    await office.add(subscription_row(1, **{**long_ago, **given}))
    await _look(office)
    assert await office.occasions("still-there") == (["2026-11"] if asked else [])
    office.now += 32 * DAY
    await _look(office)
    (later,) = [row.occasion for row in await office.mails("still-there")] if asked else (None,)
    assert later == ("2026-11" if asked else None), "asked once, not each month"


async def test_an_answer_to_a_job_is_a_sign_of_life_and_a_mail_that_failed_was_no_question(office: Office) -> None:
    long_ago = dict.fromkeys(("created_at", "changed_at", "confirmed_at"), NOW - 400 * DAY)
    await office.add(subscription_row(1, **long_ago), subscription_row(2, **long_ago))
    await office.add(FeedbackRow(subscription_id=1, posting_id=1, opening_key="a", liked=True, given_at=NOW - 300 * DAY))
    await office.add(mail_row(1001, 2, kind="still-there", occasion="2026-10", state="failed", opened_at=NOW - 30 * DAY))
    await _look(office)
    asked = {(mail.subscription_id, mail.occasion) for mail in await office.mails("still-there")}
    assert asked == {(2, "2026-10"), (2, "2026-11")}


QUIET_LIFE: dict[str, Any] = {"quiet_note": True, "created_at": NOW - 90 * DAY, "confirmed_at": NOW - 90 * DAY}


def _skipped(id_: int, subscription_id: int = 1, ago: timedelta = DAY, reason: str = QUIET) -> MailRow:
    return mail_row(1000 + id_, subscription_id, state="skipped", reason=reason, finished_at=NOW - ago)


async def test_after_four_quiet_weeks_whoever_asked_for_it_has_a_line(office: Office) -> None:
    await office.add(*(subscription_row(id_, **QUIET_LIFE) for id_ in (1, 2, 3, 4)), subscription_row(5))
    await office.add(subscription_row(6, **{**QUIET_LIFE, "confirmed_at": NOW - 20 * DAY}))
    for id_ in (1, 2, 3, 5, 6):
        await office.add(_skipped(id_, id_))
    await office.add(mail_row(1012, 2, state="sent", finished_at=NOW - 27 * DAY))
    await office.add(mail_row(1013, 3, state="sent", finished_at=NOW - 28 * DAY))
    await office.add(_skipped(14, 4, reason="address_suppressed: it came back"))
    await _look(office)
    notes = await office.mails("watching")
    assert [(mail.subscription_id, mail.occasion) for mail in notes] == [(1, "2026-11"), (3, "2026-11")]
    assert {(mail.since, mail.until) for mail in notes} == {(NOW - 28 * DAY, NOW)}
    office.now += 15 * DAY
    await _look(office)
    again = [mail.subscription_id for mail in await office.mails("watching", occasion="2026-12")]
    assert again == [2, 6], "not those who had one two weeks ago, though that was another month"


async def test_the_line_says_what_the_jobs_fell_to_where_a_matcher_answers(office: Office) -> None:
    await office.add(subscription_row(1, **QUIET_LIFE), _skipped(1))
    audit = Audit(considered=412, matched=0, dropped={Cause.PLACE: 400, Cause.LEVEL: 12})

    async def answers(name: str, question: Any, kind: type[Any], seconds: float) -> Any:
        assert (name, [one.subscription_id for one in question.asked]) == (AUDIT, [1])
        return Audits(audits=(audit,), openings=(None,))

    await lifecycle.Lifecycle(office.database, answers).tick(NOW)
    (note,) = await office.mails("watching")
    assert (note.content or {})["considered"] == 412


async def test_a_look_goes_through_everybody_in_batches_and_is_taken_once_an_hour(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "BATCH", 3)
    monkeypatch.setattr(lifecycle, "AT_ONCE", 6)
    for id_ in range(1, 9):
        await office.add(_pending(id_, 4 * DAY), mail_row(1000 + id_, id_, kind="confirm", occasion="revision-1", state="sent"))
    found = []
    for later in (0, 59, 60, 120):
        await office.lifecycle.tick(NOW + later * MINUTE)
        found.append(len(await office.mails("confirm", occasion="reminder")))
    assert found == [6, 6, 8, 8]


async def test_whoever_cannot_be_asked_again_this_month_hides_nobody(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The question to them failed: they are found at each look, and their occasion is in the ledger."""
    monkeypatch.setattr(lifecycle, "BATCH", 2)
    long_ago = dict.fromkeys(("created_at", "changed_at", "confirmed_at"), NOW - 400 * DAY)
    for id_ in (1, 2, 3):
        await office.add(subscription_row(id_, **long_ago))
    for id_ in (1, 2):
        await office.add(mail_row(1000 + id_, id_, kind="still-there", occasion="2026-11", state="failed"))
    async with asyncio.timeout(30):
        await _look(office)
    assert [mail.subscription_id for mail in await office.mails("still-there", state="pending")] == [3]


# ---------------------------------------------------------------------------------------------------------------- ticks


@pytest.fixture
async def ticking(database: Database, settings: Callable[..., Settings], valkey_url: str) -> AsyncIterator[Office]:
    config = settings(redis_url=valkey_url, digest_spread_minutes=0)
    async with Streams(config).connected() as streams:
        await Upkeep(streams).once()
        yield Office(database, streams, config)


def failing(_: datetime) -> Awaitable[object]:
    raise RuntimeError("a bug in one step")


@pytest.mark.parametrize("broken", ["remember", "notices", "expired", "lifecycle", "digests"])
async def test_a_step_that_fails_starves_no_other_and_is_told(ticking: Office, broken: str) -> None:
    await ticking.add(subscription_row(1), ScheduleRow(subscription_id=1, next_digest_at=NOW, revision=1))
    await ticking.subscribe(2, state="pending")
    ticking.schedule.steps[broken] = failing
    with pytest.raises(RuntimeError):
        await ticking.schedule.tick(NOW)
    published = [await ticking.streams.client.xlen(stream) for stream in (MAILS, NOTICES)]
    assert published == [0 if broken == "digests" else 1, 1]


async def test_the_health_page_tells_of_a_tick_that_does_its_work_only_in_part(ticking: Office) -> None:
    ticker = Ticker("notifier", 5, ticking.schedule.tick)
    await ticker.once()
    await ticker.check()
    ticking.schedule.steps["digests"] = failing
    before = ticker.last
    await ticker.once()
    assert ticker.last == before, "so that it is too long ago some day"


async def test_what_somebody_waits_for_is_published_before_digests_are_opened(ticking: Office) -> None:
    await ticking.subscribe(2, state="pending")
    seen = []

    async def open_digests(_: datetime) -> None:
        seen.append(await ticking.streams.client.xlen(NOTICES))

    ticking.schedule.steps["digests"] = open_digests
    await ticking.schedule.tick(NOW)
    assert seen == [1]


async def test_steps_of_others_run_at_each_tick(ticking: Office) -> None:
    seen = []

    async def step(now: datetime) -> None:
        seen.append(now)

    one = Schedule(ticking.database, ticking.streams, ticking.settings, {"another": step})
    await one.tick(NOW)
    assert seen == [NOW]


async def test_what_owes_an_event_is_what_waits_and_is_due_or_lists_jobs_that_are_used_up(office: Office) -> None:
    """The condition is also that of an index, in words of its own: it must not drift from the ledger's."""
    states = (*ledger.WAITING, *ledger.SHOWN, "sending", "failed", "skipped", "held")
    for number, (kind, state) in enumerate(product(kinds(), states), 1):
        for later, due_at in enumerate((NOW, NOW + MINUTE)):
            await office.add(mail_row(2 * number + later, kind=kind, occasion=f"{number} {later}", state=state, due_at=due_at))
    await office.add(mail_row(1, occasion="told", state="pending", published_at=NOW))
    owing = await office.all(MailRow, col(MailRow.published_at).is_(None), ledger.owes_event(NOW))
    to_send = {(kind, state, NOW) for kind, state in product(kinds(), ledger.WAITING)}
    shown = {(kind, state, at) for kind, state, at in product(ledger.LISTING, ledger.SHOWN, (NOW, NOW + MINUTE))}
    assert {(mail.kind, mail.state, mail.due_at) for mail in owing} == to_send | shown
