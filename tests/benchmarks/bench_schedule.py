"""Finding and opening the digests that are due: 10,000 of a million subscriptions, on Postgres as it comes (with fsync).

The million live in many time zones and want weekly digests; each had last week's. What is due lies far apart among them, as
it does at any minute. The baseline opens them as the notifier did before: one subscription after the other, three statements
each. Also measured is what every tick costs when nothing is due, and the hourly look for silences. Bar: 5 s for the 10,000.

    python tests/benchmarks/bench_schedule.py [SUBSCRIPTIONS]
"""

import asyncio
import logging
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import available_timezones

import structlog
from docker.errors import DockerException
from sqlalchemy import text
from sqlmodel import col, select
from testcontainers.community.postgres import PostgresContainer

from services.notifier.calendar import next_digest, period
from services.notifier.lifecycle import Lifecycle
from services.notifier.repository import ledger
from services.notifier.schedule import Schedule
from shared.database import Database, upsert
from shared.errors import NotReady
from shared.migrations import upgrade
from shared.models import ScheduleRow, SubscriptionRow
from shared.settings import Settings
from shared.streams import Streams
from tests.factories import profile
from tests.notifying import open_mail

SUBSCRIPTIONS, DUE, ONE_BY_ONE, BAR_SECONDS = 1_000_000, 10_000, 1_000, 5.0
NOW = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)
ZONES = sorted(zone for zone in available_timezones() if zone.startswith(("Asia/", "Europe/", "America/", "Australia/")))
FILL = (
    """INSERT INTO subscriptions (
           id, email, address_hash, channel, state, profile, tuning, rule, keep_unknown,
           cadence, timezone, weekday, hour, quiet_note, revision,
           created_at, changed_at, confirmed_at, ended_why, published_at, published_ms)
       SELECT
           n, n || '@example.org', md5(n::text), '', 'active', CAST(:profile AS jsonb), '{}', '', true,
           'weekly', (CAST(:zones AS text[]))[1 + n % :zones_number], n % 7, n % 24, n % 50 = 0, 1,
           :before, :before, :before, '', :before, 1
       FROM generate_series(1, :number) AS n""",
    """INSERT INTO digest_schedules (subscription_id, next_digest_at, revision, covered_until)
       SELECT n, CAST(:now AS timestamptz) + (1 + n % 10000) * interval '1 minute', 1, :before
       FROM generate_series(1, :number) AS n""",
    """INSERT INTO mails (subscription_id, kind, occasion, since, until, state, opened_at, due_at, attempts, finished_at,
           published_at, published_ms)
       SELECT n, 'digest', '2026-W47', :before, :before, 'sent', :before, :before, 1, :before, :before, 1
       FROM generate_series(1, :number) AS n""",
)
MAKE_DUE = """UPDATE digest_schedules
              SET next_digest_at = CAST(:now AS timestamptz) - (1 + subscription_id % 9) * interval '1 minute'
              WHERE subscription_id IN (SELECT n * :step - :shift FROM generate_series(1, :number) AS n)"""


async def filled(database: Database, subscriptions: int) -> None:
    """So many subscriptions, each with its schedule and last week's digest; nothing is due."""
    await upgrade(database)
    before = NOW - timedelta(days=7)
    given = {
        "number": subscriptions,
        "profile": profile().model_dump_json(),
        "zones": ZONES,
        "zones_number": len(ZONES),
        "now": NOW,
        "before": before,
    }
    async with database.engine.begin() as connection:
        for statement in FILL:
            names = {name: value for name, value in given.items() if f":{name}" in statement}
            await connection.execute(text(statement), names)
    await vacuum(database)


async def vacuum(database: Database) -> None:
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))


async def make_due(database: Database, subscriptions: int, number: int, shift: int) -> None:
    """So many digests are due, of subscriptions far apart; another `shift` takes others."""
    async with database.engine.begin() as connection:
        given = {"now": NOW, "number": number, "step": subscriptions // number, "shift": shift}
        await connection.execute(text(MAKE_DUE), given)


async def one_by_one(database: Database) -> int:
    """As `Schedule.open_due_digests` was before: rows locked together, then three statements for each."""
    async with database.begin() as session:
        due = select(ScheduleRow, SubscriptionRow).where(
            col(ScheduleRow.next_digest_at) <= NOW, col(SubscriptionRow.id) == col(ScheduleRow.subscription_id)
        )
        locked = due.order_by(col(ScheduleRow.next_digest_at)).limit(500).with_for_update(of=ScheduleRow, skip_locked=True)
        rows = (await session.exec(locked)).all()
        for schedule, row in rows:
            occasion = period(row.cadence, row.timezone, schedule.next_digest_at)
            await open_mail(session, row.id, "digest", occasion, NOW)
            after = next_digest(row.cadence, row.weekday, row.hour, row.timezone, NOW)
            new = {"subscription_id": row.id, "next_digest_at": after, "revision": schedule.revision}
            await upsert(session, ScheduleRow, [new], update=("next_digest_at", "revision"))
    return len(rows)


async def nobody(*_: object) -> None:
    raise NotReady("no matcher")


async def timed(work: Callable[[], Awaitable[object]]) -> tuple[float, object]:
    began = time.perf_counter()
    result = await work()
    return time.perf_counter() - began, result


async def measure(database: Database, subscriptions: int) -> None:
    settings = Settings(_env_file=None)
    schedule = Schedule(database, Streams(settings), settings)
    await make_due(database, subscriptions, ONE_BY_ONE, shift=1)
    seconds, opened = 0.0, 0
    while opened < ONE_BY_ONE:
        took, number = await timed(lambda: one_by_one(database))
        seconds, opened = seconds + took, opened + int(str(number))
    before = opened / seconds
    print(f"  baseline, one by one as before: {opened:,} opened in {seconds:.2f} s, {before:,.0f}/s")
    runs = []
    for run in range(3):
        await make_due(database, subscriptions, DUE, shift=2 + run)
        took, number = await timed(lambda: schedule.open_due_digests(NOW))
        runs.append(took)
        print(f"  in bulk: {number:,} found and opened in {took:.2f} s, {DUE / took:,.0f}/s")
    worst = max(runs)
    ratio, verdict = DUE / worst / before, "met" if worst <= BAR_SECONDS else "MISSED"
    print(f"  slowest of three {worst:.2f} s (bar {BAR_SECONDS:.0f}): {verdict}; {ratio:.1f} times the baseline's rate")
    await vacuum(database)
    for what, work in (
        ("looking for what is due, when nothing is", lambda: schedule.open_due_digests(NOW)),
        ("letting stuck events be published again", lambda: _owe_again(database)),
        ("the hourly look for silences", lambda: Lifecycle(database, nobody).tick(NOW)),
    ):
        print(f"  {what}: {1000 * (await timed(work))[0]:.1f} ms")


async def _owe_again(database: Database) -> None:
    async with database.begin() as session:
        await ledger.owe_again(session, NOW - timedelta(minutes=10))


async def main(subscriptions: int) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        with PostgresContainer("postgres:17-alpine", driver="asyncpg") as server:
            async with Database.opened(server.get_connection_url()) as database:
                took, _ = await timed(lambda: filled(database, subscriptions))
                print(f"Postgres: {subscriptions:,} subscriptions, made in {took:.0f} s")
                await measure(database, subscriptions)
    except DockerException as error:
        print(f"left out: no Docker engine answers ({type(error).__name__})")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else SUBSCRIPTIONS))
