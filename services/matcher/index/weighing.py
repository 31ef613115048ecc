"""What people's weights make of the parts of a score.

Nearly everybody weighs the parts as they come, and those share one table. The others' own weights are only put to parts that
could, by any of those weights, make a match.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned
from shared.scoring.weights import PARTS, tuned

UNTUNED = tuned({})
Weighing = tuple[float, ...]


class Part(NamedTuple):
    """One part of a score: 0–1, and 0 where it cannot be known; and whether it can, as 1.0 or 0.0."""

    fit: Array
    known: Array

    @classmethod
    def of(cls, fit: Array) -> "Part":
        """From an array that has NaN where the part cannot be known."""
        known = ~np.isnan(fit)
        return cls(np.where(known, fit, 0.0), known.astype(np.float64))


class Fits(NamedTuple):
    """How an offer suits, before anybody's weights.

    `parts` are those of `shared.scoring.weights.REST`. `left` is what broken deals and moving leave of a score, and
    `left_alone` what they leave where no skill is shared.
    """

    parts: tuple[Part, ...]
    left: Array
    left_alone: Array

    def at(self, cells: Array) -> "Fits":
        """Those of some cells of the table."""

        def taken(values: Array) -> Array:
            return np.take(np.broadcast_to(values, self.left.shape).ravel(), cells)

        return Fits(tuple(Part(*map(taken, part)) for part in self.parts), taken(self.left), taken(self.left_alone))


FULL_MARKS = Part.of(np.array(1.0))


class Table(NamedTuple):
    """Scores (0–1) but for the skills, by cell.

    `base` is the score with points that are next to none, `slope` what full marks add to it. `without` is the score of no
    points at all, `unknown` the one where the posting names no skills.
    """

    base: Array
    slope: Array
    without: Array
    unknown: Array

    def and_then(self, more: "Table") -> "Table":
        """The cells of this one, and after them those of another."""
        return Table(*map(np.concatenate, zip(self, more, strict=True)))


class Weighings:
    """Weights of all parts, numbered; the first are those that no feedback moved."""

    def __init__(self) -> None:
        self.weighings = Interned[Weighing]()
        self._columns = [Growing(np.float64) for _ in PARTS]
        self.least, self.most = np.array(UNTUNED), np.array(UNTUNED)
        self.number(UNTUNED)

    def number(self, weighing: Weighing) -> int:
        """The number of some weights."""
        number = self.weighings.number(weighing)
        if number == len(self._columns[0]):
            for column, weight in zip(self._columns, weighing, strict=True):
                column.append(weight)
            self.least, self.most = np.minimum(self.least, weighing), np.maximum(self.most, weighing)
        return number

    def columns(self, numbers: Array) -> list[Array]:
        """The weights with these numbers, part by part."""
        return [np.take(column.values, numbers) for column in self._columns]

    def could_reach(self, fits: Fits, least: float) -> Array:
        """For each cell whether with any of these weights, and full marks for skills, a score of `least` can be had.

        A weighted mean is at least so much where weights × (parts − so much) add up to 0 or more. They add up to most with the
        most weight for each part above, and the least for each below. The millionth is for rounding.
        """
        so_much, gain = least / fits.left, np.zeros(fits.left.shape)
        for part, low, high in zip((FULL_MARKS, *fits.parts), self.least, self.most, strict=True):
            above = (part.fit - so_much) * part.known
            gain += np.maximum(low * above, high * above)
        return np.asarray(gain >= -1e-6)


def weighed(fits: Fits, weights: Sequence[Array | float]) -> Table:
    """As `shared.scoring.score.hundredths`, in the same order of operations."""
    total, weight = np.zeros(fits.left.shape), np.zeros(fits.left.shape)
    for share, part in zip(weights[1:], fits.parts, strict=True):
        total += share * part.fit
        weight += share * part.known
    whole = weight + weights[0]
    columns = (
        total / whole * fits.left,
        weights[0] / whole * fits.left,
        total / whole * fits.left_alone,
        np.where(weight == 0, 0.0, total / np.where(weight == 0, 1.0, weight) * fits.left),
    )
    return Table(*(column.ravel() for column in columns))
