"""Trades: everything of a wish but its skills, places and pay, and how each takes an offer.

What comes out is a table over trades × what the pay is (`PAY_FITS`) × where the office is (`PLACE_CLASSES`).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from services.matcher.index.areas import PLACE_CLASSES
from services.matcher.index.floors import PAY_FITS
from services.matcher.index.growing import Array, Growing, Interned
from shared.posting import Employment, Level, Role, Workplace
from shared.scoring import Offer, Wish
from shared.scoring import parts as compare
from shared.scoring.weights import ANOTHER_TRADE, BROKEN, ELSEWHERE, MOVING, PARTS, REST, level_fit, role_fit

NONE = -1
_ROLES, _LEVELS = list(Role), list(Level)


class Trade(NamedTuple):
    """What people of one trade have in common; empty sets accept every kind."""

    role: Role | None
    level: Level | None
    workplaces: frozenset[Workplace]
    employments: frozenset[Employment]
    weights: tuple[float, ...]


class Table(NamedTuple):
    """Scores (0–1) but for the skills, by cell.

    `base` is the score with points that are next to none, `slope` what full marks add to it. `without` is the score of no
    points at all, `unknown` the one where the posting names no skills.
    """

    base: Array
    slope: Array
    without: Array
    unknown: Array


class Trades:
    """Trades, numbered."""

    def __init__(self) -> None:
        self.trades = Interned[Trade]()
        self._role, self._level = Growing(np.int8), Growing(np.int8)
        self._workplaces, self._employments = Growing(np.uint8), Growing(np.uint8)
        self._weights = [Growing(np.float64) for _ in PARTS]

    def number(self, wish: Wish) -> int:
        """The number of the trade of a wish."""
        trade = Trade(wish.role, wish.level, wish.workplaces, wish.employments, wish.weights)
        number = self.trades.number(trade)
        if number == len(self._role):
            self._append(trade)
        return number

    def _append(self, trade: Trade) -> None:
        self._role.append(NONE if trade.role is None else _ROLES.index(trade.role))
        self._level.append(NONE if trade.level is None else _LEVELS.index(trade.level))
        self._workplaces.append(sum(_bit(list(Workplace), kind) for kind in trade.workplaces))
        self._employments.append(sum(_bit(list(Employment), kind) for kind in trade.employments))
        for column, weight in zip(self._weights, trade.weights, strict=True):
            column.append(weight)

    def table(self, offer: Offer) -> Table:
        """The table for one offer, in the order of operations of `shared.scoring.score`."""
        shape = (len(self.trades), len(PAY_FITS), len(PLACE_CLASSES))
        total, weight = np.zeros(shape), np.zeros(shape)
        fits = {
            "role": _role_fits(offer.role)[self._role.values].reshape(-1, 1, 1),
            "level": _level_fits(offer.level)[self._level.values].reshape(-1, 1, 1),
            "place": PLACE_CLASSES.reshape(1, 1, -1),
            "pay": PAY_FITS.reshape(1, -1, 1),
            "freshness": np.full((1, 1, 1), np.nan if offer.freshness is None else offer.freshness),
        }
        for share, name in zip(self._weights[1:], REST, strict=True):
            fit, shares = fits[name], share.values.reshape(-1, 1, 1)
            known = ~np.isnan(fit)
            total += np.where(known, shares * fit, 0.0)
            weight += np.where(known, shares, 0.0)
        is_broken = self._broken(offer).reshape(-1, 1, 1) | (PAY_FITS == 0.0).reshape(1, -1, 1)
        return _table(total, weight, self._weights[0].values.reshape(-1, 1, 1), is_broken, offer.telling)

    def _broken(self, offer: Offer) -> Array:
        """As `shared.scoring.parts.broken` for every trade, but for pay."""
        broken = _role_fits(offer.role)[self._role.values] < ANOTHER_TRADE
        broken |= _out_of_reach(offer.level)[self._level.values]
        for accepted, kinds, kind in (
            (self._workplaces.values, list(Workplace), offer.workplace),
            (self._employments.values, list(Employment), offer.employment),
        ):
            broken |= (accepted != 0) & (accepted & _bit(kinds, kind) == 0) & (kind is not None)
        return broken


def _table(total: Array, weight: Array, skills: Array, is_broken: Array, telling: bool) -> Table:
    """As `shared.scoring.score.hundredths`."""
    moving = np.where(PLACE_CLASSES == ELSEWHERE, MOVING, 1.0)
    left, whole = np.where(is_broken, BROKEN, 1.0) * moving, weight + skills
    columns = (
        total / whole * left,
        skills / whole * left,
        total / whole * (np.where(is_broken | telling, BROKEN, 1.0) * moving),
        np.where(weight == 0, 0.0, total / np.where(weight == 0, 1.0, weight) * left),
    )
    return Table(*(np.broadcast_to(column, total.shape).ravel() for column in columns))


def _bit(kinds: Sequence[object], kind: object) -> int:
    return 0 if kind is None else 1 << kinds.index(kind)


def _role_fits(offered: Role | None) -> Array:
    """By number of the role wanted; the last is for none."""
    return np.array([*(np.nan if offered is None else role_fit(wanted, offered) for wanted in Role), np.nan])


def _level_fits(asked: Level | None) -> Array:
    return np.array([*(np.nan if asked is None else level_fit(have, asked) for have in Level), np.nan])


def _out_of_reach(asked: Level | None) -> Array:
    return np.array([*(asked is not None and compare.out_of_reach(have, asked) for have in Level), False])
