"""Job titles inside running text: `… of the Kindle team Software Development Engineer — Acme` holds one.

A title is a run of capitalised words that the tables of roles and levels know, around the word for one who does a job.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from shared.posting import Role
from shared.reading.roles import read_role
from shared.reading.tables import parts, rows

MOST_WORDS = 7
_NOUN = re.compile(
    r"\b(?:engineer|developer|programmer|architect|manager|analyst|scientist|consultant|specialist|administrator|lead|head"
    r"|director|founder|intern|internship|trainee|freelancer|cto|tester|pentester|officer|assistant|\w{0,20}entwickler(?:in)?|développeur"
    r"|\w{0,20}ingenieur(?:in)?|werkstudent(?:in)?|ingénieur|desarrollador|ingeniero)\b",
    re.IGNORECASE,
)
_GOES_ON = frozenset(parts("lead|head|founder|co-founder|trainee|freelancer|manager|intern"))
"""Such words may begin a title, too: *Lead Software Engineer*."""
_NO_TITLE = frozenset({"job", "nothing", "about", "unless software", "or"})
_MORE = frozenset(
    parts("freelance|freelancer|founding|co-founder|founder|chief|head|of|development|research|&|/|-|and|analyst|systems|it|i")
)
_AFTER = re.compile(
    r"(?:,?\s(?:I(?![\s’'][a-z])|II|III|IV|V|[1-5]|Intern|Internship|Lead|Manager|Trainee"
    r"|\([A-Z][\w+#./ -]{0,20}\)))+(?!\w)"
)
_TOKEN = re.compile(r"\S+")
_BARE = " ,.;:()[]*_#'\"’“”"


class WrittenTitle(NamedTuple):
    """Where a title stands in the text, and whether it is one of engineering."""

    start: int
    end: int
    is_ours: bool


def written_titles(text: str, start: int, end: int) -> Iterator[WrittenTitle]:
    """The titles in text[start:end], in order."""
    tokens = list(_TOKEN.finditer(text, start, end))
    done = start
    for number, token in enumerate(tokens):
        noun = _NOUN.search(token[0])
        first = _first_word(tokens, number, done) if noun and token.start() >= done else None
        if noun is None or first is None or _begins_another(tokens, number):
            continue
        last = noun.end() + token.start()
        if more := _AFTER.match(text, last, end):
            last = more.end()
        title = text[first:last]
        done = last
        yield WrittenTitle(first, last, read_role(title) not in (None, Role.OTHER))


def _begins_another(tokens: list[re.Match[str]], noun: int) -> bool:
    """Whether the title goes on behind this word to a noun of its own."""
    if tokens[noun][0].lower() not in _GOES_ON:
        return False
    for token in tokens[noun + 1 : noun + MOST_WORDS]:
        if not token[0][0].isupper() or not _is_known(token[0].strip(_BARE)):
            return False
        if _NOUN.search(token[0]):
            return True
        if token[0][-1] in ".,;:!?)":
            return False
    return False


def _first_word(tokens: list[re.Match[str]], noun: int, floor: int) -> int | None:
    """Where the run of known words begins that ends in the noun: at a capital, or nowhere."""
    start = tokens[noun].start() if tokens[noun][0].lstrip(_BARE)[:1].isupper() else None
    for token in reversed(tokens[max(0, noun - MOST_WORDS) : noun]):
        word = token[0].strip(_BARE)
        if token.start() < floor or token[0][-1] in ".;:!?" or not _is_known(word):
            break
        if word[:1].isupper():
            start = token.start()
    return start


def _is_known(word: str) -> bool:
    return word in ("&", "/", "-", "and") or all(part in _vocabulary() for part in re.split(r"[-/]", word.lower()) if part)


@cache
def _vocabulary() -> frozenset[str]:
    phrases = [phrase for row in rows("levels") for phrase in parts(row["words"])]
    phrases += [phrase for row in rows("roles") if row["effect"] not in _NO_TITLE for phrase in parts(row["words"])]
    return _MORE | {word for phrase in phrases for word in phrase.split()}
