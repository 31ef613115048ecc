"""`pay` and `posted`: amounts of money a year in a currency, ages and dates."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from operator import ge, gt, le, lt
from typing import NamedTuple

from shared.reading.tables import parts
from shared.rule.view import PostingView
from shared.rule.wrong import WrongValue, meant

COMPARE: Mapping[str, Callable[..., bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

# --------------------------------------------------------------------------------------------------------------- pay

CURRENCIES = frozenset(
    parts(
        "AED|AFN|ALL|AMD|AOA|ARS|AUD|AWG|AZN|BAM|BBD|BDT|BGN|BHD|BIF|BMD|BND|BOB|BRL|BSD|BTN|BWP|BYN|BZD|CAD|CDF|CHF|CLP|CNY|COP"
        "|CRC|CUP|CVE|CZK|DJF|DKK|DOP|DZD|EGP|ERN|ETB|EUR|FJD|FKP|GBP|GEL|GHS|GIP|GMD|GNF|GTQ|GYD|HKD|HNL|HTG|HUF|IDR|ILS|INR|IQD"
        "|IRR|ISK|JMD|JOD|JPY|KES|KGS|KHR|KMF|KPW|KRW|KWD|KYD|KZT|LAK|LBP|LKR|LRD|LSL|LYD|MAD|MDL|MGA|MKD|MMK|MNT|MOP|MRU|MUR|MVR"
        "|MWK|MXN|MYR|MZN|NAD|NGN|NIO|NOK|NPR|NZD|OMR|PAB|PEN|PGK|PHP|PKR|PLN|PYG|QAR|RON|RSD|RUB|RWF|SAR|SBD|SCR|SDG|SEK|SGD|SHP"
        "|SLE|SOS|SRD|SSP|STN|SVC|SYP|SZL|THB|TJS|TMT|TND|TOP|TRY|TTD|TWD|TZS|UAH|UGX|USD|UYU|UZS|VES|VND|VUV|WST|XAF|XCD|XOF|XPF"
        "|YER|ZAR|ZMW|ZWG"
    )
)
"""ISO 4217 codes of money that is paid out."""
_SIGNS = {
    "S$": "SGD", "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "NZ$": "NZD", "NT$": "TWD",
    "R$": "BRL", "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₪": "ILS", "₫": "VND", "₱": "PHP", "฿": "THB", "RM": "MYR",
}  # fmt: skip
_PERIODS = {
    1: parts("a year|per year|year|yearly|annual|annually|per annum|pa|p.a|p.a.|/year|/yr"),
    12: parts("a month|per month|month|monthly|pm|p.m|p.m.|/month|/mo"),
    52: parts("a week|per week|week|weekly|/week"),
    260: parts("a day|per day|day|daily|/day"),
    2080: parts("an hour|per hour|hour|hourly|/hour|/hr|/h"),
}
"""How often a year each is paid, for one full-time year of 52 weeks, 260 days, 2,080 hours."""
_TIMES = {words: times for times, group in _PERIODS.items() for words in group}
_AMOUNT = re.compile(r"(?P<sign>[^\d.,/]{1,3})?(?P<number>\d{1,13}(?:,\d{3})*(?:\.\d{1,4})?)(?P<scale>[km]?)", re.IGNORECASE)
MAX_PAY = 1e12


class Money(NamedTuple):
    """An amount a year, in a currency (ISO 4217)."""

    amount: float
    currency: str

    def __str__(self) -> str:
        return f"{f'{self.amount:.2f}'.rstrip('0').rstrip('.')} {self.currency}"


def read_money(text: str) -> Money:
    """`7k SGD monthly` → 84,000 SGD. Raises `WrongValue`."""
    amount, _, rest = re.sub(r"\s*/\s*", " /", text.strip()).partition(" ")
    if amount.upper() in CURRENCIES or amount.upper() in _SIGNS:  # SGD 90000
        number, _, period = rest.strip().partition(" ")
        amount, rest = number, f"{amount} {period}"
    found = _AMOUNT.fullmatch(amount)
    if not found:
        raise WrongValue(f"“{text}” is no amount of money: write 90000 SGD, or 7k SGD monthly")
    sign, rest = found["sign"] or "", rest.strip()
    if not sign:
        sign, _, rest = rest.partition(" ")
    yearly = _number(found) * _times(rest)
    if not 0 <= yearly <= MAX_PAY:
        raise WrongValue(f"“{text}” is more than anybody is paid")
    return Money(round(yearly, 2), _currency(sign, text))


def _number(found: re.Match[str]) -> float:
    return float(found["number"].replace(",", "")) * {"": 1, "k": 1e3, "m": 1e6}[found["scale"].lower()]


def _currency(sign: str, text: str) -> str:
    code = sign.upper()
    if code in CURRENCIES:
        return code
    if code in _SIGNS:
        return _SIGNS[code]
    if not code:
        raise WrongValue(f"say in which currency: {text} SGD")
    if code in ("$", "¥", "KR"):
        raise WrongValue(f"“{sign}” is the sign of several currencies: write a code, such as USD or SGD")
    raise WrongValue(f"“{sign}” is no currency{meant(sign, CURRENCIES, ': write its code, such as SGD or EUR')}")


def _times(period: str) -> int:
    words = " ".join(period.casefold().split())
    if words and words not in _TIMES:
        raise WrongValue(f"“{period}” is no time to be paid for: write yearly, monthly, weekly, daily or hourly")
    return _TIMES.get(words, 1)


def read_pay(text: str) -> tuple[Money, ...]:
    """As `read_money`: the value of a predicate may be in several currencies."""
    return (read_money(text),)


def show_pay(value: tuple[Money, ...]) -> str:
    shown = ", ".join(map(str, value))
    return shown if len(value) == 1 else f"({shown})"


def pays(view: PostingView, operator: str, wanted: tuple[Money, ...]) -> bool | None:
    """Compare the most it offers. Unknown where no pay is stated, none in the currency asked for, or the top is open."""
    pay = view.facts.pay or view.posting.pay
    amount = next((money.amount for money in wanted if pay and money.currency == pay.currency), None)
    if pay is None or amount is None:
        return None
    if pay.high is not None:
        return COMPARE[operator](pay.high, amount)
    return _at_least(operator, pay.low or 0.0, amount)


def _at_least(operator: str, floor: float, wanted: float) -> bool | None:
    """Compare what is known only to be `floor` or more."""
    if operator in (">", ">="):
        return True if COMPARE[operator](floor, wanted) else None
    return None if COMPARE[operator](floor, wanted) else False


# ------------------------------------------------------------------------------------------------------------ posted

_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 720}
_AGE = re.compile(r"(\d{1,7})\s*(hour|day|week|month|h|d|w)s?(?: old| ago)?", re.IGNORECASE)
_SHORT = {"h": "hour", "d": "day", "w": "week"}
MAX_AGE = 24 * 365 * 200
"""Hours; nothing is older, and a calendar has room for it before any day of ours."""


class Age(NamedTuple):
    """How long ago, in hours, at most `MAX_AGE`; a month counts as 30 days."""

    hours: int

    def __str__(self) -> str:
        unit, size = next((unit, size) for unit, size in (("day", 24), ("hour", 1)) if self.hours % size == 0)
        return f"{self.hours // size} {unit}{'s' * (self.hours != size)}"


def read_age(text: str) -> Age | date:
    """`14 days`, or a date such as `2026-11-01`. Raises `WrongValue`."""
    if found := _AGE.fullmatch(text.strip()):
        unit = found[2].lower()
        return Age(min(MAX_AGE, int(found[1]) * _HOURS[_SHORT.get(unit, unit)]))
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise WrongValue(f"“{text}” is no age and no date: write 14 days, or 2026-11-01") from None


def was_posted(view: PostingView, operator: str, wanted: Age | date) -> bool | None:
    """An age is counted back from `view.now`, a date is a day in UTC. Without a date it is as old as we know it, or older."""
    posted, latest = view.posting.posted_at, view.first_seen_at
    if isinstance(wanted, date):
        return _compare(operator, posted and _utc(posted).date(), latest and _utc(latest).date(), wanted)
    if view.now is None:
        return None
    return _compare(_MIRROR[operator], posted and _utc(posted), latest and _utc(latest), _back(view.now, wanted))


def _compare(operator: str, posted: date | None, latest: date | None, wanted: date) -> bool | None:
    """Compare a day (or instant), else what is known only to be `latest` or earlier."""
    if posted is not None:
        return COMPARE[operator](posted, wanted)
    if latest is None:
        return None
    if operator in ("<", "<="):
        return True if COMPARE[operator](latest, wanted) else None
    return None if COMPARE[operator](latest, wanted) else False


def _back(now: datetime, age: Age) -> datetime:
    return _utc(now) - timedelta(hours=age.hours)


def _utc(when: datetime) -> datetime:
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
