"""Choosing what goes into one digest. Pure: candidates in, a `Digest` out, the same for the same input in any order.

A `Digest` is stored with its mail and read back for every further attempt, so it holds all that the templates show.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from urllib.parse import urlsplit

from shared.match import Match
from shared.posting import Pay, Place, Posting, Value, Workplace
from shared.reading.company import company_key

MAX_SKILLS = 24
MAX_PLACES = 24
MAX_REASONS = 4


class Candidate(Value):
    """A posting on a subscription's shortlist, as the notifier finds it when the digest is due."""

    posting_id: int
    posting: Posting
    match: Match
    opening_key: str
    first_seen_at: datetime
    closed: bool = False


class Entry(Value):
    """One opening as the reader sees it. Texts are single lines of bounded length; empty and `None` mean unknown.

    `url` is the employer's own page, http or https only. `posting_ids` are all postings that this entry uses up.
    `attribution` is whom the source's terms ask to credit.
    """

    opening_key: str
    posting_ids: tuple[int, ...]
    title: str
    company: str
    company_key: str
    url: str | None
    place: str
    workplace: Workplace | None
    pay: Pay | None
    first_seen_at: datetime
    score: float
    matched: tuple[str, ...]
    missing: tuple[str, ...]
    reasons: tuple[str, ...]
    also_in: tuple[str, ...] = ()
    attribution: str = ""


class More(Value):
    """Openings of one company that wait for a later digest because this one has enough of that company."""

    company_key: str
    count: int


class Digest(Value):
    """`entries` best first. `shown_before` are postings on the shortlist whose opening was already sent."""

    entries: tuple[Entry, ...] = ()
    more: tuple[More, ...] = ()
    shown_before: tuple[int, ...] = ()

    @property
    def posting_ids(self) -> tuple[int, ...]:
        """Every posting that need not stay on the shortlist once this digest is sent."""
        return tuple(sorted({i for entry in self.entries for i in entry.posting_ids} | set(self.shown_before)))


def choose(candidates: Iterable[Candidate], sent: AbstractSet[str], size: int, per_company: int) -> Digest:
    """At most `size` openings, at most `per_company` of one company, none whose key is in `sent`.

    Those where the person is come first, and of these as of the others the best.
    """
    ranked = sorted(candidates, key=_rank)
    openings = [opening for opening in _openings(ranked) if opening[0].opening_key not in sent]
    entries: list[Entry] = []
    shown: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    for opening in openings:
        company = _company_key(opening[0].posting)
        if shown[company] == per_company:
            waiting[company] += 1
        elif len(entries) < size:
            entries.append(_entry(opening))
            shown[company] += 1
    return Digest(
        entries=tuple(entries),
        more=tuple(More(company_key=company, count=count) for company, count in waiting.items()),
        shown_before=tuple(sorted({c.posting_id for c in ranked if c.opening_key in sent})),
    )


def _rank(candidate: Candidate) -> tuple[bool, float, float, int]:
    """Jobs where the person is before all others; best score first; of equals the newest, then the one found first."""
    match = candidate.match
    return not match.is_local, -match.score, -candidate.first_seen_at.timestamp(), candidate.posting_id


def _openings(ranked: list[Candidate]) -> list[list[Candidate]]:
    """Candidates that are open still and may be mailed, grouped by opening, best first.

    The employer's own posting leads its group, however well a copy of it matches: one should apply where the job is.
    """
    grouped: dict[str, list[Candidate]] = {}
    for candidate in ranked:
        if not candidate.closed and candidate.posting.mailable:
            grouped.setdefault(candidate.opening_key, []).append(candidate)
    for opening in grouped.values():
        opening.sort(key=lambda candidate: candidate.posting.aggregator)
    return sorted(grouped.values(), key=lambda opening: _rank(opening[0]))


def _entry(opening: list[Candidate]) -> Entry:
    best, posting = opening[0], opening[0].posting
    places = [place for candidate in opening for place in _places(candidate.posting)]
    place, *others = list(dict.fromkeys(places)) or [""]
    return Entry(
        opening_key=best.opening_key,
        posting_ids=tuple(sorted({candidate.posting_id for candidate in opening})),
        title=_line(posting.title, 160),
        company=_line(posting.company or "", 80),
        company_key=_company_key(posting),
        url=_link(posting.url),
        place=place,
        workplace=posting.facts.workplace or posting.workplace,
        pay=_pay(posting.facts.pay or posting.pay),
        first_seen_at=min(candidate.first_seen_at for candidate in opening),
        score=best.match.score,
        matched=_lines(best.match.matched, 40)[:MAX_SKILLS],
        missing=_lines(best.match.missing, 40)[:MAX_SKILLS],
        reasons=_lines(best.match.reasons, 120)[:MAX_REASONS],
        also_in=_elsewhere(place, others)[:MAX_PLACES],
        attribution=_line(posting.attribution or "", 60),
    )


def _company_key(posting: Posting) -> str:
    """The same for one company's postings however its name is written; the board stands in for a company not named."""
    return company_key(posting.company) or f"{posting.source}:{posting.board}"


def _places(posting: Posting) -> list[str]:
    """The board's own words for where the job is, else what was read from the text."""
    said = [posting.location or "", *posting.locations]
    read = [_place_words(place) for place in posting.facts.places]
    return [line for text in (said if any(said) else read) if (line := _line(text, 80))]


def _elsewhere(place: str, others: Iterable[str]) -> tuple[str, ...]:
    """Those of `others` that are not said already: `Singapore, SG` says no more than `Singapore`, nor the other way."""
    said = [place]
    for other in others:
        if not any(other.casefold() in known.casefold() or known.casefold() in other.casefold() for known in said):
            said.append(other)
    return tuple(said[1:])


def _place_words(place: Place) -> str:
    return place.city or place.region or place.country or ""


def _pay(pay: Pay | None) -> Pay | None:
    """Pay as far as it can be printed: no infinities, no currency that is not a currency code."""
    if pay is None or not re.fullmatch("[A-Z]{3}", pay.currency):
        return None
    low, high = (end if end is not None and math.isfinite(end) and end > 0 else None for end in (pay.low, pay.high))
    return Pay(low=low, high=high, currency=pay.currency) if low or high else None


def _link(url: str | None) -> str | None:
    """`url` if a mail may link to it: http or https with a host, printable, of a length that mail programs take."""
    if url is None or len(url) > 1_000 or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.hostname else None


def _lines(texts: Iterable[str], limit: int) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for text in texts if (line := _line(text, limit))))


def _line(text: str, limit: int) -> str:
    """`text` on one line without control characters, cut at `limit` characters."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 4]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
