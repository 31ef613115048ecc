"""What a digest is chosen from, for many subscriptions at once.

- `Shortlists(size, per_company).digests_of(session, rows, rarities, now, promised)`: the digest of each subscription, chosen
  and explained, in at most five statements however many subscriptions there are. An exception stands in the place of one
  that cannot be made.
- `Shortlists.candidates_of(session, rows, rarities)`: only the candidates of each, for whoever asks for more than a digest:
  `digest.choose(candidates, now, size, per_company).fates` says what became of each, `await earlier(session, choices)` and
  `entries.explained(choice, wish_of_row(row), past)` make the digest of it.
- `listing_of_row(row, rarities)`: one posting as a candidate's listing.

A process keeps one `Shortlists`, for it remembers what it read of a posting until that posting changes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from itertools import islice
from types import MappingProxyType
from typing import Any

import structlog
from sqlalchemy import Executable, Float, column, exists, inspect, or_, select, type_coerce, values
from sqlalchemy.types import NullType
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Candidate, Choice, Digest, choose
from services.notifier.entries import explained
from services.notifier.listing import Listing, Sighting, listing_of
from shared.arrivals import arrived
from shared.columns import Id
from shared.match import LOCAL
from shared.models import MatchRow, PostingRow, SentRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import SHIPPED, Rarities, Wish, wish_of
from shared.scoring.parts import place_part

log = structlog.get_logger()

_SHORTLIST = inspect(MatchRow).columns

REMEMBERED = 10_000
"""Postings remembered, at some 5 kB each."""
CHUNK = 5_000
"""Most ids named in one query; SQLite takes 32,766."""


_VERSION: tuple[Any, Any] = (
    type_coerce(col(PostingRow.last_seen_at), NullType()),
    type_coerce(col(PostingRow.closed_at), NullType()),
)
"""What changes with a posting, as the driver gives it: it is only compared, and reading dates takes time."""
_SIGHTING: tuple[Any, ...] = (
    col(PostingRow.id),
    col(PostingRow.board_id),
    col(PostingRow.opening_key),
    col(PostingRow.first_seen_at),
    col(PostingRow.last_seen_at),
    col(PostingRow.closed_at),
    col(PostingRow.relisted_at),
)
Version = tuple[Any, Any]


class Shortlists:
    """The shortlists of any number of subscriptions, and what is remembered of the postings on them."""

    def __init__(self, size: int, per_company: int, remembered: int = REMEMBERED) -> None:
        self.size, self.per_company, self.remembered = size, per_company, remembered
        self.rarities = SHIPPED
        self._listings: OrderedDict[int, tuple[Version, Listing]] = OrderedDict()

    async def digests_of(
        self,
        session: AsyncSession,
        rows: Sequence[SubscriptionRow],
        rarities: Rarities,
        now: datetime,
        promised: Mapping[int, AbstractSet[str]] = MappingProxyType({}),
    ) -> dict[int, Digest | Exception]:
        """The digest of each subscription by its id, without entries where nothing fits; an exception where it broke.

        `promised` are openings by subscription that another mail of theirs lists already.
        """
        wishes, broken = _wishes(rows)
        listed = await self._candidates(session, wishes, rarities)
        choices = {
            id_: choose(candidates, now, self.size, self.per_company, promised.get(id_, frozenset()))
            for id_, candidates in listed.items()
        }
        past = await earlier(session, choices.values())
        digests: dict[int, Digest | Exception] = {}
        for id_, choice in choices.items():
            await asyncio.sleep(0)  # a hundred digests take a tenth of a second, which others would wait
            digests[id_] = explained(choice, wishes[id_], past)
        return digests | broken

    async def candidates_of(
        self, session: AsyncSession, rows: Sequence[SubscriptionRow], rarities: Rarities
    ) -> dict[int, list[Candidate]]:
        """Each subscription's shortlist with the postings as they stand now, closed ones and those sent before included."""
        return await self._candidates(session, {row.id: wish_of_row(row) for row in rows}, rarities)

    async def _candidates(
        self, session: AsyncSession, wishes: Mapping[int, Wish], rarities: Rarities
    ) -> dict[int, list[Candidate]]:
        found = await _shortlisted(session, wishes)
        listings = await self.listings(session, {one[1]: one[3:5] for one in found}, rarities)
        candidates: dict[int, list[Candidate]] = {id_: [] for id_ in wishes}
        for subscription_id, posting_id, score, _, _, shown in found:
            if listing := listings.get(posting_id):
                is_local = (place_part(listing.offer, wishes[subscription_id]) or 0.0) >= LOCAL
                candidates[subscription_id].append(Candidate(listing, score, is_local, bool(shown)))
        return candidates

    async def listings(self, session: AsyncSession, versions: Mapping[int, Version], rarities: Rarities) -> dict[int, Listing]:
        """The postings' listings by id, those read anew that have changed since they were read last."""
        if rarities is not self.rarities:
            self.rarities, self._listings = rarities, OrderedDict()
        known = self._listings
        changed = [id_ for id_, version in versions.items() if id_ not in known or known[id_][0] != tuple(version)]
        for ids in _chunks(changed):
            async for version, listing in _read(session, ids, rarities):
                known[listing.seen.posting_id] = version, listing
        listings = {}
        for id_ in versions:
            if id_ in known:
                known.move_to_end(id_)
                listings[id_] = known[id_][1]
        while len(known) > self.remembered:
            known.popitem(last=False)
        return listings


def wish_of_row(row: SubscriptionRow) -> Wish:
    """What a subscription's postings are scored by."""
    return wish_of(Profile.model_validate(row.profile), row.tuning)


def listing_of_row(row: PostingRow, rarities: Rarities) -> Listing:
    """The listing of one posting, as for a digest that is replayed."""
    dates = row.first_seen_at, row.last_seen_at, row.closed_at, row.relisted_at
    return listing_of(Posting.model_validate(row.posting), Sighting(row.id, row.board_id, row.opening_key, *dates), rarities)


async def earlier(session: AsyncSession, choices: Iterable[Choice]) -> list[Sighting]:
    """The closed postings of all openings that were chosen: which of those are re-posts of them, `explained` sees."""
    keys = {opening[0].listing.seen.opening_key for choice in choices for opening in choice.openings}
    found = []
    for some in _chunks(sorted(keys)):
        query = select(*_SIGHTING).where(col(PostingRow.opening_key).in_(some), col(PostingRow.closed_at).is_not(None))
        found += [Sighting(*row) for row in await _rows(session, query)]
    return found


def _wishes(rows: Iterable[SubscriptionRow]) -> tuple[dict[int, Wish], dict[int, Exception]]:
    """The wishes that can be read, and why the others cannot."""
    wishes = dict[int, Wish]()
    broken = dict[int, Exception]()
    for row in rows:
        try:
            wishes[row.id] = wish_of_row(row)
        except ValueError as error:
            broken[row.id] = error
    return wishes, broken


async def _shortlisted(session: AsyncSession, subscription_ids: Iterable[int]) -> list[Any]:
    """Subscription, posting, score, `_VERSION` and whether it was shown: what is on the lists and what has arrived for them."""
    found: dict[tuple[int, int], Any] = {}
    for ids in _chunks(subscription_ids):
        for some in _chunks(await arrived(session, ids)):
            found |= {tuple(row[:2]): row for row in await _rows(session, _with_postings(_given(some)))}
        listed = _with_postings(_SHORTLIST).where(_SHORTLIST.subscription_id.in_(ids))
        found |= {tuple(row[:2]): row for row in await _rows(session, listed)}
    return list(found.values())


def _given(matches: Sequence[tuple[int, int, float]]) -> Any:
    """Matches at hand, as a table."""
    columns = column("subscription_id", Id), column("posting_id", Id), column("score", Float)
    return values(*columns, name="given").data(matches).cte().c


def _with_postings(match: Any) -> Any:
    """Matches with their postings, and whether the person was sent it.

    As itself or as another posting of its opening: an edit may give it another key, and a re-post has another id.
    """
    theirs = col(SentRow.subscription_id) == match.subscription_id
    same = col(SentRow.posting_id) == match.posting_id, col(SentRow.opening_key) == col(PostingRow.opening_key)
    shown = or_(*(exists().where(theirs, one) for one in same))
    listed = select(match.subscription_id, match.posting_id, match.score, *_VERSION, shown)
    return listed.join(PostingRow, col(PostingRow.id) == match.posting_id)


async def _read(session: AsyncSession, ids: Sequence[int], rarities: Rarities) -> AsyncIterator[tuple[Version, Listing]]:
    query = select(*_VERSION, col(PostingRow.posting), *_SIGHTING).where(col(PostingRow.id).in_(ids))
    for seen, closed, posting, *sighting in await _rows(session, query):
        try:
            read = Posting.model_validate(posting)
        except ValueError:
            log.exception("posting_unreadable", posting=sighting[0])
        else:
            yield (seen, closed), listing_of(read, Sighting(*sighting), rarities)


async def _rows(session: AsyncSession, query: Executable) -> Sequence[Any]:
    """The rows as they are: the session would take three times as long for them."""
    return (await (await session.connection()).execute(query)).all()


def _chunks(ids: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
