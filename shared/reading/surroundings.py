"""Whether what stands around a name that is also a word shows it to be a skill: *Go*, *Swift*, *Chef*, *Ray*.

Other words of programming near by do for some, a list of technologies for the others (`Spelling.context`, `Spelling.listed`),
and for both a sentence that can only mean a skill: *five years of Go*, *tools such as Vault*, *Express for APIs*.
"""

import re
from bisect import bisect_left
from itertools import pairwise
from typing import NamedTuple

from shared.reading.tables import parts
from shared.reading.vocabulary import Spelling, skills

_PROGRAMMING = re.compile(
    r"\b(?:programming|languages?|developers?|coding|code|codebase|backend|frontend|framework|stack|technologies"
    r"|proficien\w*|microservices?|services? in|written in|experience (?:in|with)|knowledge of|skills?|tools?)\b",
    re.IGNORECASE,
)
_LONGEST_PROGRAMMING = 40
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_SEPARATOR = re.compile(r"[ ,/|&+;:•·*()\n\t-]{1,8}(?:(?:and|or|e\.g\.|plus)[ ,(/]{1,2})?")
_LONGEST_SEPARATOR = 14
_ENOUGH_FOR_A_LIST = 3
_LIST_GOES_ON = re.compile(r" ?(?:$|[,/|&+;)•·.\n-]|(?:and|or)\b)")
_SOFT = frozenset({"practice", "domain"})
"""Kinds of skills that are named in plain prose, so that they do not make a list of technologies."""
_CALLING = re.compile(r" (?:\w+ )?(?:[Ee]ngineer|[Dd]eveloper|[Pp]rogrammer)")
_PLAIN_SENTENCE_START = re.compile(
    r"\s+(?!(?:developer|engineer|programm|experience|proficien|language|services?|backend|code|and|or|is)\b)[a-z]"
)

_FARTHEST = 200
_BEFORE = 64
"""Characters looked at before a name for the words that introduce a skill."""
_LONGEST_LINE = 80
_LABEL = re.compile(r"[\s\-•*]{0,8}(?:[A-Z][\w &/]{0,30}:)?\s{0,4}")
_INTRODUCED = re.compile(
    r"\b(?:(?:experienced?|proficien\w+|expert(?:ise)?|fluen\w+|knowledge|command|understanding|background|skill(?:s|ed)"
    r"|familiar(?:ity)?|hands[ -]on|competen\w+|mastery|comfortable|exposure|versed|speciali[sz]\w+|years?|yrs?|strong)"
    r"(?: \w{2,20}){0,2} (?:in|with|of|using|writing)(?: (?:professional|commercial|production|hands[ -]on|solid|practical))?"
    r"|\d{1,2}\+? ?(?:years?|yrs?)|(?:I|we) (?:know|love|like|run)"
    r"|(?:tools?|tooling|technolog\w+|frameworks?|platforms|systems|languages?|software|databases?|librar\w+)"
    r"(?:,? (?:like|such as|including|ideally|e\.g\.,?)|,? \((?:(?:e\.g\.|i\.e\.),?|like|such as|including)?)"
    r"|(?:written|wrote(?: \w{2,10})?|cod(?:ed|e|ing)|program\w*|develop\w*|implement\w*|apps?|applications?|scripts?|scripting"
    r"|backends?|tests)(?: \w{2,20}ly)? in|us(?:e|es|ed|ing)|writ(?:e|es|ing)|wrote|learn(?:s|ed|ing)?|built (?:on|with)"
    r"|(?:erfahrung(?:en)?|kenntnisse?) (?:mit|in)|jahren?|(?:expérience|connaissances?) (?:en|avec|de)"
    r"|ans (?:de|en)|(?:experiencia|conocimientos?) (?:en|con|de)|años (?:de|con|en)) ?$",
    re.IGNORECASE,
)
_LAST_WORDS = frozenset(
    parts(
        "in|with|of|using|writing|professional|commercial|production|hands-on|on|solid|practical|year|years|yr|yrs|know"
        "|love|like|run|as|including|ideally|e.g.|e.g.,|(e.g.|(e.g.,|(i.e.|(i.e.,|(like|(including|use|uses|used|write|writes|wrote"
        "|learn|learns|learned|learning|mit|jahr|jahre|jahren|en|avec|de|con"
    )
)
"""What those words end in: a quick look before `_INTRODUCED`."""
_CODED_AFTER = re.compile(
    r" (?:experience|expertise|proficiency|knowledge|shop|code|codebase|services?|microservices?|backends?|programm\w+"
    r")\b"
)
_YEARS_AFTER = re.compile(r" ?(?:[(–-] ?\d{1,2}\+? ?(?:years?|yrs?|y)|since (?:19|20)\d\d)\b")
_FOR = re.compile(r" for (?:our |the |all |its |building |writing )?")
_SERIES = re.compile(r"\b(?:series|class|round|stage|grade)\b", re.IGNORECASE)
_CODED_IN_HAN = re.compile(
    "经验|經驗|経験|语言|語言|言語|编程|編程|开发|開發|開発|使用|利用|精通|熟悉|熟练|熟練|掌握|スキル|知识|知識|プログラ|エンジニア|工程师|工程師"
)


class Found(NamedTuple):
    """A spelling and where it stands."""

    start: int
    end: int
    spelling: Spelling


def in_context(text: str, hits: list[Found]) -> list[Found]:
    """Without the hits whose name is a common word and that nothing around them shows to be a skill. `hits` are in order."""
    if not any(hit.spelling.unsure for hit in hits):
        return hits
    sentences = _Sentences(text, hits)
    if any(hit.spelling.context for hit in hits):
        hits = [hit for hit in hits if not hit.spelling.context or sentences.speak_of_programming(hit) or sentences.tell(hit)]
    return [
        hit
        for place, hit in enumerate(hits)
        if not hit.spelling.listed
        or (_LIST_GOES_ON.match(text, hit.end) and _is_of_list(text, hits, place))
        or sentences.tell(hit)
    ]


def _is_of_list(text: str, hits: list[Found], place: int) -> bool:
    """Whether a name stands in a list of technologies: beside one that is sure, or two others, as in `mocha, karma, chai`."""
    before, after = _beside(text, hits, place, -1), _beside(text, hits, place, 1)
    return len(before) + len(after) >= _ENOUGH_FOR_A_LIST - 1 or any(
        not hit.spelling.listed and skills()[hit.spelling.skill or ""].kind not in _SOFT for hit in (*before, *after)
    )


def _beside(text: str, hits: list[Found], place: int, step: int) -> list[Found]:
    """The next two on one side that nothing but a comma, a line end or the like divides from it."""
    found: list[Found] = []
    for _ in range(_ENOUGH_FOR_A_LIST - 1):
        low, high = sorted((place, place + step))
        if low < 0 or high >= len(hits) or not _separated(text, hits[low].end, hits[high].start):
            break
        place += step
        found.append(hits[place])
    return found


def _separated(text: str, end: int, start: int) -> bool:
    gap = text[end:start] if start - end <= _LONGEST_SEPARATOR else ""
    return gap.strip(" ") != "" and _SEPARATOR.fullmatch(gap) is not None


class _Sentences:
    """What the sentences of one text say of the names in them. Quick when asked from the first name to the last."""

    def __init__(self, text: str, hits: list[Found]) -> None:
        self.text = text
        self._hits = hits
        self._starts = [hit.start for hit in hits]
        self._sure = [hit.start for hit in hits if not hit.spelling.unsure]
        self._silent = (0, 0)
        """From where to where no word of programming begins."""
        self._read, self._begun = 0, 0
        """How far it is known where sentences end, and the last of those ends."""
        self._open, self._next, self._ended = 0, 0, False
        """From where to where no sentence ends, and whether one does there."""
        self._introduced: dict[int, bool] = {}

    def speak_of_programming(self, hit: Found) -> bool:
        if _CALLING.match(self.text, hit.end):
            return True
        low, high = self._around(hit)
        if self.text[low : hit.start].strip(" -•*\t\n") == "" and _PLAIN_SENTENCE_START.match(self.text, hit.end):
            return False
        index = bisect_left(self._sure, low)
        return (index < len(self._sure) and self._sure[index] < high) or self._programming_between(low, high)

    def _around(self, hit: Found) -> tuple[int, int]:
        """The sentence or list a hit stands in, at most 200 characters each way; for a short line also its neighbours."""
        floor, ceiling = max(0, hit.start - _FARTHEST), min(len(self.text), hit.end + _FARTHEST)
        low, high = self._begin(floor, hit.start), self._end(hit.end, ceiling)
        if high - low > 40 or len(self.text[low:high].split()) > 4:
            return low, high
        return max(floor, low - 60), min(ceiling, high + 60)

    def _begin(self, floor: int, start: int) -> int:
        for end in _SENTENCE_END.finditer(self.text, max(floor, self._read), start):
            self._begun = end.end()
        self._read = start
        return max(floor, self._begun)

    def _end(self, end: int, ceiling: int) -> int:
        if not self._open <= end <= self._next:
            self._open = self._next = end
            self._ended = False
        if not self._ended and self._next < ceiling:
            stop = _SENTENCE_END.search(self.text, self._next, ceiling)
            self._next, self._ended = (stop.start(), True) if stop else (ceiling, False)
        return min(self._next, ceiling)

    def _programming_between(self, low: int, high: int) -> bool:
        """A stretch that was searched for the name before is not searched again: `Go, Go, Go` is one stretch."""
        first, last = self._silent
        if _PROGRAMMING.search(self.text, max(low, last - _LONGEST_PROGRAMMING) if first <= low <= last else low, high):
            return True
        self._silent = (low, high)
        return False

    def tell(self, hit: Found) -> bool:
        """Whether the sentence can only mean a skill. A word that is one in a list only has its capital and ends an item."""
        if hit.spelling.listed and not self.text[hit.start].isupper():
            return False
        place = bisect_left(self._starts, hit.start)
        if self._is_for_another(place) or _is_in_han(self.text, hit) or self._fills_line(place):
            return True
        if hit.spelling.listed and not _LIST_GOES_ON.match(self.text, hit.end):
            return False
        if self.text[hit.end : hit.end + 2] in ("'s", "’s"):
            return False
        return self._is_introduced(place) or (hit.spelling.context and _is_followed(self.text, hit))

    def _is_for_another(self, place: int) -> bool:
        """*Express for APIs*."""
        hit, other = self._hits[place], self._hits[min(place + 1, len(self._hits) - 1)]
        return not other.spelling.unsure and _FOR.fullmatch(self.text, hit.end, max(hit.end, other.start)) is not None

    def _fills_line(self, place: int) -> bool:
        """Whether a short line is nothing but this name and others: `Vault, Consul`."""
        at = self._hits[place].start
        start = self.text.rfind("\n", max(0, at - _LONGEST_LINE), at) + 1
        stop = self.text.find("\n", at, start + _LONGEST_LINE)
        stop = stop if stop >= 0 else len(self.text)
        if stop - start > _LONGEST_LINE:
            return False
        named = self._hits[bisect_left(self._starts, start) : bisect_left(self._starts, stop)]
        if len(named) < 2 or not _LABEL.fullmatch(self.text, start, named[0].start) or self.text[named[-1].end : stop].strip():
            return False
        return all(_separated(self.text, left.end, right.start) for left, right in pairwise(named))

    def _is_introduced(self, place: int) -> bool:
        """Whether the list that the name stands in follows on words that introduce skills: *tools such as Chef, Salt*."""
        first = place
        while first not in self._introduced and first and self._goes_on(first):
            first -= 1
        told = self._introduced.get(first)
        self._introduced[place] = _is_introduced(self.text, self._hits[first].start) if told is None else told
        return self._introduced[place]

    def _goes_on(self, place: int) -> bool:
        end, start = self._hits[place - 1].end, self._hits[place].start
        return _separated(self.text, end, start) and "\n" not in self.text[end:start]


def _is_introduced(text: str, start: int) -> bool:
    before = text[max(0, start - _BEFORE) : start]
    last = (before[-21:].split() or [""])[-1].lower()
    return before[-1:] in (" ", "(") and (before[-1] == "(" or last in _LAST_WORDS) and _INTRODUCED.search(before) is not None


def _is_followed(text: str, hit: Found) -> bool:
    """*Go (5 years)*; *a Go shop*, within a sentence and not of a round of investment."""
    if _YEARS_AFTER.match(text, hit.end):
        return True
    before = text[max(0, hit.start - 20) : hit.start]
    return before[-2:-1].isalnum() and _CODED_AFTER.match(text, hit.end) is not None and not _SERIES.search(before)


def _is_in_han(text: str, hit: Found) -> bool:
    around = text[max(0, hit.start - 6) : hit.end + 8]
    return not around.isascii() and _CODED_IN_HAN.search(around) is not None
