"""Choosing what goes into one digest. Pure: candidates in, a `Digest` out, the same for the same input in any order.

`choose` decides, and says of every candidate what became of it; `entries.explained` then makes the digest of it. A `Digest` is
stored with its mail and read back for every further attempt, so it holds all that the templates show.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple, Self

from pydantic import Field, model_validator

from services.notifier.listing import Listing
from shared.audit import Audit
from shared.posting import Pay, Value, Workplace

WEEKS = 8
LAST_DAY = timedelta(days=1, hours=12)
"""From a day's first instant in UTC to its last one in the time zone that is furthest behind."""


class Fate(StrEnum):
    """What became of a candidate."""

    SHOWN = "shown"
    ALSO = "shown as part of another posting's entry"
    COMPANY = "waits: enough of its company this time"
    ROOM = "waits: better ones fill this digest"
    SENT = "its job was sent before"
    CLOSED = "closed"
    FORBIDDEN = "its source forbids mail"


class Candidate(NamedTuple):
    """A posting on a subscription's shortlist. `shown` if it or its opening was sent to the person before.

    `is_local` as in `shared.match.Match`.
    """

    listing: Listing
    score: float
    is_local: bool
    shown: bool = False


Opening = tuple[Candidate, ...]
"""The postings of one job, the one to apply at first."""


@dataclass(frozen=True)
class Choice:
    """`openings` to show, best first; how many openings of a company wait for it had enough, and how many wait in all.

    `fates` is by posting, every candidate's.
    """

    openings: tuple[Opening, ...]
    more: Mapping[str, int]
    waiting: int
    fates: Mapping[int, Fate]


class Entry(Value):
    """One opening as the reader sees it. Texts are single lines of bounded length; empty and `None` mean unknown.

    `url` is the employer's own page, http or https only, that of `posting_id`; `posting_ids` are all postings that this
    entry uses up. `first_seen_at` is when we saw any posting of it first, `posted_at` the board's own date, `checked_at` when
    it was last seen open, `again_at` when it came back after it had gone. `attribution` is whom the source's terms ask to
    credit.
    """

    opening_key: str
    posting_id: int
    posting_ids: tuple[int, ...]
    title: str
    company: str
    company_key: str
    agency: bool = False
    url: str | None
    place: str
    workplace: Workplace | None
    pay: Pay | None
    first_seen_at: datetime
    posted_at: datetime | None = None
    checked_at: datetime
    again_at: datetime | None = None
    closes_on: date | None = None
    score: float
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    also_in: tuple[str, ...] = ()
    attribution: str = ""


class More(Value):
    """Openings of one company that wait for a later digest because this one has enough of that company."""

    company_key: str
    count: int


class Market(Value):
    """Openings first seen in each of the last weeks, the oldest week first; `place` is whose they are: `Singapore`."""

    place: str
    weeks: tuple[int, ...] = Field(min_length=2, max_length=WEEKS)

    @model_validator(mode="after")
    def _counted(self) -> Self:
        if min(self.weeks) < 0:
            raise ValueError("a week has no fewer than no openings")
        return self


class Digest(Value):
    """`entries` best first. `shown_before` are postings on the shortlist whose opening was already sent.

    `waiting` openings fit as well and are kept for later. `audit` is what became of all postings of the period, `market`
    how many openings there were where the person is; `None` where it is not known.
    """

    entries: tuple[Entry, ...] = ()
    more: tuple[More, ...] = ()
    waiting: int = 0
    shown_before: tuple[int, ...] = ()
    audit: Audit | None = None
    market: Market | None = None


def used_ids(content: Mapping[str, Any]) -> tuple[int, ...]:
    """Every posting that need not stay on the shortlist once the digest that is stored as `content` was sent.

    Without reading all the rest of it.
    """
    shown = {posting_id for entry in content.get("entries", ()) for posting_id in entry["posting_ids"]}
    return tuple(sorted(shown.union(content.get("shown_before", ()))))


def choose(
    candidates: Iterable[Candidate], now: datetime, size: int, per_company: int, sent: AbstractSet[str] = frozenset()
) -> Choice:
    """At most `size` openings, at most `per_company` of one company; none that was shown, closed or may not be mailed.

    Those where the person is come first, and of these as of the others the best. `sent` are further openings to leave out.
    """
    listed = list(candidates)
    fates = _unfit(listed, sent, now)
    openings: list[Opening] = []
    waiting, held = Counter[str](), Counter[str]()
    for opening in _openings(one for one in listed if one.listing.seen.posting_id not in fates):
        company = opening[0].listing.company_key
        fate = Fate.COMPANY if held[company] == per_company else Fate.ROOM if len(openings) == size else Fate.SHOWN
        fates |= {one.listing.seen.posting_id: Fate.ALSO if fate is Fate.SHOWN else fate for one in opening}
        if fate is Fate.SHOWN:
            fates[opening[0].listing.seen.posting_id] = fate
            openings.append(opening)
            held[company] += 1
        else:
            waiting[company if fate is Fate.COMPANY else ""] += 1
    more = {company: count for company, count in waiting.items() if company}
    return Choice(tuple(openings), more, waiting.total(), fates)


def ended(listing: Listing, now: datetime) -> bool:
    """Whether the last day to apply, as the board states it, is over everywhere on earth."""
    if listing.ends_on is None:
        return False
    return now >= datetime.combine(listing.ends_on, time(), UTC) + LAST_DAY


def _unfit(listed: Sequence[Candidate], sent: AbstractSet[str], now: datetime) -> dict[int, Fate]:
    """The fates of those that cannot be shown, whatever else there is. What was shown of an opening was all of it."""
    shown = {one.listing.seen.opening_key for one in listed if one.shown} | sent
    fates = {}
    for listing in (one.listing for one in listed):
        seen = listing.seen
        if seen.opening_key in shown:
            fates[seen.posting_id] = Fate.SENT
        elif seen.closed_at is not None or ended(listing, now):
            fates[seen.posting_id] = Fate.CLOSED
        elif not listing.mailable:
            fates[seen.posting_id] = Fate.FORBIDDEN
    return fates


def _openings(candidates: Iterable[Candidate]) -> list[Opening]:
    """Candidates by opening, best first.

    The employer's own posting leads its group, however well a copy of it matches: one should apply where the job is.
    """
    grouped: dict[str, list[Candidate]] = {}
    for one in sorted(candidates, key=_rank):
        grouped.setdefault(one.listing.seen.opening_key, []).append(one)
    led = [tuple(sorted(group, key=lambda one: one.listing.detour)) for group in grouped.values()]
    return sorted(led, key=lambda opening: _rank(opening[0]))


def _rank(candidate: Candidate) -> tuple[bool, float, float, int]:
    """Jobs where the person is before all others; best score first; of equals the newest, then the one found first."""
    seen = candidate.listing.seen
    return not candidate.is_local, -candidate.score, -seen.first_seen_at.timestamp(), seen.posting_id
