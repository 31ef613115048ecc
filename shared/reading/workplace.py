"""Remote, hybrid or on site: from the board's strings and the title first, from the text where they are silent."""

import re
from collections.abc import Iterable, Sequence

from shared.posting import Workplace
from shared.reading.places import read_places
from shared.reading.workplace_text import workplace_of_text

_REMOTE = re.compile(
    r"\b(?:remot[eao]|remotely|anywhere|everywhere|home[ -]?based|work(?:ing)? from home|wfh|home ?office|virtual|distributed"
    r"|télétravail|teletrabajo)\b|リモート|在宅",
    re.IGNORECASE,
)
_HYBRID = re.compile(r"\bhybrid|\bh[íi]brid[oa]\b|\bteilremote", re.IGNORECASE)
_ONSITE = re.compile(
    r"\b(?:on[ -]?site|in[ -](?:the )?office|in[ -]person|office[ -]based|presencial)\b|\b(?:not|non|no)[ -]remote\b",
    re.IGNORECASE,
)
_BOTH = re.compile(
    r"\bremote\b.{0,20}\b(?:or|/)\b.{0,20}\b(?:hybrid|on[ -]?site|office)"
    r"|\b(?:office|hybrid|on[ -]?site)\b.{0,20}(?:\bor\b|/) {0,2}remote",
    re.IGNORECASE,
)
_A_TRADE = (
    r"(?! (?:sensing|patient|monitoring|control|access|support|desktop|device|operation|infrastructure|inspection|vehicle|pilot"
    r"|site|cloud|mobile|app|event|bonding|search|team lead|coordinator|manager|engineer|service|supervisor|technician)s?\b)"
)
"""What follows the word in a title where it names a trade: `Remote Sensing`, `Hybrid Cloud`, `Onsite Coordinator`."""
_TITLE_WORDS = (
    (Workplace.HYBRID, "hybrid"),
    (Workplace.ONSITE, "on[ -]?site|in[ -]office|in[ -]person"),
    (Workplace.REMOTE, "remot[eo]|wfh|work from home|home[ -]based"),
)
_IN_TITLE = tuple(
    (
        mode,
        re.compile(
            rf"(?:^|[(\[,|/:–—-]) ?(?:(?:fully|100%|us|usa|uk|eu|emea|apac|latam) )?(?:{words})\b{_A_TRADE}"
            rf"|\b(?:{words})\W{{0,3}}$",
            re.IGNORECASE,
        ),
    )
    for mode, words in _TITLE_WORDS
)


def read_workplace(strings: Iterable[str], text: str = "", *, title: str = "") -> Workplace | None:
    """What the location strings and the title say of the work mode, else what the text says in so many words, else None.

    *Remote or hybrid* is remote: who wants to may stay at home. So is one remote office of several, and a job for several
    countries, or a region of the world, that names no city.
    """
    places = [string[:1_000] for _, string in zip(range(100), strings, strict=False)]
    said = {_of_place(string) for string in places} | {_of_title(title[:300])}
    stated = next((mode for mode in (Workplace.REMOTE, Workplace.HYBRID, Workplace.ONSITE) if mode in said), None)
    return stated or workplace_of_text(text) or (Workplace.REMOTE if _is_wide(places) else None)


def _of_place(string: str) -> Workplace | None:
    if _BOTH.search(string):
        return Workplace.REMOTE
    modes = ((Workplace.HYBRID, _HYBRID), (Workplace.ONSITE, _ONSITE), (Workplace.REMOTE, _REMOTE))
    return next((mode for mode, words in modes if words.search(string)), None)


def _of_title(title: str) -> Workplace | None:
    """What is set off in the title: `Engineer (Remote)`, but not `Remote Sensing Engineer`."""
    return next((mode for mode, words in _IN_TITLE if words.search(title)), None)


def _is_wide(strings: Sequence[str]) -> bool:
    """Whether the strings name several countries or a region of the world, and no city or state."""
    places = read_places(strings)
    countries = {place.country for place in places if place.country}
    has_region = any(place.region and not place.country for place in places)
    is_narrow = any(place.city or (place.region and place.country) for place in places)
    return (has_region or len(countries) > 1) and not is_narrow
