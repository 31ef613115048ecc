"""When two titles name one job: `Senior Engineer (Remote)`, `Sr. Engineer – Singapore` and `Engineer, Senior [R-20417]`."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache

from shared.reading.company import company_key
from shared.reading.gazetteer import codes, key, longest_name, names
from shared.reading.tables import parts

_SEPARATOR = re.compile(r"\s[-–—]+\s?|\s?[-–—]+\s|[|,;:·•()\[\]{}/@]|\s(?:in|at)\s", re.IGNORECASE)
_GENDERS = re.compile(
    r"[(\[]?\b[mfwdxhnvi](?:\s?[/|*,]\s?(?:[mfwdxhnvi]|div|gn|nb|all)\b){1,4}[)\]]?"
    r"|\ball genders?\b|\b(?:he|she|they)(?:/\w+)+",
    re.IGNORECASE,
)
_WAYS = re.compile(
    r"\b(?:(?:100 ?% |fully |us |usa )?remote(?: first| friendly| ok| only)?|hybrid|on ?-?site|in ?-?office|in ?-?person"
    r"|work from (?:home|anywhere)|wfh|full ?-?time|permanent|based|relocation (?:provided|available|offered))\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"#?\b(?:[a-z]{1,4}-?)?(?!(?:19|20)\d\d\b)\d{4,}\b|#\d+\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+[+#]*")
_FILLER = frozenset(
    parts(
        "a|an|and|&|or|of|the|for|to|in|on|at|with|within|from|only|any|anywhere|area|region|greater|timezone|time|zone|office"
        "|location|locations|multiple|various|several|flexible|id|req|requisition|job|ref|opening"
    )
)
_SAME = {"sr": "senior", "snr": "senior", "jr": "junior", "i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NO_PLACES = frozenset({"grc", "AI", "ML", "QA", "IT", "CX", "HR", "BI", "ID", "TS", "IO", "PM", "VR"})
"""Place names and codes that in a title mean a trade. Other abbreviations are places only after one, as in `Austin, TX`."""


def title_key(title: str, places: tuple[str, ...] = (), company: str | None = None) -> str:
    """The words of a title in a fixed order, each once, without place, work mode, number of the requisition, gender, company.

    Words for the level stay. `places` are the posting's own strings for where it is. Never empty.
    """
    told, _ = _told_and_placed(title, places)
    kept = [word for segment in told if company_key(segment) != company_key(company) for word in _words(segment)]
    found = [_SAME.get(word, word) for word in kept if word not in _FILLER]
    return " ".join(sorted(set(found))) or " ".join(sorted(set(_words(title)))) or title.casefold()


def places_named(title: str, places: tuple[str, ...] = ()) -> frozenset[str]:
    """The words of a title that only say where, which `title_key` leaves out."""
    _, placed = _told_and_placed(title, places)
    return frozenset(word for segment in placed for word in _words(segment))


@lru_cache(maxsize=8192)
def _told_and_placed(title: str, places: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The parts of a title that say what the job is, and those that say where."""
    segments = list(_segments(_plain(title), _words_of(places)))
    told = tuple(segment for segment, is_place in segments if not is_place)
    return told, tuple(segment for segment, is_place in segments if is_place)


def _segments(title: str, here: frozenset[str]) -> Iterator[tuple[str, bool]]:
    """The parts of a title between its separators, without words for the work mode, and whether each only says where."""
    is_place = False
    for part in _SEPARATOR.split(title):
        segment = _WAYS.sub(" ", part)
        if segment.strip():
            is_place = _is_place(segment, here, is_place)
            yield segment, is_place


def _plain(title: str) -> str:
    return _NUMBER.sub(" ", _GENDERS.sub(" ", unicodedata.normalize("NFKC", title)))


@lru_cache(maxsize=1024)
def _words_of(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for place in places for word in key(place).split())


def _is_place(segment: str, here: frozenset[str], after_place: bool) -> bool:
    """Whether a segment only names places. An abbreviation alone is one after another place, or beside a name."""
    words = segment.split()
    if len(words) == 1 and words[0] in _codes():
        return after_place
    named = [word for word in key(" ".join(word for word in words if word not in _codes())).split() if word not in _FILLER]
    return bool(named) and (here.issuperset(named) or _all_places(named))


@cache
def _codes() -> frozenset[str]:
    return frozenset(codes().keys() - _NO_PLACES)


def _all_places(tokens: Sequence[str]) -> bool:
    """Whether the words are names of places, one after the other and nothing else."""
    while tokens:
        used = next((n for n in range(min(longest_name(), len(tokens)), 0, -1) if " ".join(tokens[:n]) in names()), 0)
        if not used or " ".join(tokens[:used]) in _NO_PLACES:
            return False
        tokens = tokens[used:]
    return True


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())
