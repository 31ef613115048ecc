"""Who has credit for which skill: one column per skill, from which a posting's points are summed for all rows at once.

A skill that few have is an inverted list of rows and credits. One that many have is a plain column over all rows: adding it
costs the same for everybody, but takes no index; measured on two cores, 0.09 ms for a million rows against 2.3 ns for each
entry of a list, so the plain column wins from one row in `DENSE` on.
"""

from array import array
from collections.abc import Iterator, Mapping

import numpy as np

from services.matcher.index.growing import Array, Growing

DENSE = 24
SMALL = 4_096
"""Below so many rows every list is short enough."""


class Listed:
    """A skill that few have: rows, ascending, and the credit of each."""

    def __init__(self, rows: Array | None = None, credit: Array | None = None) -> None:
        self._rows = array("i", () if rows is None else rows.astype(np.int32).tobytes())
        self._credit = array("B", b"" if credit is None else credit.astype(np.uint8).tobytes())

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, row: int, credit: int) -> None:
        self._rows.append(row)
        self._credit.append(credit)

    def entries(self) -> tuple[Array, Array]:
        """Rows and credits; the views must be let go before the next `put`."""
        return np.frombuffer(self._rows, np.int32), np.frombuffer(self._credit, np.uint8)

    def add_to(self, points: Array, worth: np.uint16, scratch: Array) -> None:
        rows, credit = self.entries()
        points[rows] += credit * worth


class Plain:
    """A skill that many have: the credit of every row, zero for none."""

    def __init__(self, column: Growing) -> None:
        self.column = column

    def put(self, row: int, credit: int) -> None:
        self.column.extend_to(max(row + 1, len(self.column)))
        self.column.values[row] = credit

    def entries(self) -> tuple[Array, Array]:
        rows = np.flatnonzero(self.column.values)
        return rows.astype(np.int32), self.column.values[rows]

    def add_to(self, points: Array, worth: np.uint16, scratch: Array) -> None:
        credit = self.column.values
        product = scratch[: len(credit)]
        np.multiply(credit, worth, out=product)
        np.add(points[: len(credit)], product, out=points[: len(credit)])


class Skills:
    """All skills of all rows."""

    def __init__(self) -> None:
        self._columns: dict[str, Listed | Plain] = {}
        self._scratch = np.zeros(0, np.uint16)

    def put(self, row: int, brought: Mapping[str, int]) -> None:
        """Set what a row that has none yet has credit for."""
        for skill, credit in brought.items():
            column = self._columns.get(skill)
            if column is None:
                column = self._columns[skill] = Listed()
            elif isinstance(column, Listed) and len(column) > SMALL and len(column) * DENSE > row:
                column = self._columns[skill] = _plain(column, row)
            column.put(row, credit)

    def points(self, asked: Mapping[str, int], rows: int) -> Array:
        """For each row the sum over `asked` of worth × credit: at most 32 skills × 200 × 10, which 16 bits hold."""
        points = np.zeros(rows, np.uint16)
        if len(self._scratch) < rows:
            self._scratch = np.empty(rows + rows // 8, np.uint16)
        for skill, worth in asked.items():
            column = self._columns.get(skill)
            if column is not None:
                column.add_to(points, np.uint16(worth), self._scratch)
        return points

    def columns(self) -> Iterator[tuple[str, Array, Array]]:
        """Each skill with the rows that have it, ascending, and their credits."""
        for skill, column in self._columns.items():
            yield skill, *column.entries()

    def load(self, skill: str, rows: Array, credit: Array, length: int) -> None:
        """Take over a column as `columns` gave it, in an index of `length` rows."""
        listed = Listed(rows, credit)
        self._columns[skill] = _plain(listed, length) if len(rows) > SMALL and len(rows) * DENSE > length else listed


def _plain(listed: Listed, length: int) -> Plain:
    column = Growing(np.uint8)
    column.extend_to(length)
    rows, credit = listed.entries()
    column.values[rows] = credit
    return Plain(column)
