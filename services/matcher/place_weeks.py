"""How many openings were first seen each week at each place: measured every hour, told to whoever makes a mail."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import structlog
from sqlalchemy import and_, delete, exists, or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.audit import MARKET_WEEKS, Openings
from shared.database import Database, upsert
from shared.models import PlaceWeekRow, PostingRow, SubscriptionRow
from shared.posting import Place
from shared.profile import Profile

log = structlog.get_logger()

EVERY = timedelta(hours=1)
WEEK = timedelta(days=7)
EVERYWHERE = ""
"""The place whose row says that a week was measured, and how many openings there were in all."""
AT_ONCE = 1_000
"""Postings counted without a pause, some 5 ms of work."""
WRITTEN_AT_ONCE = 5_000
MOST_PLACES = 8
"""Places of one person that are looked at."""
LONGEST_NAME = 80
"""Characters of a city's name that are kept."""


def key_of(country: str | None, city: str | None = None) -> str:
    """`SG`, `SG:Singapore`; nothing for a place whose country is not known."""
    if not country:
        return ""
    return f"{country}:{city[:LONGEST_NAME]}" if city else country


def monday_of(when: datetime) -> date:
    """The day (UTC) on which the ISO week of `when` began."""
    day = when.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


class PlaceWeeks:
    """Keeps `place_weeks` true. Every matcher may: they write the same."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._measured_at: datetime | None = None

    async def __call__(self, now: datetime) -> None:
        """Measure the current week, and those before that were not over when they were measured last, once an hour."""
        if self._measured_at is not None and now < self._measured_at + EVERY:
            return
        async with self.database.read() as session:
            weeks = to_measure(await _measured(session), now)
        for week in weeks:
            await self._measure(week)
        async with self.database.begin() as session:
            await session.exec(delete(PlaceWeekRow).where(col(PlaceWeekRow.week) < weeks_until(now)[0].isoformat()))
        self._measured_at = now

    async def _measure(self, week: date) -> None:
        async with self.database.read() as session:
            counts = await count(session, week)
        rows = [{"place": place, "week": week.isoformat(), "openings": number} for place, number in sorted(counts.items())]
        async with self.database.begin() as session:
            await session.exec(delete(PlaceWeekRow).where(col(PlaceWeekRow.week) == week.isoformat()))
            for start in range(0, len(rows), WRITTEN_AT_ONCE):
                await upsert(session, PlaceWeekRow, rows[start : start + WRITTEN_AT_ONCE], update=("openings",))
        log.info("week_measured", week=week.isoformat(), openings=counts[EVERYWHERE], places=len(rows) - 1)


def weeks_until(now: datetime) -> list[date]:
    """The Mondays of the last complete weeks that are kept, and of the current one."""
    return [monday_of(now) - back * WEEK for back in range(MARKET_WEEKS, -1, -1)]


def to_measure(measured: Iterable[str], now: datetime) -> list[date]:
    """Weeks that were never measured, and those since the last that was, which may not have been over then."""
    known = set(measured)
    last = max(known, default="")
    return [week for week in weeks_until(now) if week.isoformat() not in known or week.isoformat() >= last]


async def _measured(session: AsyncSession) -> Sequence[str]:
    return (await session.exec(select(PlaceWeekRow.week).where(PlaceWeekRow.place == EVERYWHERE))).all()


async def count(session: AsyncSession, week: date) -> Counter[str]:
    """By place the openings that were first seen in a week. Copies and re-posts of an opening are no openings of their own."""
    counts, told = Counter[str]({EVERYWHERE: 0}), set[tuple[str, str]]()
    rows = await (await session.connection()).stream(_first_seen(datetime.combine(week, time(), UTC)))
    async for some in rows.partitions(AT_ONCE):
        for opening, mailable, places in some:
            if mailable is None or mailable:  # SQLite says 0 for false
                told.update((opening, place) for place in (EVERYWHERE, *_keys(places)))
        await asyncio.sleep(0)
    counts.update(place for _, place in told)
    return counts


def _first_seen(start: datetime) -> Any:
    """Openings with their places, of which no posting is older than `start`, and one is of the week that begins then.

    What is open and what has closed since are asked for apart, for each is then found by the index of both times.
    """
    older = aliased(PostingRow)
    of_week = and_(col(PostingRow.first_seen_at) >= start, col(PostingRow.first_seen_at) < start + WEEK)
    found = or_(and_(col(PostingRow.closed_at).is_(None), of_week), and_(col(PostingRow.closed_at) >= start, of_week))
    is_new = ~exists().where(col(older.opening_key) == col(PostingRow.opening_key), col(older.first_seen_at) < start)
    what: Any = col(PostingRow.posting)
    return select(PostingRow.opening_key, what["mailable"], what["facts"]["places"]).where(found, is_new)


def _keys(places: object) -> Iterator[str]:
    """The countries and cities of `Facts.places` as they are stored."""
    for place in places if isinstance(places, list) else ():
        country, city = place.get("country"), place.get("city")
        yield from {key for key in (key_of(country), key_of(country, city)) if key}


# ------------------------------------------------------------------------------------------------------------- and told


async def openings_of(session: AsyncSession, asked: Sequence[tuple[SubscriptionRow | None, datetime]]) -> list[Openings | None]:
    """For each subscription the openings of the complete weeks before an instant; `None` where nothing was measured."""
    wanted = [first_places(Profile.model_validate(row.profile)) if row else () for row, _ in asked]
    keys = {key_of(place.country, place.city) for places in wanted for place in places}
    if not keys:
        return [None] * len(asked)
    known = await _counts(session, {EVERYWHERE, *keys})
    return [_openings(places, known, until) for places, (_, until) in zip(wanted, asked, strict=True)]


def first_places(profile: Profile) -> tuple[Place, ...]:
    """Where a person wants to be: cities, or countries without a city. A city is not named beside the whole of its country."""
    named = [Place(city=place.city, country=place.country) for place in profile.places[:MOST_PLACES] if place.country]
    whole = {place.country for place in named if not place.city}
    return tuple(dict.fromkeys(place for place in named if not place.city or place.country not in whole))


async def _counts(session: AsyncSession, keys: Iterable[str]) -> dict[tuple[str, str], int]:
    wanted = select(PlaceWeekRow.place, PlaceWeekRow.week, PlaceWeekRow.openings).where(col(PlaceWeekRow.place).in_(keys))
    return {(place, week): openings for place, week, openings in (await session.exec(wanted)).all()}


def _openings(places: Sequence[Place], known: dict[tuple[str, str], int], until: datetime) -> Openings | None:
    """From the first week on in which any opening was seen anywhere: before that nobody looked."""
    keys = [key_of(place.country, place.city) for place in places]
    weeks = [week.isoformat() for week in weeks_until(until)[:-1]]
    looked = [week for week in weeks if known.get((EVERYWHERE, week))]
    if not looked or not any((key, week) in known for key in keys for week in weeks):
        return None
    sums = [sum(known.get((key, week), 0) for key in keys) for week in weeks if week >= looked[0]]
    return Openings(places=tuple(places), weeks=tuple(sums))
