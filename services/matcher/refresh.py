"""Keeping index and catalogue true to the database, whoever changed it.

Every matcher asks before each batch what changed since it last asked. That is one indexed query, and unlike a broadcast
it cannot be missed: a posting handled after a subscription was committed is always scored against it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
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
from shared.rarities import StoredRarities
from shared.rule import PostingView, parse
from shared.scoring import Offer, Rarities, offer_of, wish_of
from shared.scoring.weights import MOST_ASKED

log = structlog.get_logger()
KEPT = timedelta(days=45)
"""How long a closed posting is remembered after it was first seen.

A month of five weeks, between one first Monday and the next, and the week for which a digest that was missed is caught up with.
"""
VIEWS = 4_000
"""Postings that rules were asked about and that are held for the next rule, at some 10 kB each."""
AT_ONCE = 25
"""Postings taken into a catalogue without a pause, about 10 ms of work."""
OVERLAP = timedelta(seconds=60)
"""Asked again each time: a transaction may commit later than the time it stamped, and clocks differ."""


class Refresh:
    """Call it inside a transaction: `await refresh(session, now)` brings the index up to date.

    `since` is what the index is known to be true of, as when it was loaded from disk.
    """

    def __init__(self, index: Index, shard: Shard, since: datetime | None = None) -> None:
        self.index, self.shard, self.since = index, shard, since

    async def __call__(self, session: AsyncSession, now: datetime) -> None:
        changed = await repository.changed_subscriptions(session, self.since, self.shard)
        for id_ in (id_ for id_, _, state in changed if state != "active"):
            self.index.remove(id_)
        news = [id_ for id_, revision, state in changed if state == "active" and self.index.revision(id_) != revision]
        for start in range(0, len(news), repository.CHUNK):
            for row in await repository.subscriptions(session, news[start : start + repository.CHUNK]):
                put(self.index, row)
            session.expunge_all()
        for subscription_id, bar in await repository.lowered_bars(session, self.since):
            self.index.set_bar(subscription_id, bar)
        self.since = now - OVERLAP


def put(index: Index, row: SubscriptionRow) -> None:
    """Hold what a subscription says now."""
    index.put(row.id, row.revision, wish_of(Profile.model_validate(row.profile), row.tuning), 0.0, *rule_of(row))


def rule_of(row: SubscriptionRow) -> tuple[str, bool]:
    """The rule of a subscription. One that this version cannot read is left out, loudly: better too many jobs than none."""
    try:
        parse(row.rule)
    except RuleError as error:
        log.error("rule_unreadable", subscription=row.id, code=error.code)
        return "", row.keep_unknown
    return row.rule, row.keep_unknown


@dataclass
class Taken:
    """What was read so far, scored by one measurement of rarities."""

    by: Rarities
    catalogue: Catalogue = field(default_factory=Catalogue)
    gone: Catalogue = field(default_factory=Catalogue)
    since_ms: int = 0

    def take(self, row: PostingRow) -> None:
        """Hold a posting as it is now."""
        posting = Posting.model_validate(row.posting)
        self.catalogue.remove(row.id)
        self.gone.remove(row.id)
        if posting.mailable:
            holder = self.catalogue if row.closed_at is None else self.gone
            offer = offer_of(posting, row.first_seen_at, self.by)
            also = _beyond(offer, posting)
            holder.put(row.id, offer, row.opening_key, row.first_seen_at, row.closed_at, also)


class OpenPostings:
    """Catalogues of what is open, and of what closed lately; read when they are first asked for.

    `gone` holds what was first seen in the last `KEPT`, for the drop audit. Both are whole at any time: while all is read anew
    they are what they were before.
    """

    def __init__(self, rarities: StoredRarities) -> None:
        self.rarities = rarities
        self._taken = Taken(rarities.latest)
        self._turn = asyncio.Lock()
        self._views = OrderedDict[int, PostingView]()

    @property
    def catalogue(self) -> Catalogue:
        return self._taken.catalogue

    @property
    def gone(self) -> Catalogue:
        return self._taken.gone

    async def __call__(self, session: AsyncSession, now: datetime) -> Catalogue:
        """What is open, brought up to date. When other rarities have been measured, all is read anew."""
        async with self._turn:
            latest = await self.rarities(session)
            taken = self._taken if latest is self._taken.by and self._taken.since_ms else Taken(latest)
            await self._read(session, taken, now - KEPT)
            taken.gone.forget_before(now - KEPT)
            taken.since_ms = int((now - OVERLAP).timestamp() * 1000)
            self._taken = taken
        return self.catalogue

    async def views(self, session: AsyncSession, ids: Sequence[int]) -> dict[int, PostingView]:
        """By id what a rule is asked about postings, as it was when they came."""
        found = {id_: self._views[id_] for id_ in ids if id_ in self._views}
        missing = [id_ for id_ in ids if id_ not in found]
        for start in range(0, len(missing), AT_ONCE):
            for row in await repository.postings(session, missing[start : start + AT_ONCE]):
                found[row.id] = view_of(row, row.first_seen_at)
            session.expunge_all()
            await asyncio.sleep(0)
        for id_, view in found.items():
            self._views[id_] = view
            self._views.move_to_end(id_)
        while len(self._views) > VIEWS:
            self._views.popitem(last=False)
        return found

    async def _read(self, session: AsyncSession, taken: Taken, kept_since: datetime) -> None:
        last = 0
        while rows := await repository.published_since(session, taken.since_ms, kept_since, last):
            for number, row in enumerate(rows):
                self._views.pop(row.id, None)
                taken.take(row)
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)  # others have their turn: there may be very many
            last = rows[-1].id
            session.expunge_all()


def _beyond(offer: Offer, posting: Posting) -> list[str]:
    """What a posting names beyond the skills that count, where it names more of them than count."""
    if len(offer.asked) < MOST_ASKED:
        return []
    return sorted({mention.skill for mention in posting.facts.skills} - offer.asked.keys())


def view_of(row: PostingRow, now: datetime) -> PostingView:
    """What a rule is asked about a posting at `now`."""
    return PostingView(Posting.model_validate(row.posting), now, row.first_seen_at)
