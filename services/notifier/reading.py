"""A mailbox of bounces and complaints, read to its end: what each mail says is noted, and only then is it marked as read."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import structlog

from services.notifier.mailboxes import Item, Mailbox
from services.notifier.returned import note
from shared.database import Database
from shared.errors import UnreadableInput
from shared.returns import Reading, read_mail

log = structlog.get_logger()

BATCH = 100
MOST_LEFT = 1_000
LEFT = ("unsigned", "unrecognised", "set_aside")
"""What somebody should look at: it suppresses nobody."""


@dataclass
class Tally:
    """What was in a mailbox: how many of each outcome, and which mails are left for somebody to look at."""

    counts: Counter[str] = field(default_factory=Counter)
    left: list[tuple[str, str, str]] = field(default_factory=list)
    """Name in the mailbox, outcome, why; at most `MOST_LEFT`."""


@dataclass(frozen=True)
class Read:
    item: Item
    outcome: str
    reading: Reading | None
    why: str


async def read_mailbox(
    database: Database, mailbox: Mailbox, secret: str, now: datetime, advance: Callable[[int], None] = lambda _: None
) -> Tally:
    """Note all that the mails of a mailbox say. Stopped at any moment, it can simply be run again."""
    tally, items = Tally(), iter(mailbox)
    while batch := await asyncio.to_thread(lambda: list(islice(items, BATCH))):
        mails = [_read(item, secret, now) for item in batch]
        async with database.begin() as session:
            noted = await note(
                session, [mail.reading.returned for mail in mails if mail.reading and mail.reading.returned], now
            )
        await asyncio.to_thread(_settle, mailbox, mails)
        _count(tally, mails, noted)
        advance(len(batch))
    return tally


def _read(item: Item, secret: str, now: datetime) -> Read:
    """What one mail says. One that cannot be read, even for a fault of ours, holds up no other."""
    try:
        reading = read_mail(item.raw, secret, now)
    except UnreadableInput as error:
        return Read(item, "set_aside", None, f"{error.code}: {error}")
    except Exception as error:
        log.exception("report_broke_us")
        return Read(item, "set_aside", None, f"internal_error: {type(error).__name__}")
    return Read(item, reading.outcome, reading, reading.why)


def _settle(mailbox: Mailbox, mails: Iterable[Read]) -> None:
    for mail in mails:
        mailbox.settle(mail.item, flag=mail.outcome in LEFT)


def _count(tally: Tally, mails: list[Read], noted: Counter[str]) -> None:
    tally.counts["read"] += len(mails)
    tally.counts.update(noted)
    tally.counts.update(mail.outcome for mail in mails if mail.outcome != "returned")
    tally.left += islice(_left(mails), MOST_LEFT - len(tally.left))


def _left(mails: Iterable[Read]) -> Iterator[tuple[str, str, str]]:
    return ((mail.item.name, mail.outcome, mail.why) for mail in mails if mail.outcome in LEFT)
