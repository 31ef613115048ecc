"""The operator hears of what is wrong: once a day, once when it is over, however many notifiers look."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from services.notifier.alarms.looking import EVERY, alarms, look
from services.notifier.compose import compose
from services.notifier.kinds import Letter
from services.notifier.refusals import DIGESTS, DOCTOR, OFF, RED
from services.notifier.repository import alarms as queries
from services.notifier.repository import switches
from shared.database import Database
from shared.events import MAILS, POSTINGS
from shared.models import BoardRow, MailRow, ReturnRow, ScheduleRow, SubscriptionRow, SwitchRow
from shared.settings import Settings
from shared.streams import Streams, dead_letters
from tests.factories import NOW, board_row, mail_row
from tests.notices import LINKS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WELL = {"last_polled_at": NOW, "last_complete_at": NOW, "next_poll_at": NOW + 99 * DAY, "last_yield_at": NOW, "postings_now": 3}
SILENT = {**WELL, "last_yield_at": NOW - 4 * DAY, "postings_now": 0}
OPERATOR = "operator@joblark.example.org"
BASE = 10_000
"""Ids of mails made here lie beyond those that the database gives."""


class World:
    """One installation, and a clock that is set by hand."""

    def __init__(self, database: Database, streams: Streams, settings: Settings) -> None:
        self.database, self.streams, self.settings, self.now = database, streams, settings, NOW

    async def add(self, *rows: Any) -> None:
        async with self.database.begin() as session:
            for row in rows:
                await session.merge(row)

    async def look(self, later: timedelta = EVERY) -> list[str]:
        """What the mails say that were opened by one look, `later`."""
        before = len(await self.mails())
        self.now += later
        await look(self.database, self.streams, self.settings, self.now)
        return [self.text(mail) for mail in (await self.mails())[before:]]

    async def mails(self) -> list[MailRow]:
        async with self.database.read() as session:
            alerts = select(MailRow).where(MailRow.kind == "alert").order_by(MailRow.id)
            return list((await session.exec(alerts)).all())

    def text(self, mail: MailRow) -> str:
        return compose(Letter(mail, None, LINKS, self.settings, mail.opened_at)).text

    async def raised(self) -> list[str]:
        """Codes of all that is wrong, whoever was told."""
        async with self.database.read() as session:
            facts = await queries.facts(session, self.now)
        return [one.trouble.code for one in alarms(facts, self.now)]

    async def board(self, **given: Any) -> None:
        async with self.database.begin() as session:
            row = (await session.exec(select(BoardRow))).first() or board_row()
            for name, value in given.items():
                setattr(row, name, value)
            session.add(row)


@pytest.fixture
async def world(database: Database, settings: Callable[..., Settings], valkey_url: str) -> AsyncIterator[World]:
    config = settings(redis_url=valkey_url, mail_operator=OPERATOR, mail_from="Joblark <digest@joblark.example.org>")
    async with Streams(config).connected() as streams:
        world = World(database, streams, config)
        await world.board(**WELL)
        yield world


def mails(count: int, first: int = 1, **given: Any) -> list[MailRow]:
    usual = {"state": "sent", "finished_at": NOW - HOUR, "opened_at": NOW - HOUR}
    return [mail_row(BASE + id_, id_, occasion="2026-W47", **{**usual, **given}) for id_ in range(first, first + count)]


def returned(id_: int, kind: str = "hard", **given: Any) -> ReturnRow:
    usual = {"key": f"k{id_}", "kind": kind, "address_hash": f"h{id_}", "source": "test", "returned_at": NOW - HOUR}
    return ReturnRow(id=id_, **{**usual, **given})


# ------------------------------------------------------------------------------------------------------------- the course


async def test_a_silent_board_is_told_once_and_its_recovery_too(world: World) -> None:
    assert await world.look() == []
    await world.board(**SILENT)
    (text,) = await world.look()
    assert "greenhouse:lumenworks, silent: listed jobs until 4 days ago" in text
    assert "Since 17 November 2026, 00:05 UTC" in text
    assert "joblark boards health --alarms" in text
    assert [await world.look() for _ in range(10)] == [[]] * 10
    await world.board(**WELL)
    assert await world.look() == []
    assert await world.look(HOUR - timedelta(seconds=1)) == []
    (text,) = await world.look()
    assert text.startswith("All is well again")
    assert [await world.look(HOUR) for _ in range(30)] == [[]] * 30
    occasions = [mail.occasion for mail in await world.mails()]
    assert [occasion.partition(" ")[0] for occasion in occasions] == ["2026-11-21", "2026-11-21"]
    assert occasions[1] == "2026-11-21 clear"


async def test_the_mail_is_the_operators_and_waits_to_be_sent(world: World) -> None:
    await world.board(**SILENT)
    await world.look()
    (mail,) = await world.mails()
    assert (mail.subscription_id, mail.state, mail.attempts, mail.published_at) == (0, "pending", 0, None)
    assert compose(Letter(mail, None, LINKS, world.settings, world.now)).to == OPERATOR


async def test_however_many_look_one_mail_is_opened(world: World, database_url: str) -> None:
    await world.board(**SILENT)
    async with Database.opened(database_url) as other:
        both = (world.database, other) * 4
        for minutes in range(0, 120, 10):
            now = NOW + timedelta(minutes=minutes)
            await asyncio.gather(*(look(database, world.streams, world.settings, now) for database in both))
    assert len(await world.mails()) == 1


async def test_nobody_looks_again_within_ten_minutes(world: World) -> None:
    assert await world.look() == []
    await world.board(**SILENT)
    assert await world.look(EVERY - timedelta(seconds=1)) == []
    assert len(await world.look(timedelta(seconds=1))) == 1


async def test_a_look_is_one_notifiers(world: World) -> None:
    """Two that both found that it is time: one of them looks."""

    async def claims(now: datetime) -> bool:
        async with world.database.begin() as session:
            return await queries.claim_look(session, now, EVERY)

    assert sorted(await asyncio.gather(*(claims(NOW) for _ in range(4)))) == [False, False, False, True]
    assert not await claims(NOW + EVERY - timedelta(seconds=1))
    assert await claims(NOW + EVERY)


async def test_the_same_set_has_one_mail_a_day_whatever_happens_between(world: World) -> None:
    """Told, over, told to be over, and wrong again on one day: the second alert waits for the next day."""
    await world.board(**SILENT)
    assert len(await world.look()) == 1
    await world.board(**WELL)
    await world.look()
    assert len(await world.look(2 * HOUR)) == 1
    await world.board(**SILENT)
    heard = [len(await world.look(HOUR)) for _ in range(24)]
    assert sum(heard) == 1
    assert (await world.mails())[-1].opened_at.date() > NOW.date()


async def test_without_an_operator_there_is_a_log_line_and_no_mail(world: World) -> None:
    world.settings = world.settings.model_copy(update={"mail_operator": ""})
    await world.board(**SILENT)
    assert [await world.look() for _ in range(3)] == [[]] * 3
    assert world.settings.operator.endswith(".invalid")


async def test_a_memory_that_was_spoiled_costs_one_mail_at_most(world: World) -> None:
    await world.board(**SILENT)
    await world.look()
    async with world.database.begin() as session:
        row = await session.get(SwitchRow, queries.MEMORY)
        assert row
        row.value = '{"known": "spoiled"}'
    assert [await world.look() for _ in range(3)] == [[]] * 3, "today's mail says the same"


async def test_it_leaves_the_other_switches_alone(world: World) -> None:
    async with world.database.begin() as session:
        await switches.set_to(session, DIGESTS, OFF, NOW, "holiday")
    await world.look()
    async with world.database.read() as session:
        row = await session.get(SwitchRow, DIGESTS)
    assert row
    assert (row.value, row.reason, row.set_at) == ("off", "holiday", NOW)


# --------------------------------------------------------------------------------------------------------------- the facts


async def test_dead_letters_are_counted(world: World) -> None:
    for _ in range(3):
        await dead_letters.add(world.streams.client, MAILS, "notifier", b"1-1", b"{}", 5, "ValueError: no")
    found = await dead_letters.counts(world.streams.client)
    assert found[MAILS][0] == 3
    assert found[MAILS][1] is not None
    assert found[POSTINGS] == (0, None)
    (text,) = await world.look()
    assert "3 events were set aside" in text
    assert "joblark dead-letters replay mails --all" in text
    for letter in await dead_letters.listing(world.streams.client):
        await dead_letters.drop(world.streams.client, letter)
    assert await dead_letters.counts(world.streams.client) == dict.fromkeys(found, (0, None))


async def test_rates_are_of_seven_days(world: World) -> None:
    await world.add(*mails(100), *mails(500, 200, finished_at=NOW - 8 * DAY))
    await world.add(*(returned(id_, mail_id=BASE + id_) for id_ in range(1, 6)), returned(7, "soft"))
    assert await world.raised() == []
    await world.add(returned(6, mail_id=BASE + 6))
    assert await world.raised() == ["bounces"]
    await world.add(*(returned(id_, mail_id=BASE + id_, returned_at=NOW - 8 * DAY) for id_ in range(1, 7)))
    assert await world.raised() == []
    await world.add(returned(9, "complaint"))
    assert await world.raised() == ["complaints_red"]


async def test_a_mailbox_that_is_gone_comes_back_once(world: World) -> None:
    """Refused at once, it is counted as refused, and not again for the return that was noted of it."""
    refused = {"state": "failed", "reason": "smtp_recipient_refused: no such mailbox"}
    await world.add(*mails(95), *mails(5, 96, **refused), *(returned(id_, mail_id=BASE + id_) for id_ in range(96, 101)))
    async with world.database.read() as session:
        facts = await queries.facts(session, NOW)
    assert (facts.sent, facts.refused, facts.bounces, facts.failed.number) == (100, 5, 0, 0)
    assert await world.raised() == []
    await world.add(*mails(1, 200, **refused))
    assert await world.raised() == ["bounces"]


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("mails_unknown", {"state": "unknown"}),
        ("mails_failed", {"state": "failed", "reason": "smtp_message_refused: no"}),
        ("mails_failed", {"state": "failed"}),
        ("mails_held", {"state": "held", "reason": "no_sender: chats cannot be written to"}),
        ("mails_held", {"state": "held", "reason": None}),
        ("mails_put_off", {"state": "deferred", "opened_at": NOW - 2 * HOUR, "finished_at": None, "due_at": NOW + HOUR}),
    ],
)
async def test_mails_in_trouble_beyond_a_few(world: World, code: str, given: dict[str, Any]) -> None:
    await world.add(*mails(2, **given))
    assert await world.raised() == []
    await world.add(*mails(1, 3, **given))
    assert await world.raised() == [code]


async def test_what_is_late_but_well(world: World) -> None:
    waiting = {"state": "pending", "finished_at": None}
    await world.add(
        *mails(9, 10, state="held", reason="digests_off: digests are stopped"),
        *mails(9, 20, state="skipped", reason="nothing new that fits"),
        *mails(9, 30, **waiting, due_at=NOW - HOUR),
        *mails(9, 40, **waiting, due_at=NOW - DAY, kind="confirm"),
        *mails(9, 50, state="unknown", finished_at=NOW - 9 * DAY),
        *mails(9, 60, state="deferred", opened_at=NOW - HOUR, finished_at=None, due_at=NOW + HOUR),
        ScheduleRow(subscription_id=1, next_digest_at=NOW - HOUR, revision=1),
    )
    assert await world.raised() == []


@pytest.mark.parametrize(
    "row",
    [
        ScheduleRow(subscription_id=1, next_digest_at=NOW - 2 * HOUR, revision=1),
        *mails(1, state="pending", finished_at=None, due_at=NOW - 2 * HOUR),
    ],
)
async def test_a_digest_that_nobody_opens_or_tries(world: World, row: Any) -> None:
    await world.add(row)
    assert await world.raised() == ["digests_overdue"]
    (text,) = await world.look()
    assert "1 digest is more than an hour late" in text
    assert "Since 20 November 2026, 22:05 UTC" in text


async def test_a_switch_that_was_forgotten(world: World) -> None:
    async with world.database.begin() as session:
        await switches.set_to(session, DIGESTS, OFF, NOW - DAY)
    assert await world.raised() == []
    (text,) = await world.look()
    assert "Digests have been stopped for more than a day" in text


async def test_a_red_domain_matters_where_digests_wait_for_it(world: World) -> None:
    async with world.database.begin() as session:
        await switches.set_to(session, DOCTOR, RED, NOW, "spf: no record")
    assert await world.look() == []
    world.settings = world.settings.model_copy(update={"environment": "production"})
    (text,) = await world.look()
    assert "spf: no record" in text
    assert "joblark doctor --mail" in text


async def test_a_board_that_was_removed_is_nobodys_trouble(world: World) -> None:
    await world.board(**SILENT, removed_at=NOW)
    assert await world.raised() == []


async def test_no_address_is_in_what_is_kept(world: World) -> None:
    await world.add(SubscriptionRow(id=1, email="mei.1@example.org", profile={}, created_at=NOW, changed_at=NOW))
    await world.add(*mails(3, state="failed", reason="internal_error: mei.1@example.org"))
    await world.look()
    (mail,) = await world.mails()
    async with world.database.read() as session:
        row = await session.get(SwitchRow, queries.MEMORY)
    assert row
    assert "mei" not in f"{mail.content} {row.value}"
