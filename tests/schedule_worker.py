"""A scheduler that is a process of its own, for tests that kill it: `schedule_worker.py DATABASE_URL NOW [hang=N]`.

It opens what is due until nothing is, fifty at a time, and writes `opened N` after each look. `hang` makes it stand still in
its N-th transaction, when all of it is written and nothing committed, and say so.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from itertools import count

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier import schedule
from services.notifier.repository import schedules
from services.notifier.repository.schedules import Move
from services.notifier.schedule import Schedule
from shared.database import Database
from shared.models import ScheduleRow
from shared.settings import Settings
from shared.streams import Streams

URL, NOW = sys.argv[1], datetime.fromisoformat(sys.argv[2])
HANG = int(sys.argv[3].removeprefix("hang=")) if sys.argv[3:] else 0
TRANSACTIONS = count(1)
move_for_real = schedules.move


async def move(session: AsyncSession, moves: Sequence[Move]) -> None:
    await move_for_real(session, moves)
    if next(TRANSACTIONS) == HANG:
        say("hanging")
        await asyncio.Event().wait()


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main() -> None:
    schedule.BATCH, schedules.move = 50, move
    settings = Settings(_env_file=None)
    left = select(func.count()).where(col(ScheduleRow.next_digest_at) <= NOW)
    async with Database.opened(URL) as database:
        one = Schedule(database, Streams(settings), settings)
        while True:
            say(f"opened {await one.open_due_digests(NOW)}")
            async with database.read() as session:
                if not (await session.exec(left)).one():
                    return


asyncio.run(main())
