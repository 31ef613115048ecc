"""What the operator was told and when, and so what is to be told now. Pure.

A trouble is told when it is new, when it is about something new (another board), and again once a day or once a week while it
lasts; each at most once a day. When all that was told has been over for an hour, that is told once. A trouble that comes and
goes within the hour is one trouble.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from pydantic import AwareDatetime, Field, ValidationError

from services.notifier.alarms.facts import DAY, Alarm
from services.notifier.kinds.alert import MOST, Alert
from shared.posting import Value

CALM = timedelta(hours=1)
MOST_NAMES = 1_000


class Known(Value):
    """A trouble that was seen: since when, when it was told last and about what (digests of names), since when it is gone."""

    title: str
    since: AwareDatetime
    told_at: AwareDatetime | None = None
    about: frozenset[str] = frozenset()
    gone_at: AwareDatetime | None = None


class Memory(Value):
    """By the code of each trouble. Kept as the value of a switch, so that every notifier has the same."""

    known: Mapping[str, Known] = Field(default_factory=dict)


def remembered(text: str) -> Memory:
    """The memory that was written; an empty one where another version of ours wrote it."""
    try:
        return Memory.model_validate_json(text)
    except ValidationError:
        return Memory()


def seen(memory: Memory, alarms: Sequence[Alarm], now: datetime) -> Memory:
    """The memory after a look that found `alarms`. What was never told and is gone again is forgotten."""
    found = {alarm.trouble.code: _again(memory.known.get(alarm.trouble.code), alarm, now) for alarm in alarms}
    gone = {
        code: known.model_copy(update={"gone_at": known.gone_at or now})
        for code, known in memory.known.items()
        if code not in found and known.told_at
    }
    return Memory(known=found | gone)


def news(memory: Memory, alarms: Sequence[Alarm], now: datetime) -> Alert | None:
    """What to tell, given the memory of this look; `None` when there is no news."""
    over = tuple(known.title for known in memory.known.values() if _is_over(known, now))[:MOST]
    if any(_is_news(memory.known[alarm.trouble.code], alarm, now) for alarm in alarms):
        ranked = [alarm.trouble for alarm in alarms[:MOST]]
        troubles = [trouble.model_copy(update={"since": memory.known[trouble.code].since}) for trouble in ranked]
        return Alert(troubles=tuple(troubles), over=over)
    all_over = bool(over) and len(over) == len(memory.known)
    return Alert(over=over) if all_over else None


def told(memory: Memory, alarms: Sequence[Alarm], now: datetime) -> Memory:
    """The memory after `news` was told: all that is wrong has been told now, and what is over is done with."""
    about = {alarm.trouble.code: _digests(alarm.about) for alarm in alarms}
    return Memory(
        known={
            code: known.model_copy(update={"told_at": now, "about": about[code]}) if code in about else known
            for code, known in memory.known.items()
            if not _is_over(known, now)
        }
    )


def occasion(alert: Alert, now: datetime) -> str:
    """The same for the same troubles on one day (UTC): that is what makes one mail of several looks."""
    codes = " ".join(sorted(trouble.code for trouble in alert.troubles))
    return f"{now:%Y-%m-%d} {_digest(codes) if codes else 'clear'}"


def _again(known: Known | None, alarm: Alarm, now: datetime) -> Known:
    since = alarm.trouble.since or (known.since if known else now)
    fresh = {"title": alarm.trouble.title, "since": since, "gone_at": None}
    return known.model_copy(update=fresh) if known else Known.model_validate(fresh)


def _is_news(known: Known, alarm: Alarm, now: datetime) -> bool:
    if known.told_at is None:
        return True
    age = now - known.told_at
    return age >= DAY and (age >= alarm.repeat or not _digests(alarm.about) <= known.about)


def _is_over(known: Known, now: datetime) -> bool:
    return known.gone_at is not None and now - known.gone_at >= CALM


def _digests(names: Iterable[str]) -> frozenset[str]:
    return frozenset(_digest(name) for name in sorted(names)[:MOST_NAMES])


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
