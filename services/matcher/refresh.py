"""Keeping the index true to the database, whoever changed it.

Every matcher asks before each batch what changed since it last asked. That is one indexed query, and unlike a broadcast
it cannot be missed: a posting handled after a subscription was committed is always scored against it.
"""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.index import Index
from shared.models import SubscriptionRow
from shared.profile import Profile

Shard = tuple[int, int]
OVERLAP = timedelta(seconds=60)
"""Asked again each time: a transaction may commit later than the time it stamped, and clocks differ."""


class Refresh:
    """Call it inside a transaction: `await refresh(session, now)` brings the index up to date."""

    def __init__(self, index: Index, shard: Shard) -> None:
        self.index, self.shard = index, shard
        self.since: datetime | None = None

    async def __call__(self, session: AsyncSession, now: datetime) -> None:
        for row in await repository.changed_subscriptions(session, self.since, self.shard):
            self._take(row)
        for bar in await repository.changed_bars(session, self.since):
            self.index.set_bar(bar.subscription_id, bar.bar)
        self.since = now - OVERLAP

    def _take(self, row: SubscriptionRow) -> None:
        if row.state != "active":
            self.index.remove(row.id)
        elif self.index.revision(row.id) != row.revision:
            self.index.put(row.id, row.revision, Profile.model_validate(row.profile))
