"""Cohorts: subscriptions that wish for the same in everything but skills.

There are far fewer of them than subscriptions, and for one posting everything but the skills is the same for a whole cohort:
a trade, in an area, with a floor. So each of those is compared once, and a row looks up its cohort.
"""

import numpy as np

from services.matcher.index.areas import PLACE_CLASSES, Areas
from services.matcher.index.floors import PAY_FITS, Floors
from services.matcher.index.growing import Array, Growing, Interned
from services.matcher.index.trades import Table, Trades
from shared.scoring import Offer, Wish

Cohort = tuple[int, int, int]
NEVER = 65_535
"""More points than there are: no skills at all would make it a match."""


class Cohorts:
    """Trades in areas with floors, numbered."""

    def __init__(self) -> None:
        self.trades, self.areas, self.floors = Trades(), Areas(), Floors()
        self.cohorts = Interned[Cohort]()
        self._trade, self._area, self._floor = Growing(np.int64), Growing(np.int64), Growing(np.int64)

    def __len__(self) -> int:
        return len(self.cohorts)

    def number(self, wish: Wish) -> int:
        """The number of the cohort of a wish."""
        return self.intern((self.trades.number(wish), self.areas.number(wish.places), self.floors.number(wish.floor)))

    def intern(self, key: Cohort) -> int:
        """The number of a cohort, given the numbers of its trade, area and floor."""
        number = self.cohorts.number(key)
        if number == len(self._trade):
            self._trade.append(key[0] * len(PAY_FITS) * len(PLACE_CLASSES))
            self._area.append(key[1])
            self._floor.append(key[2])
        return number

    def cells(self, offer: Offer) -> Array:
        """For each cohort its cell in the table of `trades`."""
        cells = self.areas.classes(offer)[self._area.values] + self._trade.values
        pay = self.floors.classes(offer.pay) * len(PLACE_CLASSES)
        return cells + (pay[self._floor.values] if pay.any() else 0)


def needed(table: Table, full_marks: int, threshold: int) -> Array:
    """For each cell the points below which no score reaches `threshold` (hundredths). One less than exact, for rounding."""
    least = (threshold - 0.5) / 10_000
    share = (least - table.base) / table.slope
    points = np.clip(np.floor(full_marks * share) - 1, 1, NEVER - 1)
    enough = table.without >= least * (1 - 1e-9)
    return np.where(enough, 0, np.where(share > 1 + 1e-9, NEVER, points)).astype(np.uint16)


def hundredths(value: Array) -> Array:
    """Scores of 0–1 as `shared.scoring.score.hundredths` gives them."""
    return (10_000 * value + 0.5).astype(np.int32)


def exact(table: Table, cells: Array, points: Array, full_marks: int) -> Array:
    """Exact scores in hundredths of rows at these cells with these points. In place: there may be half a million rows."""
    value = np.minimum(points, full_marks) / full_marks
    value *= np.take(table.slope, cells, mode="clip")
    value += np.take(table.base, cells, mode="clip")
    if not points.all():
        none = np.flatnonzero(points == 0)
        value[none] = table.without[cells[none]]
    value *= 10_000
    value += 0.5
    return value.astype(np.int32)
