"""What the matcher does when something happens. Each handler: load, decide, write; the events are acknowledged after."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import islice

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository, shares
from services.matcher.audit import Auditing
from services.matcher.comparing import suiting
from services.matcher.keeping import restored
from services.matcher.place_weeks import PlaceWeeks
from services.matcher.preview import preview
from services.matcher.refresh import OpenPostings, Refresh, rule_of, view_of
from services.matcher.repository import CHUNK, Entry
from shared.audit import Audits, AuditsAsked
from shared.database import Database
from shared.events import DigestSent, PostingClosed, PostingFound, SubscriptionChanged
from shared.models import ScreeningRow, SubscriptionRow
from shared.preview import Preview, PreviewAsked
from shared.profile import Profile
from shared.rarities import StoredRarities
from shared.rule import PostingView, admits, parse
from shared.scoring import offer_of, wish_of
from shared.settings import Settings
from shared.streams.consumer import Handlers
from shared.telemetry import SCREENED, SHORTLISTED

log = structlog.get_logger()
CUT_AT_ONCE = 100
"""Shortlists cut after a posting, some 0.1 ms each; a twentieth of those that wait where that is more."""


class Matcher:
    """The handlers, and the index they share."""

    def __init__(self, database: Database, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.settings, self.now = database, settings, now
        self.shard = settings.shard
        self.index, since = restored(settings)
        self.refresh = Refresh(self.index, self.shard, since)
        self.rarities = StoredRarities()
        self.open_postings = OpenPostings(self.rarities)
        self.auditing = Auditing(self.open_postings, settings.match_threshold)
        self.place_weeks = PlaceWeeks(database)
        self.grown = Counter[int]()
        """Entries that each shortlist got since it was cut."""
        self.overgrown: dict[int, None] = {}
        """Shortlists that wait to be cut, in that order."""

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
            await self.rarities(session)
            fresh = await repository.unscreened(session, events, self.settings.matcher_shard)
            touched = await repository.take_off(
                session, [event.posting_id for event in fresh if event.revision > 1], self.shard
            )
            shown = await repository.already_shown(session, [event.posting_id for event in fresh])
            entries, screenings = self._screened(fresh, shown, now)
            await repository.shortlist(session, entries, now)
            await repository.record_screenings(session, screenings)
            await self._settle(session, {*touched, *self._overgrown(entries)}, now)
        SCREENED.inc(len(fresh))
        SHORTLISTED.inc(len(entries))

    async def on_postings_closed(self, events: list[PostingClosed]) -> None:
        """Take what is gone off every shortlist."""
        now = self.now()
        async with self.database.begin() as session:
            gone = await repository.closed(session, [event.posting_id for event in events])
            touched = await repository.take_off(session, gone, self.shard)
            await self._settle(session, set(touched), now)

    async def on_subscriptions_changed(self, events: list[SubscriptionChanged]) -> None:
        """Score every open posting against subscriptions that are new or different, so that a first digest is not empty."""
        now = self.now()
        ids = {event.subscription_id for event in events if self._is_ours(event.subscription_id)}
        async with self.database.read() as session:  # not while others wait to write: the first time takes long
            await self.open_postings(session, now)
        async with self.database.begin() as session:
            await self.refresh(session, now)
            for subscription_id in sorted(ids):
                await self._fill(session, await session.get(SubscriptionRow, subscription_id), now)
            await self._settle(session, ids, now)

    async def on_digests_sent(self, events: list[DigestSent]) -> None:
        """Take what was shown off the shortlist, which lowers its bar."""
        now, ours = self.now(), [event for event in events if self._is_ours(event.subscription_id)]
        async with self.database.begin() as session:
            for event in ours:
                await repository.use_up(session, event.subscription_id, event.posting_ids)
            await self._settle(session, {event.subscription_id for event in ours}, now)

    async def on_preview_asked(self, asked: PreviewAsked) -> Preview:
        """Say what somebody would get who subscribed now."""
        async with self.database.read() as session:
            return await preview(session, self.open_postings, asked, self.settings.match_threshold, self.now())

    async def on_audits_asked(self, asked: AuditsAsked) -> Audits:
        """Say what became of the postings of a period for subscriptions of any shard."""
        async with self.database.read() as session:
            return await self.auditing(session, asked, self.now())

    async def tick(self, now: datetime) -> None:
        """Hold every open posting in memory before anybody asks, and measure: each week skills, each hour places."""
        async with self.database.read() as session:
            catalogue = await self.open_postings(session, now)
            due = await shares.are_due(session, now)
        if due:
            async with self.database.begin() as session:
                await shares.measure(session, catalogue, now)
        await self.place_weeks(now)

    def _screened(
        self, events: Iterable[PostingFound], shown: dict[int, set[int]], now: datetime
    ) -> tuple[list[Entry], list[ScreeningRow]]:
        """Whose shortlists the postings enter, and proof that everybody was asked."""
        entries: list[Entry] = []
        screenings: list[ScreeningRow] = []
        for event in events:
            found = self._suits(event, now) if event.posting.mailable else []
            kept = [entry for entry in found if entry[0] not in shown[event.posting_id]]
            entries += kept
            screenings.append(self._screening(event, len(kept), now))
        return entries, screenings

    def _suits(self, event: PostingFound, now: datetime) -> list[Entry]:
        offer = offer_of(event.posting, event.first_seen_at, self.rarities.latest)
        found = self.index.screen(offer, PostingView(event.posting, now, event.first_seen_at))
        pairs = zip(found.ids.tolist(), found.scores.tolist(), strict=True)
        return [(id_, event.posting_id, score / 100) for id_, score in pairs]

    def _screening(self, event: PostingFound, shortlisted: int, now: datetime) -> ScreeningRow:
        log.debug("screened", posting=event.posting_id, revision=event.revision, shortlisted=shortlisted)
        return ScreeningRow(
            posting_id=event.posting_id,
            revision=event.revision,
            shard=self.settings.matcher_shard,
            subscriptions=len(self.index),
            shortlisted=shortlisted,
            screened_at=now,
        )

    async def _fill(self, session: AsyncSession, row: SubscriptionRow | None, now: datetime) -> None:
        """Start one shortlist afresh from the postings still open."""
        if row is None:
            return
        await repository.empty_shortlist(session, row.id)
        if row.state != "active":
            return
        catalogue = await self.open_postings(session, now)
        found = suiting(catalogue, wish_of(Profile.model_validate(row.profile), row.tuning), self.settings.match_threshold)
        text, keep_unknown = rule_of(row)
        rule = parse(text)
        best: list[Entry] = []
        ids, scores = found.ids.tolist(), dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))
        for start in range(0, len(ids), CHUNK):
            postings = await repository.open_postings(session, ids[start : start + CHUNK], unseen_by=row.id)
            best += [(row.id, p.id, scores[p.id] / 100) for p in postings if admits(rule, view_of(p, now), keep_unknown)]
            if len(best) >= self.settings.shortlist_size:
                break
        await repository.shortlist(session, best[: self.settings.shortlist_size], now)
        log.info("shortlist_filled", subscription=row.id, revision=row.revision)

    def _overgrown(self, entries: Iterable[Entry]) -> list[int]:
        """Lists that grew by a tenth since they were cut: to cut each at every entry would read it whole each time.

        Nor are all cut at once: a posting that enters ten thousand lists would wait for a thousand that are none the worse
        for being a little longer. Those that waited longest come first.
        """
        lists = [entry[0] for entry in entries]
        self.grown.update(lists)
        most = self.settings.shortlist_size // 10
        self.overgrown |= dict.fromkeys(id_ for id_ in lists if self.grown[id_] > most)
        return list(islice(self.overgrown, max(CUT_AT_ONCE, len(self.overgrown) // 20)))

    async def _settle(self, session: AsyncSession, ids: set[int], now: datetime) -> None:
        """Cut shortlists to size and set their bars."""
        for subscription_id, bar in (await repository.settle(session, ids, self.settings.shortlist_size, now)).items():
            self.index.set_bar(subscription_id, bar)
            self.grown.pop(subscription_id, None)
            self.overgrown.pop(subscription_id, None)

    def _is_ours(self, subscription_id: int) -> bool:
        number, shards = self.shard
        return subscription_id % shards == number
