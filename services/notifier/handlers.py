"""What the notifier does when something happens."""

import asyncio
from datetime import datetime

from services.notifier.calendar import next_digest
from services.notifier.post import Post
from services.notifier.repository import ledger, schedules
from shared.database import Database
from shared.events import MailDue, NoticeDue, SubscriptionChanged
from shared.models import ScheduleRow, SubscriptionRow
from shared.settings import Settings


class Notifier:
    """The handlers."""

    def __init__(self, database: Database, post: Post, settings: Settings) -> None:
        self.database, self.post = database, post
        self.lanes = asyncio.Semaphore(settings.mail_concurrency)

    async def on_subscriptions_changed(self, events: list[SubscriptionChanged]) -> None:
        """Keep the schedule in step with subscriptions, and ask new ones to confirm."""
        now = self.post.now()
        async with self.database.begin() as session:
            for subscription_id in sorted({event.subscription_id for event in events}):
                row = await session.get(SubscriptionRow, subscription_id)
                schedule = await session.get(ScheduleRow, subscription_id)
                if row is None or row.state in ("ended", "paused"):
                    await schedules.unschedule(session, subscription_id, "the subscription is not active", now)
                elif row.state == "pending":
                    await ledger.open_mail(session, row.id, "confirm", f"revision-{row.revision}", now)
                elif schedule is None or schedule.revision != row.revision:
                    overdue = schedule.next_digest_at if schedule and schedule.next_digest_at <= now else None
                    await schedules.schedule(session, row.id, row.revision, overdue or when(row, now))

    async def on_mails_due(self, events: list[MailDue]) -> None:
        """Send each mail once; a mail that fails holds back no other."""
        await self._send_all([event.mail_id for event in events])

    async def on_notices_due(self, events: list[NoticeDue]) -> None:
        """Send what somebody waits for; it has its own stream, so a hundred thousand digests are not before it."""
        await self._send_all([event.mail_id for event in events])

    async def _send_all(self, mail_ids: list[int]) -> None:
        outcomes = await asyncio.gather(*(self._send(mail_id) for mail_id in mail_ids), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _send(self, mail_id: int) -> None:
        async with self.lanes:
            await self.post.send(mail_id)


def when(row: SubscriptionRow, after: datetime) -> datetime:
    """When the subscription's first digest after `after` is due."""
    return next_digest(row.cadence, row.weekday, row.hour, row.timezone, after)
