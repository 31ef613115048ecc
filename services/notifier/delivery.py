"""One attempt to deliver one mail: the mark before DATA, the handing over, and how it ended.

Marks and outcomes of mails that are being sent at the same time are committed together.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from services.notifier.letters import Letters, Written
from services.notifier.prepare import Job
from services.notifier.repository import attempts, ledger
from services.notifier.repository.ledger import Outcome
from services.notifier.senders import Sender
from services.notifier.together import Together
from shared.database import Database
from shared.errors import Conflict, JoblarkError, OutcomeUnknown, SendError
from shared.models import MailRow
from shared.settings import Settings
from shared.telemetry import MAILS

log = structlog.get_logger()

LONGEST_WAIT = timedelta(hours=1)
PATIENCE_SECONDS = 0.02
"""How long a commit waits for all mails that are being sent, to be one commit for them all."""
AGAIN_SECONDS = 1.0
"""Wait before an outcome that the database could not take is offered to it again."""


class Delivery:
    """Hands mails to the `sender`, or to `chats` for who prefers one. `busy` says how many mails are being sent just now."""

    def __init__(
        self,
        database: Database,
        letters: Letters,
        settings: Settings,
        now: Callable[[], datetime],
        busy: Callable[[], int],
        sender: Sender,
        chats: Sender | None,
    ) -> None:
        self.database, self.letters, self.settings, self.now = database, letters, settings, now
        self.sender, self.chats = sender, chats
        self._note = Together(self._note_all, busy, PATIENCE_SECONDS)

    async def attempt(self, job: Job) -> Outcome:
        """Hand the mail over, and say how that ended. Nothing is noted but that DATA begins."""
        mail, began = job.mail, False

        async def before_data() -> None:
            nonlocal began
            if not await self._note(mail):
                raise Conflict(f"mail {mail.id}: attempt {mail.attempts} took too long and was given up", code="lease_lost")
            began = True

        try:
            letter = self.letters.written(mail, job.kind, job.person)
            reply = await self._way(letter).send(letter.mail_from, letter.to, letter.message, before_data=before_data)
        except OutcomeUnknown as error:
            return Outcome(mail, "unknown", str(error))
        except JoblarkError as error:
            return self.failed(mail, error)
        except Exception as error:
            log.exception("mail_broke_us", mail=mail.id)
            fault = internal(error)
            return Outcome(mail, "unknown", str(fault)) if began else self.failed(mail, fault)
        return Outcome(mail, "sent", reply)

    def _way(self, letter: Written) -> Sender:
        """Who hands it over. What is for a chat is held before it comes here where nobody can write to one (`refusals`)."""
        if not letter.to_chat:
            return self.sender
        if self.chats is None:
            raise SendError("chats cannot be written to from here", code="no_sender", retry=True)
        return self.chats

    def failed(self, mail: MailRow, error: JoblarkError) -> Outcome:
        """An attempt of which the server has nothing: to be made again, unless that cannot help or has gone on for too long."""
        reason = f"{error.code}: {error}"[:500]
        age = self.now() - mail.opened_at
        if not error.retry or age > timedelta(hours=self.settings.mail_give_up_hours):
            return Outcome(mail, "failed", reason)
        return Outcome(mail, "deferred", reason, self.now() + retry_wait(mail.attempts, self.settings.mail_retry_seconds))

    async def _note_all(self, notes: Sequence[MailRow | Outcome]) -> list[bool]:
        """Commit in one go that DATA of some mails begins, and how the attempts at others ended. False: not ours any more."""
        begins = [note for note in notes if isinstance(note, MailRow)]
        now = self.now()
        async with self.database.begin() as session:
            ours = await attempts.mark_data(session, begins, now)
            await ledger.finish_all(session, [note for note in notes if isinstance(note, Outcome)], now)
        return [isinstance(note, Outcome) or note.id in ours for note in notes]

    async def finished(self, outcome: Outcome, *, insist: Callable[[], bool]) -> None:
        """Note an outcome, however long the database is away: what the server said is known to nobody else.

        Once one need not `insist` any more, what the database says is raised.
        """
        while True:
            try:
                await self._note(outcome)
                return
            except Exception as error:
                if not insist():
                    raise
                log.warning("outcome_not_noted", mail=outcome.mail.id, reason=f"{type(error).__name__}")
                await asyncio.sleep(AGAIN_SECONDS)


def tell(outcome: Outcome) -> None:
    """Count it and log it."""
    mail, state = outcome.mail, outcome.state
    MAILS.labels(mail.kind, state).inc()
    say = log.info if state in ("sent", "skipped") else log.warning
    say("mail_" + state, mail=mail.id, subscription=mail.subscription_id, occasion=mail.occasion, reason=outcome.reply)


def internal(error: Exception) -> JoblarkError:
    """A fault of ours, which the next attempt may not have."""
    return JoblarkError(f"{type(error).__name__}: {error}", code="internal_error", retry=True)


def retry_wait(attempts: int, first_seconds: float) -> timedelta:
    """How long to wait after the n-th failed attempt."""
    return min(timedelta(seconds=first_seconds * float(2 ** min(attempts - 1, 12))), LONGEST_WAIT)
