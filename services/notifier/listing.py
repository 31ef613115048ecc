"""A posting as any digest shows it: worked out once, whoever it is for. Pure.

A board's words are hostile until they are one line of bounded length, a link that a mail may carry, a pay that can be printed.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from shared.posting import Facts, Pay, Place, Posting, Workplace
from shared.reading.company import company_key
from shared.scoring import Offer, Rarities, offer_of

MAX_PLACES = 24
MAX_URL = 900
"""Bytes of a link in HTML. A line of a mail has room for 998 (RFC 5322, 2.1.1)."""
HEAVIEST = 4
"""Most bytes of HTML for each character that a text may have: so ten entries in any script fit into one mail."""
_HEAVY = re.compile("[^ -~]|[&<>\"']")
OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""A board that says it posted a job before this says nothing."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What is known of a posting besides its words: on which board it stands, since when, and what opening it belongs to."""

    posting_id: int
    board_id: int
    opening_key: str
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    relisted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """Texts are single lines of bounded length; empty and `None` mean unknown. `url` is http or https.

    `quoted` is the posting without what is long, for `shared.scoring.match` to quote; `offer` what it is scored by.
    `posted_at` is the board's own date, `ends_on` the last day on which it says one may apply, `closes_on` that or what the
    text says. `detour` is 0 for an employer's own posting, more for an agency's, most for a copy on somebody else's board.
    """

    seen: Sighting
    quoted: Posting
    offer: Offer
    title: str
    company: str
    company_key: str
    url: str | None
    places: tuple[str, ...]
    workplace: Workplace | None
    pay: Pay | None
    posted_at: datetime | None
    ends_on: date | None
    closes_on: date | None
    attribution: str
    agency: bool
    detour: int
    mailable: bool


def listing_of(posting: Posting, seen: Sighting, rarities: Rarities) -> Listing:
    """The listing that a posting makes; `rarities` weigh its skills."""
    facts = posting.facts
    return Listing(
        seen=seen,
        quoted=posting.model_copy(update={"description": "", "facts": _NO_FACTS}),
        offer=offer_of(posting, seen.first_seen_at, rarities),
        title=line(posting.title, 160),
        company=line(posting.company or "", 80),
        company_key=_company_key(posting),
        url=_link(posting.url),
        places=_places(posting),
        workplace=facts.workplace or posting.workplace,
        pay=_pay(facts.pay or posting.pay),
        posted_at=_stated(posting.posted_at, seen.last_seen_at),
        ends_on=posting.valid_through,
        closes_on=posting.valid_through or facts.closes_on,
        attribution=line(posting.attribution or "", 60),
        agency=bool(facts.agency),
        detour=2 * posting.aggregator + bool(facts.agency),
        mailable=posting.mailable,
    )


def lines(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    """Each of `texts` as a `line`, empty and repeated ones left out."""
    return tuple(dict.fromkeys(one for text in texts if (one := line(text, limit))))


def line(text: str, limit: int) -> str:
    """`text` on one line without control characters, cut at `limit` characters, and at four times as many bytes of HTML."""
    if not text.isprintable() or len(text) > limit:
        text = "".join(c if c.isprintable() else " " for c in text[: limit * 4])
    one = " ".join(text.split())
    if len(one) <= limit and html_bytes(one) <= HEAVIEST * limit:
        return one
    while len(one) >= limit or html_bytes(one) > HEAVIEST * limit - len("&#8230;"):
        one = one[: min(limit, len(one)) - 1]
    return one.rstrip() + "…"


def html_bytes(text: str) -> int:
    """The size of one line of text as ASCII HTML: `é` is `&#233;` there, and `&` is `&amp;`."""
    return len(text) + sum(4 if c.isascii() else 2 + len(str(ord(c))) for c in _HEAVY.findall(text))


_NO_FACTS = Facts()


def _company_key(posting: Posting) -> str:
    """The same for one company's postings however its name is written; the board stands in for a company not named."""
    return company_key(posting.company) or f"{posting.source}:{posting.board}"


def _places(posting: Posting) -> tuple[str, ...]:
    """The board's own words for where the job is, else what was read from the text."""
    said = [posting.location or "", *posting.locations]
    read = (_place_words(place) for place in posting.facts.places)
    return lines(said if any(said) else read, 80)[:MAX_PLACES]


def _place_words(place: Place) -> str:
    return place.city or place.region or place.country or ""


def _pay(pay: Pay | None) -> Pay | None:
    """Pay as far as it can be printed: no infinities, no currency that is not a currency code."""
    if pay is None or not re.fullmatch("[A-Z]{3}", pay.currency):
        return None
    low, high = (end if end is not None and math.isfinite(end) and end > 0 else None for end in (pay.low, pay.high))
    return Pay(low=low, high=high, currency=pay.currency) if low or high else None


def _stated(posted_at: datetime | None, seen_at: datetime) -> datetime | None:
    """The board's own date, unless it is of no age that a job can have."""
    return posted_at if posted_at and OLDEST <= posted_at <= seen_at else None


def _link(url: str | None) -> str | None:
    """`url` if a mail may link to it: http or https with a host, printable, of a length that mail programs take."""
    if url is None or len(url) > MAX_URL or not url.isprintable() or " " in url or html_bytes(url) > MAX_URL:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None
