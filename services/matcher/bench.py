"""How fast the matcher's index is on this machine, with invented subscriptions in real proportions."""

import gc
import os
import resource
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.matcher.index import Index
from services.matcher.population import population, tunings
from services.matcher.snapshot import load, save
from shared.posting import Posting
from shared.rule import PostingView
from shared.scoring import offer_of, wish_of

THRESHOLD = 50.0
CHANGES = 1_000
"""Subscriptions changed one by one, to time a change."""
ROUND = 10_000
"""Subscriptions added between two steps of progress."""


def build(subscriptions: int, index: Index) -> Iterator[int]:
    """Add so many subscriptions; yields how many were added since the last time."""
    people = zip(population(), tunings(), strict=False)
    for start in range(0, subscriptions, ROUND):
        some = range(start, min(start + ROUND, subscriptions))
        for id_, ((profile, rule), tuning) in zip(some, islice(people, len(some)), strict=True):
            index.put(id_ + 1, 1, wish_of(profile, tuning), 0.0, rule)
        yield len(some)


def screen(index: Index, postings: Sequence[Posting], count: int) -> Iterator[tuple[float, int]]:
    """For each of so many postings, read before, the seconds until its candidates were known, and how many there were."""
    for posting in islice(cycle(postings), count):
        began = time.perf_counter()
        found = index.screen(offer_of(posting), PostingView(posting))
        yield time.perf_counter() - began, len(found.ids)


def change(index: Index) -> list[float]:
    """Seconds that each change of a subscription took, from its profile to being found."""
    times = []
    for id_, (profile, rule) in zip(range(1, CHANGES + 1), population(seed=2), strict=False):
        began = time.perf_counter()
        index.put(id_ % max(1, len(index)) + 1, 2, wish_of(profile), 0.0, rule)
        times.append(time.perf_counter() - began)
    return times


def reload(index: Index) -> tuple[float, float, int]:
    """Seconds to save the index and to load it again, and bytes on disk."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "matcher.index"
        began = time.perf_counter()
        save(index, path, datetime.now(UTC))
        saved = time.perf_counter()
        load(path, THRESHOLD)
        return saved - began, time.perf_counter() - saved, path.stat().st_size


def report(screened: Sequence[tuple[float, int]], changes: Sequence[float]) -> dict[str, Any]:
    """Milliseconds per posting and per change, and candidates per posting."""
    times = [seconds for seconds, _ in screened]
    return {
        "p50_ms": _quantile(times, 0.5),
        "p99_ms": _quantile(times, 0.99),
        "max_ms": _quantile(times, 1.0),
        "candidates": round(sum(count for _, count in screened) / max(1, len(screened))),
        "update_p50_ms": _quantile(changes, 0.5),
        "update_p99_ms": _quantile(changes, 0.99),
    }


def _quantile(times: Sequence[float], share: float) -> float | None:
    if not times:
        return None
    return round(1000 * sorted(times)[min(len(times) - 1, int(len(times) * share))], 3)


def memory() -> int:
    """Bytes of this process in memory now; where the system does not tell, the most it ever had."""
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
