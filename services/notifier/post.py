"""The one way out for every mail: claim, choose, compose, send, note the outcome.

What makes it safe to die at any instant: the attempt is in the database before the server hears of it, and that DATA
begins is committed before DATA begins. A death before that mark is simply sent again; one after it is `unknown`.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.compose import compose
from services.notifier.digest import choose
from services.notifier.kinds import Letter, kind_called
from services.notifier.mail import address_of, to_message
from services.notifier.repository import ledger, shortlist
from services.notifier.senders import Sender
from shared.database import Database
from shared.errors import Conflict, JoblarkError, OutcomeUnknown
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.rarities import StoredRarities
from shared.settings import Settings
from shared.telemetry import MAILS

log = structlog.get_logger()

LONGEST_WAIT = timedelta(hours=1)


class Post:
    """Sends mails of the ledger."""

    def __init__(
        self,
        database: Database,
        sender: Sender,
        links: Links,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.sender, self.links, self.settings, self.now = database, sender, links, settings, now
        self.rarities = StoredRarities()
        self.lease = timedelta(seconds=settings.mail_lease_seconds)

    async def send(self, mail_id: int) -> str | None:
        """Try one mail once. Returns its new state, or `None` if it is not waiting (somebody else has or had it)."""
        claimed = await self._claim(mail_id)
        if claimed is None:
            return None
        mail, subscription = claimed
        state, reply, due_at = await self._attempt(mail, subscription)
        async with self.database.begin() as session:
            await ledger.finish(session, mail, state, self.now(), reply=reply, due_at=due_at)
        self._tell(mail, state, reply)
        return state

    async def _claim(self, mail_id: int) -> tuple[MailRow, SubscriptionRow] | None:
        now = self.now()
        async with self.database.begin() as session:
            mail = await ledger.claim(session, mail_id, now, self.lease)
            if mail is None:
                return None
            subscription = await session.get(SubscriptionRow, mail.subscription_id)
            reason = await self._prepare(session, mail, subscription)
            if reason or subscription is None:
                await ledger.finish(session, mail, "skipped", now, reply=reason)
        if reason or subscription is None:
            self._tell(mail, "skipped", reason)
            return None
        return mail, subscription

    async def _prepare(self, session: AsyncSession, mail: MailRow, subscription: SubscriptionRow | None) -> str:
        """Fix the content of the mail. Returns why it is not to be sent at all, or nothing."""
        states = kind_called(mail.kind).states
        if subscription is None or subscription.state not in states:
            return f"the subscription is not {' or '.join(sorted(states))}"
        if mail.kind == "digest" and mail.content is None:
            listed = await shortlist.candidates(session, subscription, await self.rarities(session))
            sent = await shortlist.shown_before(session, mail.subscription_id, listed)
            digest = choose(listed, sent, self.settings.digest_size, self.settings.digest_per_company)
            if not digest.entries:
                return "nothing new that fits"
            mail.content = digest.model_dump(mode="json")
        return ""

    async def _attempt(self, mail: MailRow, subscription: SubscriptionRow) -> tuple[str, str, datetime | None]:
        """Hand the mail over. Returns its new state, what there is to say, and when to try again."""
        began = False

        async def before_data() -> None:
            nonlocal began
            await self._mark_data(mail)
            began = True

        try:
            message = to_message(compose(Letter(mail, subscription, self.links, self.settings, mail.opened_at)), mail.opened_at)
            envelope = address_of(self.settings.mail_from), address_of(subscription.email)
            reply = await self.sender.send(*envelope, bytes(message), before_data=before_data)
        except OutcomeUnknown as error:
            return "unknown", str(error), None
        except JoblarkError as error:
            return self._failed(mail, error)
        except Exception as error:
            log.exception("mail_broke_us", mail=mail.id)
            reason = f"{type(error).__name__}: {error}"
            if began:
                return "unknown", reason, None
            return self._failed(mail, JoblarkError(reason, code="internal_error", retry=True))
        return "sent", reply, None

    async def _mark_data(self, mail: MailRow) -> None:
        async with self.database.begin() as session:
            if not await ledger.mark_data(session, mail, self.now()):
                raise Conflict(f"mail {mail.id}: attempt {mail.attempts} took too long and was given up", code="lease_lost")

    def _failed(self, mail: MailRow, error: JoblarkError) -> tuple[str, str, datetime | None]:
        reason = f"{error.code}: {error}"[:500]
        age = self.now() - mail.opened_at
        if not error.retry or age > timedelta(hours=self.settings.mail_give_up_hours):
            return "failed", reason, None
        return "deferred", reason, self.now() + retry_wait(mail.attempts, self.settings.mail_retry_seconds)

    def _tell(self, mail: MailRow, state: str, reply: str) -> None:
        MAILS.labels(mail.kind, state).inc()
        say = log.info if state in ("sent", "skipped") else log.warning
        say("mail_" + state, mail=mail.id, subscription=mail.subscription_id, occasion=mail.occasion, reason=reply)


def retry_wait(attempts: int, first_seconds: float) -> timedelta:
    """How long to wait after the n-th failed attempt."""
    return min(timedelta(seconds=first_seconds * float(2 ** min(attempts - 1, 12))), LONGEST_WAIT)
