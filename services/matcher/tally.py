"""Postings of a period, counted for one subscription after the other. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np

from services.matcher.catalogue import Catalogue, instant
from services.matcher.comparing import CAUSES, compared
from shared.audit import Audit
from shared.match import Cause
from shared.posting import Role
from shared.scoring import Wish
from shared.scoring.weights import ANOTHER_TRADE, BROKEN, role_fit

MOST_BROKEN = round(10_000 * BROKEN)
"""The most that a posting whose deal is broken can score, in hundredths."""


class Tally(NamedTuple):
    """How many postings there were, how many fell to each cause of the score, and the ids of those that fit.

    `closed` are those that fit and closed before the period was over.
    """

    considered: int
    dropped: Counter[Cause]
    fit: list[int]
    closed: set[int]


@dataclass(frozen=True)
class Window:
    """The postings first seen in [`since`, `until`), taken out of the catalogues once for all that ask about them."""

    until: datetime
    parts: tuple[Catalogue, ...]
    considered: int
    _trades: dict[Role, tuple[tuple[Catalogue, ...], int]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalogues: Iterable[Catalogue], since: datetime, until: datetime) -> "Window":
        parts = [(catalogue, _rows(catalogue, instant(since), instant(until))) for catalogue in catalogues]
        return cls(until, tuple(c.part(rows) for c, rows in parts if len(rows)), sum(len(rows) for _, rows in parts))

    def tally(self, wish: Wish, threshold: float) -> Tally:
        """What the score makes of them, as scoring them one by one would have it."""
        least = round(threshold * 100)
        parts, others = self._of_trade(wish.role) if wish.role and least > MOST_BROKEN else (self.parts, 0)
        found = Tally(self.considered, Counter({Cause.ROLE: others} if others else {}), [], set())
        for part in parts:
            comparison = compared(part, wish)
            fits = comparison.scores >= least
            counts = np.bincount(comparison.causes[~fits], minlength=len(CAUSES)).tolist()
            found.dropped.update({cause: count for cause, count in zip(CAUSES, counts, strict=True) if count})
            found.fit.extend(part["ids"][fits].tolist())
            found.closed.update(part["ids"][fits & (part["closed"] < instant(self.until))].tolist())
        return found

    def _of_trade(self, role: Role) -> tuple[tuple[Catalogue, ...], int]:
        """The postings that are not of another trade, and how many are: four in five, and the same for all of this one."""
        if role not in self._trades:
            broken = np.array([*(role_fit(role, other) < ANOTHER_TRADE for other in Role), False])
            rows = [(part, np.flatnonzero(~broken[part["role"]])) for part in self.parts]
            left = tuple(part.part(some) for part, some in rows if len(some))
            self._trades[role] = left, self.considered - sum(len(some) for _, some in rows)
        return self._trades[role]


def settled(tally: Tally, seen: Collection[int], admitted: Collection[int]) -> Audit:
    """The audit, given which postings were `seen` before, and which the rule has `admitted` of those that fit."""
    unseen = [id_ for id_ in tally.fit if id_ not in seen]
    passed = [id_ for id_ in unseen if id_ in admitted]
    closed = sum(id_ in tally.closed for id_ in passed)
    later = {Cause.SENT: len(tally.fit) - len(unseen), Cause.RULE: len(unseen) - len(passed), Cause.CLOSED: closed}
    dropped = tally.dropped + Counter(later)
    return Audit(considered=tally.considered, matched=len(passed) - closed, dropped=dict(dropped))


def _rows(catalogue: Catalogue, since: int, until: int) -> "np.typing.NDArray[np.int64]":
    first_seen = catalogue["first_seen"]
    return np.flatnonzero(catalogue["alive"] & (first_seen >= since) & (first_seen < until))
