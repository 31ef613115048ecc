"""What a schedule comes to: which digest to open, which ones were missed, and when the next is due. Pure: `now` is given."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from services.notifier.calendar import digests_between, hour_of, last_digest, next_digest, period

CATCH_UP = timedelta(days=7)
"""A digest that was due longer ago than this is not opened any more: its jobs come in the next one."""
MISSED_NOTED = 31
"""Most missed periods of one subscription that are noted: a month of daily ones."""
LOOK_BACK = timedelta(days=31)
"""Furthest that a window reaches back beyond its own period, when the digests before were missed."""


class Rhythm(NamedTuple):
    """When somebody wants digests: columns of a subscription."""

    cadence: str
    weekday: int
    hour: int
    timezone: str

    def period(self, at: datetime) -> str:
        return period(self.cadence, self.timezone, at)


class Opening(NamedTuple):
    """A digest to open: the name of its period and its window [since, until)."""

    occasion: str
    since: datetime
    until: datetime


class Missed(NamedTuple):
    """A digest that nobody opened when it was due."""

    occasion: str
    due_at: datetime


@dataclass(frozen=True)
class Plan:
    """`opening` is `None` where the latest digest was due too long ago. `next_at` is when the next one is due, spread."""

    opening: Opening | None
    missed: tuple[Missed, ...]
    next_at: datetime


def plan(rhythm: Rhythm, late: timedelta, due: datetime, covered_until: datetime | None, now: datetime) -> Plan:
    """What to do about a digest that was due at `due`, which is not after `now`, of somebody whose spread is `late`.

    However many periods were missed since, only the latest is opened. Raises `UnreadableInput` for an impossible rhythm.
    """
    first = hour_of(*rhythm, due)
    hours = {rhythm.period(hour): hour for hour in (first, *_since_then(rhythm, first, now - late))}
    dues = [Missed(name, due if hour == first else hour + late) for name, hour in hours.items()]
    latest, until = dues[-1], hours[dues[-1].occasion]
    next_at = next_free(rhythm, max(now - late, until), {latest.occasion}) + late
    if now - latest.due_at > CATCH_UP:
        return Plan(None, tuple(dues[-MISSED_NOTED:]), next_at)
    opening = Opening(latest.occasion, window_start(rhythm, until, covered_until), until)
    return Plan(opening, tuple(dues[:-1][-MISSED_NOTED:]), next_at)


def replan(
    rhythm: Rhythm, late: timedelta, due: datetime, covered_until: datetime | None, opened: Collection[str], now: datetime
) -> datetime:
    """When the next digest is due once a subscription was edited, given the periods that were `opened` already.

    What is overdue stays due. Where the edit moves this period's hour into the past before its digest was opened, that
    digest is due at once: a period has one digest, not two and not none.
    """
    if due <= now:
        return due
    last = last_digest(*rhythm, now)
    owed = rhythm.period(last)
    passed_over = owed == rhythm.period(hour_of(*rhythm, due)) and owed not in opened
    if passed_over and (covered_until is None or covered_until < last):
        return max(last + late, now)
    return next_free(rhythm, now - late, opened) + late


def next_free(rhythm: Rhythm, after: datetime, opened: Collection[str]) -> datetime:
    """The hour of the first digest strictly after `after` whose period is not among those that were `opened`."""
    at = next_digest(*rhythm, after)
    while rhythm.period(at) in opened:
        at = next_digest(*rhythm, at)
    return at


def window_start(rhythm: Rhythm, until: datetime, covered_until: datetime | None) -> datetime:
    """Where the window that ends at `until` begins: where the one before ended, but not too far back.

    Without one before, where its own period begins. A window of its own period is never cut: a month has up to 35 days.
    """
    own = last_digest(*rhythm, until - timedelta.resolution)
    if covered_until is None:
        return own
    return min(until, max(covered_until, min(own, until - LOOK_BACK)))


def _since_then(rhythm: Rhythm, first: datetime, until: datetime) -> list[datetime]:
    """The hours of digests after `first` and not after `until`; most often there are none, which costs least."""
    if next_digest(*rhythm, first) > until:
        return []
    return digests_between(*rhythm, first, until, MISSED_NOTED + 1)
