"""When the next digest of a subscription is due, and what its period is called. Pure: the clock is an argument.

Hours are wall-clock hours where the person lives. An hour that a clock change skips becomes the first instant after the
gap; an hour that comes twice counts once, the first time. Should the gap reach into the next period (in Nuuk the last
hour of a March Saturday is missing), that period's own digest covers it, so a period never has two digests.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.errors import UnreadableInput

DAILY, WEEKLY, MONTHLY = "daily", "weekly", "monthly"
CADENCES = (DAILY, WEEKLY, MONTHLY)
_DAY = timedelta(days=1)


def next_digest(cadence: str, weekday: int, hour: int, timezone: str, after: datetime) -> datetime:
    """The first instant (UTC) strictly after `after` at which a digest is due.

    Weekly is every `weekday` (0 is Monday), monthly the first such day of a month, daily every day. Raises
    `UnreadableInput` for an unknown cadence, weekday, hour or IANA time zone; `after` must be aware.
    """
    if after.tzinfo is None:
        raise ValueError(f"naive datetime {after!r}: when a digest is due needs a time zone")
    zone = zone_named(timezone)
    today = after.astimezone(zone).date()
    days = _digest_days(_known(cadence), _within("weekday", weekday, 6), today)
    instants = ((day, _instant(day, _within("hour", hour, 23), zone)) for day in days)
    return next(at for day, at in instants if at > after and _name(cadence, at.astimezone(zone).date()) == _name(cadence, day))


def period(cadence: str, timezone: str, at: datetime) -> str:
    """The period that `at` falls in, locally: `2026-11-21` daily, `2026-W47` weekly (ISO 8601 week), `2026-11` monthly."""
    return _name(_known(cadence), at.astimezone(zone_named(timezone)).date())


def zone_named(timezone: str) -> ZoneInfo:
    """The IANA time zone. Raises `UnreadableInput` for anything that is not one, be it a path, a folder or a table."""
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise UnreadableInput(
            f"unknown time zone {timezone[:60]!r}: give an IANA name such as Asia/Singapore", code="timezone_unknown"
        ) from None


def _known(cadence: str) -> str:
    if cadence not in CADENCES:
        raise UnreadableInput(f"unknown cadence {cadence[:60]!r}: one of {', '.join(CADENCES)}", code="cadence_unknown")
    return cadence


def _within(what: str, value: int, highest: int) -> int:
    if not 0 <= value <= highest:
        raise UnreadableInput(f"{what} {value} is out of range: 0 to {highest}", code=f"{what}_out_of_range")
    return value


def _digest_days(cadence: str, weekday: int, first: date) -> Iterator[date]:
    """Days with a digest, from `first` on, in order and without end."""
    day = first
    while True:
        if cadence == DAILY or (day.weekday() == weekday and (cadence == WEEKLY or day.day <= 7)):
            yield day
        day += _DAY


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
