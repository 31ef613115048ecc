"""Is the mail domain in order? What `joblark doctor --mail` asks before the first digest goes out.

Each module of checks asks one thing of the world and judges the answers: `records` name servers (by `lookup`), `live` our own
web page. `examine` asks them all.
"""

from services.notifier.maildomain.examine import examine, is_red
from services.notifier.maildomain.finding import Finding, State
from services.notifier.maildomain.lookup import Dns, Lookup
from services.notifier.maildomain.watch import EVERY_SECONDS, note, watch

__all__ = ["EVERY_SECONDS", "Dns", "Finding", "Lookup", "State", "examine", "is_red", "note", "watch"]
