"""What the matcher does when something happens. Each handler: load, decide, write; the events are acknowledged after."""

from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.index import Index, index_of
from services.matcher.refresh import Refresh
from shared.database import Database
from shared.events import DigestSent, PostingClosed, PostingFound, SubscriptionChanged
from shared.models import ScreeningRow, SubscriptionRow
from shared.profile import Profile
from shared.settings import Settings
from shared.streams.consumer import Handlers
from shared.telemetry import SCREENED, SHORTLISTED

log = structlog.get_logger()


class Matcher:
    """The handlers, and the index they share."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.settings, self.now = database, settings, now
        self.index = Index(settings.match_threshold)
        self.shard = settings.shard
        self.refresh = Refresh(self.index, self.shard)

    def handlers(self, stream: str) -> Handlers:
        """What to do with each kind of event on `stream`."""
        handlers: dict[str, Handlers] = {
            "postings": {PostingFound: self.on_postings_found, PostingClosed: self.on_postings_closed},
            "subscriptions": {SubscriptionChanged: self.on_subscriptions_changed},
            "deliveries": {DigestSent: self.on_digests_sent},
        }
        return handlers[stream]

    async def on_postings_found(self, events: list[PostingFound]) -> None:
        """Score new and edited postings against every subscription."""
        now = self.now()
        async with self.database.begin() as session:
            await self.refresh(session, now)
            fresh = await repository.unscreened(session, events, self.settings.matcher_shard)
            edited = [event.posting_id for event in fresh if event.revision > 1]
            touched = await repository.take_off(session, edited, self.shard)
            screenings = [await self._screen(session, event, touched, now) for event in fresh]
            await repository.record_screenings(session, screenings)
            bars = await repository.settle(session, touched, self.settings.shortlist_size, now)
        self._raise_bars(bars)
        SCREENED.inc(len(fresh))

    async def on_postings_closed(self, events: list[PostingClosed]) -> None:
        """Take what is gone off every shortlist."""
        now = self.now()
        async with self.database.begin() as session:
            gone = await repository.closed(session, [event.posting_id for event in events])
            touched = await repository.take_off(session, gone, self.shard)
            bars = await repository.settle(session, touched, self.settings.shortlist_size, now)
        self._raise_bars(bars)

    async def on_subscriptions_changed(self, events: list[SubscriptionChanged]) -> None:
        """Score every open posting against subscriptions that are new or different, so that a first digest is not empty."""
        now = self.now()
        ids = {event.subscription_id for event in events if self._is_ours(event.subscription_id)}
        async with self.database.begin() as session:
            await self.refresh(session, now)
            for subscription_id in sorted(ids):
                await self._fill(session, await session.get(SubscriptionRow, subscription_id), now)
            bars = await repository.settle(session, ids, self.settings.shortlist_size, now)
        self._raise_bars(bars)

    async def on_digests_sent(self, events: list[DigestSent]) -> None:
        """Take what was shown off the shortlist, which lowers its bar."""
        now, ours = self.now(), [event for event in events if self._is_ours(event.subscription_id)]
        async with self.database.begin() as session:
            for event in ours:
                await repository.use_up(session, event.subscription_id, event.posting_ids)
            touched = {event.subscription_id for event in ours}
            bars = await repository.settle(session, touched, self.settings.shortlist_size, now)
        self._raise_bars(bars)

    async def _screen(self, session: AsyncSession, event: PostingFound, touched: set[int], now: datetime) -> ScreeningRow:
        candidates = self.index.screen(event.posting) if event.posting.mailable else []
        ids = [candidate.subscription_id for candidate in candidates]
        shown = await repository.already_shown(session, event.posting_id, ids)
        kept = [candidate for candidate in candidates if candidate.subscription_id not in shown]
        await repository.shortlist(session, [(event.posting_id, candidate) for candidate in kept], now)
        touched.update(candidate.subscription_id for candidate in kept)
        SHORTLISTED.inc(len(kept))
        log.debug("screened", posting=event.posting_id, revision=event.revision, shortlisted=len(kept))
        return ScreeningRow(
            posting_id=event.posting_id,
            revision=event.revision,
            shard=self.settings.matcher_shard,
            subscriptions=len(self.index),
            shortlisted=len(kept),
            screened_at=now,
        )

    async def _fill(self, session: AsyncSession, row: SubscriptionRow | None, now: datetime) -> None:
        """Start one shortlist afresh from the postings still open."""
        if row is None:
            return
        await repository.empty_shortlist(session, row.id)
        if row.state != "active":
            return
        alone = index_of(self.settings.match_threshold, [(row.id, row.revision, Profile.model_validate(row.profile))])
        postings = repository.open_postings(session, unseen_by=row.id)
        found = [(id_, candidate) async for id_, posting in postings if posting.mailable for candidate in alone.screen(posting)]
        best = sorted(found, key=lambda pair: (-pair[1].match.score, pair[0]))[: self.settings.shortlist_size]
        await repository.shortlist(session, best, now)
        log.info("shortlist_filled", subscription=row.id, revision=row.revision)

    def _is_ours(self, subscription_id: int) -> bool:
        number, shards = self.shard
        return subscription_id % shards == number

    def _raise_bars(self, bars: dict[int, float]) -> None:
        for subscription_id, bar in bars.items():
            self.index.set_bar(subscription_id, bar)
