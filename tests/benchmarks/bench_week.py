"""The week's numbers: audits of many subscriptions in one question, and openings counted by week and place.

5,000 postings are new this week beside 20,000 older ones; 500 people in real proportions, three in ten with a rule, were each
shown 100 jobs before. Bar: 2 ms for each subscription. Then the openings of 100,000 postings of nine weeks.

    python -m tests.benchmarks.bench_week [postgresql+asyncpg://…]
"""

import asyncio
import random
import sys
import tempfile
import time
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from services.matcher.audit import Auditing
from services.matcher.place_weeks import PlaceWeeks
from services.matcher.population import population
from services.matcher.refresh import OpenPostings
from shared.audit import AuditAsked, AuditsAsked
from shared.database import Database, upsert
from shared.migrations import upgrade
from shared.models import MailRow, PostingRow, SentRow, SubscriptionRow
from shared.rarities import StoredRarities
from tests.benchmarks.bench_preview import open_postings
from tests.factories import NOW, board_row, mail_row, posting_row, subscription_row

NEW, OLD, PEOPLE, SHOWN, COUNTED, BAR_MS = 5_000, 20_000, 500, 100, 100_000, 2.0
WEEK = timedelta(days=7)
Rows = list[dict[str, Any]]


async def fill(database: Database) -> None:
    chance, words = random.Random(7), open_postings(5_000)
    async with database.begin() as session:
        session.add(board_row(id=1))
        await session.flush()
        rows: Rows = []
        for number in range(1, NEW + OLD + 1):
            at = NOW - (chance.random() if number <= NEW else 1 + chance.random() * 5) * WEEK
            told = {"external_id": str(number), "opening_key": f"opening {number}", "first_seen_at": at, "published_ms": 1}
            rows.append(posting_row(number, words[number % len(words)], **told).model_dump())
        for start in range(0, len(rows), 500):
            await upsert(session, PostingRow, rows[start : start + 500])
        people = [subscription_row(id_ + 1, who, rule=rule) for id_, (who, rule) in enumerate(islice(population(), PEOPLE))]
        await upsert(session, SubscriptionRow, [row.model_dump() for row in people])
        await upsert(session, MailRow, [mail_row(1, state="sent").model_dump()])
        for row in people:
            sent = {"subscription_id": row.id, "mail_id": 1, "sent_at": NOW - 2 * WEEK}
            ids = chance.sample(range(1, NEW + OLD), SHOWN)
            await upsert(session, SentRow, [{**sent, "posting_id": id_, "opening_key": f"opening {id_}"} for id_ in ids])


async def time_audits(database: Database) -> None:
    held = OpenPostings(StoredRarities())
    auditing = Auditing(held, 50.0)
    async with database.read() as session:
        began = time.perf_counter()
        await held(session, NOW)
        print(f"{NEW + OLD:,} postings read in {time.perf_counter() - began:.1f} s")
        for name, at_once in (("50 at once, the first time", 50), ("50 at once", 50), ("500 at once", PEOPLE)):
            asked = tuple(AuditAsked(subscription_id=id_ + 1, since=NOW - WEEK, until=NOW) for id_ in range(PEOPLE))
            began, busy = time.perf_counter(), time.process_time()
            for start in range(0, PEOPLE, at_once):
                question = AuditsAsked(asked=asked[start : start + at_once], mailing=True)
                found = await auditing(session, question, NOW)
            each, work = (1000 * spent / PEOPLE for spent in (time.perf_counter() - began, time.process_time() - busy))
            verdict = "met" if each <= BAR_MS else "MISSED"
            print(f"{name}: {each:.2f} ms ({work:.2f} of processor) for each of {PEOPLE} (bar {BAR_MS:g} ms: {verdict})")
            assert all(one is not None and one.considered == NEW for one in found.audits)


async def time_places(database: Database) -> None:
    chance, places = random.Random(9), [one.facts.places for one in open_postings(2_000)]
    what = posting_row(1).posting
    async with database.begin() as session:
        for start in range(0, COUNTED, 500):
            rows: Rows = []
            for number in range(NEW + OLD + start + 1, NEW + OLD + start + 501):
                where = [place.model_dump(exclude_none=True) for place in chance.choice(places)]
                told = {"opening_key": f"opening {number - chance.choice((0, 0, 0, 50))}", "published_ms": 1}
                row = posting_row(number, external_id=str(number), first_seen_at=NOW - chance.random() * 9 * WEEK, **told)
                text = "words of a job " * 200
                rows.append({**row.model_dump(), "posting": {**what, "description": text, "facts": {"places": where}}})
            await upsert(session, PostingRow, rows)
    measure = PlaceWeeks(database)
    for name, ahead in (("nine weeks", 0), ("an hour later the current one", 1)):
        began = time.perf_counter()
        await measure(NOW + timedelta(hours=ahead))
        print(f"openings of {COUNTED + NEW + OLD:,} postings, {name}: {time.perf_counter() - began:.2f} s")


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = sys.argv[1] if len(sys.argv) > 1 else f"sqlite+aiosqlite:///{Path(folder) / 'week.db'}"
        async with Database.opened(url) as database:
            await upgrade(database)
            await fill(database)
            await time_audits(database)
            await time_places(database)


if __name__ == "__main__":
    asyncio.run(main())
