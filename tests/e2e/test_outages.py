"""What the line stands on taken away while it works: Redis, the mail server, the database."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import make_url
from sqlmodel import col, select

from services.embedded.valkey import ValkeyServer
from services.notifier.schedule import Schedule
from shared.database import SQLITE_BUSY_MS, Database
from shared.models import MatchRow, PostingRow, ScheduleRow, ScreeningRow, SentRow, SubscriptionRow
from tests.e2e import flow, people
from tests.e2e.catcher import PatientCatcher
from tests.e2e.line import eventually, free_port
from tests.e2e.wire import Wire

GROUPS = range(20)
PEOPLE, BOARDS, JOBS = 20, 6, 60
AWAY_SECONDS = 20.0
"""Longer than an event's five deliveries take, with the waits between them."""
DOWN_SECONDS = 3.0
"""How long something is away: longer than one tick, one blocking read and the first retries."""


def restart(server: ValkeyServer) -> None:
    server.stop()
    server.start()


def kill_and_restart(server: ValkeyServer) -> None:
    os.kill(server.pid or 0, signal.SIGKILL)
    while server.pid is not None:
        pass
    server.start()


async def flowing(database, addresses: Sequence[str], rows, *, then) -> None:
    """Boards come in and digests fall due; `then` happens in the middle of it."""
    for number, address in enumerate(addresses[:2]):
        await flow.watch(database, number, address)
    await eventually(lambda: flow.counted(database, ScreeningRow, 2 * JOBS), "the first boards are not matched")
    for number, address in enumerate(addresses[2:4], 2):
        await flow.watch(database, number, address)
    await flow.make_due(database, rows[: PEOPLE // 2])
    await then()
    for number, address in enumerate(addresses[4:], 4):
        await flow.watch(database, number, address)
    await flow.make_due(database, rows[PEOPLE // 2 :])


def fill(boards) -> list[str]:
    return [flow.fill(boards, number, [*GROUPS] * (JOBS // len(GROUPS))) for number in range(BOARDS)]


@pytest.mark.parametrize("again", [restart, kill_and_restart])
async def test_redis_restarted_in_the_middle_loses_nothing(line, valkey, boards, catcher, again):
    async def then() -> None:
        await asyncio.sleep(0.3)
        again(valkey)

    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        await flowing(database, fill(boards), rows, then=then)
        await flow.finished(database, streams, PEOPLE)
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS)
        await flow.every_digest_came_once(database, rows, catcher)
        await flow.nothing_is_left(streams)


async def test_redis_away_for_a_while_is_waited_for(line, valkey, boards, catcher):
    async def then() -> None:
        valkey.stop()
        await asyncio.sleep(DOWN_SECONDS)
        valkey.start()

    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        await flowing(database, fill(boards), rows, then=then)
        await flow.finished(database, streams, PEOPLE)
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS)
        await flow.every_digest_came_once(database, rows, catcher)
        await flow.nothing_is_left(streams)


async def test_redis_emptied_in_the_middle_loses_nothing(line, boards, catcher):
    """With handlers away, so that every kind of event is certainly in Redis and unhandled when it goes."""
    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        addresses = fill(boards)
        for number, address in enumerate(addresses[:3]):
            await flow.watch(database, number, address)
        await eventually(lambda: flow.counted(database, ScreeningRow, 3 * JOBS), "the first boards are not matched")
        await _let_time_pass(database)
        line.kill("matcher")
        await flow.make_due(database, rows[: PEOPLE // 2])
        await eventually(lambda: _are_sent(database, PEOPLE // 2), "the first digests did not come, or nobody noted it")
        line.kill("notifier")
        line.given["stream_min_idle_seconds"] = 30  # what Redis has handed out is lost with it, not claimed in time
        for number, address in enumerate(addresses[3:], 3):
            await flow.watch(database, number, address)
        late = await people.subscribe(database, [0], datetime.now(UTC), first=PEOPLE + 1)
        await eventually(lambda: _everything_is_published(database), "events are not published")
        await streams.client.flushall()
        await line.started("matcher", "notifier")
        await flow.make_due(database, rows[PEOPLE // 2 :])
        await flow.finished(database, streams, PEOPLE)
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS)
        await flow.every_digest_came_once(database, rows, catcher)
        await _is_known(database, late)
        await _nothing_shown_is_still_listed(database)
        await flow.nothing_is_left(streams)


async def test_mails_due_that_redis_lost_go_out_all_the_same(line, boards, catcher):
    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        await flow.watch(database, 0, fill(boards)[0])
        await eventually(lambda: flow.counted(database, ScreeningRow, JOBS), "the board is not matched")
        line.kill("notifier")
        now = datetime.now(UTC)
        await flow.make_due(database, rows)
        await Schedule(database, streams, line.settings).tick(
            now + timedelta(seconds=1)
        )  # the ledger is written, the events are out
        await streams.client.flushall()
        await line.started("notifier")
        await flow.finished(database, streams, PEOPLE)
        await flow.every_digest_came_once(database, rows, catcher)
        await flow.nothing_is_left(streams)


async def test_a_mail_server_that_is_away_and_then_defers_gets_each_mail_once(make_line, valkey, boards):
    port = free_port()
    line = make_line(redis_url=valkey.url, smtp_port=port)
    catcher = PatientCatcher(port)
    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        await flow.watch(database, 0, fill(boards)[0])
        await eventually(lambda: flow.counted(database, ScreeningRow, JOBS), "the board is not matched")
        await flow.make_due(database, rows)
        await eventually(lambda: _reasons(database, "smtp_unreachable"), "nobody noticed that the mail server is away")
        catcher.reply = "451 4.3.0 try again later"
        catcher.start()
        try:
            await eventually(lambda: _reasons(database, "451 4.3.0"), "nobody was deferred")
            assert catcher.messages == []
            catcher.reply = "250 OK"
            await flow.finished(database, streams, PEOPLE)
            await flow.every_digest_came_once(database, rows, catcher)
            await flow.nothing_is_left(streams)
        finally:
            catcher.stop(no_assert=True)


@pytest.mark.parametrize("seconds", [4.0, SQLITE_BUSY_MS / 1000 + 2], ids=["for a moment", "longer than anybody waits"])
async def test_a_locked_database_holds_the_line_up_and_no_more(line, boards, catcher, seconds):
    async def then() -> None:
        with closing(sqlite3.connect(database.url.database, isolation_level=None, timeout=20)) as other:
            other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(seconds)
            other.execute("ROLLBACK")

    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        await flowing(database, fill(boards), rows, then=then)
        await flow.finished(database, streams, PEOPLE)
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS)
        await flow.every_digest_came_once(database, rows, catcher)
        await flow.nothing_is_left(streams)


async def _let_time_pass(database: Database) -> None:
    """One more subscription, so that those before are known to be handled and no event about them will come again."""
    await people.subscribe(database, [0], datetime.now(UTC), first=PEOPLE)
    await eventually(lambda: flow.counted(database, ScheduleRow, PEOPLE + 1), "the newcomer is not scheduled")


async def _reasons(database: Database, words: str) -> bool:
    """Whether every mail waits for another try, for a reason that says `words`."""
    found = await flow.mails(database)
    return (
        len(found) == PEOPLE
        and all(mail.state in ("deferred", "sending", "pending") for mail in found)
        and all(words in (mail.reason or "") for mail in found)
    )


async def _everything_is_published(database: Database) -> bool:
    async with database.read() as session:
        postings = (await session.exec(select(PostingRow.published_at))).all()
        subscriptions = (await session.exec(select(SubscriptionRow.published_at))).all()
    return len(postings) == BOARDS * JOBS and all(postings) and all(subscriptions)


async def _is_known(database: Database, rows: Sequence[SubscriptionRow]) -> None:
    """Both readers of the lost event have heard of it: the notifier planned, the matcher filled the shortlist."""
    async with database.read() as session:
        for row in rows:
            assert await session.get(ScheduleRow, row.id)
            assert (await session.exec(select(MatchRow).where(MatchRow.subscription_id == row.id))).all()


async def _nothing_shown_is_still_listed(database: Database) -> None:
    async with database.read() as session:
        shown = select(MatchRow, SentRow).where(
            col(SentRow.subscription_id) == col(MatchRow.subscription_id), col(SentRow.posting_id) == col(MatchRow.posting_id)
        )
        assert (await session.exec(shown)).all() == []


@pytest.mark.docker
@pytest.mark.timeout(300)
async def test_postgres_away_for_longer_than_all_retries_loses_and_sets_aside_nothing(
    make_line, valkey, postgres_url, boards, catcher
):
    url = make_url(postgres_url)
    wire = Wire(url.host or "", url.port or 0)
    await wire.mend()
    through = url.set(host="127.0.0.1", port=wire.port).render_as_string(hide_password=False)
    line = await asyncio.to_thread(make_line, redis_url=valkey.url, database_url=through, smtp_port=catcher.port)

    async with line.inside() as (database, streams):
        rows = await flow.scheduled(line, database, streams, [*GROUPS])
        line.kill("matcher")
        for number, address in enumerate(fill(boards)):
            await flow.watch(database, number, address)
        await eventually(lambda: _everything_is_published(database), "events are not published")
        await wire.cut()
        line.start("matcher")
        await asyncio.sleep(AWAY_SECONDS)
        await wire.mend()
        await eventually(lambda: flow.counted(database, ScreeningRow, BOARDS * JOBS), "not everything is matched")
        await flow.make_due(database, rows)
        await flow.finished(database, streams, PEOPLE)
        await flow.every_posting_was_matched_once(database, BOARDS * JOBS)
        await flow.every_digest_came_once(database, rows, catcher)
        await flow.nothing_is_left(streams)
    await wire.cut()


async def _are_sent(database: Database, number: int) -> bool:
    """Noted as sent, too: a notifier killed in between would rightly call the last of them unknown."""
    return [mail.state for mail in await flow.mails(database)].count("sent") == number
