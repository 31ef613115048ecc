"""The one way out for every mail: claim, refuse or choose, compose, send, note the outcome; many at a time.

What makes it safe to die at any instant: the attempt is in the database before the server hears of it, and that DATA
begins is committed before DATA begins. A death before that mark is simply sent again; one after it is `unknown`.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import structlog

from services.notifier.delivery import Delivery, internal, tell
from services.notifier.lanes import Lanes
from services.notifier.letters import Letters
from services.notifier.prepare import Job, Prepared, Preparing
from services.notifier.rates import Rates
from services.notifier.repository import attempts, ledger, resolving
from services.notifier.repository.attempts import Undone
from services.notifier.repository.ledger import Outcome
from services.notifier.senders import Sender
from services.notifier.week import Ask
from shared.database import Database
from shared.links import Links
from shared.models import MailRow
from shared.pacing import repeating
from shared.settings import Settings
from shared.telemetry import MAILS, MAILS_NOW

log = structlog.get_logger()

BATCH = 64
"""Mails that are claimed and prepared together."""
ROOM = 2 * BATCH
"""Mails in hand at which no more are claimed: enough to have something to send while the next are prepared."""
COUNT_EVERY = timedelta(minutes=1)
GRACE_SECONDS = 15.0
"""How long mails that are being handed over may go on after the process was told to stop."""


Started = tuple[dict[int, str], list[asyncio.Task[str | None]]]


class Post:
    """Sends mails of the ledger. `chats` is the sender for whoever prefers a chat to mail, where there is one.

    `ask` puts a question to a matcher (`week`); without it digests do not say what was left out.
    """

    def __init__(
        self,
        database: Database,
        sender: Sender,
        links: Links,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        *,
        chats: Sender | None = None,
        rates: Rates | None = None,
        ask: Ask | None = None,
    ) -> None:
        self.database, self.settings, self.now = database, settings, now
        self.rates = rates or Rates(settings)
        self.preparing = Preparing(settings, chats=chats is not None, ask=ask)
        self.lease = timedelta(seconds=settings.mail_lease_seconds)
        self.lanes = Lanes(settings.mail_concurrency)
        self.claimed: dict[asyncio.Task[Started], list[MailRow]] = {}
        self.in_hand: dict[asyncio.Task[str | None], Job] = {}
        self.begun: set[int] = set()
        self.flows = self.persists = False
        self.counted: datetime | None = None
        self.delivery = Delivery(database, Letters(links, settings), settings, now, lambda: self.lanes.busy, sender, chats)

    async def send(self, mail_id: int) -> str | None:
        """Try one mail once. Returns its new state, or `None` if it is not waiting (somebody else has or had it)."""
        closed, tasks = await self._prepare(await self._claim([mail_id]), first=True)
        return closed.get(mail_id) or (await tasks[0] if tasks else None)

    async def take(self, mail_ids: Sequence[int], *, first: bool = False) -> None:
        """See to it that each of these mails is tried once; `first` for those that somebody waits for.

        While mails `flow`, it returns once they are claimed: the ledger knows of them from then on, and a slow server holds
        up only its own lane. Otherwise it returns when each has its outcome.
        """
        ids = list(dict.fromkeys(mail_ids))
        for start in range(0, len(ids), BATCH):
            await self._until_there_is_room(first=first)
            mails = await self._claim(ids[start : start + BATCH])
            preparing = asyncio.create_task(self._prepare(mails, first=first))
            self.claimed[preparing] = mails
            preparing.add_done_callback(self.claimed.pop)
            if not self.flows:
                for outcome in await asyncio.gather(*(await preparing)[1], return_exceptions=True):
                    if isinstance(outcome, BaseException):
                        raise outcome

    @asynccontextmanager
    async def flowing(self) -> AsyncIterator[None]:
        """Mails flow until the block ends: those being handed over then may finish first, the others are put back.

        Until then what a server said is offered to the database again and again (`persists`).
        """
        self.flows = self.persists = True
        try:
            async with repeating(self.lease / timedelta(seconds=3), self._renew):
                yield
        finally:
            self.flows = False
            try:
                await self._stop()
            finally:
                self.persists = False

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while tasks := [*self.claimed, *self.in_hand]:
            await asyncio.wait(tasks)

    async def tend(self, now: datetime) -> None:
        """At each tick: send again what is unknown, where the operator chose that; and count what is not settled."""
        async with self.database.begin() as session:
            again = await resolving.resend_unknown(session, now) if self.settings.mail_unknown == "resend" else ()
        if again:
            log.warning("unknown_sent_again", mails=list(again))
        if self.counted is None or now - self.counted >= COUNT_EVERY:
            self.counted = now
            async with self.database.read() as session:
                found = await ledger.unsettled(session)
            MAILS_NOW.clear()
            for (kind, state), number in found.items():
                MAILS_NOW.labels(kind, state).set(number)

    async def _until_there_is_room(self, *, first: bool) -> None:
        """What waits for its provider's turn takes no room, and what somebody waits for finds room of its own."""
        while self.flows:
            tasks = [task for task, job in self.in_hand.items() if not job.wait and job.kind.bulk != first]
            if len(tasks) + sum(map(len, self.claimed.values())) < ROOM:
                return
            await asyncio.wait([*tasks, *self.claimed], return_when=asyncio.FIRST_COMPLETED)

    # ------------------------------------------------------------------------------------------------------- prepare

    async def _claim(self, mail_ids: Sequence[int]) -> list[MailRow]:
        async with self.database.begin() as session:
            return await attempts.claim(session, mail_ids, self.now(), self.lease)

    async def _prepare(self, mails: list[MailRow], *, first: bool) -> Started:
        """Decide of claimed mails. Gives the states of those that are not to be sent, and a task for each of the others.

        Should that go wrong as a whole, each of them has had an attempt that failed.
        """
        now = self.now()
        try:
            prepared = await self._decided(mails, now)
            outcomes = [Outcome(mail, "skipped", reason) for mail, reason in prepared.skipped]
            outcomes += [self.delivery.failed(mail, internal(error)) for mail, error in prepared.broken]
            await self._settle(prepared, outcomes, now)
        except Exception as error:
            log.exception("preparing_broke", mails=len(mails))
            prepared, outcomes = Prepared(), [self.delivery.failed(mail, internal(error)) for mail in mails]
            await self._settle(prepared, outcomes, now)
        states = {outcome.mail.id: outcome.state for outcome in outcomes}
        return states, [self._start(job, first=first) for job in prepared.ready]

    async def _decided(self, mails: list[MailRow], now: datetime) -> Prepared:
        if not mails:
            return Prepared()
        async with self.database.read() as session:
            prepared = await self.preparing.prepare(session, mails, now)
        await self.preparing.add_week(prepared, now)
        await self._await_turns(prepared, now)
        return prepared

    async def _settle(self, prepared: Prepared, outcomes: Sequence[Outcome], now: datetime) -> None:
        """Commit what was decided."""
        if not (prepared.ready or prepared.undone or outcomes):
            return
        chosen = [(job.mail, job.chosen) for job in prepared.ready if job.chosen]
        async with self.database.begin() as session:
            await attempts.fix_content(session, [(mail, digest.model_dump(mode="json")) for mail, digest in chosen])
            await attempts.undo(session, prepared.undone)
            await ledger.finish_all(session, outcomes, now)
        for mail, digest in chosen:
            mail.content = digest  # type: ignore[assignment]  # in this copy of the row: see `Job`
        held = [Outcome(claim.mail, "held", claim.reason) for claim in prepared.undone if not claim.due_at]
        for outcome in (*outcomes, *held):
            tell(outcome)

    async def _await_turns(self, prepared: Prepared, now: datetime) -> None:
        """Whose provider's turn is near waits for it here; who is far from it goes back into the ledger until then."""
        if not self.rates.limited or not prepared.ready:
            return
        addresses = [(job.person.email if job.person else self.settings.operator, job.kind.bulk) for job in prepared.ready]
        turns = await self.rates.turns(addresses)
        for job, turn in zip(list(prepared.ready), turns, strict=True):
            if turn.later:
                prepared.ready.remove(job)
                prepared.undone.append(Undone(job.mail, "waits for its turn: see JOBLARK_MAIL_RATES", now + turn.wait))
                MAILS.labels(job.mail.kind, "postponed").inc()
            else:
                job.wait = turn.wait

    def _start(self, job: Job, *, first: bool) -> asyncio.Task[str | None]:
        task = asyncio.create_task(self._see_to(job, first=first))
        self.in_hand[task] = job
        task.add_done_callback(self._let_go)
        return task

    def _let_go(self, task: asyncio.Task[str | None]) -> None:
        job = self.in_hand.pop(task)
        self.begun.discard(job.mail.id)
        if self.flows and not task.cancelled() and (error := task.exception()):
            log.error("mail_broke_us", mail=job.mail.id, exc_info=error)

    # ---------------------------------------------------------------------------------------------------------- send

    async def _see_to(self, job: Job, *, first: bool) -> str | None:
        if job.wait:
            await asyncio.sleep(job.wait.total_seconds())
            job.wait = timedelta(0)
        async with self.lanes.one(first=first):
            self.begun.add(job.mail.id)
            outcome = await self.delivery.attempt(job)
            await self.delivery.finished(outcome, insist=lambda: self.persists)
        tell(outcome)
        return outcome.state

    async def _renew(self) -> None:
        """Hold on to what is in hand, so that nobody takes it for lost."""
        mails = [job.mail for job in self.in_hand.values()]
        mails += [mail for mails in self.claimed.values() for mail in mails]
        try:
            async with self.database.begin() as session:
                await attempts.renew(session, mails, self.now() + self.lease)
        except Exception as error:
            log.warning("leases_not_renewed", mails=len(mails), reason=type(error).__name__)

    async def _stop(self) -> None:
        await asyncio.gather(*self.claimed, return_exceptions=True)
        waiting = {task: job for task, job in self.in_hand.items() if job.mail.id not in self.begun}
        for task in waiting:
            task.cancel()
        if self.in_hand:
            await asyncio.wait(list(self.in_hand), timeout=GRACE_SECONDS)
        now = self.now()
        async with self.database.begin() as session:
            await attempts.undo(session, [Undone(job.mail, "", now) for job in waiting.values()])
