"""How the host of a board does. How the board itself does is told by `shared.board_health`."""

from datetime import datetime

from services.scraper.hosts import host_of
from services.scraper.sources import sources
from services.scraper.turns import Host
from shared.models import BoardRow


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
