"""What a posting says it pays, as an annual range in one currency.

Every sum of money in the text is weighed by the words nearest to it (`data/pay_words.tsv`): base pay before pay, before
earnings on target, before a bare range. Funding rounds, budgets, bonuses and stipends are no pay, nor is a sum no job of
that currency pays. Several ranges of one kind (per level, per city) make the range from the lowest to the highest: an
employer that fills in the field beside such a text does the same. Of several currencies the posting's country decides,
else the one stated first.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from shared.posting import Pay
from shared.reading.cues import cues
from shared.reading.money import TIMES_A_YEAR, Currency, Sum, codes_of, currencies, home_currencies
from shared.reading.pay_words import Kind, kind_after, kind_before, kind_of_heading, period_after, period_before, tokens
from shared.reading.sums import signed_sums, unsigned_sums

CEILING = 400
"""No job pays this many times the least that one of its currency pays."""

_SMALL_UNITS = 60_000
"""A currency whose least pay is this many units counts pay in millions; in any other millions are funding or sales."""

_BEFORE, _AFTER = 130, 48
_SENTENCE = re.compile(r"[.!?;](?=\s)|[|•\n]|, (?:plus|and) |\bplus\b|(?<!base)\s[+&]\s")
_BULLETS = " \t\xa0-–—•*·▪●◦‣💰✅➡️#:_"
_PERIOD_END = re.compile(r"[;,|•\n+]|(?<![a-z])\d|\.\s|\s(?:and|or|plus|with|for)\s")
_CELL_END = re.compile(r"[ \t]*(?:[|•\n]|\+|$)")
_CLAUSE = re.compile(r"[;,|•\n+(\[&]|\.\s|\sand\s|\splus\s|\d")
_UP_TO = re.compile(
    r"\b(?:up to|upto|max(?:imum|\.)?(?: of)?|no more than|under|below|bis(?: zu)?|jusqu'à|hasta|até|do|tot|fino a)\W{0,3}$"
)
_FROM = re.compile(
    r"(?:\b(?:from|start(?:ing|s)?(?: \w{1,10}){0,2} at|min(?:imum|\.)?(?: of)?|at least|over|above|more than|north of"
    r"|ab|à partir de|desde|a partir de|od|vanaf|da)|>=?|≥)\W{0,3}$"
)


_RANKS = {
    (Kind.BASE, False): 0,
    (Kind.BASE, True): 1,
    (Kind.PAY, False): 2,
    (Kind.PAY, True): 3,
    (Kind.BARE, False): 4,
    (Kind.TOTAL, False): 6,
    (Kind.TOTAL, True): 7,
    (Kind.BARE, True): 8,
}
_ALONE = 5
"""By kind and whether it is one amount, surest first: a range is likelier the pay than a single amount."""


class _Offer(NamedTuple):
    """A sum that may be the pay, in a year: the lower the rank, the surer. `times` is how often a year it is paid."""

    rank: int
    times: int
    currency: str
    low: float | None
    high: float | None


class _Words(NamedTuple):
    """What stands around a sum: the kind it is, the periods named (nearest first), the words before it.

    `alone` is a sum that a line or one cell of it (`Acme | Engineer | $150k`) holds and nothing else.
    """

    kind: Kind
    periods: tuple[str, ...]
    before: str
    alone: bool = False


_NO_PAY = _Words(Kind.OTHER, (), "")


class _Found(NamedTuple):
    total: Sum
    words: _Words


def read_pay(text: str, country: str | None = None) -> Pay | None:
    """The pay a text states, or None. `country` (ISO 3166-1) says whose dollars a bare `$` means."""
    found = cues(text)
    offers = _offers(found.lower, signed_sums(found), country)
    home = home_currencies().get(country or "")
    if not offers and home:
        offers = _offers(found.lower, unsigned_sums(found, home.lower()), country)
    surest = min((offer.rank for offer in offers), default=0)
    return _envelope([offer for offer in offers if offer.rank == surest], country) if offers else None


def _offers(lower: str, sums: Iterable[Sum], country: str | None) -> list[_Offer]:
    """The sums that may be pay. A range without words of its own, soon after another, is of the other's kind."""
    offers: list[_Offer] = []
    last: _Found | None = None
    for total in sums:
        words = _words(lower, total, last.total.end if last else 0) if _possible(total, country) else _NO_PAY
        if words.kind is Kind.BARE and last and _continues(lower, last, total):
            words = _Words(last.words.kind, words.periods or last.words.periods, words.before)
        last = _Found(total, words)
        offers.extend(filter(None, (_offer(lower, total, words, country),)))
    return offers


def _possible(total: Sum, country: str | None) -> bool:
    """Whether any job pays the sum, by whatever period, in one of the currencies it may be in."""
    return any(_pays(currencies()[code], total) for code in codes_of(total.currency, country))


def _pays(currency: Currency, total: Sum) -> bool:
    if total.scaled == "m" and currency.floor < _SMALL_UNITS:
        return False
    return currency.floor <= total.high * TIMES_A_YEAR["hour"] and total.high <= currency.floor * CEILING


def _continues(lower: str, last: _Found, total: Sum) -> bool:
    gap = lower[last.total.end : total.start]
    if last.words.kind >= Kind.OTHER:
        return len(gap) <= 12 and "\n" not in gap
    return len(gap) <= _BEFORE and total.low < total.high and last.total.low < last.total.high


def _offer(lower: str, total: Sum, words: _Words, country: str | None) -> _Offer | None:
    if words.kind >= Kind.OTHER or total.low > total.high:
        return None
    for code in codes_of(total.currency, country):
        times = _times(total, currencies()[code], words) if _pays(currencies()[code], total) else None
        if times:
            low, high = _ends(lower, total, words.before)
            low = low * times if low and low * times >= currencies()[code].floor / 2 else None
            single = total.low == total.high
            rank = _ALONE if single and words.alone and words.kind is Kind.BARE else _RANKS[words.kind, single]
            return _Offer(rank, times, code, low, high and high * times) if low or high else None
    return None


def _words(lower: str, total: Sum, floor: int) -> _Words:
    """What the words around a sum say; `floor` is where the sum before it ends."""
    near = lower[max(floor, total.start - _BEFORE) : total.start]
    cut = 0
    for end in _SENTENCE.finditer(near):
        cut = end.end()
    before, after = near[cut:], lower[total.end : total.end + _AFTER]
    said = tokens(before)
    kind = kind_after(tokens(_CLAUSE.split(after, maxsplit=1)[0]))
    kind = kind_before(said) if kind is None else kind
    if kind in (Kind.OTHER, Kind.NEVER):
        return _Words(kind, (), before)
    heading = _heading(lower, total.start - len(before)) if kind is None else ()
    kind = kind_of_heading(heading) if kind is None else kind
    periods = (period_after(tokens(_PERIOD_END.split(after, maxsplit=1)[0])), period_before(said), period_before(heading))
    alone = not before.strip(_BULLETS) and (not after or _CELL_END.match(after) is not None)
    return _Words(Kind.BARE if kind is None else kind, tuple(filter(None, periods)), before, alone)


def _heading(lower: str, start: int) -> tuple[str, ...]:
    """The words of the line above, where a line begins at `start`."""
    above = lower[max(0, start - _BEFORE) : start].rstrip(_BULLETS)
    return tokens(above.rstrip().rpartition("\n")[2]) if above.endswith("\n") else ()


def _times(total: Sum, currency: Currency, words: _Words) -> int | None:
    """How many of the stated or likeliest period are in a year; None where nobody pays so much or so little."""
    floor = currency.floor * (3 if words.kind is Kind.BARE and not (words.periods and total.low < total.high) else 1)
    lakhs = ("year",) if total.scaled == "l" else ()
    for period in (*words.periods, *lakhs, _guessed_period(total, currency, words)):
        times = TIMES_A_YEAR.get(period or "", 0)
        if floor <= total.high * times <= currency.floor * CEILING:
            return times
    return None


def _guessed_period(total: Sum, currency: Currency, words: _Words) -> str | None:
    """The period that the size of a sum tells: nobody works a month for $30, or a year for S$ 6,000."""
    if total.high >= max(currency.month_below, 3 * currency.floor):
        return "year" if words.kind is not Kind.BARE or words.alone or total.low < total.high else None
    if words.kind not in (Kind.BASE, Kind.PAY):
        is_range = currency.floor <= 12 * total.low < 12 * total.high < 12 * currency.month_below
        return "month" if is_range and words.alone else None
    return "hour" if total.high < currency.hour_below else "month" if total.high < currency.month_below else None


def _ends(lower: str, total: Sum, before: str) -> tuple[float | None, float | None]:
    """Both ends of a range; of one amount the end that *from*, *up to* or a plus sign leave."""
    if total.low < total.high:
        return total.low or None, total.high
    if _UP_TO.search(before):
        return None, total.high
    if _FROM.search(before) or lower[total.end - 1] == "+":
        return total.low, None
    return total.low, total.high


def _envelope(offers: list[_Offer], country: str | None) -> Pay:
    """From the lowest to the highest of the offers in one currency: the country's own, else the first stated.

    Of *$40 an hour (annualised: $83,200)* the annual range counts.
    """
    home = home_currencies().get(country or "")
    currency = home if home in {offer.currency for offer in offers} else offers[0].currency
    same = [offer for offer in offers if offer.currency == currency]
    same = [offer for offer in same if offer.times == 1] or same
    lows = [offer.low for offer in same if offer.low is not None]
    highs = [offer.high for offer in same if offer.high is not None]
    low, high = min(lows, default=None), max(highs, default=None)
    return Pay(low=None if low and high and low > high else low, high=high, currency=currency or "")
