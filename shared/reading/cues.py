"""The words that are worth a closer look, found in one pass: every reader of a posting's text asks here where to begin.

Looking for each subject's words one by one took ten times as long as one automaton over all of them (`data/cues.tsv`, and
the currencies of `data/currencies.tsv` as the subject `money`). The pass over the latest few texts is kept, so that the
readers of one posting share it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from shared.reading.tables import parts, rows

_HALF = re.compile("[\ud800-\udfff]")
MAX_TEXT = 100_000
"""Characters of a text that are looked at; descriptions end there too."""


class Cues(NamedTuple):
    """A text in lower case, offsets unchanged, and for each subject where its cues start, in order.

    A cue may begin with the blank before its first letter: `starts` is where to look, not what is there.
    """

    lower: str
    starts: dict[str, list[int]]

    def of(self, subject: str) -> list[int]:
        """Where the cues of `subject` start; empty where the text has none."""
        return self.starts.get(subject, [])

    def between(self, subject: str, start: int, end: int) -> bool:
        """Whether a cue of `subject` starts in [start, end)."""
        starts = self.starts.get(subject, [])
        index = bisect_left(starts, start)
        return index < len(starts) and starts[index] < end


@lru_cache(maxsize=4)
def cues(text: str) -> Cues:
    """Every cue of every subject in the first `MAX_TEXT` characters, also inside a word."""
    lower = lower_case(text[:MAX_TEXT])
    try:
        return _cues_in(lower)
    except UnicodeEncodeError:
        return _cues_in(whole_characters(lower))


def _cues_in(lower: str) -> Cues:
    automaton, subjects = _automaton()
    starts: dict[str, list[int]] = {}
    for index, start, _ in automaton.find_matches_as_indexes(f"\n{lower}", overlapping=True):
        starts.setdefault(subjects[index], []).append(max(0, start - 1))
    return Cues(lower, starts)


def whole_characters(text: str) -> str:
    """`text` with a sign in place of every half of a character (a lone surrogate), which no automaton takes. Offsets stay."""
    return _HALF.sub("\ufffd", text)


def lower_case(text: str) -> str:
    """`text` in lower case, every character at the offset it had (`İ` alone would become two)."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


@cache
def _automaton() -> tuple[AhoCorasick, list[str]]:
    subjects = {word: subject for subject, word in _words()}
    automaton = AhoCorasick(list(subjects), matchkind=MatchKind.Standard, implementation=Implementation.DFA)
    return automaton, list(subjects.values())


def _words() -> Iterator[tuple[str, str]]:
    for row in rows("cues"):
        for word in parts(row["words"]):
            yield from ((row["subject"], written) for written in _at_line_start(word))
    for row in rows("currencies"):
        for writing in (row["code"].lower(), *parts(row["written"]), row["sign"]):
            yield from (("money", cue) for cue in _cues_of(writing))


def _at_line_start(word: str) -> tuple[str, ...]:
    """A cue that begins with a blank may begin a line too."""
    return (word, f"\n{word[1:]}") if word.startswith(" ") else (word,)


def _cues_of(writing: str) -> tuple[str, ...]:
    """A sign as it is; letters where they begin a word, as three of them are inside of many; one letter before a digit."""
    if len(writing) == 1 and writing.isalpha() and writing.isascii():
        return tuple(f"{before}{writing}{digit}" for before in (" ", "\n", "(") for digit in "123456789")
    if writing.isalpha() and writing.isascii():
        return tuple(before + writing for before in (" ", "\n", "(", "\xa0", "/"))
    return (writing,) if writing else ()
