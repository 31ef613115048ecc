"""What was found wrong, and how it is told. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from services.notifier.headers import one_line
from services.notifier.kinds.alert import LINES, LONGEST, Trouble
from services.notifier.phrases import sentence
from services.notifier.render import shorten
from shared.models import BoardRow

DAY, WEEK = timedelta(days=1), timedelta(days=7)
_SHOWN = LINES - 2


class Tally(NamedTuple):
    """How many there are, and since when the first of them is."""

    number: int = 0
    since: datetime | None = None


NONE = Tally()


@dataclass(frozen=True)
class Facts:
    """What was found. Counts of mails and returns are of the last 7 days, but what is held or put off counts as it is now.

    `sent` mails include those that were `refused` at once because there is no such mailbox; `refused` are not in `failed`.
    `dead` is by stream; `held` by the code that holds them; `overdue` are digests that nobody opened or tried in time.
    `stopped` is since when the switch is off; `red` since when the doctor finds the mail domain red, and what it found.
    """

    boards: Sequence[BoardRow] = ()
    dead: Mapping[str, Tally] = field(default_factory=dict)
    sent: int = 0
    refused: int = 0
    bounces: int = 0
    complaints: int = 0
    unknown: Tally = NONE
    failed: Tally = NONE
    put_off: Tally = NONE
    held: Mapping[str, Tally] = field(default_factory=dict)
    overdue: Tally = NONE
    stopped: datetime | None = None
    red: tuple[datetime, str] | None = None


@dataclass(frozen=True)
class Alarm:
    """Something wrong. `about` are names of what it is about, where a further one is news; `repeat` how often it is told."""

    trouble: Trouble
    about: frozenset[str] = frozenset()
    repeat: timedelta = DAY


def alarm(
    code: str,
    title: str,
    since: datetime | None = None,
    *,
    advice: str,
    commands: Sequence[str],
    details: Sequence[str] = (),
    about: frozenset[str] = frozenset(),
    repeat: timedelta = DAY,
) -> Alarm:
    """The alarm `code`, its words cut to what a mail shows."""
    trouble = Trouble(
        code=code,
        title=sentence(title),
        since=since,
        details=_shown(details),
        advice=advice,
        commands=tuple(map(_line, commands[:LINES])),
    )
    return Alarm(trouble, about, repeat)


def _shown(details: Sequence[str]) -> tuple[str, ...]:
    """At most `LINES` lines. Boards name themselves and quote what a server said: no line is more than a line."""
    lines = tuple(map(_line, details[:_SHOWN]))
    return (*lines, f"and {len(details) - _SHOWN:,} more") if len(details) > _SHOWN else lines


def _line(text: str) -> str:
    """One printable line of bounded length."""
    return shorten(one_line(text), LONGEST)


def first(times: Iterable[datetime | None]) -> datetime | None:
    """The earliest of those that are known."""
    return min((time for time in times if time), default=None)
