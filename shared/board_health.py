"""How a board does, in one word and one sentence. A board that used to yield jobs and does not any more is an alarm. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.models import BoardRow

SILENT_AFTER = timedelta(days=1)
OVERDUE_AFTER = timedelta(hours=1)
FAILING_AFTER = 3
"""Failures in a row; one or two are weather."""
SILENT, FAILING, OVERDUE = "silent", "failing", "overdue"
ALARMS = (SILENT, FAILING, OVERDUE)


@dataclass(frozen=True)
class Health:
    """`state` is new, well, held, unsteady, partial, or one of `ALARMS`; `problem` says what it means, or nothing."""

    state: str
    problem: str = ""

    @property
    def is_alarm(self) -> bool:
        return self.state in ALARMS


def health(board: BoardRow, now: datetime) -> Health:
    """Look at what the scraper remembers of a board."""
    if board.leased_until is None and board.next_poll_at < now - OVERDUE_AFTER:
        return Health(OVERDUE, f"due {_ago(board.next_poll_at, now)} and not read: is a scraper running?")
    if board.failures >= FAILING_AFTER:
        return Health(FAILING, f"{board.failures} times in a row: {board.last_error}")
    if board.last_yield_at and not board.postings_now and now - board.last_yield_at >= SILENT_AFTER:
        return Health(SILENT, f"listed jobs until {_ago(board.last_yield_at, now)}, and none since")
    if board.held_why or board.failures:
        return Health("held" if board.held_why else "unsteady", board.held_why or board.last_error or "")
    if board.last_polled_at is None:
        return Health("new")
    if board.dropped_now:
        return Health("partial", f"{board.dropped_now} jobs could not be read: {board.dropped_why}")
    if board.last_complete_at is None or board.last_complete_at < board.last_polled_at - timedelta(days=2):
        return Health("partial", "it says it has more jobs than it lists to us")
    return Health("well")


def _ago(when: datetime, now: datetime) -> str:
    hours = (now - when).total_seconds() / 3600
    return f"{hours:.0f} hours ago" if hours < 48 else f"{hours / 24:.0f} days ago"
