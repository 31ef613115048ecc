"""Cohorts: subscriptions that wish for the same in everything but skills.

There are far fewer of them than subscriptions, and for one posting everything but the skills is the same for a whole cohort:
a trade, in an area, with a floor, and with weights. So each of those is compared once, and a row looks up its cohort.
"""

from collections.abc import Callable

import numpy as np

from services.matcher.index.areas import PLACE_CLASSES, Areas
from services.matcher.index.floors import PAY_FITS, Floors
from services.matcher.index.growing import Array, Growing, numbered_anew
from services.matcher.index.trades import Trade, Trades
from services.matcher.index.weighing import UNTUNED, Table, Weighings, weighed
from shared.scoring import Offer, Wish
from shared.scoring.weights import BROKEN

CELLS = len(PAY_FITS) * len(PLACE_CLASSES)
"""Cells of one trade."""
BEYOND = 65_535
"""More points than there are: no skills at all would make it a match."""
HALF = 0.5
"""Of a hundredth: scores are rounded to the nearest."""
ROUNDING = 1e-9
"""Wider than what a sum of floats in another order comes to, and far narrower than a hundredth."""


class Cohorts:
    """Trades in areas with floors and weights, numbered."""

    def __init__(self) -> None:
        self.trades, self.areas, self.floors, self.weighings = Trades(), Areas(), Floors(), Weighings()
        self._numbers = dict[int, int]()
        self._first_cell, self._area, self._floor = (Growing(np.int64) for _ in range(3))
        self._tuned, self._weighing = Growing(np.int64), Growing(np.int64)  # of those alone whose weights feedback moved

    def __len__(self) -> int:
        return len(self._area)

    def number(self, wish: Wish) -> int:
        """The number of the cohort of a wish."""
        trade = Trade(wish.role, wish.level, wish.workplaces, wish.employments)
        parts = (
            self.trades.number(trade),
            self.areas.number(wish.places),
            self.floors.number(wish.floor),
            self.weighings.number(wish.weights),
        )
        number = self._numbers.setdefault(_key(*parts), len(self))
        if number == len(self):
            self._append(number, *parts)
        return number

    def _append(self, number: int, trade: int, area: int, floor: int, weighing: int) -> None:
        self._first_cell.append(trade * CELLS)
        self._area.append(area)
        self._floor.append(floor)
        if weighing:
            self._tuned.append(number)
            self._weighing.append(weighing)

    def keys(self) -> Array:
        """For each cohort the numbers of its trade, area, floor and weights."""
        weighing = np.zeros(len(self), np.int64)
        weighing[self._tuned.values] = self._weighing.values
        return np.stack([self._first_cell.values // CELLS, self._area.values, self._floor.values, weighing], axis=1)

    def load(self, keys: Array) -> None:
        """Take over cohorts as `keys` gave them; their parts are numbered here already."""
        self._numbers = {_key(*parts): number for number, parts in enumerate(keys.tolist())}
        self._first_cell, self._area, self._floor = (Growing(np.int64, column) for column in (keys * (CELLS, 1, 1, 1)).T[:3])
        self._tuned = Growing(np.int64, np.flatnonzero(keys[:, 3]))
        self._weighing = Growing(np.int64, keys[self._tuned.values, 3])

    def only(self, numbers: Array) -> "Cohorts":
        """These cohorts, numbered anew in this order, and nothing that only others had."""
        left, keys = Cohorts(), self.keys()[numbers]
        ways: tuple[Callable[[int], int], ...] = (
            lambda trade: left.trades.number(self.trades.trades.keys[trade]),
            lambda area: left.areas.number(self.areas.members(area)),
            lambda floor: left.floors.number(self.floors.floors.keys[floor]),
            lambda weighing: left.weighings.number(self.weighings.weighings.keys[weighing]),
        )
        for column, taken_over in zip(keys.T, ways, strict=True):
            held, place = numbered_anew(column)
            column[:] = np.array(list(map(taken_over, held.tolist())), np.int64)[place]
        left.load(keys)
        return left

    def cells(self, offer: Offer) -> Array:
        """For each cohort its cell in the table of the weights that no feedback moved."""
        cells = np.take(self.areas.classes(offer), self._area.values) + self._first_cell.values
        pay = self.floors.classes(offer.pay) * len(PLACE_CLASSES)
        if pay.any():
            cells += np.take(pay, self._floor.values)
        return cells

    def reaching(self, offer: Offer, least: float) -> tuple[Table, Array] | None:
        """A table, and for each cohort its cell there; `None` where nobody at all can reach a score of `least` (0–1).

        Weights that feedback moved have cells of their own after those of all others, where with any such weights `least` is in
        reach; elsewhere it is in reach of neither, and the cell of all others will do.
        """
        if not len(self) or (least > BROKEN and self.trades.broken(offer).all()):
            return None
        fits = self.trades.fits(offer)
        in_reach = self.weighings.could_reach(fits, least).ravel()
        if not in_reach.any():
            return None
        table, cells = weighed(fits, UNTUNED), self.cells(offer)
        near = np.flatnonzero(in_reach[cells[self._tuned.values]])
        if len(near):
            cohorts = self._tuned.values[near]
            own = weighed(fits.at(cells[cohorts]), self.weighings.columns(self._weighing.values[near]))
            cells[cohorts] = np.arange(len(in_reach), len(in_reach) + len(near))
            table = table.and_then(own)
        return table, cells


def _key(trade: int, area: int, floor: int, weighing: int) -> int:
    """Four numbers in one, which for most takes a third of the memory of a tuple: what is mostly 0 comes first."""
    return ((weighing << 32 | floor) << 32 | area) << 32 | trade


def least_of(threshold: int) -> float:
    """The least score (0–1) that rounds to a threshold in hundredths."""
    return (threshold - HALF) / 10_000


def needed(table: Table, full_marks: int, least: float) -> Array:
    """For each cell the points below which no score reaches `least`.

    One less than the quotient says, and never `BEYOND` or no skill at all for what lies within `ROUNDING`: rows with too few
    points are dropped for good, while those with one too many are scored exactly after.
    """
    share = (least - table.base) / table.slope
    points = np.clip(np.floor(full_marks * share) - 1, 1, BEYOND - 1)
    alone = table.without >= least * (1 - ROUNDING)
    return np.where(alone, 0, np.where(share > 1 + ROUNDING, BEYOND, points)).astype(np.uint16)


def hundredths(value: Array) -> Array:
    """Scores of 0–1 as `shared.scoring.score.hundredths` gives them."""
    return (10_000 * value + HALF).astype(np.int32)


def exact(table: Table, cells: Array, points: Array, full_marks: int) -> Array:
    """Exact scores in hundredths of rows at these cells with these points. In place: there may be half a million rows."""
    value = np.minimum(points, full_marks) / full_marks
    value *= np.take(table.slope, cells)
    value += np.take(table.base, cells)
    if not points.all():
        none = np.flatnonzero(points == 0)
        value[none] = table.without[cells[none]]
    value *= 10_000
    value += HALF
    return value.astype(np.int32)
