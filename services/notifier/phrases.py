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


def age_words(then: datetime, now: datetime, zone: tzinfo) -> str:
    """How long ago, in days as the reader's calendar counts them, then in weeks, months and years."""
    days = days_between(then, now, zone)
    if days < 2:
        return "yesterday" if days == 1 else "today"
    return f"{span_words(days)} ago"


def span_words(days: int) -> str:
    """`1 day`, `13 days`, `2 weeks`, `5 months`, `3 years`."""
    for size, one, least in ((365, "year", 730), (30, "month", 61), (7, "week", 14)):
        if days >= least:
            return f"{days // size} {one}s"
    return counted(days, "day", "days")


def days_between(earlier: datetime, later: datetime, zone: tzinfo) -> int:
    """Days from one to the other by the calendar of `zone`; negative where `earlier` is the later one."""
    return (later.astimezone(zone).date() - earlier.astimezone(zone).date()).days


def period_words(period: str) -> str:
    """`2026-W47` → `Week of 16 November 2026`, `2026-11-21` → `Saturday, 21 November 2026`, `2026-11` → `November 2026`."""
    if week := re.fullmatch(r"(\d{4})-W(\d\d)", period):
        return "Week of " + day_words(date.fromisocalendar(int(week[1]), int(week[2]), 1))
    if len(period) == len("2026-11"):
        return f"{date.fromisoformat(period + '-01'):%B %Y}"
    day = date.fromisoformat(period)
    return f"{WEEKDAYS[day.weekday()]}, {day_words(day)}"


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
    return joined([*items[:most], f"{len(items) - most} more"] if len(items) > most else items)


def joined(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)


def dotted(*parts: str) -> str:
    """What is not empty, as `a · b · c`."""
    return " · ".join(part for part in parts if part)


def sentence(text: str) -> str:
    """With a capital at its start."""
    return text[:1].upper() + text[1:]


def wrapped(text: str, lead: str = "", width: int = 72) -> str:
    """`text` after `lead` in lines of at most `width` characters, the further ones indented as far as the first begins.

    A word that is longer, such as a link, has a line of its own.
    """
    room, line, lines = width - len(lead), "", []
    for word in text.split():
        if line and len(line) + 1 + len(word) > room:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return lead + ("\n" + " " * len(lead)).join([*lines, line])


def counted(count: int, one: str, many: str) -> str:
    """`1 job`, `2,143 jobs`."""
    return f"{count:,} {one if count == 1 else many}"


def day_words(day: date) -> str:
    """`16 November 2026`."""
    return f"{day.day} {day:%B %Y}"
