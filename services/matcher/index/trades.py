"""Trades: everything of a wish but its skills, places, pay and weights, and how each takes an offer.

What comes out are fits by cell: trades × what the pay is (`PAY_FITS`) × where the office is (`PLACE_CLASSES`).
"""

from typing import NamedTuple

import numpy as np

from services.matcher.index.areas import PLACE_CLASSES
from services.matcher.index.floors import PAY_FITS
from services.matcher.index.growing import Array, Growing, Interned, code
from services.matcher.index.weighing import Fits, Part
from shared.posting import Employment, Level, Role, Workplace
from shared.scoring import Offer
from shared.scoring import parts as compare
from shared.scoring.weights import ANOTHER_TRADE, BROKEN, ELSEWHERE, MOVING, level_fit, role_fit

_ROLES, _LEVELS, _WORKPLACES, _EMPLOYMENTS = list(Role), list(Level), list(Workplace), list(Employment)


class Trade(NamedTuple):
    """What people of one trade have in common; empty sets accept every kind."""

    role: Role | None
    level: Level | None
    workplaces: frozenset[Workplace]
    employments: frozenset[Employment]


class Trades:
    """Trades, numbered."""

    def __init__(self) -> None:
        self.trades = Interned[Trade]()
        self._role, self._level = Growing(np.int8), Growing(np.int8)
        self._workplaces, self._employments = Growing(np.uint8), Growing(np.uint8)

    def number(self, trade: Trade) -> int:
        """The number of a trade."""
        number = self.trades.number(trade)
        if number == len(self._role):
            self._role.append(code(_ROLES, trade.role))
            self._level.append(code(_LEVELS, trade.level))
            self._workplaces.append(sum(1 << code(_WORKPLACES, kind) for kind in trade.workplaces))
            self._employments.append(sum(1 << code(_EMPLOYMENTS, kind) for kind in trade.employments))
        return number

    def fits(self, offer: Offer) -> Fits:
        """How an offer suits, in arrays of trades × pay × place, or of one where that makes no difference."""
        freshness = np.nan if offer.freshness is None else offer.freshness
        broken = self.broken(offer).reshape(-1, 1, 1) | (PAY_FITS == 0.0).reshape(1, -1, 1)
        moving = np.where(PLACE_CLASSES == ELSEWHERE, MOVING, 1.0).reshape(1, 1, -1)
        return Fits(
            parts=(
                Part.of(_role_fits(offer.role)[self._role.values].reshape(-1, 1, 1)),
                Part.of(_level_fits(offer.level)[self._level.values].reshape(-1, 1, 1)),
                Part.of(PLACE_CLASSES.reshape(1, 1, -1)),
                Part.of(PAY_FITS.reshape(1, -1, 1)),
                Part.of(np.full((1, 1, 1), freshness)),
            ),
            left=np.where(broken, BROKEN, 1.0) * moving,
            left_alone=np.where(broken | offer.telling, BROKEN, 1.0) * moving,
        )

    def broken(self, offer: Offer) -> Array:
        """As `shared.scoring.parts.broken` for every trade, but for pay."""
        broken = _role_fits(offer.role)[self._role.values] < ANOTHER_TRADE
        broken |= _out_of_reach(offer.level)[self._level.values]
        if offer.workplace is not None:
            broken |= _refuses(self._workplaces.values, code(_WORKPLACES, offer.workplace))
        if offer.employment is not None:
            broken |= _refuses(self._employments.values, code(_EMPLOYMENTS, offer.employment))
        return broken


def _refuses(accepted: Array, kind: int) -> Array:
    """Whether sets of kinds, as bits, are without one; an empty set accepts every kind."""
    return np.asarray((accepted != 0) & (accepted & (1 << kind) == 0))


def _role_fits(offered: Role | None) -> Array:
    """By code of the role wanted; the last is for none."""
    return np.array([*(np.nan if offered is None else role_fit(wanted, offered) for wanted in Role), np.nan])


def _level_fits(asked: Level | None) -> Array:
    return np.array([*(np.nan if asked is None else level_fit(have, asked) for have in Level), np.nan])


def _out_of_reach(asked: Level | None) -> Array:
    return np.array([*(asked is not None and compare.out_of_reach(have, asked) for have in Level), False])
