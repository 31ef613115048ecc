"""Where the person of a CV is: said outright, else at the top of the page, else where the current job is.

The top of a CV is often one line of everything: `Jane Doe | Austin, TX | jane@example.org | +1 555 …`. It is taken apart at
its separators and at addresses and numbers, and each piece is asked for a place.
"""

import re
from collections.abc import Iterator

from shared.posting import Place
from shared.reading.careers import Block, Career, places_in
from shared.reading.chapters import Chapter

HEAD = 8
"""Lines at the top, outside of jobs, that may name the place."""
LONGEST_LINE, LONGEST_PIECE, MOST_WORDS = 300, 60, 6

_BASED = re.compile(
    r"(?:\bbased (?:in|at|out of)|\bliv(?:e|es|ing) in|\blocated in|\blocation\s?:|\bresid(?:e|ing) in"
    r"|\b(?:currently|now|presently) in(?=\s[A-Z]))\s*:?\s+([^\n.]{2,80})",
    re.IGNORECASE,
)
_TITLED_IN = re.compile(r"\b(?:engineer|developer|programmer|architect|scientist) (?:in|from) ([A-Z][^\n.;:|(]{2,40})")
CONTACT = re.compile(
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}|\b(?:https?://|www\.)[^\s|]{1,200}"
    r"|(?<![\w.])[\w-]{2,63}\.(?:com|org|net|io|dev|me|ai|app|co|info)\b[^\s|,]{0,100}"
    r"|(?<!\w)\(?\+?\(?\d{1,4}\)?(?:[\s./()-]{0,2}\d{2,5}){2,5}(?!\w)"
)
"""Mail, links and telephone numbers. Postal codes of five or six digits are none."""
_PICTURES = "[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\ufe0e\ufe0f\u200d\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
"""Pictures and arrows, but for the letters that flags are made of."""
_APART = re.compile(rf"\s*[|•●▪∙⋅◦·¦]\s*|\s[—–―-]\s|{_PICTURES}+")
_LABEL = re.compile(
    r"(?:(?:current |home )?(?:address|location|city|residence)|lives in|adresse|wohnort|standort|ort|lieu|ville|ciudad"
    r"|ubicación|indirizzo|residenza|endereço|cidade|woonplaats)\s?:\s?",
    re.IGNORECASE,
)
_EDGE = " *_#>~,;:()[]"
_POSTCODE = re.compile(r"\s?#?\b\d[\d-]{2,9}\b")


def read_whereabouts(career: Career, said: str, current: Block | None) -> tuple[Place, ...]:
    """Where the person is now. `said` are the words in which people speak of themselves, jobs apart."""
    for based in _BASED.finditer(career.text):
        if places := places_in(based[1]):
            return places[:1]
    for title in _TITLED_IN.finditer(said):
        if places := tuple(place for place in places_in(title[1]) if place.city):
            return places[:1]
    return _at_the_top(career) or (current.places if current else ())


def opening(line: str) -> str:
    """`Backend Engineer, Oslo` of `Backend Engineer, Oslo. Nine years of services.`: what stands before a first full stop."""
    first, stop, rest = line.partition(". ")
    return first if stop and rest and len(first.split()) > 1 else line


def _at_the_top(career: Career) -> tuple[Place, ...]:
    """The first piece that is a place and nothing else, else the first with a place in it: people are called *Jordan Lee*."""
    perhaps: tuple[Place, ...] = ()
    for start, end, chapter in career.passages[:HEAD]:
        line = opening(career.text[start:end])
        for piece in _pieces(line) if len(line) <= LONGEST_LINE and chapter is not Chapter.SKILLS else ():
            places = places_in(piece, line)
            if places and _is_place(piece, places):
                return places
            perhaps = perhaps or places
    return perhaps


def _pieces(line: str) -> Iterator[str]:
    """The short pieces of a line, without their labels; those of a sentence, which go on in small letters, are none."""
    found = [piece.strip(_EDGE) for piece in _APART.split(CONTACT.sub("|", line))]
    found = [_LABEL.sub("", piece, count=1) for piece in found if piece]
    for piece in found:
        words = len(_POSTCODE.sub("", piece).split())
        if len(piece) <= LONGEST_PIECE and words <= MOST_WORDS and (len(found) == 1 or not piece[0].islower()):
            yield piece


def _is_place(piece: str, places: tuple[Place, ...]) -> bool:
    first = _POSTCODE.sub("", re.split(r"[,(]", piece, maxsplit=1)[0]).strip().casefold()
    names = {name.casefold() for place in places for name in (place.city, place.region) if name}
    return first in names or len(piece.split()) == 1 or ("," in piece and places[-1].city is not None)
