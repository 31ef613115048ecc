"""The rows of the index: one for each subscription, with what is not shared with others.

Rows are only ever appended: a change kills the old row and adds a new one. Subscriptions come in the order of their ids, so
a row is found by bisection; the few that come out of order are in a dictionary until the next compaction.
"""

from bisect import bisect_left

import numpy as np

from services.matcher.index.growing import Array, Growing

DEAD = np.uint16(65_535)
"""The bar of a row that is no more: no score reaches it."""
ROW_COLUMNS = {"ids": np.int64, "revisions": np.int32, "cohorts": np.int64, "bars": np.uint16, "rules": np.int32}


class Rows:
    """Columns of equal length. `bars` are in hundredths of a point; `rules` are numbers of rules, -1 for none."""

    def __init__(self, columns: dict[str, Array] | None = None) -> None:
        given = columns or {}
        self.columns = {name: Growing(dtype, given.get(name)) for name, dtype in ROW_COLUMNS.items()}
        self._ordered = len(self)
        self._late: dict[int, int] = {}
        self.alive = int(np.count_nonzero(self["bars"] != DEAD))

    def __len__(self) -> int:
        return len(self.columns["ids"])

    def __getitem__(self, name: str) -> Array:
        return self.columns[name].values

    @property
    def in_order(self) -> bool:
        """Whether all rows are in the order of their ids."""
        return not self._late

    def find(self, subscription_id: int) -> int | None:
        """The live row of a subscription."""
        row = self._late.get(subscription_id)
        if row is None:
            row = bisect_left(self["ids"], subscription_id, 0, self._ordered)
            if row == self._ordered or self["ids"][row] != subscription_id:
                return None
        return None if self["bars"][row] == DEAD else row

    def append(self, subscription_id: int, **values: int) -> int:
        """A new row, whose subscription has no live one."""
        row = len(self)
        if row == self._ordered and (not row or self["ids"][row - 1] < subscription_id):
            self._ordered = row + 1
        else:
            self._late[subscription_id] = row
        for name, value in (("ids", subscription_id), *values.items()):
            self.columns[name].append(value)
        self.alive += 1
        return row

    def kill(self, row: int) -> None:
        self["bars"][row] = DEAD
        self.alive -= 1

    def needs_compaction(self) -> bool:
        """When more than a quarter are dead, or so many out of order that finding them costs memory."""
        return len(self) > 1_000 and (self.alive * 4 < len(self) * 3 or len(self._late) * 8 > len(self))

    def order(self) -> Array:
        """Live rows by id: what a compaction keeps, in its order."""
        live = np.flatnonzero(self["bars"] != DEAD)
        return live[np.argsort(self["ids"][live], kind="stable")]
