"""How fast mails may go: in total, to each provider, and while a new sending domain is warmed up.

All notifiers share one reckoning, in Redis (`turns.lua`). Each limit is a clock that says when its next turn is: a mail
takes the later of its provider's turn and everybody's, and sets both a step on. So a provider's rate holds from one mail to
the next; the total holds over `HORIZON`, for a mail that waits for its provider gives nobody else its turn. Who would wait
longer than `HORIZON` takes no turn; it is told when to ask again, at the end of all who were told so before it, so that
nobody asks often.

While Redis is away each process reckons for itself, at the same rates, with the same rules (`reckon`).
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from redis.exceptions import RedisError

from shared.settings import Settings

log = structlog.get_logger()

HORIZON = timedelta(seconds=10)
"""The longest that a mail waits in a process for its turn, and so the most that is lost of one when it dies."""
PREFIX = "{joblark:rates}:"
"""In braces: one slot of a cluster holds them all, as one script needs it."""
ANY = "*"
"""In `mail_rates`: every provider that is not named."""
WARMUP_FIRST, WARMUP_DAYS = 200, 10
"""The first day's ceiling, and for how many days it doubles: the last has 102,400, and then there is none."""
_SCRIPT = (Path(__file__).parent / "turns.lua").read_text()

_ALIASES = {
    "googlemail.com": "gmail.com",
    "msn.com": "outlook.com", "windowslive.com": "outlook.com", "passport.com": "outlook.com",
    "ymail.com": "yahoo.com", "rocketmail.com": "yahoo.com", "aol.com": "yahoo.com", "aim.com": "yahoo.com",
    "me.com": "icloud.com", "mac.com": "icloud.com",
    "protonmail.com": "proton.me", "protonmail.ch": "proton.me", "pm.me": "proton.me",
    "gmx.com": "gmx.net", "gmx.de": "gmx.net", "gmx.at": "gmx.net", "gmx.ch": "gmx.net", "web.de": "gmx.net",
    "fastmail.fm": "fastmail.com", "zohomail.com": "zoho.com", "foxmail.com": "qq.com",
    "126.com": "163.com", "yeah.net": "163.com", "ya.ru": "yandex.com",
    "bk.ru": "mail.ru", "inbox.ru": "mail.ru", "list.ru": "mail.ru",
}  # fmt: skip
_BY_COUNTRY = re.compile(r"(outlook|hotmail|live|yahoo|yandex)\.(?:com|(?:co\.|com\.)?[a-z]{2})")
_COUNTRY = {"hotmail": "outlook", "live": "outlook"}


def provider_of(address: str) -> str:
    """Whose servers take mail for `address` or domain: the provider's first domain where it has several, else its own."""
    domain = address.rpartition("@")[2].strip().lower()
    if found := _BY_COUNTRY.fullmatch(domain):
        return f"{_COUNTRY.get(found[1], found[1])}.com"
    return _ALIASES.get(domain, domain)


def ceiling(first_day: date | None, day: date) -> int | None:
    """Most bulk mails on `day` of a warm-up; `None` for no ceiling. Before its first day there is that of the first."""
    if first_day is None or (passed := (day - first_day).days) >= WARMUP_DAYS:
        return None
    return WARMUP_FIRST << max(passed, 0)


def next_room(first_day: date, today: date, over: int) -> date:
    """The day on which the `over`-th mail (from 0) beyond today's ceiling has its turn."""
    day = today + timedelta(days=1)
    while (most := ceiling(first_day, day)) is not None and over >= most:
        day, over = day + timedelta(days=1), over - most
    return day


@dataclass(frozen=True)
class Turn:
    """When a mail's turn comes. `later`: none was given, ask again after `wait`."""

    wait: timedelta
    later: bool = False


@dataclass
class Clock:
    """One limit: `at` is its next free turn, `tail` the end of those told to ask again; milliseconds since 1970."""

    at: float = 0
    tail: float = 0


@dataclass
class State:
    """What `turns.lua` keeps in Redis, for a process alone."""

    clocks: dict[str, Clock] = field(default_factory=dict)
    days: dict[str, list[int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """One mail: its provider, milliseconds between turns of that provider and of all (0 is no limit), whether it is bulk."""

    provider: str
    gap: float
    total_gap: float
    bulk: bool


def reckon(state: State, asks: Sequence[Ask], now: float, day: str, most: int) -> list[tuple[str, float]]:
    """For each mail `("go", ms to wait)`, `("later", ms after which to ask again)` or `("day", how many are over)`.

    `most` bulk mails may go on `day`; a negative number is no ceiling. Line by line what `turns.lua` does.
    """
    answers: list[tuple[str, float]] = []
    total = state.clocks.setdefault(ANY, Clock())
    count = state.days.setdefault(day, [0, 0])
    for ask in asks:
        if ask.bulk and 0 <= most <= count[0]:
            answers.append(("day", count[1]))
            count[1] += 1
            continue
        own = state.clocks.setdefault(ask.provider, Clock())
        slot = max(now, total.at, own.at)
        if ask.bulk and slot - now > HORIZON / timedelta(milliseconds=1):
            clock, gap = (own, ask.gap) if own.at >= total.at else (total, ask.total_gap)
            clock.tail = max(clock.tail, slot) + gap
            answers.append(("later", clock.tail - now))
            continue
        total.at = max(now, total.at) + ask.total_gap
        own.at = slot + ask.gap
        count[0] += ask.bulk
        answers.append(("go", slot - now))
    return answers


class Rates:
    """The limits of the settings. `client` gives redis-py's; `now` is for tests: otherwise Redis says what time it is."""

    def __init__(
        self, settings: Settings, client: Callable[[], Any] | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.client, self.now = client, now
        self.total_gap = _gap(settings.mail_per_second)
        rates = {name if name == ANY else provider_of(name): rate for name, rate in settings.mail_rates.items()}
        self.gaps = {name: _gap(rate) for name, rate in rates.items()}
        self.first_day = settings.mail_warmup_from
        self.alone = State()

    @property
    def limited(self) -> bool:
        return bool(self.total_gap or self.gaps or self.first_day)

    async def turns(self, mails: Sequence[tuple[str, bool]]) -> list[Turn]:
        """When each mail, as (address, whether it is bulk), may go."""
        asks = [self._ask(address, bulk) for address, bulk in mails]
        at = self.now() if self.now else datetime.now(UTC)
        most = ceiling(self.first_day, at.date())
        answers = await self._answers(asks, at, -1 if most is None else most)
        return [self._turn(kind, value, at) for kind, value in answers]

    def _ask(self, address: str, bulk: bool) -> Ask:
        provider = provider_of(address)
        return Ask(provider, self.gaps.get(provider, self.gaps.get(ANY, 0.0)), self.total_gap, bulk)

    async def _answers(self, asks: Sequence[Ask], at: datetime, most: int) -> Sequence[tuple[str, float]]:
        day = at.date().isoformat()
        if self.client is not None:
            try:
                return await self._shared(self.client(), asks, at, day, most)
            except (RedisError, OSError) as error:
                log.warning("rates_reckoned_alone", reason=type(error).__name__)
        return reckon(self.alone, asks, at.timestamp() * 1000, day, most)

    async def _shared(self, client: Any, asks: Sequence[Ask], at: datetime, day: str, most: int) -> list[tuple[str, float]]:
        now = at.timestamp() * 1000 if self.now else 0
        wire = [[ask.provider, ask.gap, ask.total_gap, int(ask.bulk)] for ask in asks]
        names = ["total", f"day:{day}", *dict.fromkeys(f"to:{ask.provider}" for ask in asks)]
        given = [json.dumps(wire), repr(now), most, HORIZON // timedelta(milliseconds=1)]
        answers = await client.register_script(_SCRIPT)(keys=[PREFIX + name for name in names], args=given)
        return [(kind.decode(), float(value)) for kind, value in answers]

    def _turn(self, kind: str, value: float, at: datetime) -> Turn:
        if kind == "day" and self.first_day:
            day = next_room(self.first_day, at.date(), int(value))
            opens = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=value % 600)
            return Turn(opens - at, later=True)
        return Turn(timedelta(milliseconds=value), later=kind == "later")


def _gap(per_second: float) -> float:
    return 1000 / per_second if per_second else 0.0
