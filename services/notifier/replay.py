"""Digests of another time: which period is meant, what was there to choose from, and what was sent. Pure."""

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from services.notifier.calendar import DAILY, MONTHLY, WEEKLY, next_digest, period, window, zone_named
from services.notifier.digest import Candidate, Choice, choose
from services.notifier.listing import Listing
from shared.errors import UnreadableInput
from shared.scoring import Wish, match

FIRST_YEAR, LAST_YEAR = 2000, 2200
_FORMS = r"(\d{4})-W(\d\d)", r"(\d{4})-(\d\d)", r"(\d{4})-(\d\d)-(\d\d)"
_WEEK, _MONTH, _DAY = (re.compile(form, re.ASCII) for form in _FORMS)


@dataclass(frozen=True)
class Span:
    """The digest of a period: its window is [`since`, `until`), and it is due at `until`."""

    name: str
    cadence: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class Shown:
    """What somebody had been shown, or had refused, up to some time: opening keys and posting ids."""

    openings: AbstractSet[str] = frozenset()
    postings: AbstractSet[int] = frozenset()

    def has(self, posting_id: int, opening_key: str) -> bool:
        return posting_id in self.postings or opening_key in self.openings


def span(name: str, weekday: int, hour: int, timezone: str) -> Span:
    """The digest of the period called `name`, whose form says the cadence, for somebody who wants it on a day at an hour.

    Raises `UnreadableInput` for what is no period, and for one in which no digest is due: a clock change may swallow it.
    """
    cadence, first = parse_period(name)
    before = datetime.combine(first, time(), zone_named(timezone)) - timedelta(days=1)
    until = next_digest(cadence, weekday, hour, timezone, before)
    while period(cadence, timezone, until) < name:
        until = next_digest(cadence, weekday, hour, timezone, until)
    if period(cadence, timezone, until) != name:
        raise UnreadableInput(f"no digest is due in {name}: clocks skip its hour; give the next period", code="period_empty")
    return Span(name, cadence, *window(cadence, weekday, hour, timezone, until))


def parse_period(name: str) -> tuple[str, date]:
    """The cadence and the first day of a period, as `calendar.period` names it. Raises `UnreadableInput`."""
    try:
        if found := _WEEK.fullmatch(name):
            first = WEEKLY, date.fromisocalendar(int(found[1]), int(found[2]), 1)
        elif found := _MONTH.fullmatch(name):
            first = MONTHLY, date(int(found[1]), int(found[2]), 1)
        elif found := _DAY.fullmatch(name):
            first = DAILY, date(int(found[1]), int(found[2]), int(found[3]))
        else:
            raise ValueError(name)
        if FIRST_YEAR <= int(name[:4]) < LAST_YEAR:
            return first
    except ValueError:
        pass
    forms = "2026-W46 for a week (ISO 8601: 01 to 52 or 53), 2026-11 for a month, 2026-11-14 for a day"
    raise UnreadableInput(f"{name[:40]!r} is no period: write {forms}", code="period_invalid")


def as_it_was(listing: Listing, at: datetime) -> Listing | None:
    """A posting's listing as it was known at an instant, as far as dates tell; `None` if it was not known, or gone."""
    seen = listing.seen
    if seen.first_seen_at >= at or (seen.closed_at is not None and seen.closed_at <= at):
        return None
    relisted_at = seen.relisted_at if seen.relisted_at is not None and seen.relisted_at < at else None
    then = replace(seen, last_seen_at=min(seen.last_seen_at, at), closed_at=None, relisted_at=relisted_at)
    return replace(listing, seen=then)


def candidate_of(listing: Listing, wish: Wish, *, shown: bool = False) -> Candidate:
    """A posting with what it scores for a wish."""
    found = match(listing.quoted, listing.offer, wish)
    return Candidate(listing, found.score, found.is_local, shown)


def shortlisted(
    listings: Iterable[Listing], wish: Wish, shown: Shown, at: datetime, *, threshold: float, size: int
) -> list[Candidate]:
    """The shortlist at an instant: the best `size` of what was open, mailable, not shown before and scored `threshold`."""
    there = [then for one in listings if (then := as_it_was(one, at)) is not None]
    unseen = [one for one in there if one.mailable and not shown.has(one.seen.posting_id, one.seen.opening_key)]
    fit = [one for one in (candidate_of(listing, wish) for listing in unseen) if one.score >= threshold]
    return sorted(fit, key=lambda one: (-one.score, one.listing.seen.posting_id))[:size]


def as_sent(listings: Iterable[Listing], wish: Wish, at: datetime) -> Choice:
    """The choice that a mail once was, of the postings that it used up, whatever became of them since."""
    there = [replace(one, seen=replace(one.seen, closed_at=None), ends_on=None, mailable=True) for one in listings]
    return choose([candidate_of(one, wish) for one in there], at, len(there), len(there))
