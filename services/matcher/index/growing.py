"""Arrays that rows are appended to, numbers for keys in the order they came, and codes for kinds that are known beforehand."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LEAST_CAPACITY = 1_024
NONE = -1
"""The code of what is not said: the last place of a table by code."""
Key = TypeVar("Key", bound=Hashable)


class Growing:
    """One column. Its capacity doubles, so that an append costs the same however many rows there are.

    `values` is a view of what is filled: a view from before an append does not see it.
    """

    def __init__(self, dtype: npt.DTypeLike, values: Array | None = None) -> None:
        self._data = np.zeros(0, dtype) if values is None else np.array(values, dtype)
        self._length = len(self._data)

    def __len__(self) -> int:
        return self._length

    @property
    def values(self) -> Array:
        return self._data[: self._length]

    def append(self, value: Any) -> None:
        self.extend_to(self._length + 1)
        self._data[self._length - 1] = value

    def extend(self, values: Iterable[Any]) -> None:
        for value in values:
            self.append(value)

    def extend_to(self, length: int) -> None:
        """Make the column this long; what is new is zero."""
        if length > len(self._data):
            grown = np.zeros(max(LEAST_CAPACITY, length, 2 * len(self._data)), self._data.dtype)
            grown[: self._length] = self.values
            self._data = grown
        self._length = max(length, self._length)


class Interned(Generic[Key]):
    """Keys numbered in the order they came."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self.keys = list(keys)
        self._numbers = {key: number for number, key in enumerate(self.keys)}

    def __len__(self) -> int:
        return len(self.keys)

    def number(self, key: Key) -> int:
        """The number of a key, a new one for a new key."""
        number = self._numbers.setdefault(key, len(self.keys))
        if number == len(self.keys):
            self.keys.append(key)
        return number

    def find(self, key: Key) -> int | None:
        """The number of a key, `None` for one that never came."""
        return self._numbers.get(key)


def code(kinds: Sequence[object], kind: object) -> int:
    """The place of a kind among `kinds`; `NONE` for `None`."""
    return NONE if kind is None else kinds.index(kind)


def numbered_anew(numbers: Array) -> tuple[Array, Array]:
    """The distinct numbers of a column, ascending, and the column with the place of each among them."""
    held = np.flatnonzero(np.bincount(numbers))
    place = np.zeros(int(held[-1]) + 1 if len(held) else 0, np.int64)
    place[held] = np.arange(len(held))
    return held, place[numbers]
