"""Every open posting at once, as columns: what suits this person?

The mirror of the index: one wish against all offers, for a new subscription and for the preview before it. The sums are those
of `shared.scoring.score`, in the same order, so that both give the very same numbers.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned
from services.matcher.index.rules import spans
from shared.posting import Employment, Level, Place, Role, Workplace
from shared.scoring import Offer, Wish
from shared.scoring import parts as compare
from shared.scoring.weights import (
    ANOTHER_TRADE,
    BROKEN,
    ELSEWHERE,
    MOVING,
    NEARLY,
    NEARLY_FIT,
    REMOTE_SOMEWHERE,
    REST,
    SOMEWHERE,
    level_fit,
    role_fit,
)

NONE = -1
_ROLES, _LEVELS, _WORKPLACES, _EMPLOYMENTS = list(Role), list(Level), list(Workplace), list(Employment)
_SOMEWHERE = {None: np.nan, Workplace.REMOTE: REMOTE_SOMEWHERE, Workplace.HYBRID: SOMEWHERE, Workplace.ONSITE: SOMEWHERE}
COLUMNS = {
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
    "full_marks": np.int32,
    "first": np.int64,
    "last": np.int64,
}
LEAST_TO_COMPACT = 1_000


class Suiting(NamedTuple):
    """Postings for one person, best first, with the exact scores in hundredths of a point."""

    ids: Array
    scores: Array


class Catalogue:
    """Open postings. A change kills the old row and adds a new one; dead rows go when they are more than half of all."""

    def __init__(self) -> None:
        self._columns = {name: Growing(dtype) for name, dtype in COLUMNS.items()}
        self._row_of: dict[int, int] = {}
        self._skill, self._worth = Growing(np.int32), Growing(np.int32)
        self._skills, self._currencies = Interned[str](), Interned[str]()
        self._offices = _Offices()

    def __len__(self) -> int:
        return len(self._row_of)

    def __getitem__(self, name: str) -> Array:
        return self._columns[name].values

    def put(self, posting_id: int, offer: Offer) -> None:
        """Add a posting, or replace what was held for it."""
        self.remove(posting_id)
        self._row_of[posting_id] = len(self._columns["ids"])
        first = len(self._skill)
        self._skill.extend(self._skills.number(skill) for skill in offer.asked)
        self._worth.extend(offer.asked.values())
        top = compare.top_of(offer.pay) if offer.pay else None
        row = {
            "ids": posting_id,
            "alive": True,
            "role": _code(_ROLES, offer.role),
            "level": _code(_LEVELS, offer.level),
            "workplace": _code(_WORKPLACES, offer.workplace),
            "employment": _code(_EMPLOYMENTS, offer.employment),
            "offices": self._offices.number(offer),
            "currency": NONE if offer.pay is None or top is None else self._currencies.number(offer.pay.currency),
            "top": top or 0.0,
            "open_ended": offer.pay is not None and offer.pay.high is None,
            "freshness": np.nan if offer.freshness is None else offer.freshness,
            "vague": offer.vague,
            "full_marks": offer.full_marks,
            "first": first,
            "last": len(self._skill),
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

    def suiting(self, wish: Wish, threshold: float) -> Suiting:
        """The postings that score at least `threshold` (0–100) for a wish; of equals the one found first comes first."""
        scores = self._scores(wish)
        rows = np.flatnonzero(self["alive"] & (scores >= round(threshold * 100)))
        order = rows[np.lexsort((self["ids"][rows], -scores[rows]))]
        return Suiting(self["ids"][order], scores[order])

    def _scores(self, wish: Wish) -> Array:
        """As `shared.scoring.score.hundredths` for every row."""
        fits = {
            "role": _fits([np.nan if wish.role is None else role_fit(wish.role, role) for role in Role])[self["role"]],
            "level": _fits([np.nan if wish.level is None else level_fit(wish.level, level) for level in Level])[self["level"]],
            "place": self._offices.fits(wish.places)[self["offices"]],
            "pay": self._pay(wish),
            "freshness": self["freshness"],
        }
        total, weight = np.zeros(len(self["ids"])), np.zeros(len(self["ids"]))
        for share, name in zip(wish.weights[1:], REST, strict=True):
            known = ~np.isnan(fits[name])
            total += np.where(known, share * fits[name], 0.0)
            weight += np.where(known, share, 0.0)
        points, has_skills = self._points(wish), (self["last"] > self["first"]) | self["vague"]
        broken = self._broken(wish, fits["role"], fits["pay"]) | (has_skills & (points == 0))
        left = np.where(broken, BROKEN, 1.0) * np.where(fits["place"] == ELSEWHERE, MOVING, 1.0)
        whole, skills = weight + wish.weights[0], wish.weights[0]
        read = total / whole * left + skills / whole * left * np.minimum(1.0, points / self["full_marks"])
        unread = np.where(weight == 0, 0.0, total / np.where(weight == 0, 1.0, weight) * left)
        return (10_000 * np.where(has_skills, read, unread) + 0.5).astype(np.int32)

    def _points(self, wish: Wish) -> Array:
        credit = np.zeros(len(self._skills) + 1, np.int32)
        for skill, tenths in wish.credit.items():
            number = self._skills.find(skill)
            if number is not None:
                credit[number] = tenths
        sums = np.concatenate(([0], np.cumsum(credit[self._skill.values] * self._worth.values)))
        points: Array = sums[self["last"]] - sums[self["first"]]
        return points

    def _pay(self, wish: Wish) -> Array:
        fits = np.full(len(self["ids"]), np.nan)
        currency = self._currencies.find(wish.floor.currency) if wish.floor else None
        if wish.floor is None or wish.floor.low is None or currency is None:
            return fits
        near = self["open_ended"] | (self["top"] >= NEARLY * wish.floor.low)
        reached = np.where(self["top"] >= wish.floor.low, 1.0, np.where(near, NEARLY_FIT, 0.0))
        return np.where(self["currency"] == currency, reached, fits)

    def _broken(self, wish: Wish, role: Array, pay: Array) -> Array:
        out_of_reach = [wish.level is not None and compare.out_of_reach(wish.level, level) for level in Level]
        broken = (role < ANOTHER_TRADE) | np.array([*out_of_reach, False])[self["level"]] | (pay == 0.0)
        for name, kinds, accepted in (
            ("workplace", _WORKPLACES, wish.workplaces),
            ("employment", _EMPLOYMENTS, wish.employments),
        ):
            if accepted:
                broken |= np.array([*(kind not in accepted for kind in kinds), False])[self[name]]
        return broken

    def _compact(self) -> None:
        rows = np.flatnonzero(self["alive"])
        members, _ = spans(self["first"][rows], self["last"][rows])
        lengths = self["last"][rows] - self["first"][rows]
        self._skill, self._worth = (Growing(np.int32, column.values[members]) for column in (self._skill, self._worth))
        self._columns = {name: Growing(COLUMNS[name], column.values[rows]) for name, column in self._columns.items()}
        self["last"][:] = np.cumsum(lengths)
        self["first"][:] = self["last"] - lengths
        self._row_of = {id_: row for row, id_ in enumerate(self["ids"].tolist())}


class _Offices:
    """Sets of offices, each with where the work is done, numbered."""

    def __init__(self) -> None:
        self._sets = Interned[tuple[tuple[Place, ...], Workplace | None]]()
        self._offices = Interned[tuple[Place, bool]]()
        self._members, self._starts = Growing(np.int32), Growing(np.int32)

    def number(self, offer: Offer) -> int:
        number = self._sets.number((offer.offices, offer.workplace))
        if number == len(self._starts):
            self._starts.append(len(self._members))
            self._members.extend([self._offices.number((office, offer.remote)) for office in offer.offices] or [NONE])
        return number

    def fits(self, wanted: tuple[Place, ...]) -> Array:
        """The place part of each set for somebody who wants to be at one of `wanted`; NaN where it cannot be known."""
        if not wanted or not len(self._starts):
            return np.full(len(self._starts), np.nan)
        fits = [max(compare.office_fit(office, place, remote) for place in wanted) for office, remote in self._offices.keys]
        best = np.maximum.reduceat(np.array([*fits, np.nan])[self._members.values], self._starts.values)
        return np.where(np.isnan(best), [_SOMEWHERE[workplace] for _, workplace in self._sets.keys], best)


def _code(kinds: Sequence[object], kind: object) -> int:
    return NONE if kind is None else kinds.index(kind)


def _fits(fits: list[float]) -> Array:
    """By number; the last is for none."""
    return np.array([*fits, np.nan])
