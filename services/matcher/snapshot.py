"""An index on disk, so that a matcher of a million subscriptions starts in seconds: it then asks only what changed since.

One file: numpy arrays in a zip, uncompressed. It is written beside its place and moved there, and is worth nothing to a matcher
of another shard or threshold, or to one that reads words or weighs parts otherwise: `meaning` is a digest of all that.
"""

import hashlib
import json
import os
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from services.matcher.index.cohorts import Cohorts
from services.matcher.index.growing import Array
from services.matcher.index.index import Index
from services.matcher.index.rows import Rows
from services.matcher.index.trades import Trade
from shared import rule
from shared.errors import RuleError
from shared.posting import Employment, Level, Pay, Place, Role, Workplace
from shared.reading import tables
from shared.scoring import weights

VERSION = 2
WHOLE = (0, 1)
"""The only shard of one."""
Arrays = dict[str, Array]
Shard = tuple[int, int]


class SnapshotUnusable(Exception):
    """There is none, or it is not one that this matcher can go on from."""


def save(index: Index, path: Path, at: datetime, shard: Shard = WHOLE) -> None:
    """Write the index as it stands, true of the database at `at`."""
    write(arrays_of(index, at, shard), path)


def write(arrays: Arrays, path: Path) -> None:
    """Write what `arrays_of` made; the index may go on changing meanwhile."""
    waiting = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with waiting.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)


def load(path: Path, threshold: float, shard: Shard = WHOLE) -> tuple[Index, datetime]:
    """The index and the time it was true of the database. Raises `SnapshotUnusable`."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            index = Index(threshold)
            if about["meaning"] != meaning():
                raise SnapshotUnusable(f"{path}: words are read otherwise now, or weights have changed")
            if (tuple(about["shard"]), about["threshold"]) != (shard, index.threshold):
                raise SnapshotUnusable(f"{path}: it is of another shard, or of another threshold")
            _fill(index, arrays, about)
            return index, datetime.fromisoformat(about["at"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, RuleError) as error:
        raise SnapshotUnusable(f"{path}: {error}") from error


@cache
def meaning() -> str:
    """A digest of the tables and the language that words and rules are read with, and of every weight.

    A rule that could not be read is held as none: with another language it might be read.
    """
    known = hashlib.blake2b(digest_size=16)
    for file in _read_with():
        known.update(file.name.encode() + b"\0" + hashlib.blake2b(file.read_bytes()).digest())
    known.update(repr((VERSION, weights.WEIGHTS, weights.STEPS, weights.STEP, weights.OWN, weights.RESTS_ON)).encode())
    return known.hexdigest()


def _read_with() -> list[Path]:
    """The tables, and the modules and the grammar of rules; in one order wherever Joblark is installed."""
    return sorted([*tables.DATA.glob("*.tsv"), *Path(rule.__file__).parent.glob("*.*")], key=lambda file: file.name)


# ------------------------------------------------------------------------------------------------------------- to arrays


def arrays_of(index: Index, at: datetime, shard: Shard = WHOLE) -> Arrays:
    """Everything in the index, as arrays of its own. Compacts it first."""
    index.compact()
    skills, cohorts = list(index.skills.columns()), index.cohorts
    about = {
        "meaning": meaning(),
        "shard": shard,
        "threshold": index.threshold,
        "at": at.isoformat(),
        "skills": [skill for skill, _, _ in skills],
        "trades": [_plain_trade(trade) for trade in cohorts.trades.trades.keys],
        "places": [place and [place.city, place.region, place.country] for place in cohorts.areas.places.keys],
        "areas": cohorts.areas.areas.keys,
        "weighings": cohorts.weighings.weighings.keys,
        "floors": [floor and [floor.low, floor.currency] for floor in cohorts.floors.floors.keys],
        "rules": index.rules.rules.keys,
    }
    return {
        "about": np.array(json.dumps(about)),
        **{name: index.rows[name].copy() for name in index.rows.columns},
        "cohort_keys": cohorts.keys().astype(np.int32),
        "skill_lengths": np.array([len(rows) for _, rows, _ in skills], np.int64),
        "skill_rows": np.concatenate([rows for _, rows, _ in skills] or [np.zeros(0, np.int32)]),
        "skill_credits": np.concatenate([credit for _, _, credit in skills] or [np.zeros(0, np.uint8)]),
    }


def _plain_trade(trade: Trade) -> list[Any]:
    return [trade.role, trade.level, sorted(trade.workplaces), sorted(trade.employments)]


# ----------------------------------------------------------------------------------------------------------- from arrays


def _fill(index: Index, arrays: Any, about: dict[str, Any]) -> None:
    index.rows = Rows({name: arrays[name] for name in index.rows.columns})
    _fill_cohorts(index.cohorts, about, arrays["cohort_keys"])
    for text, keep_unknown in about["rules"]:
        index.rules.number(text, keep_unknown)
    ends = np.cumsum(arrays["skill_lengths"])
    rows, credit = arrays["skill_rows"], arrays["skill_credits"]
    for skill, length, end in zip(about["skills"], arrays["skill_lengths"].tolist(), ends.tolist(), strict=True):
        index.skills.load(skill, rows[end - length : end], credit[end - length : end], len(index.rows))


def _fill_cohorts(cohorts: Cohorts, about: dict[str, Any], keys: Array) -> None:
    """Number what cohorts are made of, then them by those numbers."""
    places = [place and Place(city=place[0], region=place[1], country=place[2]) for place in about["places"]]
    areas = [[place for member in area if (place := places[member])] for area in about["areas"]]
    floors = [floor and Pay(low=floor[0], currency=floor[1]) for floor in about["floors"]]
    numbers = (
        [cohorts.trades.number(_trade(*trade)) for trade in about["trades"]],
        [cohorts.areas.number(area) for area in areas],
        [cohorts.floors.number(floor) for floor in floors],
        [cohorts.weighings.number(tuple(weighing)) for weighing in about["weighings"]],
    )
    cohorts.load(np.stack([np.array(its, np.int64)[column] for its, column in zip(numbers, keys.T, strict=True)], axis=1))


def _trade(role: str | None, level: str | None, workplaces: list[str], employments: list[str]) -> Trade:
    return Trade(
        Role(role) if role else None,
        Level(level) if level else None,
        frozenset(map(Workplace, workplaces)),
        frozenset(map(Employment, employments)),
    )
