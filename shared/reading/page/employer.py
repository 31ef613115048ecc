"""Who the employer is: a name that the page shows in more than one way.

A name counts for where it stands (beside the title, under a logo, after *About*, in the copyright line) and for how often the
text says it; an address of that name settles it. One mention alone proves nothing, and then the company stays unknown.
"""

import re
from collections import Counter
from collections.abc import Iterable

from shared.reading.company import company_key
from shared.reading.page.header import Header, is_title, placeness
from shared.reading.page.lines import is_board, is_count
from shared.reading.tables import parts

ENOUGH = 2
MAX_TEXT = 60_000

_NAME = r"([A-Z0-9][\w&.'’+-]*(?: (?:&|of|and|the|[A-Z0-9][\w&.'’+-]*)){0,4})"
_ABOUT = re.compile(rf"^(?:About|Why|Life at|Who is|Meet|Working at|Why join|Join) {_NAME}:?$", re.MULTILINE)
_AT = re.compile(rf"\b(?:[Aa]t|[Jj]oin|[Jj]oining|[Ww]ork(?:ing)? (?:at|for)) {_NAME}")
_IS = re.compile(rf"^{_NAME},? (?:is|was founded|builds|makes|helps|provides|develops)\b", re.MULTILINE)
_COPYRIGHT = re.compile(r"(?:©|&copy;|\bcopyright\b)[\s©\d–,-]{0,20}(?:by )?([^<>\n|·]{2,80})", re.IGNORECASE)
_NO_NAME = re.compile(
    r"\b(?:full|part)[ -]?time\b|\b(?:employees?|locations?|updated|favou?rites|permanent|contract|temporary|internship|hybrid"
    r"|remote|on-?site|posted|salary|experience|years?|level|apply|job|jobs)\b|\d{4,}|[$€£]",
    re.IGNORECASE,
)
_ALL_RIGHTS = re.compile(r"\.?\s+All\b|\.?\s+Rights\b|\.\s+\w|\.?\s*$", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:https?://|www\.|@)((?:[a-z0-9-]{1,40}\.){1,4}[a-z]{2,10})", re.IGNORECASE)
_GAPS = re.compile(r"[^\w&]+")
_NOT_NAMES = frozenset(
    parts(
        "us|the|this|our|you|your|it|we|a|an|role|team|job|company|what|who|why|how|responsibilities|requirements"
        "|qualifications|benefits|description|apply|location|singapore|remote|hybrid|full-time|engineering|today|please|if|as|in|all"
    )
)
_WEB_WORDS = frozenset(
    parts("www|careers|career|jobs|job|apply|com|co|net|org|io|ai|sg|uk|my|mail|hr|talent|boards|recruiting")
)


def employer(header: Header, shown: Iterable[str], text: str) -> str | None:
    """The name with the most to show for it, of at least `ENOUGH`.

    `shown` are names that the page shows as its own: under a logo, as the site's, in its footer.
    """
    text = text[:MAX_TEXT]
    points: Counter[str] = Counter()
    names: dict[str, str] = {}
    for name, worth in _candidates(header, shown, text):
        key = company_key(name)
        if _may_be_name(name, key) and (worth >= ENOUGH or not is_title(name)):
            names.setdefault(key, name.strip(" ,'’"))
            points[key] += worth
    placed = [key for key in points if points[key] >= ENOUGH]
    said, addresses = _words(text), _address_names(text)
    for key in points:
        points[key] += min(3, said.count(f" {key} ")) + (ENOUGH if key.replace(" ", "") in addresses else 0)
    best = max(points, key=lambda key: (points[key], -list(names).index(key)), default=None)
    if best is None or points[best] < ENOUGH:
        return None
    return names[next((key for key in placed if key.startswith(f"{best} ")), best)]


def owner(page: str) -> str:
    """The name in the copyright line of a page, which may stand outside of what is read of it."""
    found = [match[1] for match in _COPYRIGHT.finditer(page[-MAX_TEXT:])]
    return _ALL_RIGHTS.split(found[-1])[0].strip(" .,") if found else ""


def _candidates(header: Header, shown: Iterable[str], text: str) -> Iterable[tuple[str, int]]:
    for place, piece in enumerate(piece for piece in header.pieces if not piece.islower()):
        yield piece.removeprefix("at "), ENOUGH if place == 0 and header.named_first else 1
    yield from ((line, 0) for line in header.before if not line.islower())
    yield from ((name, ENOUGH) for name in shown)
    yield from ((match[1], 1) for match in _ABOUT.finditer(text))
    yield from ((match[1], 0) for pattern in (_AT, _IS) for match in pattern.finditer(text))


def _may_be_name(name: str, key: str) -> bool:
    if not key or len(name) > 60 or len(name.split()) > 6 or name.endswith(("?", "!", ":")) or is_board(name) or is_count(name):
        return False
    if _NO_NAME.search(name) or not any(map(str.isalpha, name)) or (placeness(name) > 1 and " " in name):
        return False
    return key.split()[0] not in _NOT_NAMES or (len(key.split()) > 1 and key not in _NOT_NAMES)


def _words(text: str) -> str:
    return f" {' '.join(_GAPS.sub(' ', text.casefold()).split())} "


def _address_names(text: str) -> frozenset[str]:
    """The telling part of each address in the text: `careers.acme.com` → `acme`."""
    return frozenset(
        label for match in _DOMAIN.finditer(text) for label in match[1].lower().split(".") if label not in _WEB_WORDS
    )
