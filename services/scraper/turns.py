"""When a host may be asked next: its budget and its circuit breaker. Pure; the clock is an argument, in seconds.

**Budget.** Requests to a host are `gap` seconds apart. Who comes too early waits, if it is not for long; who would have to wait
longer gets an appointment instead, each one `gap` after the last, so that a thousand boards of one host neither hold up
the others nor all come back at the same moment.

**Breaker.** After `FAILURES` failures in a row the host rests: nobody asks it. Then one request may try; if it fails too, the
host rests twice as long, up to an hour, and so on for ever.
"""

from dataclasses import dataclass, replace
from typing import Literal

FAILURES = 5
WINDOW = 600.0
"""Failures further apart than this are not "in a row"."""
FIRST_REST, LONGEST_REST = 300.0, 3600.0
PROBE = 60.0
"""How long the one that tries has; after that another may."""
OPENING = 1.0
"""Seconds that are waited for a turn to begin with a board. Not many: who waits holds up boards of other hosts."""
FOLLOWING, LONGEST_FOLLOWING = 60.0, 300.0
"""The same to go on with one. Longer, so that a board whose first page was read is read to its end."""
DAY = 86_400.0


@dataclass(frozen=True)
class Host:
    """What is remembered of a host. Times are seconds since 1970; 0 is never.

    `free_at` is when the next request may go out, `booked_until` when the next appointment would be; `rest` is how long
    the host rests or last rested and 0 while all is well, `probe_until` set while one request tries.
    """

    free_at: float = 0.0
    booked_until: float = 0.0
    failures: int = 0
    failed_at: float = 0.0
    rest: float = 0.0
    rests_until: float = 0.0
    probe_until: float = 0.0


@dataclass(frozen=True)
class Turn:
    """`go` in `seconds`; or come back after as many, because the host is `busy`, or because it is `resting`."""

    state: Literal["go", "busy", "resting"]
    seconds: float


def take_turn(host: Host, gap: float, now: float, *, opens: bool = True) -> tuple[Host, Turn]:
    """Ask for the next request to a host whose requests are `gap` seconds apart; `opens` what may as well begin later."""
    host = _with_clock(host, now)
    free = max(host.free_at, now)
    rests_until = max(host.rests_until, host.probe_until) if host.rest else 0.0
    if rests_until > now or free - now > patience(gap, opens=opens):
        appointment = max(host.booked_until, free, rests_until)
        state: Literal["busy", "resting"] = "resting" if rests_until > now else "busy"
        booked = replace(host, booked_until=min(appointment + gap, now + DAY))
        return booked, Turn(state, min(appointment - now, DAY))
    probe_until = free + PROBE if host.rest else 0.0
    return replace(host, free_at=free + gap, probe_until=probe_until), Turn("go", free - now)


def patience(gap: float, *, opens: bool) -> float:
    """The longest wait that is waited out."""
    return OPENING if opens else min(max(FOLLOWING, 4 * gap), LONGEST_FOLLOWING)


def answered(host: Host, hold: float, now: float) -> Host:
    """The host has answered, so the breaker closes. `hold` is how many seconds the host asks to be left alone."""
    well = replace(host, failures=0, failed_at=0.0, rest=0.0, rests_until=0.0, probe_until=0.0)
    return held(well, hold, now)


def failed(host: Host, hold: float, now: float) -> Host:
    """The host has not answered, or with an error of its own."""
    host = held(host, hold, now)
    if host.rests_until > now:
        return host  # asked before it came to rest
    failures = host.failures + 1 if now - host.failed_at <= WINDOW else 1
    if not host.rest and failures < FAILURES:
        return replace(host, failures=failures, failed_at=now)
    rest = min(max(2 * host.rest, FIRST_REST), LONGEST_REST)
    return replace(host, failures=failures, failed_at=now, rest=rest, rests_until=now + rest, probe_until=0.0)


def held(host: Host, hold: float, now: float) -> Host:
    """The host asks to be left alone for `hold` seconds; a day at most."""
    return replace(host, free_at=max(host.free_at, now + min(hold, DAY))) if hold > 0 else host


def _with_clock(host: Host, now: float) -> Host:
    """No time further ahead than we ever set one: the clock may have been set back."""
    ahead = now + DAY + LONGEST_FOLLOWING
    if max(host.free_at, host.booked_until, host.rests_until, host.probe_until) <= ahead:
        return host
    return replace(host, free_at=now, booked_until=now, rests_until=now, probe_until=0.0)
