"""One person against a catalogue: what suits, how well, and what keeps the rest away.

The sums are those of `shared.scoring.score`, in the same order, so that both give the very same numbers. Pure.
"""

from typing import NamedTuple

import numpy as np

from services.matcher.catalogue import Catalogue
from services.matcher.index.growing import Array
from shared.match import Cause
from shared.posting import Employment, Level, Role, Workplace
from shared.scoring import Wish
from shared.scoring import parts as compare
from shared.scoring.weights import ANOTHER_TRADE, BROKEN, ELSEWHERE, MOVING, NEARLY, NEARLY_FIT, REST, level_fit, role_fit

CAUSES = list(Cause)


class Suiting(NamedTuple):
    """Postings for one person, best first, with the exact scores in hundredths of a point and the number of each opening."""

    ids: Array
    scores: Array
    openings: Array


class Comparison(NamedTuple):
    """For each row of a catalogue (dead ones too): its score in hundredths, and what to name first should it be too low.

    `causes` are places in `CAUSES`.
    """

    scores: Array
    causes: Array


def suiting(catalogue: Catalogue, wish: Wish, threshold: float) -> Suiting:
    """The postings that score at least `threshold` (0–100) for a wish; of equals the one found first comes first."""
    fits, points = _fits(catalogue, wish), catalogue.points(wish.credit)
    scores = _scores(catalogue, wish, fits, points, np.logical_or.reduce(_deals(catalogue, wish, fits, points)))
    rows = np.flatnonzero(catalogue["alive"] & (scores >= round(threshold * 100)))
    order = rows[np.lexsort((catalogue["ids"][rows], -scores[rows]))]
    return Suiting(catalogue["ids"][order], scores[order], catalogue["opening"][order])


def compared(catalogue: Catalogue, wish: Wish) -> Comparison:
    """As `score` and `cause` of `shared.scoring.match` for every row."""
    fits, points = _fits(catalogue, wish), catalogue.points(wish.credit)
    deals = _deals(catalogue, wish, fits, points)
    scores = _scores(catalogue, wish, fits, points, np.logical_or.reduce(deals))
    conditions = [*deals, fits["place"] == ELSEWHERE, fits["level"] < 0.5]
    names = (Cause.ROLE, Cause.LEVEL, Cause.PLACE, Cause.EMPLOYMENT, Cause.PAY, Cause.SCORE, Cause.PLACE, Cause.LEVEL)
    return Comparison(scores, np.select(conditions, [CAUSES.index(name) for name in names], CAUSES.index(Cause.SCORE)))


def _fits(catalogue: Catalogue, wish: Wish) -> dict[str, Array]:
    """The parts of the score but skills, by name; NaN where one cannot be known."""
    roles = [np.nan if wish.role is None else role_fit(wish.role, role) for role in Role]
    levels = [np.nan if wish.level is None else level_fit(wish.level, level) for level in Level]
    return {
        "role": np.array([*roles, np.nan])[catalogue["role"]],
        "level": np.array([*levels, np.nan])[catalogue["level"]],
        "place": catalogue.place_fits(wish.places),
        "pay": _pay(catalogue, wish),
        "freshness": catalogue["freshness"],
    }


def _pay(catalogue: Catalogue, wish: Wish) -> Array:
    fits = np.full(len(catalogue["ids"]), np.nan)
    currency = catalogue.currency(wish.floor.currency) if wish.floor else None
    if wish.floor is None or wish.floor.low is None or currency is None:
        return fits
    near = catalogue["open_ended"] | (catalogue["top"] >= NEARLY * wish.floor.low)
    reached = np.where(catalogue["top"] >= wish.floor.low, 1.0, np.where(near, NEARLY_FIT, 0.0))
    return np.where(catalogue["currency"] == currency, reached, fits)


def _deals(catalogue: Catalogue, wish: Wish, fits: dict[str, Array], points: Array) -> list[Array]:
    """Rows whose deal is broken, by what breaks it, in the order of `shared.scoring.parts.broken`; last, no skill shared."""
    reach = [wish.level is not None and compare.out_of_reach(wish.level, level) for level in Level]
    workplaces = [bool(wish.workplaces) and kind not in wish.workplaces for kind in Workplace]
    employments = [bool(wish.employments) and kind not in wish.employments for kind in Employment]
    return [
        fits["role"] < ANOTHER_TRADE,
        np.array([*reach, False])[catalogue["level"]],
        np.array([*workplaces, False])[catalogue["workplace"]],
        np.array([*employments, False])[catalogue["employment"]],
        fits["pay"] == 0.0,
        catalogue["telling"] & (points == 0),
    ]


def _scores(catalogue: Catalogue, wish: Wish, fits: dict[str, Array], points: Array, broken: Array) -> Array:
    """As `shared.scoring.score.hundredths`."""
    total, weight = np.zeros(len(points)), np.zeros(len(points))
    for share, name in zip(wish.weights[1:], REST, strict=True):
        known = ~np.isnan(fits[name])
        total += np.where(known, share * fits[name], 0.0)
        weight += np.where(known, share, 0.0)
    left = np.where(broken, BROKEN, 1.0) * np.where(fits["place"] == ELSEWHERE, MOVING, 1.0)
    whole, skills = weight + wish.weights[0], wish.weights[0]
    read = total / whole * left + skills / whole * left * np.minimum(1.0, points / catalogue["full_marks"])
    unread = np.where(weight == 0, 0.0, total / np.where(weight == 0, 1.0, weight) * left)
    return (10_000 * np.where(_names_skills(catalogue), read, unread) + 0.5).astype(np.int32)


def _names_skills(catalogue: Catalogue) -> Array:
    named: Array = (catalogue["last"] > catalogue["first"]) | catalogue["vague"]
    return named
