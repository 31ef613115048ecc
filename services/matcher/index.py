"""Every live subscription at once, as columns: which of them may want this posting?

Reverse search, exact: for each row the index computes a bound that the exact score cannot exceed, and gives back the
rows whose bound reaches their bar. `scoring.score` then decides. Skills lie in inverted lists (skill → rows with credit),
places too (country → rows); role, level and bar are plain columns.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from services.matcher import scoring
from shared.match import Match
from shared.posting import Level, Posting, Role, Workplace
from shared.profile import Profile

Floats = npt.NDArray[np.float64]
ROLES, LEVELS = list(Role), list(Level)
UNKNOWN = -1
_ROLE_FIT = np.array([[scoring.role_fit(wanted, offered) for offered in Role] for wanted in Role])
_LEVEL_FIT = np.array([[scoring.level_fit(have, asked) for asked in Level] for have in Level])


@dataclass(frozen=True)
class Candidate:
    """A subscription whose bar a posting beats, with the exact score."""

    subscription_id: int
    match: Match


@dataclass
class _Postings:
    """One inverted list: rows, and the credit each row has there."""

    rows: "array[int]" = field(default_factory=lambda: array("q"))
    credit: "array[float]" = field(default_factory=lambda: array("d"))

    def add(self, row: int, credit: float) -> None:
        self.rows.append(row)
        self.credit.append(credit)


class Index:
    """Live subscriptions. A change kills the old row and adds a new one; dead rows go when they are half of all."""

    def __init__(self, threshold: float) -> None:
        self.threshold = threshold
        self._clear()

    def __len__(self) -> int:
        return len(self._row_of)

    def revision(self, subscription_id: int) -> int | None:
        """The revision held for a subscription, or `None`."""
        row = self._row_of.get(subscription_id)
        return None if row is None else self._revisions[row]

    def put(self, subscription_id: int, revision: int, profile: Profile, bar: float = 0.0) -> None:
        """Add a subscription, or replace what was held for it."""
        self.remove(subscription_id)
        row = len(self._ids)
        self._row_of[subscription_id] = row
        self._ids.append(subscription_id)
        self._revisions.append(revision)
        self._profiles.append(profile)
        self._bars.append(max(bar, self.threshold))
        self._roles.append(_code(ROLES, profile.role))
        self._levels.append(_code(LEVELS, profile.level))
        self._places.append(any(place.country for place in profile.places))
        for skill, credit in scoring.brought(profile).items():
            self._skills.setdefault(skill, _Postings()).add(row, credit)
        for country in {place.country for place in profile.places if place.country}:
            self._countries.setdefault(country, _Postings()).add(row, 1.0)

    def remove(self, subscription_id: int) -> None:
        """Forget a subscription; nothing happens if it is not held."""
        row = self._row_of.pop(subscription_id, None)
        if row is not None:
            self._bars[row] = np.inf
            self._profiles[row] = None
            if len(self._ids) > 1000 and len(self._row_of) < len(self._ids) // 2:
                self._compact()

    def set_bar(self, subscription_id: int, bar: float) -> None:
        """A score must reach `bar`, and the threshold, to be a candidate. Unknown subscriptions are ignored."""
        row = self._row_of.get(subscription_id)
        if row is not None:
            self._bars[row] = max(bar, self.threshold)

    def screen(self, posting: Posting) -> list[Candidate]:
        """Every subscription that `posting` is a match for, with its exact score, by subscription id."""
        bars = np.frombuffer(self._bars)
        rows = np.flatnonzero(self._bounds(posting) >= bars - 1e-6)
        found = []
        for row in rows.tolist():
            profile = self._profiles[row]
            if profile is not None and (match := scoring.score(posting, profile)).score >= bars[row]:
                found.append(Candidate(self._ids[row], match))
        return sorted(found, key=lambda candidate: candidate.subscription_id)

    def _bounds(self, posting: Posting) -> Floats:
        """For each row, a number that its exact score (0–100) cannot exceed."""
        total, weight = np.zeros(len(self._ids)), np.zeros(len(self._ids))
        for name, part in (
            ("skills", self._skills_part(posting)),
            ("role", _looked_up(_ROLE_FIT, self._roles, _code(ROLES, posting.facts.role))),
            ("level", _looked_up(_LEVEL_FIT, self._levels, _code(LEVELS, posting.facts.level))),
            ("place", self._place_part(posting)),
        ):
            known = ~np.isnan(part)
            total += np.where(known, part, 0.0) * scoring.WEIGHTS[name]
            weight += known * scoring.WEIGHTS[name]
        return 100 * total / np.maximum(weight, 1e-9)

    def _skills_part(self, posting: Posting) -> Floats:
        asked = scoring.asked_for(posting)
        part = np.zeros(len(self._ids))
        if not asked:
            return np.full(len(self._ids), np.nan)
        for skill, weight in asked.items():
            if held := self._skills.get(skill):
                part[np.frombuffer(held.rows, np.int64)] += weight * np.frombuffer(held.credit)
        return np.minimum(1.0, part / scoring.full_marks(asked))

    def _place_part(self, posting: Posting) -> Floats:
        """The best that scoring could give: a matching country counts as the same city."""
        facts = posting.facts
        remote = facts.workplace is Workplace.REMOTE
        if not (facts.places or remote):
            return np.full(len(self._ids), np.nan)
        part = np.full(len(self._ids), scoring.REMOTE_SOMEWHERE if remote and not facts.places else scoring.ELSEWHERE)
        for place in facts.places:
            if place.country:
                self._at_least(part, [place.country], scoring.SAME_CITY)
            elif remote:
                self._at_least(part, self._countries, scoring.REMOTE_REGION)
        part[~np.frombuffer(self._places, np.bool_)] = np.nan
        return part

    def _at_least(self, part: Floats, countries: Iterable[str], fit: float) -> None:
        for country in countries:
            if held := self._countries.get(country):
                rows = np.frombuffer(held.rows, np.int64)
                part[rows] = np.maximum(part[rows], fit)

    def _clear(self) -> None:
        self._row_of: dict[int, int] = {}
        self._ids: array[int] = array("q")
        self._revisions: array[int] = array("q")
        self._profiles: list[Profile | None] = []
        self._bars: array[float] = array("d")
        self._roles: array[int] = array("b")
        self._levels: array[int] = array("b")
        self._places: array[int] = array("b")
        self._skills: dict[str, _Postings] = {}
        self._countries: dict[str, _Postings] = {}

    def _compact(self) -> None:
        live = [(id_, self._revisions[row], self._profiles[row], self._bars[row]) for id_, row in self._row_of.items()]
        self._clear()
        for subscription_id, revision, profile, bar in live:
            if profile is not None:
                self.put(subscription_id, revision, profile, bar)


def index_of(threshold: float, subscriptions: Iterable[tuple[int, int, Profile]]) -> Index:
    """An index of (subscription id, revision, profile)."""
    index = Index(threshold)
    for subscription_id, revision, profile in subscriptions:
        index.put(subscription_id, revision, profile)
    return index


def _code(kinds: Sequence[object], value: object | None) -> int:
    return UNKNOWN if value is None else kinds.index(value)


def _looked_up(table: Floats, column: "array[int]", offered: int) -> Floats:
    """`table[row's value, offered]` for every row; NaN where either is unknown."""
    values = np.frombuffer(column, np.int8)
    if offered == UNKNOWN:
        return np.full(len(values), np.nan)
    return np.where(values == UNKNOWN, np.nan, table[values, offered])
