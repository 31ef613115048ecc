"""When the digests of a subscription are due, what each period is called and what it covers. Pure: the clock is an argument.

Hours are wall-clock hours where the person lives. An hour that a clock change skips becomes the first instant after the
gap; an hour that comes twice counts once, the first time. Should the gap reach into the next period (in Nuuk the last
hour of a March Saturday is missing), that period's own digest covers it, so a period never has two digests.

A digest is due at its hour and, by `spread`, up to an hour later. Name and window of its period are those of the hour.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

from shared.errors import UnreadableInput

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
CADENCES = (DAILY, WEEKLY, MONTHLY)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def next_digest(cadence: str, weekday: int, hour: int, timezone: str, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` at which a digest is due, not spread.

    Weekly is every `weekday` (0 is Monday), monthly the first such day of a month, daily every day. Raises
    `UnreadableInput` for an unknown cadence, weekday, hour or IANA time zone; `after` must be aware.
    """
    return _next(cadence, weekday, hour, timezone, _aware(after))


def last_digest(cadence: str, weekday: int, hour: int, timezone: str, at: datetime) -> datetime:
    """The last instant (UTC) not after `at` at which a digest was due, not spread: the other side of `next_digest`."""
    return _last(cadence, weekday, hour, timezone, _aware(at))


def window(cadence: str, weekday: int, hour: int, timezone: str, at: datetime) -> tuple[datetime, datetime]:
    """[since, until) of the latest digest that was due at `at`: from the hour of the digest before to its own hour.

    Windows tile time: the next one begins where this one ends, whatever clocks do meanwhile.
    """
    until = last_digest(cadence, weekday, hour, timezone, at)
    return last_digest(cadence, weekday, hour, timezone, until - timedelta.resolution), until


def digests_between(
    cadence: str, weekday: int, hour: int, timezone: str, after: datetime, until: datetime, limit: int
) -> list[datetime]:
    """The hours of the digests in (`after`, `until`], oldest first; of more than `limit`, the latest."""
    after, back = _aware(after), _back_from(cadence, weekday, hour, timezone, _aware(until))
    return [*islice(takewhile(lambda at: at > after, back), limit)][::-1]


def period(cadence: str, timezone: str, at: datetime) -> str:
    """The period that `at` falls in, locally: `2026-11-21` daily, `2026-W47` weekly (ISO 8601 week), `2026-11` monthly."""
    return _name(_known(cadence), _local(at, timezone))


def spread(subscription_id: int, minutes: int) -> timedelta:
    """How long after its hour a subscription's digest is due: always the same, and even over `minutes` for many of them.

    Fewer than 60 minutes, so that a digest at 23:00 stays in its day.
    """
    if not 0 <= minutes < 60:
        raise ValueError(f"a spread of {minutes} minutes: 0 to 59 keep a digest in its hour")
    drawn = int.from_bytes(blake2b(subscription_id.to_bytes(8, "big"), digest_size=4).digest(), "big")
    return timedelta(seconds=drawn * minutes * 60 >> 32)


def hour_of(cadence: str, weekday: int, hour: int, timezone: str, due: datetime) -> datetime:
    """The hour to which a digest that is due at `due` belongs: `due` without its spread, whatever the spread was.

    `due` itself where none of this schedule's hours began within the hour before: it is due by a schedule of before.
    """
    at = last_digest(cadence, weekday, hour, timezone, due)
    return at if due - at < _HOUR else _aware(due)


@lru_cache(1024)
def zone_named(timezone: str) -> ZoneInfo:
    """The IANA time zone. Raises `UnreadableInput` for anything that is not one, be it a path, a folder or a table."""
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise UnreadableInput(
            f"unknown time zone {timezone[:60]!r}: give an IANA name such as Asia/Singapore", code="timezone_unknown"
        ) from None


# Kept, for thousands of subscriptions ask the same of one hour. In UTC: two folds of a local hour would be one key.
@lru_cache(16_384)
def _next(cadence: str, weekday: int, hour: int, timezone: str, after: datetime) -> datetime:
    return next(at for at in _instants(cadence, weekday, hour, timezone, _local(after, timezone), _DAY) if at > after)


@lru_cache(16_384)
def _last(cadence: str, weekday: int, hour: int, timezone: str, at: datetime) -> datetime:
    return next(_back_from(cadence, weekday, hour, timezone, at))


def _back_from(cadence: str, weekday: int, hour: int, timezone: str, at: datetime) -> Iterator[datetime]:
    """Every instant not after `at` at which a digest was due, the latest first."""
    # Clocks set back over midnight show the day before again: what was due on the new day is over already.
    tomorrow = _local(at, timezone) + _DAY
    return (instant for instant in _instants(cadence, weekday, hour, timezone, tomorrow, -_DAY) if instant <= at)


def _instants(cadence: str, weekday: int, hour: int, timezone: str, first: date, step: timedelta) -> Iterator[datetime]:
    """The instants at which a digest is due, from a local day on, or back if `step` is; in order and without end."""
    zone, weekday, hour = zone_named(timezone), _within("weekday", weekday, 6), _within("hour", hour, 23)
    for day in _digest_days(_known(cadence), weekday, first, step):
        at = _instant(day, hour, zone)
        if _name(cadence, at.astimezone(zone).date()) == _name(cadence, day):
            yield at


def _local(at: datetime, timezone: str) -> date:
    return at.astimezone(zone_named(timezone)).date()


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"naive datetime {at!r}: when a digest is due needs a time zone")
    return at.astimezone(UTC)


def _known(cadence: str) -> str:
    if cadence not in CADENCES:
        raise UnreadableInput(f"unknown cadence {cadence[:60]!r}: one of {', '.join(CADENCES)}", code="cadence_unknown")
    return cadence


def _within(what: str, value: int, highest: int) -> int:
    if not 0 <= value <= highest:
        raise UnreadableInput(f"{what} {value} is out of range: 0 to {highest}", code=f"{what}_out_of_range")
    return value


def _digest_days(cadence: str, weekday: int, first: date, step: timedelta) -> Iterator[date]:
    """Days with a digest, from `first` on or back, in order and without end."""
    day = first
    while True:
        if cadence == DAILY or (day.weekday() == weekday and (cadence == WEEKLY or day.day <= 7)):
            yield day
        day += step


def _instant(day: date, hour: int, zone: ZoneInfo) -> datetime:
    """The first instant at which clocks show `hour` on `day`, or the end of the gap that swallowed it."""
    wall = datetime.combine(day, time(hour), tzinfo=zone)
    at = wall.astimezone(UTC)
    exists = at.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
    return at if exists else _end_of_gap(wall.replace(fold=1).astimezone(UTC), at, zone)


def _end_of_gap(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second between `before` and `after` at which the zone's offset changes (PEP 495: a gap's folds lie around it)."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        same = middle.astimezone(zone).utcoffset() == old
        before, after = (middle, after) if same else (before, middle)
    return after


def _name(cadence: str, day: date) -> str:
    if cadence == WEEKLY:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02}"
    return day.isoformat() if cadence == DAILY else f"{day:%Y-%m}"
