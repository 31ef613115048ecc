"""What a skill's place in a posting says about how much it is wanted.

Headings (a table in `data/sections.tsv`) part a description into sections; sentences add cues of their own (*is a plus*).
Skills named in the company's praise of itself, in benefits or in legal notices do not count at all.
"""

import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from shared.posting import Strength
from shared.reading.cues import Cues, cues
from shared.reading.refusals import REACH, is_refused
from shared.reading.tables import parts, rows

LONGEST_HEADING = 80
_LONGEST_LABEL = 40
_LONGEST_BULLET = 4
_AROUND = 300
"""Characters looked at before and after a word for what its sentence says of it."""


class Section(StrEnum):
    """`BODY` is text under no heading we know."""

    BODY = "body"
    RESPONSIBILITIES = "responsibilities"
    REQUIRED = "required"
    PREFERRED = "preferred"
    COMPANY = "company"
    BENEFITS = "benefits"
    EQUAL_OPPORTUNITY = "equal_opportunity"


class Passage(NamedTuple):
    """One line of a description (offsets into it) and the section it stands in."""

    start: int
    end: int
    section: Section


SILENT = frozenset({Section.COMPANY, Section.BENEFITS, Section.EQUAL_OPPORTUNITY})

_SPACE = "".join(filter(str.isspace, map(chr, range(0x3001))))
_BEFORE_HEADING, _AFTER_HEADING = _SPACE + "#*_>=~–—-", _SPACE + "#*_=~:–—-"
_BULLET = re.compile(r"\s*(?:[-•*·▪●◦‣]|\d{1,2}[.)])\s")
_PREFERRED = re.compile(
    r"\b(?:(?:is|are|would be|be|as) (?:a |an )?(?:big |huge |strong |definite |real |added )?(?:plus|bonus|advantage|nice)"
    r"|(?:a|an|big|huge) (?:plus|bonus|advantage)\b|nice[ -]to[ -]haves?|preferred|preferably|ideally|bonus(?: points)?:?"
    r"|desirable|advantageous|beneficial|(?:very|also|is|are|be) helpful|not required|not necessary|optional|would be great"
    r"|especially love|valued|valuable|even better|good to have|a plus|no (?:\w+ ){1,4}(?:required|needed|necessary)"
    r"|von vorteil|wünschenswert|idealerweise|un (?:vrai )?(?:plus|atout)|souhaitée?s?|idéalement|appréciée?s?|deseables?"
    r"|se valorarán?|valorable)\b"
)
_REQUIRED = re.compile(
    r"\b(?:must(?: have)?\b|required|requires?\b|proficien\w+|expertise (?:in|with)|expert (?:in|with)|mastery|fluent in"
    r"|(?:strong|solid|deep|proven|extensive|hands[ -]on|professional|production) (?:\w+ ){0,3}"
    r"(?:experience|knowledge|skills?|understanding|background|command)|(?:\d\+?|several|many) years|background in"
    r"|experience (?:in|with|using|building|developing|designing|working|writing|implementing|leading)"
    r"|(?:erfahrung(?:en)?|kenntnisse?) (?:mit|in|im)\b|erforderlich|maîtrise|expérience (?:en|avec|sur)\b"
    r"|(?:est|sont) indispensables?\b"
    r"|experiencia (?:en|con)\b|imprescindible)"
)
"""Both are for text in lower case: to ignore case in the pattern takes more than twice as long."""
_RATHER = re.compile(r"(?:,| –| -|;) (?:preferably|ideally|idealerweise|idéalement)\b")
_ASIDE = re.compile(r"\([^()]{1,200}\)")
_SENTENCE = re.compile(r"[.!?](?=\s+[A-Z(])|\n")


@lru_cache(maxsize=2)
def passages(description: str) -> list[Passage]:
    """The lines of a description, each with its section. A heading belongs to the section it opens.

    Kept for a moment, and so not to be changed: what a posting asks for and what tells its opening are read from one list.
    """
    found: list[Passage] = []
    section, start = Section.BODY, 0
    for line in description.split("\n"):
        end = start + len(line)
        if line:
            own = None
            if not _goes_on(line):
                own = _label(line)
                section = section if own else _section_opened(line, section)
            found.append(Passage(start, end, own or section))
        start = end + 1
    return found


def _goes_on(line: str) -> bool:
    """Whether a glance tells that a line has no label and is no heading. Two of three do."""
    last = line[-1]
    sentence = last in ".,;" or (line.startswith("- ") and last != ":" and not last.isspace())
    return sentence and not line[0].isspace() and line.find(":", 0, _LONGEST_BULLET + _LONGEST_LABEL + 1) < 0


def _label(line: str) -> Section | None:
    """The section of a line with a label that says nothing of the next line: `- Bonus: Rust`, `Location: Oslo`."""
    bullet = _BULLET.match(line)
    label, colon, rest = line[bullet.end() if bullet else 0 :].partition(":")
    if not colon or len(label) > _LONGEST_LABEL or not rest.strip():
        return None
    known = _known_heading(label)
    return known if bullet or known in SILENT else None


def _section_opened(line: str, current: Section) -> Section:
    """The section after this line: another one where the line is a heading, `BODY` where it is an unknown heading."""
    if _BULLET.match(line) and not line.rstrip().endswith(":"):
        return current
    label, colon, rest = line.partition(":")
    if colon and rest.strip() and len(label) <= _LONGEST_LABEL:
        return _known_heading(label) or current
    heading = line.lstrip(_BEFORE_HEADING).rstrip(_AFTER_HEADING)
    if not heading or len(heading) > LONGEST_HEADING or heading.endswith((".", ",", ";")):
        return current
    known = _known_heading(heading)
    return known or (Section.BODY if _looks_like_heading(line, heading) else current)


def _looks_like_heading(line: str, heading: str) -> bool:
    return heading.isupper() or line.lstrip().startswith("#") or (line.rstrip().endswith(":") and len(heading.split()) <= 8)


@lru_cache(maxsize=4096)
def _known_heading(heading: str) -> Section | None:
    """The section of the phrase that starts the heading, or of the longest one in it, if it is most of the heading.

    Kept for a while: a board's postings share their headings.
    """
    words = f" {' '.join(heading.replace('’', chr(39)).replace('-', ' ').lower().split())} "
    if len(words) > LONGEST_HEADING or len(words.split()) > 10:
        return None
    found = [(match.start() > 1, -len(match[0]), section) for section, cue in _cues() if (match := cue.search(words))]
    best = min(found, default=None, key=lambda hit: hit[:2])
    if best is None:
        return Section.COMPANY if words.startswith((" about ", " who is ")) else None
    starts, length = not best[0], -best[1]
    short = len(words.split()) <= 5 or length * 2 >= len(words)
    return best[2] if short or (starts and len(words.split()) <= 8) else None


@cache
def _cues() -> tuple[tuple[Section, re.Pattern[str]], ...]:
    def pattern(headings: str) -> re.Pattern[str]:
        phrases = sorted(parts(headings.replace("-", " ")), key=len, reverse=True)
        return re.compile(rf"(?<![\w']) ?(?:{'|'.join(map(re.escape, phrases))})(?![\w'])")

    return tuple((Section(row["section"]), pattern(row["headings"])) for row in rows("sections"))


def strength_at(description: str, passage: Passage, position: int) -> Strength | None:
    """How much what stands at `position`, inside `passage`, is wanted; None where the words do not count."""
    if passage.section in SILENT:
        return None
    found, floor, ceiling = cues(description), max(passage.start, position - _AROUND), min(passage.end, position + _AROUND)
    if found.between("refusal", max(floor, position - REACH), position) and is_refused(found.lower, passage.start, position):
        return None
    if passage.section is Section.PREFERRED:
        return Strength.PREFERRED
    plain = Strength.REQUIRED if passage.section is Section.REQUIRED else Strength.MENTIONED
    if not _may_say_more(found, floor, ceiling, plain):
        return plain
    start, end = _sentence(description, floor, ceiling, position)
    if not _may_say_more(found, start, end, plain):
        return plain
    stated = _stated_strength(_clause(found.lower, start, end, position))
    return plain if stated is Strength.MENTIONED else stated


def _may_say_more(found: Cues, start: int, end: int, plain: Strength) -> bool:
    """Whether there are words that speak of something other than `plain`: a quick look before the sentence is read."""
    if found.between("preferred", start, end) or found.between("refusal", start, end):
        return True
    return plain is not Strength.REQUIRED and found.between("required", start, end)


@lru_cache(maxsize=256)
def _stated_strength(sentence: str) -> Strength:
    """What a sentence in lower case says. Kept for a while, as a sentence that names one skill often names five."""
    if _PREFERRED.search(sentence):
        return Strength.PREFERRED
    return Strength.REQUIRED if _REQUIRED.search(sentence) else Strength.MENTIONED


def _clause(lower: str, start: int, end: int, position: int) -> str:
    """The sentence around `position` without the asides it does not stand in: `CAD (CATIA preferred)` asks for CAD.

    Nor with what is only wished: `years of storage, preferably in Go` asks for storage.
    """
    rather = _RATHER.search(lower, start, end)
    if rather and position < rather.start():
        end = rather.start()
    if lower.find("(", start, end) < 0:
        return lower[start:end]
    asides = [aside.span() for aside in _ASIDE.finditer(lower, start, end)]
    within = next((aside for aside in asides if aside[0] <= position < aside[1]), None)
    if within and _PREFERRED.search(lower, *within):
        return lower[slice(*within)]
    kept = [stop for aside in asides if aside != within for stop in aside]
    edges = [start, *kept, end]
    return " ".join(lower[low:high] for low, high in zip(edges[::2], edges[1::2], strict=True))


def _sentence(description: str, floor: int, ceiling: int, position: int) -> tuple[int, int]:
    """Where the sentence around `position` starts and ends, between `floor` and `ceiling`."""
    start = floor
    for end in _SENTENCE.finditer(description, floor, position):
        start = end.end()
    stop = _SENTENCE.search(description, position, ceiling)
    return start, stop.start() if stop else ceiling
