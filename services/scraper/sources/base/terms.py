"""Words every source uses for the same few things. What a source leaves open stays `None`: unknown is not "no"."""

import math
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from shared.posting import Employment, Pay, Workplace
from shared.reading.money import TIMES_A_YEAR

_WORKPLACES = {
    "onsite": Workplace.ONSITE,
    "inoffice": Workplace.ONSITE,
    "inperson": Workplace.ONSITE,
    "hybrid": Workplace.HYBRID,
    "remote": Workplace.REMOTE,
    "fullyremote": Workplace.REMOTE,
    "flexibleremote": Workplace.REMOTE,
    "telecommute": Workplace.REMOTE,
    "workfromhome": Workplace.REMOTE,
}

# In order: an internship may be full-time and a contract may be part-time; the rarer word says more.
_EMPLOYMENTS = (
    (re.compile(r"\bintern(ship)?s?\b|\bworking student\b|\bco-?op\b", re.IGNORECASE), Employment.INTERNSHIP),
    (re.compile(r"\btemp(orary)?\b|\bseasonal\b|\bcasual\b", re.IGNORECASE), Employment.TEMPORARY),
    (re.compile(r"\bcontract(or)?s?\b|\bfreelance\b|\bfixed.term\b|\bftc\b", re.IGNORECASE), Employment.CONTRACT),
    (re.compile(r"\bpart.?time\b", re.IGNORECASE), Employment.PART_TIME),
    (re.compile(r"\bfull.?time\b", re.IGNORECASE), Employment.FULL_TIME),
)

_TIMES_A_YEAR = {**TIMES_A_YEAR, "annual": TIMES_A_YEAR["year"], "daily": TIMES_A_YEAR["day"]}


def workplace(text: str | None) -> Workplace | None:
    """`"On-Site"`, `"Hybrid (some travel)"`, `"Flexible / Remote"` → the workplace, `None` for any other words."""
    return _WORKPLACES.get(re.sub(r"[^a-z]", "", (text or "").lower().split("(")[0]))


def employment(text: str | None) -> Employment | None:
    """A source's free words for the kind of employment; `None` when they leave it open (`"Permanent / Contract"`)."""
    words = re.sub(r"([a-z])([A-Z])", r"\1 \2", text or "")
    if re.search(r"\bperm(anent)?\b.*\bcontract|\bcontract.*\bperm(anent)?\b", words, re.IGNORECASE):
        return None
    return next((kind for pattern, kind in _EMPLOYMENTS if pattern.search(words)), None)


def pay(low: float | None, high: float | None, currency: str | None, period: str | None) -> Pay | None:
    """An annual range from one per `period` (`"1 YEAR"`, `"per-hour-wage"`). Unknown period, currency or order: `None`."""
    times = next((count for word, count in _TIMES_A_YEAR.items() if word in (period or "").lower()), None)
    code = (currency or "").strip().upper()
    if times is None or not re.fullmatch("[A-Z]{3}", code):
        return None
    ends = [_amount(end, times) for end in (low, high)]
    if ends == [None, None] or (ends[0] and ends[1] and ends[0] > ends[1]):
        return None
    return Pay(low=ends[0], high=ends[1], currency=code)


def moment(value: str | float | None) -> datetime | None:
    """An ISO 8601 or mail (RFC 5322) date, or seconds or milliseconds since 1970, as UTC. Without a zone it is taken as UTC."""
    try:
        if isinstance(value, str):
            read = _written(value.strip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC) if value else None
    except (ValueError, OverflowError, OSError):
        return None


def day(value: str | None) -> date | None:
    """The calendar day of an ISO 8601 date as it is written: a deadline at 23:59 in its own zone stays on its day."""
    try:
        return date.fromisoformat((value or "").strip()[:10])
    except ValueError:
        return None


def _written(text: str) -> datetime:
    """As feeds write dates: `2026-08-05T10:10:39Z`, `2026-08-05 10:10:39 UTC`, `Wed, 05 Aug 2026 10:10:39 +0200`."""
    if text[:4].isdigit():
        return datetime.fromisoformat(text.removesuffix(" UTC"))
    return parsedate_to_datetime(text[:80])


def _amount(value: float | None, times: int) -> float | None:
    """0 stands for "not said" in several sources, and a billion a year for a slip of the keyboard."""
    return float(value) * times if value and math.isfinite(value) and 0 < value * times < 1e9 else None
