"""Postings of a period, counted for one subscription after the other. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from services.matcher.catalogue import Catalogue, instant
from services.matcher.comparing import CAUSES, compared
from shared.audit import Audit
from shared.match import Cause
from shared.scoring import Wish


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

    @classmethod
    def of(cls, catalogues: Iterable[Catalogue], since: datetime, until: datetime) -> "Window":
        parts = [(catalogue, _rows(catalogue, instant(since), instant(until))) for catalogue in catalogues]
        return cls(until, tuple(c.part(rows) for c, rows in parts if len(rows)), sum(len(rows) for _, rows in parts))

    def tally(self, wish: Wish, threshold: float) -> Tally:
        """What the score makes of them, as scoring them one by one would have it."""
        found = Tally(self.considered, Counter(), [], set())
        for part in self.parts:
            comparison = compared(part, wish)
            fits = comparison.scores >= round(threshold * 100)
            counts = np.bincount(comparison.causes[~fits], minlength=len(CAUSES)).tolist()
            found.dropped.update({cause: count for cause, count in zip(CAUSES, counts, strict=True) if count})
            found.fit.extend(part["ids"][fits].tolist())
            found.closed.update(part["ids"][fits & (part["closed"] < instant(self.until))].tolist())
        return found


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
