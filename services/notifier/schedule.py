"""What the notifier does at each tick: open what is due, look into attempts that never ended, publish."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import and_
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.calendar import spread
from services.notifier.lifecycle import Lifecycle
from services.notifier.owed import Owed
from services.notifier.planning import Opening, Plan, plan
from services.notifier.repository import ledger, opening, schedules
from services.notifier.repository.schedules import Due, Move
from shared.database import Database
from shared.errors import UnreadableInput
from shared.events import DELIVERIES, MAILS, NOTICES
from shared.models import DeliveryRow, MailRow
from shared.outbox import publish_owed, remember
from shared.settings import Settings
from shared.streams import Streams
from shared.telemetry import MAILS as COUNTED

log = structlog.get_logger()

BATCH = 1_000
"""Digests opened in one transaction."""
AT_ONCE = 10_000
"""Most digests opened in one tick, so that what is opened is also published: the rest is due in the next."""
MAX_DEATHS = 20
"""Deaths after which a mail is given up: it may be what kills us."""
STUCK = timedelta(minutes=10)
"""A mail still waiting this long after its event was published is published again, whatever became of the event."""
SET_ASIDE = timedelta(days=1)
"""When a subscription is looked at again whose schedule could not be read."""
MISSED = "missed: nobody was there to open it when it was due; the next digest has what is still open of it"
Step = Callable[[datetime], Awaitable[object]]


class Schedule:
    """The notifier's tick. Any number of notifiers may tick at once. `further` are steps of others, by name."""

    def __init__(
        self, database: Database, streams: Streams, settings: Settings, further: Mapping[str, Step] | None = None
    ) -> None:
        self.database, self.streams, self.settings = database, streams, settings
        self.steps: dict[str, Step] = {
            "remember": self.remember,
            "notices": self.publish_notices,
            "expired": self.look_into_expired,
            "digests": self.open_due_digests,
            "lifecycle": Lifecycle(database, streams.ask).tick,
            **(further or {}),
            "publish": self.publish,
        }

    async def tick(self, now: datetime) -> None:
        """Every step, also after one that fails: what is wrong with one kind of work must not starve the others.

        Raises what went wrong when all is done, so that the health page tells of it.
        """
        failed = []
        for name, step in self.steps.items():
            try:
                await step(now)
            except Exception as error:
                log.warning("tick_step_failed", step=name, reason=type(error).__name__)
                failed.append(error)
        if failed:
            raise failed[0] if len(failed) == 1 else ExceptionGroup("several steps of a tick failed", failed)

    async def remember(self, now: datetime) -> None:
        """Let what Redis has lost be published again."""
        bulk, waiting = col(MailRow.kind).in_(ledger.BULK), col(MailRow.state).in_(ledger.WAITING)
        shown = and_(col(MailRow.state).in_(ledger.SHOWN), col(MailRow.kind).in_(ledger.LISTING))
        for stream, owing in ((MAILS, and_(waiting, bulk)), (NOTICES, and_(waiting, ~bulk)), (DELIVERIES, shown)):
            await remember(self.database, self.streams, MailRow, stream, owing)
        async with self.database.begin() as session:
            await ledger.owe_again(session, now - STUCK)

    async def publish_notices(self, now: datetime) -> None:
        """What somebody waits for goes first: behind it there may be ten thousand digests to open and to publish."""
        await self._publish(now, ~col(MailRow.kind).in_(ledger.BULK))

    async def publish(self, now: datetime) -> None:
        await self._publish(now)

    async def _publish(self, now: datetime, *where: Any) -> None:
        await publish_owed(self.database, self.streams, MailRow, ledger.event_of, now, ledger.owes_event(now), *where)

    async def open_due_digests(self, now: datetime) -> int:
        """Open the digests that are due, at most `AT_ONCE`, and plan the next of each. Returns how many were due.

        Of several missed ones the latest is opened, if it was due in the last days; that the others were missed is noted.
        """
        looked_at = 0
        while looked_at < AT_ONCE:
            async with self.database.begin() as session:
                due = await schedules.due(session, now, BATCH)
                await self._open(session, due, now)
            looked_at += len(due)
            if len(due) < BATCH:
                break
        return looked_at

    async def _open(self, session: AsyncSession, due: Sequence[Due], now: datetime) -> None:
        plans = {one: self._plan(one, now) for one in due if one.state == "active"}
        await schedules.drop(session, [one.subscription_id for one in due if one.state != "active"])
        missed = [mail for one, what in plans.items() if what for mail in _missed(one, what)]
        noted = await opening.note_skipped(session, missed, MISSED, now)
        digests = [_digest(one, what.opening, now) for one, what in plans.items() if what and what.opening]
        opened = {key[0] for key in await opening.open_all(session, digests, now)}
        await schedules.move(session, [_move(one, what, opened, now) for one, what in plans.items()])
        if noted:
            COUNTED.labels("digest", "missed").inc(noted)
            log.warning("digests_missed", number=noted, caught_up=len(opened))

    def _plan(self, due: Due, now: datetime) -> Plan | None:
        """`None` where the subscription's schedule cannot be read: it is told of and set aside, and the others go on."""
        late = spread(due.subscription_id, self.settings.digest_spread_minutes)
        try:
            return plan(due.rhythm, late, due.next_digest_at, due.covered_until, now)
        except Exception as error:
            code = error.code if isinstance(error, UnreadableInput) else type(error).__name__
            log.error("subscription_unreadable", subscription=due.subscription_id, code=code, reason=str(error))
            return None

    async def look_into_expired(self, now: datetime) -> None:
        """An attempt whose process is gone: before DATA it is simply made again, after that nobody knows."""
        async with self.database.begin() as session:
            for mail, delivery in await ledger.expired(session, now, BATCH):
                deaths = await ledger.deaths(session, mail.id)
                state, reason = _what_became_of(delivery, deaths)
                due_at = now if state == "deferred" else None
                await ledger.finish(session, mail, state, now, reply=reason, due_at=due_at)
                log.warning("attempt_ended_without_outcome", mail=mail.id, attempt=mail.attempts, state=state)


def _digest(due: Due, what: Opening, now: datetime) -> Owed:
    return Owed(due.subscription_id, "digest", what.occasion, now, what.since, what.until)


def _missed(due: Due, what: Plan) -> list[Owed]:
    return [Owed(due.subscription_id, "digest", missed.occasion, missed.due_at) for missed in what.missed]


def _move(due: Due, what: Plan | None, opened: set[int], now: datetime) -> Move:
    """A window counts as covered only by a digest that was opened just now: not by one of that period that was there."""
    if what is None:
        return Move(due.subscription_id, now + SET_ASIDE, due.covered_until)
    covered_until = due.covered_until
    if what.opening and due.subscription_id in opened:
        covered_until = max(what.opening.until, covered_until or what.opening.until)
    return Move(due.subscription_id, what.next_at, covered_until)


def _what_became_of(delivery: DeliveryRow, deaths: int) -> tuple[str, str]:
    if delivery.data_at is not None:
        return "unknown", "the process died between the start of DATA and the server's answer"
    if deaths >= MAX_DEATHS:
        return "failed", f"the process that sends it died {deaths} times"
    return "deferred", ledger.DIED
