"""Keeping index and catalogue true to the database, whoever changed it.

Every matcher asks before each batch what changed since it last asked. That is one indexed query, and unlike a broadcast
it cannot be missed: a posting handled after a subscription was committed is always scored against it.
"""

from datetime import datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.catalogue import Catalogue
from services.matcher.index import Index
from services.matcher.repository import Shard
from shared.errors import RuleError
from shared.models import PostingRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.rule import parse
from shared.scoring import offer_of, wish_of

log = structlog.get_logger()
OVERLAP = timedelta(seconds=60)
"""Asked again each time: a transaction may commit later than the time it stamped, and clocks differ."""


class Refresh:
    """Call it inside a transaction: `await refresh(session, now)` brings the index up to date.

    `since` is what the index is known to be true of, as when it was loaded from disk.
    """

    def __init__(self, index: Index, shard: Shard, since: datetime | None = None) -> None:
        self.index, self.shard, self.since = index, shard, since

    async def __call__(self, session: AsyncSession, now: datetime) -> None:
        last = 0
        while rows := await repository.changed_subscriptions(session, self.since, self.shard, last):
            for row in rows:
                take(self.index, row)
            last = rows[-1].id
            session.expunge_all()
        for bar in await repository.changed_bars(session, self.since):
            self.index.set_bar(bar.subscription_id, bar.bar)
        self.since = now - OVERLAP


def take(index: Index, row: SubscriptionRow) -> None:
    """Hold what a subscription says now."""
    if row.state != "active":
        index.remove(row.id)
    elif index.revision(row.id) != row.revision:
        index.put(row.id, row.revision, wish_of(Profile.model_validate(row.profile), row.tuning), 0.0, *rule_of(row))


def rule_of(row: SubscriptionRow) -> tuple[str, bool]:
    """The rule of a subscription. One that this version cannot read is left out, loudly: better too many jobs than none."""
    try:
        parse(row.rule)
    except RuleError as error:
        log.error("rule_unreadable", subscription=row.id, code=error.code)
        return "", row.keep_unknown
    return row.rule, row.keep_unknown


class OpenPostings:
    """The catalogue, read when it is first asked for: only new subscriptions and previews need it."""

    def __init__(self) -> None:
        self.catalogue = Catalogue()
        self._since_ms = 0

    async def __call__(self, session: AsyncSession, now: datetime) -> Catalogue:
        """The catalogue, brought up to date."""
        last = 0
        while rows := await repository.published_since(session, self._since_ms, last):
            for row in rows:
                self._take(row)
            last = rows[-1].id
            session.expunge_all()
        self._since_ms = int((now - OVERLAP).timestamp() * 1000)
        return self.catalogue

    def _take(self, row: PostingRow) -> None:
        posting = Posting.model_validate(row.posting)
        if row.closed_at is not None or not posting.mailable:
            self.catalogue.remove(row.id)
        else:
            self.catalogue.put(row.id, offer_of(posting, row.first_seen_at))
