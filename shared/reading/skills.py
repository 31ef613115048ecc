"""Which skills a text names, and where.

One pass of an Aho-Corasick automaton over every spelling, then: word boundaries that know `C++`, `.NET` and `R&D`, the
longest reading of each place, lists that portfolio pages glue together (`GoPythonRedis`), and for names that are also
words a look at what is around them: other words of programming (*Go*, *Swift*, *C*), or a list of skills (*Chef*, *Ray*).
"""

import re
from bisect import bisect_left
from functools import cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from shared.reading.cues import whole_characters
from shared.reading.glued import glued_skills
from shared.reading.surroundings import Found, in_context
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
_APART = frozenset(["", *" \n\t,;:()[]/|!?"])
"""What never belongs to a name of three letters or more."""
_IN_LONGER_WORD = frozenset("abcdefghijklmnopqrtuvwxyz_@")
"""What cannot stand before a name and after it, where an `s` or a number may follow."""
_FOLDS = {"-": " ", "\n": " ", "\t": " ", "\xa0": " ", "‐": " ", "‑": " ", "–": " ", "’": "'"}
_SUFFIX = re.compile(r"(?:s|'s|\d[\d.]*\+?)?(?![^\W_])")
"""What may follow a spelling and still leave a word: a plural, a version number."""
_SHORT_SUFFIX = re.compile(
    r"(?![0-9A-Za-z_\u00c0-\u024f+#&'])(?!\s?&\s?\w\b)(?!\.\w)(?!-(?!based|native|like|side|specific|language|developer))"
)
_ADDRESSES = {
    "://": re.compile(r"http(?<=\bhttp)s?://[^\s<>\"']{1,2000}"),
    "www.": re.compile(r"www(?<=\bwww)\.[^\s<>\"']{1,2000}"),
    "@": re.compile(r"@[\w-]{1,60}(?:\.[\w-]{1,60}){1,4}"),
}
"""By what a text with such an address holds. Each begins with letters, which a search skips to; `\b` in front would stop it."""


class SkillHit(NamedTuple):
    """A skill, the words it was read from, and their character offsets in the text."""

    skill: str
    text: str
    start: int
    end: int


_Span = tuple[int, int, Spelling]
"""Start and end of what a spelling matches; most are no skill in the end, so they are not worth a name yet."""


def find_skills(text: str) -> list[SkillHit]:
    """Every mention of a known skill, in order, none overlapping another. Linear in the length of `text`."""
    text = text[:MAX_TEXT]
    try:
        return _skills_of(text)
    except UnicodeEncodeError:
        return _skills_of(whole_characters(text))


def _skills_of(text: str) -> list[SkillHit]:
    text = _without_addresses(text)
    written = [found for found in _between_words(text) if not found[2].exact or text[found[0] : found[1]] == found[2].text]
    whole = [Found(*found) for found in (*_letters(text), *written) if _stands_alone(text, *found)]
    named = [found for found in _longest(whole) if found.spelling.skill is not None]
    hits = _unglue(text, in_context(text, named))
    return [SkillHit(found.spelling.skill or "", text[found.start : found.end], found.start, found.end) for found in hits]


def _without_addresses(text: str) -> str:
    """Blanks in place of web and mail addresses: `https://go.dev/python` names a page, not a skill."""
    for sign, pattern in _ADDRESSES.items():
        if sign in text:
            text = pattern.sub(lambda address: " " * len(address[0]), text)
    return text


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
    return re.compile(rf"[{re.escape(''.join(table))}](?<![0-9A-Za-z_].){_SHORT_SUFFIX.pattern}"), table


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
    after = text[end : end + 1]
    if before in _APART and after in _APART and not spelling.unsure and end - start > 2:
        return True
    if _joins(before) and (before != "." or text[start] != "."):
        return False
    if spelling.unsure or len(spelling.text) <= 2:
        return before not in "-&'.#@" and _SHORT_SUFFIX.match(text, end) is not None
    if after in ("+", "#") and text[end - 1].isalpha():
        return False
    return not _joins(after or " ") or _SUFFIX.match(text, end) is not None


def _joins(char: str) -> bool:
    """Whether a letter or digit continues the word. Chinese, Japanese and Korean write words without spaces."""
    return (char.isalnum() and char < "\u2e80") or char in "_@"


def _longest(found: list[Found]) -> list[Found]:
    """Of overlapping matches the one that starts first, then the longest, then the surest."""
    kept: list[Found] = []
    end = 0
    for match in sorted(found, key=lambda match: (match.start, -match.end, match.spelling.unsure)):
        if match.start >= end:
            kept.append(match)
            end = match.end
    return kept


def _unglue(text: str, hits: list[Found]) -> list[Found]:
    """Add what glued lists decompose into, in place of anything read inside them before."""
    pieces = [Found(*piece) for piece in glued_skills(text, _in_any_case)]
    if not pieces:
        return hits
    taken = [(piece.start, piece.end) for piece in pieces]
    free = [hit for hit in hits if not _overlaps(hit, taken)]
    return sorted(free + pieces, key=lambda match: match.start)


def _overlaps(hit: Found, taken: list[tuple[int, int]]) -> bool:
    index = bisect_left(taken, (hit.end, 0))
    return index > 0 and taken[index - 1][1] > hit.start
