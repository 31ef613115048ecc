"""An index on disk, so that a matcher of a million subscriptions starts in seconds: it then asks only what changed since.

One file: numpy arrays in a zip, uncompressed. It is written beside its place and moved there, and is worth nothing to a matcher
that reads skills or weighs parts otherwise: `meaning` is a digest of all that, and another one is refused.
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
from shared.posting import Employment, Level, Pay, Place, Role, Workplace
from shared.reading import tables
from shared.scoring import Wish, weights

VERSION = 1
Arrays = dict[str, Array]


class SnapshotUnusable(Exception):
    """There is none, or it is not one that this matcher can go on from."""


def save(index: Index, path: Path, at: datetime) -> None:
    """Write the index as it stands, true of the database at `at`."""
    write(arrays_of(index, at), path)


def write(arrays: Arrays, path: Path) -> None:
    """Write what `arrays_of` made; the index may go on changing meanwhile."""
    waiting = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    with waiting.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(path)


def load(path: Path, threshold: float) -> tuple[Index, datetime]:
    """The index and the time it was true of the database. Raises `SnapshotUnusable`."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            about = json.loads(str(arrays["about"]))
            if about["meaning"] != meaning():
                raise SnapshotUnusable(f"{path}: skills are read otherwise now, or weights have changed")
            return _index(arrays, about, threshold), datetime.fromisoformat(about["at"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
        raise SnapshotUnusable(f"{path}: {error}") from error


@cache
def meaning() -> str:
    """A digest of the skill table and of every weight: what credits and cohorts were worked out with."""
    known = hashlib.blake2b(digest_size=16)
    known.update((tables.DATA / "skills.tsv").read_bytes())
    known.update(repr((VERSION, weights.WEIGHTS, weights.OWN, weights.RESTS_ON)).encode())
    return known.hexdigest()


# ------------------------------------------------------------------------------------------------------------- to arrays


def arrays_of(index: Index, at: datetime) -> Arrays:
    """Everything in the index, as arrays of its own. Compacts it first."""
    index.compact()
    skills, cohorts = list(index.skills.columns()), index.cohorts
    about = {
        "meaning": meaning(),
        "at": at.isoformat(),
        "skills": [skill for skill, _, _ in skills],
        "trades": [_plain_trade(trade) for trade in cohorts.trades.trades.keys],
        "places": [place and [place.city, place.region, place.country] for place in cohorts.areas.places.keys],
        "areas": cohorts.areas.areas.keys,
        "floors": [floor and [floor.low, floor.currency] for floor in cohorts.floors.floors.keys],
        "rules": index.rules.rules.keys,
    }
    return {
        "about": np.array(json.dumps(about)),
        **{name: index.rows[name].copy() for name in index.rows.columns},
        "cohort_keys": np.array(cohorts.cohorts.keys, np.int32).reshape(-1, 3),
        "skill_lengths": np.array([len(rows) for _, rows, _ in skills], np.int64),
        "skill_rows": np.concatenate([rows for _, rows, _ in skills] or [np.zeros(0, np.int32)]),
        "skill_credits": np.concatenate([credit for _, _, credit in skills] or [np.zeros(0, np.uint8)]),
    }


def _plain_trade(trade: Trade) -> list[Any]:
    return [trade.role, trade.level, sorted(trade.workplaces), sorted(trade.employments), trade.weights]


# ----------------------------------------------------------------------------------------------------------- from arrays


def _index(arrays: Any, about: dict[str, Any], threshold: float) -> Index:
    index = Index(threshold)
    index.rows = Rows({name: arrays[name] for name in index.rows.columns})
    np.maximum(index.rows["bars"], index.threshold, out=index.rows["bars"])
    _fill_cohorts(index.cohorts, about, arrays["cohort_keys"])
    for text, keep_unknown in about["rules"]:
        index.rules.number(text, keep_unknown)
    ends = np.cumsum(arrays["skill_lengths"])
    rows, credit = arrays["skill_rows"], arrays["skill_credits"]
    for skill, length, end in zip(about["skills"], arrays["skill_lengths"].tolist(), ends.tolist(), strict=True):
        index.skills.load(skill, rows[end - length : end], credit[end - length : end], len(index.rows))
    return index


def _fill_cohorts(cohorts: Cohorts, about: dict[str, Any], keys: Array) -> None:
    """Number everything in the order it had."""
    for trade in about["trades"]:
        cohorts.trades.number(_wish(*trade))
    places = [place and Place(city=place[0], region=place[1], country=place[2]) for place in about["places"]]
    for area in about["areas"]:
        cohorts.areas.number(place for member in area if (place := places[member]))
    for floor in about["floors"]:
        cohorts.floors.number(Pay(low=floor[0], currency=floor[1]) if floor else None)
    for key in map(tuple, keys.tolist()):
        cohorts.intern(key)


def _wish(role: str | None, level: str | None, workplaces: list[str], employments: list[str], own_weights: list[float]) -> Wish:
    return Wish(
        credit={},
        role=Role(role) if role else None,
        level=Level(level) if level else None,
        workplaces=frozenset(map(Workplace, workplaces)),
        employments=frozenset(map(Employment, employments)),
        weights=tuple(own_weights),
    )
