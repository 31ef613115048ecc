"""How good a ranking is, given what a person says of each posting: AUC, precision, NDCG, and how sure of that we are.

Equal scores have no order of their own, so nothing here depends on the order of the file: what stands within a tie counts
as the mean of the tie, which is what a random order would give on average. A label is a grade from 0 (no) upwards; above 0
is a yes for AUC and precision.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats], float]
"""`metric(labels, scores)`, both of shape (n,); NaN where it has no meaning, as AUC when all labels are alike."""
SEED, RESAMPLES, CONFIDENCE = 20261121, 1000, 0.95


class Estimate(NamedTuple):
    """A value with its bootstrap interval: the metric over postings drawn again, with replacement."""

    value: float
    low: float
    high: float


def auc(labels: Floats, scores: Floats) -> float:
    """The chance that a posting labelled yes scores above one labelled no, an equal score counting half."""
    yes = labels > 0
    positives, negatives = int(yes.sum()), int((~yes).sum())
    if not positives or not negatives:
        return float("nan")
    return float((_ranks(scores)[yes].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def precision(labels: Floats, scores: Floats, k: int) -> float:
    """The share of yes among the `k` best, or among all where there are fewer."""
    return float(_by_rank((labels > 0).astype(float), scores)[:k].mean()) if len(labels) else float("nan")


def ndcg(labels: Floats, scores: Floats, k: int | None = None) -> float:
    """Normalised discounted cumulative gain of the `k` best (all for `None`), with gain 2^grade − 1 and a log2 discount."""
    gains = 2.0**labels - 1
    ideal = _discounted(np.sort(gains)[::-1][:k])
    return _discounted(_by_rank(gains, scores)[:k]) / ideal if ideal else float("nan")


METRICS: Mapping[str, Metric] = {
    "AUC": auc,
    "precision@5": partial(precision, k=5),
    "precision@10": partial(precision, k=10),
    "precision@20": partial(precision, k=20),
    "NDCG@10": partial(ndcg, k=10),
    "NDCG": ndcg,
}


def resamples(count: int, *, seed: int = SEED, times: int = RESAMPLES) -> Iterator[NDArray[np.int64]]:
    """Row numbers of `count` postings drawn with replacement, `times` times; the same for the same seed."""
    random = np.random.default_rng(seed)
    for _ in range(times):
        yield random.integers(0, count, count)


def estimate(metric: Metric, labels: Floats, scores: Floats, draws: list[NDArray[np.int64]]) -> Estimate:
    """`metric` on all postings, and the middle 95 % of what it is on `draws`."""
    again = np.array([metric(labels[rows], scores[rows]) for rows in draws])
    return Estimate(metric(labels, scores), *_middle(again))


def difference(metric: Metric, labels: Floats, ours: Floats, theirs: Floats, draws: list[NDArray[np.int64]]) -> Estimate:
    """How much more `metric` gives for `ours` than for `theirs`, both measured on the same draws."""
    return estimate(lambda some, rows: metric(some, ours[_whole(rows)]) - metric(some, theirs[_whole(rows)]), labels,
                    np.arange(len(labels), dtype=float), draws)  # fmt: skip


def _whole(rows: Floats) -> NDArray[np.int64]:
    return rows.astype(np.int64)


def _middle(values: Floats) -> tuple[float, float]:
    known = values[~np.isnan(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)


def _ranks(scores: Floats) -> Floats:
    """1 for the lowest score; the mean rank for all of a tie."""
    _, tie, size = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return np.asarray((last - (size - 1) / 2)[tie], dtype=float)


def _by_rank(gains: Floats, scores: Floats) -> Floats:
    """The gains, best score first, each the mean of its tie."""
    _, tie, size = np.unique(-scores, return_inverse=True, return_counts=True)
    return np.repeat(np.bincount(tie, gains) / size, size)


def _discounted(gains: Floats) -> float:
    return float((gains / np.log2(np.arange(2, len(gains) + 2))).sum())
