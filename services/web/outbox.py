"""Tells the other services of changed subscriptions: at once where Redis answers, else a few seconds later."""

from datetime import UTC, datetime

from shared.database import Database
from shared.events import SUBSCRIPTIONS, SubscriptionChanged
from shared.models import SubscriptionRow
from shared.outbox import publish_owed, remember
from shared.streams import Streams


class Outbox:
    """Publishes the `SubscriptionChanged` that rows owe, whoever wrote them: a page here or the command line."""

    def __init__(self, database: Database, streams: Streams) -> None:
        self._database = database
        self._streams = streams

    async def publish(self) -> None:
        """Publish everything that is owed now."""
        await publish_owed(self._database, self._streams, SubscriptionRow, event_of, datetime.now(UTC))

    async def tick(self, now: datetime) -> None:
        """Publish what was left over, and owe again what a Redis that lost its data has not handed on."""
        await remember(self._database, self._streams, SubscriptionRow, SUBSCRIPTIONS)
        await publish_owed(self._database, self._streams, SubscriptionRow, event_of, now)


def event_of(row: SubscriptionRow) -> SubscriptionChanged:
    """The event that an unpublished subscription owes."""
    return SubscriptionChanged(subscription_id=row.id or 0, revision=row.revision)
