"""Very many postings at once, as columns: the mirror of the index. `services.matcher.comparing` asks it for one person."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from services.matcher.index.growing import NONE, Array, Growing, Interned, code
from services.matcher.index.rules import spans
from shared.posting import Employment, Level, Place, Role, Workplace
from shared.scoring import Offer
from shared.scoring import parts as compare
from shared.scoring.weights import ELSEWHERE, REMOTE_SOMEWHERE, SOMEWHERE

_ROLES, _LEVELS, _WORKPLACES, _EMPLOYMENTS = list(Role), list(Level), list(Workplace), list(Employment)
_SOMEWHERE = {None: np.nan, Workplace.REMOTE: REMOTE_SOMEWHERE, Workplace.HYBRID: SOMEWHERE, Workplace.ONSITE: SOMEWHERE}
POSTING_COLUMNS = {
    "ids": np.int64,
    "alive": np.bool_,
    "role": np.int8,
    "level": np.int8,
    "workplace": np.int8,
    "employment": np.int8,
    "offices": np.int32,
    "currency": np.int32,
    "top": np.float64,
    "open_ended": np.bool_,
    "freshness": np.float64,
    "vague": np.bool_,
    "telling": np.bool_,
    "full_marks": np.int32,
    "first": np.int64,
    "last": np.int64,
    "opening": np.int64,
    "first_seen": np.int64,
    "closed": np.int64,
}
STILL_OPEN = np.iinfo(np.int64).max
"""When something closes that is open: after every instant."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_TO_COMPACT = 1_000
PLACES_KNOWN = 64
"""Wishes for places that answers are kept for: many people want to be where others want to be."""


class Catalogue:
    """Postings. A change kills the old row and adds a new one; dead rows go when they are more than half of all.

    `role`, `level`, `workplace` and `employment` are numbers in the order of their enums, `NONE` for none; `first_seen` and
    `closed` are instants (`instant`).
    """

    def __init__(self) -> None:
        self._columns = {name: Growing(dtype) for name, dtype in POSTING_COLUMNS.items()}
        self._row_of: dict[int, int] = {}
        self._skill, self._worth = Growing(np.int32), Growing(np.int32)
        self._skills, self._currencies = Interned[str](), Interned[str]()
        self._offices = _Offices()

    def __len__(self) -> int:
        return len(self._row_of)

    def __getitem__(self, name: str) -> Array:
        return self._columns[name].values

    def put(
        self,
        posting_id: int,
        offer: Offer,
        opening: str | None = None,
        first_seen_at: datetime = _EPOCH,
        closed_at: datetime | None = None,
        also: Iterable[str] = (),
    ) -> None:
        """Add a posting, or replace what was held for it. Postings with one `opening` are one job; without, each is its own.

        `also` are skills that it names beside those asked for: worth nothing, but counted (`named`).
        """
        self.remove(posting_id)
        self._row_of[posting_id] = len(self._columns["ids"])
        first = len(self._skill)
        self._skill.extend(self._skills.number(skill) for skill in offer.asked)
        self._worth.extend(offer.asked.values())
        self._skill.extend(self._skills.number(skill) for skill in also)
        self._worth.extend_to(len(self._skill))
        top = compare.top_of(offer.pay) if offer.pay else None
        row = {
            "ids": posting_id,
            "alive": True,
            "role": code(_ROLES, offer.role),
            "level": code(_LEVELS, offer.level),
            "workplace": code(_WORKPLACES, offer.workplace),
            "employment": code(_EMPLOYMENTS, offer.employment),
            "offices": self._offices.number(offer.offices, offer.workplace),
            "currency": NONE if offer.pay is None or top is None else self._currencies.number(offer.pay.currency),
            "top": top or 0.0,
            "open_ended": offer.pay is not None and offer.pay.high is None,
            "freshness": np.nan if offer.freshness is None else offer.freshness,
            "vague": offer.vague,
            "telling": offer.telling,
            "full_marks": offer.full_marks,
            "first": first,
            "last": len(self._skill),
            "opening": posting_id if opening is None else _key(opening),
            "first_seen": instant(first_seen_at),
            "closed": STILL_OPEN if closed_at is None else instant(closed_at),
        }
        for name, value in row.items():
            self._columns[name].append(value)

    def remove(self, posting_id: int) -> None:
        """Forget a posting; nothing happens if it is not held."""
        row = self._row_of.pop(posting_id, None)
        if row is not None:
            self["alive"][row] = False
            if len(self["ids"]) > LEAST_TO_COMPACT and len(self) * 2 < len(self["ids"]):
                self._compact()

    def points(self, credit: Mapping[str, int]) -> Array:
        """For each row the points that it gives for skills with this credit, in tenths."""
        tenths = np.zeros(len(self._skills) + 1, np.int32)
        for skill, earned in credit.items():
            number = self._skills.find(skill)
            if number is not None:
                tenths[number] = earned
        sums = np.concatenate(([0], np.cumsum(tenths[self._skill.values] * self._worth.values)))
        points: Array = sums[self["last"]] - sums[self["first"]]
        return points

    def place_fits(self, wanted: tuple[Place, ...]) -> Array:
        """For each row the place part for somebody who wants to be at one of `wanted`; NaN where it cannot be known."""
        fits: Array = self._offices.fits(wanted)[self["offices"]]
        return fits

    def currency(self, name: str) -> int | None:
        """The number of a currency in the column of that name."""
        return self._currencies.find(name)

    def named(self) -> tuple[dict[str, int], int]:
        """How many engineering openings name each skill, and how many openings that is of.

        An opening on several boards or in several cities counts once, as its oldest posting has it: one job in fourteen cities
        is one job.
        """
        trade = self["role"]
        rows = np.flatnonzero(self["alive"] & (trade != NONE) & (trade != _ROLES.index(Role.OTHER)))
        rows = rows[np.argsort(self["ids"][rows])]
        rows = rows[np.unique(self["opening"][rows], return_index=True)[1]]
        members, _ = spans(self["first"][rows], self["last"][rows])
        counts = np.bincount(self._skill.values[members], minlength=len(self._skills)).tolist()
        return {skill: count for skill, count in zip(self._skills.keys, counts, strict=True) if count}, len(rows)

    def forget_before(self, when: datetime) -> None:
        """Forget what was first seen before `when`."""
        for posting_id in self["ids"][self["alive"] & (self["first_seen"] < instant(when))].tolist():
            self.remove(posting_id)

    def part(self, rows: Array) -> "Catalogue":
        """A copy of some rows, to be asked about and not to be changed; only places where they are are looked at."""
        part = Catalogue()
        part._copy(self, rows)
        return part

    def _compact(self) -> None:
        self._copy(self, np.flatnonzero(self["alive"]))
        self._row_of = {id_: row for row, id_ in enumerate(self["ids"].tolist())}

    def _copy(self, source: "Catalogue", rows: Array) -> None:
        """Hold these rows of `source` and nothing else."""
        members, _ = spans(source["first"][rows], source["last"][rows])
        lengths = source["last"][rows] - source["first"][rows]
        self._skill, self._worth = (Growing(np.int32, column.values[members]) for column in (source._skill, source._worth))
        self._columns = {name: Growing(POSTING_COLUMNS[name], column.values[rows]) for name, column in source._columns.items()}
        self._skills, self._currencies = source._skills, source._currencies
        self._offices, self["offices"][:] = source._offices.part(self["offices"])
        self["last"][:] = np.cumsum(lengths)
        self["first"][:] = self["last"] - lengths


class _Offices:
    """Sets of offices, each with where the work is done, numbered."""

    def __init__(self) -> None:
        self._sets = Interned[tuple[tuple[Place, ...], Workplace | None]]()
        self._offices = Interned[tuple[Place, bool]]()
        self._of_country = dict[str | None, list[int]]()
        self._members, self._starts, self._unstated = Growing(np.int32), Growing(np.int32), Growing(np.float64)
        self._known = dict[tuple[Place, ...], Array]()

    def number(self, offices: tuple[Place, ...], workplace: Workplace | None) -> int:
        number = self._sets.number((offices, workplace))
        if number == len(self._starts):
            remote = workplace is Workplace.REMOTE
            self._known.clear()
            self._starts.append(len(self._members))
            self._members.extend([self._office(office, remote) for office in offices] or [NONE])
            self._unstated.append(_SOMEWHERE[workplace])
        return number

    def _office(self, office: Place, remote: bool) -> int:
        number = self._offices.number((office, remote))
        others = self._of_country.setdefault(office.country, [])
        if not others or others[-1] < number:
            others.append(number)
        return number

    def part(self, numbers: Array) -> tuple["_Offices", Array]:
        """Those sets alone, and what the numbers are among them."""
        used, place = np.unique(numbers, return_inverse=True)
        part = _Offices()
        for number in used.tolist():
            part.number(*self._sets.keys[number])
        return part, place

    def fits(self, wanted: tuple[Place, ...]) -> Array:
        """The place part of each set for somebody who wants to be at one of `wanted`; NaN where it cannot be known."""
        known = self._known.pop(wanted, None)
        self._known[wanted] = fits = self._fits(wanted) if known is None else known
        if len(self._known) > PLACES_KNOWN:
            del self._known[next(iter(self._known))]
        return fits

    def _fits(self, wanted: tuple[Place, ...]) -> Array:
        if not wanted or not len(self._starts):
            return np.full(len(self._starts), np.nan)
        fits = np.full(len(self._offices) + 1, ELSEWHERE)
        fits[NONE] = np.nan
        for country in {place.country for place in wanted} | {None}:  # an office in another country is elsewhere
            for number in self._of_country.get(country, ()):
                office, remote = self._offices.keys[number]
                fits[number] = max(compare.office_fit(office, place, remote) for place in wanted)
        best = np.maximum.reduceat(fits[self._members.values], self._starts.values)
        return np.where(np.isnan(best), self._unstated.values, best)


def _key(opening: str) -> int:
    return int.from_bytes(hashlib.blake2b(opening.encode(), digest_size=8).digest(), "big", signed=True)


def instant(when: datetime) -> int:
    """A time as the columns hold it: microseconds since 1970."""
    return (when - _EPOCH) // timedelta(microseconds=1)
