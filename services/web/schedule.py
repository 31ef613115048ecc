"""When a subscription's digest comes: what may be chosen, and how it is said. Pure."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import NamedTuple, TypedDict
from zoneinfo import ZoneInfo, available_timezones

from shared.errors import UnreadableInput

CADENCES = {"daily": "Every day", "weekly": "Every week", "monthly": "Every month"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_PAUSE = timedelta(days=366)
REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class Columns(TypedDict):
    cadence: str
    timezone: str
    weekday: int
    hour: int


class Schedule(NamedTuple):
    """`weekday` (0 is Monday) and `hour` are wall time in `timezone` (IANA)."""

    cadence: str
    timezone: str
    weekday: int
    hour: int

    def columns(self) -> Columns:
        """The columns of a subscription that hold it."""
        return {"cadence": self.cadence, "timezone": self.timezone, "weekday": self.weekday, "hour": self.hour}


@cache
def zones() -> Mapping[str, tuple[str, ...]]:
    """Time zones to choose from, by region, `UTC` first. Old aliases outside the regions are left out."""
    known = sorted(available_timezones())
    return {"Everywhere": ("UTC",), **{region: tuple(z for z in known if z.startswith(f"{region}/")) for region in REGIONS}}


def parse_schedule(cadence: str, timezone: str, weekday: str, hour: str) -> Schedule:
    """A schedule from what a form says. Raises `UnreadableInput`, its code naming the field that is wrong."""
    if cadence not in CADENCES:
        raise UnreadableInput("choose how often from the list", code="cadence_invalid")
    if not any(timezone in group for group in zones().values()):
        raise UnreadableInput("choose a time zone from the list", code="timezone_invalid")
    return Schedule(cadence, timezone, _number(weekday, 7, "weekday"), _number(hour, 24, "hour"))


def in_words(cadence: str, weekday: int, hour: int) -> str:
    """When the digest comes, to follow "it comes": `every Monday at 08:00`."""
    day = WEEKDAYS[weekday]
    days = {"daily": "every day", "weekly": f"every {day}", "monthly": f"on the first {day} of each month"}
    return f"{days[cadence]} at {hour:02}:00"


def parse_until(text: str, timezone: str, now: datetime) -> datetime | None:
    """The first instant of the day on which a pause ends, where the person is; `None` for no day.

    Raises `UnreadableInput` for a day that is not to come, or further off than `LONGEST_PAUSE`.
    """
    if not text.strip():
        return None
    here = now.astimezone(ZoneInfo(timezone)).date()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise UnreadableInput("write the day like 2026-12-24", code="until_invalid") from None
    if not here < day <= here + LONGEST_PAUSE:
        raise UnreadableInput("choose a day after today and within a year", code="until_invalid")
    return midnight(day, timezone)


def midnight(day: date, timezone: str) -> datetime:
    """When `day` begins in a time zone, in UTC. Where the clock skips midnight that day, when it skips."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def _number(text: str, below: int, name: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) < below:
        return int(text)
    raise UnreadableInput(f"choose the {name} from the list", code=f"{name}_invalid")
