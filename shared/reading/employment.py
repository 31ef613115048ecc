"""The kind of employment: from the title first, then from what the text states after a label or of the position outright.

Words that merely occur decide nothing: *contracts with suppliers*, *benefits of full-time employees*.
"""

import re
from functools import cache

from shared.posting import Employment
from shared.reading.cues import Cues, cues, lower_case
from shared.reading.tables import parts, rows

MAX_TITLE = 300

_WORDS = re.compile(r"[\w-]+")
_LONGEST_VALUE = 60
_LABEL = re.compile(
    r"(?:(?:employment|job|contract|position|role) (?:type|status)s?|type of (?:employment|contract|position)"
    r"|(?:working )?schedule|working pattern|vertragsart|anstellungsart|beschäftigungsart|beschäftigung|type de contrat"
    r"|tipo de contrato|contractvorm|dienstverband|tipo di contratto|工作性质|雇用形態)"
    rf"(?:\s?[*:：\-–]+[*\s]{{0,4}}|\s*\n\s*)([^\n]{{2,{_LONGEST_VALUE}}})"
)
_NOUN = r"(?:position|role|job|opening|opportunity|contract|internship|engagement|assignment|vacancy)"
_THIS_IS = re.compile(
    rf"\b(?:(?:this|the) {_NOUN}(?: is| will be)|this(?: is| will be)|it['’]s|it is|we are (?:hiring|looking) for)"
    r"(?: being| offered as| for)? an?"
    r"((?: (?!(?:with|for|of|to|who|that|where|from|at|in|on|not|by|and)\b)[\w&,/()+-]{1,24}){1,6})"
)
_THIS_KIND = re.compile(rf"\bthis ((?:[\w-]{{1,14}},? ){{1,3}}){_NOUN}\b")
_MONTHS = re.compile(
    r"(?<!customers )(?<!clients )\b(?:\d{1,2}|three|six|nine|twelve)[ -]months? "
    r"((?:initial |rolling |renewable )?(?:contract|ftc|fixed[ -]term)\b)(?! (?:with|from|to))"
)
_OFFERED = re.compile(rf"\boffer an? ((?:[\w-]{{1,14}} ){{1,2}}){_NOUN}\b")
_PATTERNS = ((":", _LABEL), ("\n", _LABEL), (" a", _THIS_IS), ("this ", _THIS_KIND), ("month", _MONTHS), ("offer a", _OFFERED))
"""Each with what it cannot do without."""
_CELL = re.compile(r"(?:^|[|•·\n])\s*([^|•·\n]{2,30}?)\s*(?=[|•·\n]|$)")
_SHORT_LABEL = re.compile(
    rf"[^\w\n]{{0,4}}(?:type|contract|contrat|vertrag|job)\s?[*:]+[*\s]{{0,4}}([^\n]{{2,{_LONGEST_VALUE}}})"
)
_FILLING = re.compile(
    rf"[\W\d_]+|\b(?:{_NOUN[3:-1]}|contract|months?|mois|monate|initial|an?|and|in|with|benefits|w/m/d|m/w/d|hours|week|per)\b"
)
"""What may stand in a line beside the kind of employment: `12 months contract`, `Festanstellung in Vollzeit`."""
_LONGEST_LINE = 50
_NO_KIND = re.compile(
    r"\bcontracts? (?:(?:& |and )?\w{1,3} )?(?:management|manage[rd]?|administ\w+|specialist|counsel|attorney|lawyer|analyst"
    r"|negotiat\w+|lifecycle|law|research|review\w*|intelligence|operations|manufactur\w+|sales|associate|lead|director|automation|compliance)\b"
    r"|\bb2b\b|\b(?:smart|government|federal) contracts?\b|\btemp[- ]controlled\b|\binternship (?:program|coordinator)"
)
"""In a title: contracts that are the work, not its form; B2B is who the customers are."""
_EITHER = re.compile(r"\bor\b|\band\b|[/&]")


def read_employment(title: str, text: str = "") -> Employment | None:
    """The kind of employment in the title, after a label such as *Job type:*, or in *this is a part-time role*."""
    named = _kind_in(lower_case(title[:MAX_TITLE]), of_title=True)
    return named or _stated(cues(text))


def _stated(found: Cues) -> Employment | None:
    for start in found.of("employment"):
        low = _line_start(found.lower, start)
        near = found.lower[low : start + 140]
        for cue, pattern in _PATTERNS:
            match = pattern.search(near) if cue in near else None
            named = _kind_in(match[1]) if match else None
            if named:
                return named
        named = _kind_of_cell(found.lower, start) if "|" in near else _kind_of_line(found.lower, start)
        if named:
            return named
    return None


def _line_start(lower: str, start: int) -> int:
    """Where the line of a cue begins, or its label in the line above; not far before the cue."""
    above = lower.rfind("\n", max(0, start - 40), start)
    return max(0, start - 100) if above < 0 else max(0, lower.rfind("\n", max(0, above - 30), above) + 1)


def _kind_of_cell(lower: str, start: int) -> Employment | None:
    """The kind that fills one cell of a line such as `Acme | Backend Engineer | Full-time | Berlin`."""
    for cell in _CELL.finditer(lower, max(0, start - 32), start + 32):
        if cell.start() <= start < cell.end() and "|" in lower[cell.start() : cell.end() + 2]:
            words = _WORDS.findall(cell[1])
            return _kind_in(cell[1]) if len(words) <= 3 else None
    return None


def _kind_of_line(lower: str, start: int) -> Employment | None:
    """The kind that a line by itself names: `Permanent role`, `Type: Full time`, `Festanstellung, Vollzeit`."""
    begins = lower.rfind("\n", 0, start + 1) + 1
    label = _SHORT_LABEL.match(lower, begins)
    if label:
        return _kind_in(label[1])
    line = lower[begins : begins + _LONGEST_LINE + 1].split("\n", 1)[0]
    if len(line) > _LONGEST_LINE:
        return None
    rest = line
    for _, pattern in _patterns():
        rest = pattern.sub(" ", rest)
    return None if _FILLING.sub("", rest) else _kind_in(line)


def _kind_in(words: str, *, of_title: bool = False) -> Employment | None:
    """The kind named, the rarer before the commoner; None where a choice is offered: *full-time or contract*."""
    if of_title:
        words = _NO_KIND.sub(" ", words)
    named = [employment for employment, pattern in _patterns() if pattern.search(words)]
    if len(named) < 2 or named[0] is Employment.INTERNSHIP:
        return named[0] if named else None
    part_and_full = {Employment.PART_TIME, Employment.FULL_TIME} <= {*named}
    return None if part_and_full or _EITHER.search(words) or "permanent" in words else named[0]


@cache
def _patterns() -> tuple[tuple[Employment, re.Pattern[str]], ...]:
    def pattern(words: str) -> re.Pattern[str]:
        longest_first = sorted(parts(words), key=len, reverse=True)
        return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})(?![^\W_])")

    return tuple((Employment(row["employment"]), pattern(row["words"])) for row in rows("employment"))
