"""Which skills a text names, and where.

One pass of an Aho-Corasick automaton over every spelling, then: word boundaries that know `C++`, `.NET` and `R&D`, the
longest reading of each place, lists that portfolio pages glue together (`GoPythonRedis`), and for names that are also
words a look at what is around them: other words of programming (*Go*, *Swift*, *C*), or a list of skills (*Chef*, *Ray*).
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from shared.reading.glued import glued_skills
from shared.reading.vocabulary import (
    Spelling,
    display_name,
    frequency,
    is_ubiquitous,
    parents,
    related,
    skills,
    spellings,
)

__all__ = ["SkillHit", "display_name", "find_skills", "frequency", "is_ubiquitous", "parents", "related", "skills"]

MAX_TEXT = 400_000
"""Characters searched of one text. Descriptions end at 100,000 and CVs at 200,000."""

_IN_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_@")
_IN_LONGER_WORD = frozenset("abcdefghijklmnopqrtuvwxyz_@")
"""What cannot stand before a name and after it, where an `s` or a number may follow."""
_FOLDS = {"-": " ", "\n": " ", "\t": " ", "\xa0": " ", "‐": " ", "‑": " ", "–": " ", "’": "'"}
_SUFFIX = re.compile(r"(?:s|'s|\d[\d.]*\+?)?(?![^\W_])")
"""What may follow a spelling and still leave a word: a plural, a version number."""
_SHORT_SUFFIX = re.compile(
    r"(?![0-9A-Za-z_\u00c0-\u024f+#&'])(?!\s?&\s?\w\b)(?!\.\w)(?!-(?!based|native|like|side|specific|language|developer))"
)
_PROGRAMMING = re.compile(
    r"\b(?:programming|languages?|developers?|coding|code|codebase|backend|frontend|framework|stack|technologies"
    r"|proficien\w*|microservices?|services? in|written in|experience (?:in|with)|knowledge of|skills?|tools?)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"h(?<=\bh)ttps?://[^\s<>\"']{1,2000}|w(?<=\bw)ww\.[^\s<>\"']{1,2000}|@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}")
"""Each way starts with a letter of its own, so that a search skips to the next of the three; `\b` in front stops at all."""
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_SEPARATOR = re.compile(r"[ ,/|&+;:•·*()\n\t-]{1,8}(?:(?:and|or|e\.g\.|plus)[ ,(/]{1,2})?")
_LONGEST_SEPARATOR = 14
_ENOUGH_FOR_A_LIST = 3
_LIST_GOES_ON = re.compile(r" ?(?:$|[,/|&+;)•·.\n-]|(?:and|or)\b)")
_SOFT = frozenset({"practice", "domain"})
"""Kinds of skills that are named in plain prose, so that they do not make a list of technologies."""
_CALLING = re.compile(r" (?:\w+ )?(?:[Ee]ngineer|[Dd]eveloper|[Pp]rogrammer)")
_PLAIN_SENTENCE_START = re.compile(
    r"\s+(?!(?:developer|engineer|programm|experience|language|services?|backend|code|and|or|is)\b)[a-z]"
)


class SkillHit(NamedTuple):
    """A skill, the words it was read from, and their character offsets in the text."""

    skill: str
    text: str
    start: int
    end: int


_Span = tuple[int, int, Spelling]
"""Start and end of what a spelling matches; most are no skill in the end, so they are not worth a name yet."""


class _Found(NamedTuple):
    start: int
    end: int
    spelling: Spelling


def find_skills(text: str) -> list[SkillHit]:
    """Every mention of a known skill, in order, none overlapping another. Linear in the length of `text`."""
    text = _without_addresses(text[:MAX_TEXT])
    written = [found for found in _between_words(text) if not found[2].exact or text[found[0] : found[1]] == found[2].text]
    whole = [_Found(*found) for found in (*_letters(text), *written) if _stands_alone(text, *found)]
    named = [found for found in _longest(whole) if found.spelling.skill is not None]
    hits = _unglue(text, _in_context(text, named))
    return [SkillHit(found.spelling.skill or "", text[found.start : found.end], found.start, found.end) for found in hits]


def _without_addresses(text: str) -> str:
    """Blanks in place of web and mail addresses: `https://go.dev/python` names a page, not a skill."""
    if "://" not in text and "www." not in text and "@" not in text:
        return text
    return _ADDRESS.sub(lambda address: " " * len(address[0]), text)


def _between_words(text: str) -> list[_Span]:
    """Those of `_in_any_case` that do not plainly stand inside a word, which most do: a quick look before `_stands_alone`."""
    automaton, table = _automaton()
    folded = f" {_fold(text)} "
    return [
        (start - 1, end - 1, spelling)
        for index, start, end in automaton.find_matches_as_indexes(folded, overlapping=True)
        if folded[start - 1] not in _IN_WORD and folded[end] not in _IN_LONGER_WORD
        for spelling in table[index]
    ]


def _in_any_case(text: str) -> list[_Span]:
    """Every spelling of two letters or more in the text, also inside a word."""
    automaton, table = _automaton()
    matches = automaton.find_matches_as_indexes(_fold(text), overlapping=True)
    return [(start, end, spelling) for index, start, end in matches for spelling in table[index]]


@cache
def _automaton() -> tuple[AhoCorasick, list[tuple[Spelling, ...]]]:
    by_pattern: dict[str, list[Spelling]] = {}
    for spelling in spellings():
        if len(spelling.text) > 1:
            by_pattern.setdefault(_fold(spelling.text), []).append(spelling)
    automaton = AhoCorasick(list(by_pattern), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
    return automaton, [tuple(found) for found in by_pattern.values()]


def _letters(text: str) -> list[_Span]:
    """Names of one letter, as written: in any case they would be four fifths of all that the automaton finds."""
    pattern, table = _one_letter()
    return [(*match.span(), table[match[0]]) for match in pattern.finditer(text)]


@cache
def _one_letter() -> tuple[re.Pattern[str], dict[str, Spelling]]:
    table = {spelling.text: spelling for spelling in spellings() if len(spelling.text) == 1}
    return re.compile(rf"[{re.escape(''.join(table))}]{_SHORT_SUFFIX.pattern}"), table


def _fold(text: str) -> str:
    """Lower case without changing any offset; hyphens and line ends become spaces."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    for old, new in _FOLDS.items():  # ten times as fast as str.translate where a text is not all ASCII
        lower = lower.replace(old, new)
    return lower


def _stands_alone(text: str, start: int, end: int, spelling: Spelling) -> bool:
    before = text[start - 1] if start else " "
    if _joins(before) and (before != "." or text[start] != "."):
        return False
    if spelling.unsure or len(spelling.text) <= 2:
        return before not in "-&'.#@" and _SHORT_SUFFIX.match(text, end) is not None
    after = text[end : end + 1]
    if after in ("+", "#") and text[end - 1].isalpha():
        return False
    return not _joins(after or " ") or _SUFFIX.match(text, end) is not None


def _joins(char: str) -> bool:
    """Whether a letter or digit continues the word. Chinese, Japanese and Korean write words without spaces."""
    return (char.isalnum() and char < "\u2e80") or char in "_@"


def _longest(found: list[_Found]) -> list[_Found]:
    """Of overlapping matches the one that starts first, then the longest, then the surest."""
    kept: list[_Found] = []
    end = 0
    for match in sorted(found, key=lambda match: (match.start, -match.end, match.spelling.unsure)):
        if match.start >= end:
            kept.append(match)
            end = match.end
    return kept


def _unglue(text: str, hits: list[_Found]) -> list[_Found]:
    """Add what glued lists decompose into, in place of anything read inside them before."""
    pieces = [_Found(*piece) for piece in glued_skills(text, _in_any_case)]
    if not pieces:
        return hits
    taken = [(piece.start, piece.end) for piece in pieces]
    free = [hit for hit in hits if not _overlaps(hit, taken)]
    return sorted(free + pieces, key=lambda match: match.start)


def _overlaps(hit: _Found, taken: list[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (hit.end, 0))
    return index > 0 and taken[index - 1][1] > hit.start


def _in_context(text: str, hits: list[_Found]) -> list[_Found]:
    """Without the hits whose name is a common word and that nothing around them shows to be a skill."""
    if any(hit.spelling.context for hit in hits):
        sure = [hit.start for hit in hits if not hit.spelling.unsure]
        hits = [hit for hit in hits if not hit.spelling.context or _programming_near(text, hit, sure)]
    if any(hit.spelling.listed for hit in hits):
        hits = [hit for run in _runs(text, hits) for hit in _of_list(text, run)]
    return hits


def _runs(text: str, hits: list[_Found]) -> Iterator[list[_Found]]:
    """The hits, divided where more than a comma, a line end or the like stands between two."""
    run: list[_Found] = []
    for hit in hits:
        if run and not _separated(text, run[-1].end, hit.start):
            yield run
            run = []
        run.append(hit)
    yield run


def _separated(text: str, end: int, start: int) -> bool:
    gap = text[end:start] if start - end <= _LONGEST_SEPARATOR else ""
    return gap.strip(" ") != "" and _SEPARATOR.fullmatch(gap) is not None


def _of_list(text: str, run: list[_Found]) -> list[_Found]:
    """A run without the words that are skills only in a list, if it is no list of technologies or they do not end an item.

    Three such words in a row are one: `mocha, karma, chai`.
    """
    known = len(run) >= _ENOUGH_FOR_A_LIST or any(
        not hit.spelling.listed and skills()[hit.spelling.skill or ""].kind not in _SOFT for hit in run
    )
    return [hit for hit in run if not hit.spelling.listed or (known and _LIST_GOES_ON.match(text, hit.end))]


def _programming_near(text: str, hit: _Found, sure: list[int]) -> bool:
    if _CALLING.match(text, hit.end):
        return True
    low, high = _surroundings(text, hit)
    if text[low : hit.start].strip(" -•*\t\n") == "" and _PLAIN_SENTENCE_START.match(text, hit.end):
        return False
    index = bisect_left(sure, low)
    return (index < len(sure) and sure[index] < high) or _PROGRAMMING.search(text, low, high) is not None


def _surroundings(text: str, hit: _Found) -> tuple[int, int]:
    """The sentence or list a hit stands in, at most 200 characters each way; for a short line also its neighbours."""
    floor, ceiling = max(0, hit.start - 200), min(len(text), hit.end + 200)
    low = max((end.end() for end in _SENTENCE_END.finditer(text, floor, hit.start)), default=floor)
    stop = _SENTENCE_END.search(text, hit.end, ceiling)
    high = stop.start() if stop else ceiling
    if high - low > 40 or len(text[low:high].split()) > 4:
        return low, high
    return max(floor, low - 60), min(ceiling, high + 60)
