"""Facts as the words that a mail says them in. Pure; English only."""

import re
from collections.abc import Sequence
from datetime import date, datetime, tzinfo

from shared.posting import Level, Pay, Place, Role, Workplace

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY = {"daily": "every day", "weekly": "every week", "monthly": "every month"}
WORKPLACES = {Workplace.ONSITE: "on site", Workplace.HYBRID: "hybrid", Workplace.REMOTE: "remote"}


def pay_words(pay: Pay | None) -> str:
    """`SGD 96,000–144,000 a year`; one end alone as `from …` or `up to …`; nothing where nothing is stated."""
    if pay is None:
        return ""
    low, high = (f"{end:,.0f}" if end else "" for end in (pay.low, pay.high))
    if low and high and low != high:
        return f"{pay.currency} {low}–{high} a year"
    limit = "" if low and high else "from " if low else "up to "
    return f"{limit}{pay.currency} {low or high} a year"


def age_words(first_seen: datetime, now: datetime, zone: tzinfo) -> str:
    """How long ago, in days as the reader's calendar counts them, then in weeks and months."""
    days = max(0, (now.astimezone(zone).date() - first_seen.astimezone(zone).date()).days)
    if days < 2:
        return "yesterday" if days else "today"
    if days < 14:
        return f"{days} days ago"
    return f"{days // 7} weeks ago" if days < 61 else f"{days // 30} months ago"


def period_words(period: str) -> str:
    """`2026-W47` → `Week of 16 November 2026`, `2026-11-21` → `Saturday, 21 November 2026`, `2026-11` → `November 2026`."""
    if week := re.fullmatch(r"(\d{4})-W(\d\d)", period):
        return "Week of " + _day_words(date.fromisocalendar(int(week[1]), int(week[2]), 1))
    if len(period) == len("2026-11"):
        return f"{date.fromisoformat(period + '-01'):%B %Y}"
    day = date.fromisoformat(period)
    return f"{WEEKDAYS[day.weekday()]}, {_day_words(day)}"


def when_words(cadence: str, weekday: int, hour: int) -> str:
    """`every Monday at 08:00`, `every day at 08:00`, `on the first Monday of each month at 08:00`."""
    day = {"daily": "every day", "weekly": f"every {WEEKDAYS[weekday]}"}
    return f"{day.get(cadence, f'on the first {WEEKDAYS[weekday]} of each month')} at {hour:02}:00"


def place_words(place: Place) -> str:
    """The place's most exact name, or nothing when what stands there would turn into a link in a mail program."""
    name = " ".join((place.city or place.region or place.country or "").split())[:60]
    return "" if re.search(r"[/:@\\]|\w\.\w", name) else name


def work_words(role: Role | None, level: Level | None) -> str:
    """`senior backend engineering`, as far as it is known."""
    field = {None: "", Role.OTHER: "", Role.ENGINEERING: "engineering", Role.MANAGEMENT: "engineering management"}
    return " ".join(part for part in (level or "", field.get(role, f"{role} engineering")) if part)


def listed(items: Sequence[str], most: int) -> str:
    """`a`, `a and b`, `a, b and c`; past `most` items `a, b and 7 more`."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most} more")
    return " and ".join([part for part in (", ".join(shown[:-1]), shown[-1]) if part]) if shown else ""


def counted(count: int, one: str, many: str) -> str:
    """`1 job`, `7 jobs`."""
    return f"{count} {one if count == 1 else many}"


def _day_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
