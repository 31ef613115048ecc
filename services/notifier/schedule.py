"""What the notifier does at each tick: open digests that are due, look into attempts that never ended, publish."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_
from sqlmodel import col

from services.notifier.calendar import period
from services.notifier.handlers import when
from services.notifier.repository import ledger, schedules
from shared.database import Database
from shared.events import DELIVERIES, MAILS, NOTICES
from shared.models import DeliveryRow, MailRow
from shared.outbox import publish_owed, remember
from shared.streams import Streams

log = structlog.get_logger()

BATCH = 500
MAX_DEATHS = 20
"""Deaths after which a mail is given up: it may be what kills us."""
STUCK = timedelta(minutes=10)
"""A mail still waiting this long after its event was published is published again, whatever became of the event."""


class Schedule:
    """The notifier's tick. Any number of notifiers may tick at once."""

    def __init__(self, database: Database, streams: Streams) -> None:
        self.database, self.streams = database, streams

    async def tick(self, now: datetime) -> None:
        await self.look_into_expired(now)
        while await self.open_due_digests(now) == BATCH:
            pass
        bulk, waiting = col(MailRow.kind).in_(ledger.BULK), col(MailRow.state).in_(ledger.WAITING)
        shown = and_(col(MailRow.state).in_(ledger.SHOWN), col(MailRow.kind).in_(ledger.LISTING))
        for stream, owing in ((MAILS, and_(waiting, bulk)), (NOTICES, and_(waiting, ~bulk)), (DELIVERIES, shown)):
            await remember(self.database, self.streams, MailRow, stream, owing)
        async with self.database.begin() as session:
            await ledger.owe_again(session, now - STUCK)
        await publish_owed(self.database, self.streams, MailRow, ledger.event_of, now, ledger.owes_event(now))

    async def open_due_digests(self, now: datetime) -> int:
        """Open the digest of each schedule that is due, once however many periods were missed, and set its next time."""
        async with self.database.begin() as session:
            due = await schedules.due_schedules(session, now, BATCH)
            for schedule, subscription in due:
                occasion = period(subscription.cadence, subscription.timezone, schedule.next_digest_at)
                await ledger.open_mail(session, subscription.id, "digest", occasion, now)
                await schedules.schedule(session, subscription.id, schedule.revision, when(subscription, now))
        return len(due)

    async def look_into_expired(self, now: datetime) -> None:
        """An attempt whose process is gone: before DATA it is simply made again, after that nobody knows."""
        async with self.database.begin() as session:
            for mail, delivery in await ledger.expired(session, now, BATCH):
                deaths = await ledger.deaths(session, mail.id)
                state, reason = _what_became_of(delivery, deaths)
                due_at = now if state == "deferred" else None
                await ledger.finish(session, mail, state, now, reply=reason, due_at=due_at)
                log.warning("attempt_ended_without_outcome", mail=mail.id, attempt=mail.attempts, state=state)


def _what_became_of(delivery: DeliveryRow, deaths: int) -> tuple[str, str]:
    if delivery.data_at is not None:
        return "unknown", "the process died between the start of DATA and the server's answer"
    if deaths >= MAX_DEATHS:
        return "failed", f"the process that sends it died {deaths} times"
    return "deferred", ledger.DIED
