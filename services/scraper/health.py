"""How a board does, in one word and one sentence. A board that used to yield jobs and does not any more is an alarm."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.scraper.hosts import host_of
from services.scraper.sources import sources
from services.scraper.turns import Host
from shared.models import BoardRow

SILENT_AFTER = timedelta(days=1)
OVERDUE_AFTER = timedelta(hours=1)
FAILING_AFTER = 3
"""Failures in a row; one or two are weather."""
ALARMS = ("silent", "failing", "overdue")


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
        return Health("overdue", f"due {_ago(board.next_poll_at, now)} and not read: is a scraper running?")
    if board.failures >= FAILING_AFTER:
        return Health("failing", f"{board.failures} times in a row: {board.last_error}")
    if board.last_yield_at and not board.postings_now and now - board.last_yield_at >= SILENT_AFTER:
        return Health("silent", f"listed jobs until {_ago(board.last_yield_at, now)}, and none since")
    if board.held_why or board.failures:
        return Health("held" if board.held_why else "unsteady", board.held_why or board.last_error or "")
    if board.last_polled_at is None:
        return Health("new")
    if board.dropped_now:
        return Health("partial", f"{board.dropped_now} jobs could not be read: {board.dropped_why}")
    if board.last_complete_at is None or board.last_complete_at < board.last_polled_at - timedelta(days=2):
        return Health("partial", "it says it has more jobs than it lists to us")
    return Health("well")


def breaker(board: BoardRow, host: Host | None, now: datetime) -> str:
    """`open for 280 s` while the host rests after failures in a row, `trying` when it may be asked again, else `closed`.

    Where nobody can say how the `host` is now, what was known when the board was last due.
    """
    if host is None:
        return "open" if (board.held_why or "").startswith("host_resting") else "closed"
    if not host.rest:
        return "closed"
    left = host.rests_until - now.timestamp()
    return f"open for {left:.0f} s" if left > 0 else "trying"


def host_of_board(board: BoardRow) -> str:
    """The host that is asked first when the board is read; empty for a source that is gone."""
    known = sources().get(board.source)
    if known is None:
        return ""
    return host_of(known.first(board.name, board.url, dict.fromkeys(known.keys, "any")).url)


def _ago(when: datetime, now: datetime) -> str:
    hours = (now - when).total_seconds() / 3600
    return f"{hours:.0f} hours ago" if hours < 48 else f"{hours / 24:.0f} days ago"
