"""When a board is read next, from how often it has changed. Pure.

What is remembered of a board is one number: how often a day it was found changed, an average in which a day ago counts
half as much as now. It is right whatever the time between two readings, so it can choose that time: such that about
every second reading finds something.
"""

from datetime import timedelta

HALF_LIFE = timedelta(days=1)
DAY = timedelta(days=1)
QUICKEST = timedelta(minutes=30)
SLOWEST = timedelta(days=1)
"""However quiet a board is, it is read once a day."""
FOUND = 0.5
"""The share of readings that should find a change. More, and changes pile up unseen; less, and boards are asked in vain."""
GOLDEN = 0.618034


def learned(per_day: float | None, usual: timedelta, elapsed: timedelta | None, *, changed: bool) -> float | None:
    """The average after one more reading, `elapsed` after the one before, or `None` before the second reading.

    `elapsed` is `None` where it says nothing: at the first reading, when everything is new, and after failures.
    A board starts as if it changed often enough for the `usual` interval.
    """
    if elapsed is None:
        return per_day
    days = max(elapsed / DAY, 1e-6)
    kept: float = 0.5 ** (days * DAY / HALF_LIFE)
    before = FOUND / (usual / DAY) if per_day is None else per_day
    return before * kept + (1 - kept) * changed / days


def interval(per_day: float | None, usual: timedelta) -> timedelta:
    """How long to wait for a board that changes so often; `usual` where that is not known yet."""
    if per_day is None:
        return usual
    quickest, slowest = min(QUICKEST, usual), max(SLOWEST, usual)
    return min(max(DAY * (FOUND / max(per_day, 1e-6)), quickest), slowest)


def next_wait(
    board_id: int, wait: timedelta, *, fresh_for: timedelta = timedelta(0), polls_per_day: int | None = None
) -> timedelta:
    """`wait`, off by up to a tenth, so that boards added together do not stay together; the same for a board each time.

    Never less than what the server asks for (`fresh_for`, of which a day is respected) and the source's terms allow.
    """
    share = spread(board_id)
    least = max(min(fresh_for, DAY), DAY / polls_per_day if polls_per_day else timedelta(0))
    return max(wait * (0.9 + 0.2 * share), least * (1 + 0.1 * share))


def retry_wait(board_id: int, wait: timedelta, polls_per_day: int | None = None) -> timedelta:
    """`wait` after a failure, longer by up to a tenth and never shorter."""
    share = spread(board_id)
    return max(wait, DAY / polls_per_day if polls_per_day else wait) * (1 + 0.1 * share)


def spread(board_id: int) -> float:
    """A number in 0–1 that lies far from those of the neighbours."""
    return board_id * GOLDEN % 1
