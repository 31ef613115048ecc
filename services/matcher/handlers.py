"""What the matcher does when something happens. Each handler: load, decide, write; the events are acknowledged after."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime

import numpy as np
import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository, shares, shortlists
from services.matcher.audit import Auditing
from services.matcher.comparing import suiting
from services.matcher.index import Candidates
from services.matcher.keeping import restored
from services.matcher.place_weeks import PlaceWeeks
from services.matcher.preview import preview
from services.matcher.refresh import OpenPostings, Refresh, rule_of, view_of
from services.matcher.repository import CHUNK
from services.matcher.shortlists import Entry
from shared import arrivals
from shared.audit import Audits, AuditsAsked
from shared.database import Database, upsert
from shared.events import DigestSent, PostingClosed, PostingFound, SubscriptionChanged
from shared.models import ArrivalsRow, ScreeningRow, SubscriptionRow
from shared.preview import Preview, PreviewAsked
from shared.profile import Profile
from shared.rarities import StoredRarities
from shared.rule import PostingView, admits, parse
from shared.scoring import offer_of, wish_of
from shared.settings import Settings
from shared.streams.consumer import Handlers
from shared.telemetry import SCREENED, SHORTLISTED

log = structlog.get_logger()
AT_ONCE = arrivals.PART
"""Most shortlists that postings enter in the transaction that screens them; the others wait as arrivals."""
MOST_WAITING = 2_500
"""Parts of arrivals that may wait, 2.5 MB of them: beyond that a matcher enters some before it screens more."""
ENTERING_SECONDS = 5.0
"""How long arrivals are entered without asking whether to stop."""
NOBODY = Candidates(np.zeros(0, np.int64), np.zeros(0, np.int32))


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
        self.waiting = 0
        """Parts of arrivals that wait, as far as this matcher knows."""

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
        while self.waiting > MOST_WAITING:
            await self.enter_part()
        async with self.database.begin() as session:
            await self.refresh(session, now)
            await self.rarities(session)
            fresh = await repository.unscreened(session, events, self.settings.matcher_shard)
            edited = [event.posting_id for event in fresh if event.revision > 1]
            touched = await shortlists.take_off(session, edited, self.shard)
            shown = await repository.already_shown(session, [event.posting_id for event in fresh])
            found = {event.posting_id: self._suits(event, shown[event.posting_id], now) for event in fresh}
            entries = await self._shortlist(session, found, now)
            await repository.record_screenings(session, [self._screening(event, found, now) for event in fresh])
            await self._settle(session, {*touched, *self._overgrown(entries)}, now)
        SCREENED.inc(len(fresh))
        SHORTLISTED.inc(sum(len(suited.ids) for suited in found.values()))

    async def enter_waiting(self, _: datetime) -> None:
        """Enter the arrivals that wait onto their shortlists, part by part: events have their turn in between."""
        async with self.database.read() as session:
            self.waiting = await shortlists.parts_waiting(session)
        until = time.monotonic() + ENTERING_SECONDS
        while self.waiting and time.monotonic() < until:
            await self.enter_part()

    async def enter_part(self) -> None:
        """Enter one part of the arrivals, if any waits."""
        now = self.now()
        async with self.database.begin() as session:
            entries = await shortlists.take_arrivals(session)
            if entries:
                await shortlists.enter(session, entries, now)
                await self._settle(session, self._overgrown(entries), now)
        self.waiting = 0 if entries is None else max(0, self.waiting - 1)

    async def on_postings_closed(self, events: list[PostingClosed]) -> None:
        """Take what is gone off every shortlist."""
        now = self.now()
        async with self.database.begin() as session:
            gone = await repository.closed(session, [event.posting_id for event in events])
            touched = await shortlists.take_off(session, gone, self.shard)
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
                await shortlists.use_up(session, event.subscription_id, event.posting_ids)
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

    def _suits(self, event: PostingFound, shown: AbstractSet[int], now: datetime) -> Candidates:
        """Whose shortlists a posting enters."""
        if not event.posting.mailable:
            return NOBODY
        offer = offer_of(event.posting, event.first_seen_at, self.rarities.latest)
        found = self.index.screen(offer, PostingView(event.posting, now, event.first_seen_at))
        kept = ~np.isin(found.ids, list(shown))
        return Candidates(found.ids[kept], found.scores[kept])

    async def _shortlist(self, session: AsyncSession, found: Mapping[int, Candidates], now: datetime) -> Sequence[Entry]:
        """Enter shortlists, and let a posting wait that would enter too many at once. Returns what was entered."""
        entries: list[Entry] = []
        waiting = list[ArrivalsRow]()
        for posting_id, suited in found.items():
            if len(entries) + len(suited.ids) <= AT_ONCE:
                pairs = zip(suited.ids.tolist(), suited.scores.tolist(), strict=True)
                entries += [(id_, posting_id, score / 100) for id_, score in pairs]
            else:
                waiting += arrivals.rows_of(posting_id, shortlists.name_of(self.shard), suited.ids, suited.scores, now)
        await upsert(session, ArrivalsRow, [row.model_dump() for row in waiting])  # a tenth of what single objects cost
        self.waiting += len(waiting)
        await shortlists.enter(session, entries, now)
        return entries

    def _screening(self, event: PostingFound, found: Mapping[int, Candidates], now: datetime) -> ScreeningRow:
        """Proof that everybody was asked."""
        shortlisted = len(found[event.posting_id].ids)
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
        await shortlists.empty(session, row.id)
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
        await shortlists.enter(session, best[: self.settings.shortlist_size], now)
        log.info("shortlist_filled", subscription=row.id, revision=row.revision)

    def _overgrown(self, entries: Iterable[Entry]) -> set[int]:
        """Lists that grew by a tenth since they were cut: to cut each at every entry would read it whole each time."""
        lists = [entry[0] for entry in entries]
        self.grown.update(lists)
        most = self.settings.shortlist_size // 10
        return {id_ for id_ in lists if self.grown[id_] > most}

    async def _settle(self, session: AsyncSession, ids: set[int], now: datetime) -> None:
        """Cut shortlists to size and set their bars."""
        for subscription_id, bar in (await shortlists.settle(session, ids, self.settings.shortlist_size, now)).items():
            self.index.set_bar(subscription_id, bar)
            self.grown.pop(subscription_id, None)

    def _is_ours(self, subscription_id: int) -> bool:
        number, shards = self.shard
        return subscription_id % shards == number
