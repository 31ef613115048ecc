"""Looks for what is wrong, every ten minutes however many notifiers there are, and opens the mail that says so."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.alarms import boards, mails
from services.notifier.alarms.facts import Alarm, Facts, Tally
from services.notifier.alarms.memory import news, occasion, remembered, seen, told
from services.notifier.kinds.alert import Alert
from services.notifier.repository import alarms as repository
from shared.database import Database
from shared.settings import Settings
from shared.streams import Streams, dead_letters

log = structlog.get_logger()

EVERY = timedelta(minutes=10)
NOWHERE = ".invalid"
"""How the operator's address ends while nobody has set one."""
LOOKS = (
    mails.complaints,
    mails.domain_red,
    mails.digests_overdue,
    mails.bounces,
    mails.mails_unknown,
    mails.mails_failed,
    mails.mails_held,
    mails.mails_put_off,
    boards.dead_letters,
    boards.boards_unread,
    boards.boards_lost,
    mails.digests_stopped,
)
"""The worst first: a mail names the first in its subject."""


async def look(database: Database, streams: Streams, settings: Settings, now: datetime) -> None:
    """Open the operator's mail if there is news. Does nothing, and costs one read, where somebody looked just before."""
    async with database.read() as session:
        due = await repository.is_due(session, now, EVERY)
    if not due or not await _claimed(database, now):
        return
    dead = await dead_letters.counts(streams.client)
    async with database.read() as session:
        facts = await repository.facts(session, now)
    facts = replace(facts, dead={stream: Tally(*found) for stream, found in dead.items()})
    if settings.environment != "production":
        facts = replace(facts, red=None)  # nothing waits for the doctor there
    async with database.begin() as session:
        await _remember(session, settings, alarms(facts, now), now)


def alarms(facts: Facts, now: datetime) -> list[Alarm]:
    """Everything that is wrong. Pure."""
    return [alarm for one in LOOKS if (alarm := one(facts, now))]


async def _claimed(database: Database, now: datetime) -> bool:
    async with database.begin() as session:
        return await repository.claim_look(session, now, EVERY)


async def _remember(session: AsyncSession, settings: Settings, found: list[Alarm], now: datetime) -> None:
    """Note what was found, and tell what is news. A mail of today that told the same is not written a second time."""
    switch = await repository.memory(session)
    if switch is None:
        return  # somebody emptied the table this instant; the next look begins anew
    memory = seen(remembered(switch.value), found, now)
    alert = news(memory, found, now)
    if alert is not None and await _tell(session, settings, alert, now):
        memory = told(memory, found, now)
    switch.value = memory.model_dump_json(exclude_defaults=True)


async def _tell(session: AsyncSession, settings: Settings, alert: Alert, now: datetime) -> bool:
    """Whether it was told. Without an operator's address the log is all there is."""
    codes = [trouble.code for trouble in alert.troubles]
    if settings.operator.endswith(NOWHERE):
        opened = True
    else:
        opened = await repository.open_alert(session, occasion(alert, now), alert, now)
    if opened:
        (log.error if codes else log.info)("alarms" if codes else "alarms_over", codes=codes, over=len(alert.over))
    return opened
