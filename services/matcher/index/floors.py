"""Floors: the least pay people ask for, and how an offer's pay stands to each.

What comes out is a class per floor: an index into `PAY_FITS`.
"""

import numpy as np

from services.matcher.index.growing import Array, Growing, Interned
from shared.posting import Pay
from shared.scoring import parts as compare
from shared.scoring.weights import NEARLY, NEARLY_FIT

PAY_FITS = np.array([np.nan, 1.0, NEARLY_FIT, 0.0])
_UNKNOWN, _ENOUGH, _NEARLY, _TOO_LITTLE = range(len(PAY_FITS))


class Floors:
    """Floors, numbered; the first is none."""

    def __init__(self) -> None:
        self.floors, self._currencies = Interned[Pay | None](), Interned[str | None]()
        self._currency, self._low = Growing(np.int32), Growing(np.float64)
        self.number(None)

    def number(self, floor: Pay | None) -> int:
        """The number of a floor."""
        number = self.floors.number(floor)
        if number == len(self._low):
            self._currency.append(self._currencies.number(floor.currency if floor else None))
            self._low.append((floor and floor.low) or 0.0)
        return number

    def classes(self, pay: Pay | None) -> Array:
        """As `shared.scoring.parts.pay_fit` for every floor."""
        classes = np.full(len(self.floors), _UNKNOWN, np.int64)
        currency = self._currencies.find(pay.currency) if pay else None
        top = compare.top_of(pay) if pay else None
        if pay is None or currency is None or top is None:
            return classes
        lacking = np.where((pay.high is None) | (top >= NEARLY * self._low.values), _NEARLY, _TOO_LITTLE)
        compared = np.where(top >= self._low.values, _ENOUGH, lacking)
        return np.where(self._currency.values == currency, compared, classes)
