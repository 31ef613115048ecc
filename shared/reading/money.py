"""Amounts of money as postings write them: `S$5,000 – 8,000`, `80k-100k EUR`, `CHF 120'000`, `R$ 12.000`, `₹18L`.

What a sum is for is not decided here: `shared.reading.pay` tells pay from funding rounds and budgets.
"""

import re
from functools import cache
from typing import NamedTuple

from shared.reading.tables import parts, rows

TIMES_A_YEAR = {"year": 1, "month": 12, "week": 52, "day": 260, "hour": 2080}
"""Full-time pay periods in a year: 52 weeks of 5 days of 8 hours."""


class Currency(NamedTuple):
    """An ISO 4217 code and what a job of the currency pays at least in a year, in its units.

    A sum whose period is not stated is monthly below `month_below` and hourly below `hour_below`: nobody works a year for it.
    """

    code: str
    floor: float
    month_below: float
    hour_below: float


class Sum(NamedTuple):
    """One amount (`low` is `high`) or a range, as written: whose `currency` is the writing of the text, such as `s$`.

    `scaled` tells millions (`m`) and Indian lakhs and crores (`l`) from thousands and plain figures (empty).
    """

    low: float
    high: float
    currency: str
    scaled: str
    joined_by: str
    start: int
    end: int


SPACE = r"[ \t\xa0\u2009\u202f]"
_NUMBER = (
    rf"\d{{1,3}}(?:[,.'’]\d{{3}})+(?!\d)(?:[.,]\d{{1,2}}(?!\d))?"
    rf"|\d{{1,3}}(?:[ \xa0\u2009\u202f]\d{{3}})+(?![\dk]|{SPACE}?\(k)"
    rf"|\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?!\d)|\d{{1,12}}(?:[.,]\d{{1,3}}(?!\d))?"
)
_SCALES = {
    **dict.fromkeys(("k", "tsd", "tys", "thousand", "mil"), ("", 1_000)),
    **dict.fromkeys(("l", "lpa", "lakh", "lakhs", "lac", "lacs"), ("l", 100_000)),
    **dict.fromkeys(("cr", "crore", "crores"), ("l", 10_000_000)),
    **dict.fromkeys(("m", "mm", "mn", "mio", "million", "millions"), ("m", 1_000_000)),
    **dict.fromkeys(("万", "萬", "만"), ("", 10_000)),
    **dict.fromkeys(("b", "bn", "billion", "billions"), ("m", 1_000_000_000)),
    **dict.fromkeys(("t", "tn", "trillion"), ("m", 1_000_000_000_000)),
}
_EAST_ASIA = "\u3000"
"""From this character on nothing parts words: `年収800万円`."""
_LATIN_SCALES = sorted((scale for scale in _SCALES if scale < _EAST_ASIA), key=len, reverse=True)
_SCALE = rf"{SPACE}?(?:(?:{'|'.join(_LATIN_SCALES)})(?![^\W_])|[万萬만])"
_ASIDE = rf"(?:{SPACE}?[\[(][^\])\n]{{0,60}}[\])])?"
_PER = rf"(?:{SPACE}?(?:(?:/|per|a|an){SPACE}?(?:hour|hr|h|day|week|month|mo|year|yr|annum)|base|hourly|monthly|annually)\b)?"
_TO = rf"(?:to|till|bis|à|a|até|hasta|do|and|et|und|y|e)(?={SPACE}|\d)"
_JOINT = rf"{SPACE}{{0,2}}(?P<joint>[-–—−‒‐‑~〜～]{{1,2}}|{_TO}){SPACE}{{0,2}}"


@cache
def currencies() -> dict[str, Currency]:
    """Every currency we know by its code."""
    return {
        row["code"]: Currency(row["code"], float(row["floor"]), float(row["month_below"]), float(row["hour_below"]))
        for row in rows("currencies")
    }


@cache
def _codes() -> dict[str, str]:
    """Code by writing, in lower case. The signs that several currencies share are not among them."""
    written = ((word, row["code"]) for row in rows("currencies") for word in (row["code"].lower(), *parts(row["written"])))
    return {**dict(written), "lpa": "INR"}


@cache
def _codes_of_sign() -> dict[str, dict[str, str]]:
    """For each sign that several currencies share (`$`, `kr`, `¥`, `rs`): code by country."""
    found: dict[str, dict[str, str]] = {}
    for row in rows("currencies"):
        if row["sign"]:
            found.setdefault(row["sign"], {}).update(dict.fromkeys(parts(row["countries"]), row["code"]))
    return found


@cache
def home_currencies() -> dict[str, str]:
    """Code by country (ISO 3166-1)."""
    return {country: row["code"] for row in rows("currencies") for country in parts(row["countries"])}


_LIKELY = {"$": ("USD",), "¥": ("JPY", "CNY"), "rs": ("INR",)}
"""What a shared sign means in a country that has no currency of that sign. `kr` means nothing then."""


def codes_of(writing: str, country: str | None) -> tuple[str, ...]:
    """What a writing may mean, likeliest first: `$` in Singapore is `SGD`, else `USD`. Empty where nothing tells."""
    writing = writing.removesuffix(".") if writing == "rs." else writing
    local = _codes_of_sign().get(writing, {}).get(country or "")
    known = _codes().get(writing)
    general = _LIKELY.get(writing, ()) if known is None else (known,)
    return tuple(dict.fromkeys((local, *general) if local else general))


@cache
def sums_pattern() -> re.Pattern[str]:
    """One amount or range, with a currency before or after it or none; for text in lower case."""
    writings = sorted((*_codes(), *_codes_of_sign(), "rs."), key=len, reverse=True)
    words = "|".join(re.escape(word) for word in writings if word[0].isalpha() and word < _EAST_ASIA and word != "lpa")
    signs = "|".join(re.escape(word) for word in writings if not word[0].isalpha() or word >= _EAST_ASIA)
    currency = rf"(?:(?<![^\W\d_])(?:{words})(?![^\W\d_]){SPACE}?\$?|{signs})"

    def amount(end: str) -> str:
        return (
            rf"(?:(?P<before_{end}>{currency}){SPACE}?)?~?(?P<number_{end}>{_NUMBER})(?P<scale_{end}>{_SCALE})?\+?(?:[.,][-–—](?!\d))?"
            rf"(?:{SPACE}?(?P<after_{end}>{currency})(?!{SPACE}?\d))?"
        )

    begins = r"(?:(?<![\w.,])|(?<=[\u3040-\u9fff\uac00-\ud7af]))"
    return re.compile(rf"{begins}{amount('low')}(?:{_PER}{_ASIDE}{_JOINT}{amount('high')})?")


def sum_of(match: re.Match[str], home: str | None = None) -> Sum | None:
    """The sum a match of `sums_pattern` stands for: in the currency written there, else `home`; None without either."""
    writing = next(filter(None, map(match.group, ("before_low", "after_low", "before_high", "after_high"))), None)
    written_after = match["after_high"] or match["after_low"]
    scales = [_SCALES.get((match[f"scale_{end}"] or "").strip(), ("", 1)) for end in ("low", "high")]
    if writing is None and home is None and "l" not in (scales[0][0], scales[1][0]):
        return None
    low = _scaled(number(match["number_low"]), scales[0][1])
    high = _scaled(number(match["number_high"]), scales[1][1]) if match["number_high"] else low
    if scales[0][1] > 1 or scales[1][1] > 1 or (match["number_low"].isdigit() and low < 1_000):
        low, high = _same_scale(low, high, scales[0][1], scales[1][1])
    code = _clean(written_after if writing in ("$", "¥", None) and written_after else writing)
    scaled = scales[0][0] or ("" if scales[0][1] > 1 else scales[1][0])
    currency = code or ("lpa" if scaled == "l" else home or "")
    return Sum(low, high, currency, scaled, match["joint"] or "", match.start(), match.end())


def _clean(writing: str | None) -> str:
    """`"usd $"` → `"usd"`, `"usd$"` stays as the table has it."""
    plain = (writing or "").strip()
    return plain if plain in _codes() or not plain.endswith("$") or len(plain) == 1 else plain[:-1].strip()


def _scaled(figure: float, scale: int) -> float:
    """`$110,000k` is a slip of the keyboard."""
    return figure if scale == 1_000 and figure >= 10_000 else figure * scale


def _same_scale(low: float, high: float, low_scale: int, high_scale: int) -> tuple[float, float]:
    """`80-100k` and `80-100,000` are 80,000 to 100,000, and `$120k-150` ends at 150,000."""
    if low_scale == high_scale == 1 and low * 1_000 <= high <= low * 3_000 and high % 1_000 == 0:
        return low * 1_000, high
    if low_scale == 1 < high_scale and low < 1_000 and low * high_scale <= high:
        return low * high_scale, high
    if high_scale == 1 < low_scale and high < low <= high * low_scale:
        return low, high * low_scale
    return low, high


def number(text: str) -> float:
    """`"120'000"`, `"12,00,000"`, `"60.000"`, `"45,50"` and `"1.5"` as numbers; three digits after a mark are thousands."""
    digits = re.sub(r"['’ \xa0\u2009\u202f]", "", text)
    *whole, last = re.split(r"[.,]", digits)
    if not whole:
        return float(last)
    decimals = len(last) != 3 or (len(whole) == 1 and whole[0] in ("0", ""))
    return float(f"{''.join(whole)}.{last}") if decimals else float("".join(whole) + last)
