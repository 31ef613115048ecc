"""What the notifier does when something happens."""

from services.notifier.keeping import keep_in_step
from services.notifier.post import Post
from shared.database import Database
from shared.events import MailDue, NoticeDue, SubscriptionChanged
from shared.settings import Settings


class Notifier:
    """The handlers."""

    def __init__(self, database: Database, post: Post, settings: Settings) -> None:
        self.database, self.post, self.settings = database, post, settings

    async def on_subscriptions_changed(self, events: list[SubscriptionChanged]) -> None:
        """Keep the schedule in step with subscriptions, and write to whoever waits for an answer."""
        ids = sorted({event.subscription_id for event in events})
        async with self.database.begin() as session:
            await keep_in_step(session, ids, self.settings.digest_spread_minutes, self.post.now())

    async def on_mails_due(self, events: list[MailDue]) -> None:
        """Send each mail once; a mail that fails holds back no other."""
        await self.post.take([event.mail_id for event in events])

    async def on_notices_due(self, events: list[NoticeDue]) -> None:
        """Send what somebody waits for; it has its own stream, so a hundred thousand digests are not before it."""
        await self.post.take([event.mail_id for event in events], first=True)
