"""What may be wrong with boards and with events. Pure."""

import shlex
from datetime import datetime

from services.notifier.alarms.facts import WEEK, Alarm, Facts, alarm, first
from services.notifier.phrases import counted
from shared.board_health import FAILING, OVERDUE, SILENT, health
from shared.models import BoardRow


def dead_letters(facts: Facts, now: datetime) -> Alarm | None:
    dead = {stream: tally for stream, tally in facts.dead.items() if tally.number}
    if not dead:
        return None
    count = sum(tally.number for tally in dead.values())
    return alarm(
        "dead_letters",
        f"{counted(count, 'event was', 'events were')} set aside after failing again and again",
        first(tally.since for tally in dead.values()),
        details=[f"{stream}: {tally.number:,}" for stream, tally in sorted(dead.items())],
        advice="Read why, mend the cause, and put them back.",
        commands=["joblark dead-letters list", *(f"joblark dead-letters replay {stream} --all" for stream in sorted(dead))],
    )


def boards_unread(facts: Facts, now: datetime) -> Alarm | None:
    unread = [board for board in facts.boards if health(board, now).state == OVERDUE]
    if not unread:
        return None
    return alarm(
        "boards_unread",
        f"{counted(len(unread), 'board is', 'boards are')} due and not read",
        first(board.next_poll_at for board in unread),
        advice="No scraper is running, or it cannot keep up.",
        commands=["joblark doctor", "joblark boards health --alarms"],
    )


def boards_lost(facts: Facts, now: datetime) -> Alarm | None:
    """Boards that used to list jobs; one that never did was perhaps mistyped, and whoever added it saw so."""
    found = [(board, health(board, now)) for board in facts.boards if board.last_yield_at]
    lost = {_name(board): (board, said) for board, said in found if said.state in (SILENT, FAILING)}
    if not lost:
        return None
    details = [f"{name}, {said.state}: {said.problem}" for name, (_, said) in sorted(lost.items())]
    one = shlex.quote(min(lost))
    return alarm(
        "boards_lost",
        f"{counted(len(lost), 'board', 'boards')} that used to list jobs {'does' if len(lost) == 1 else 'do'} not any more",
        first(board.last_yield_at for board, _ in lost.values()),
        details=details,
        advice="Open each board's page: add its new address where it has moved, and remove what is gone.",
        commands=["joblark boards health --alarms", f"joblark boards poll {one}", f"joblark boards remove {one}"],
        about=frozenset(lost),
        repeat=WEEK,
    )


def _name(board: BoardRow) -> str:
    return f"{board.source}:{board.name}"
