"""A job title as plain English words: what role and level are read from.

Lower case, without punctuation and accents, the usual words of some fifteen other languages put into English
(`data/title_words.tsv`), German compounds taken apart (*Softwareentwickler*: *software developer*). A title is cut where people
cut titles: *Senior Engineer, Payments (Go)* has three segments.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import zip_longest
from typing import Generic, NamedTuple, TypeVar

from shared.reading.tables import rows

MAX_TITLE = 300
TITLES_KEPT = 2048

_CUT = re.compile(r"\s[-@]+\s?|[-:]\s|[–—―|•·~;,()\[\]{}【】「」、]|\s(?:at|(?:for|in)(?! test)|with|bei|fur|pour|para|chez)\s")
_WORD = re.compile(r"[^\W_]+[+#]{0,2}|/")
_ACCENT = re.compile("[\u0300-\u036f]")
_FIRST_OTHER_SCRIPT = "\u0370"
"""From Greek on, words are looked for inside the title: Chinese and Japanese put no spaces between them."""
_SHORTEST_COMPOUND = 9

Tag = TypeVar("Tag")


class Title(NamedTuple):
    """The words of all segments in order, `/` among them; each segment is the (start, end) of its words, never empty."""

    words: tuple[str, ...]
    segments: tuple[tuple[int, int], ...]


class Hit(NamedTuple, Generic[Tag]):
    """A phrase of a table found at the words from `start` up to `end`."""

    start: int
    end: int
    tag: Tag


@lru_cache(maxsize=TITLES_KEPT)
def parse_title(title: str) -> Title:
    """The first `MAX_TITLE` characters as words. The last titles are kept: role and level are asked of each in turn."""
    words: list[str] = []
    segments: list[tuple[int, int]] = []
    for segment in _CUT.split(_plain(title[:MAX_TITLE].lower().replace(".net", " dotnet"))):
        start = len(words)
        words += _english(_WORD.findall(segment))
        if len(words) > start:
            segments.append((start, len(words)))
    return Title(tuple(words), tuple(segments))


def _plain(title: str) -> str:
    """Without accents; words of scripts other than Latin in English, between spaces."""
    if title.isascii():
        return title
    title = unicodedata.normalize("NFKC", title)
    if max(title, default="") >= _FIRST_OTHER_SCRIPT:
        pattern, english = _glyphs()
        title = pattern.sub(lambda match: f" {english[match[0]]} ", title)
    return _ACCENT.sub("", unicodedata.normalize("NFKD", title))


def _english(words: list[str]) -> list[str]:
    known = _dictionary()
    found: list[str] = []
    for word in words:
        if word in known:
            found += known[word]
        elif len(word) >= _SHORTEST_COMPOUND and word.endswith(_endings()[0]):
            found += _taken_apart(word)
        else:
            found.append(word)
    return found


def _taken_apart(word: str) -> list[str]:
    """The parts of a compound in English: `vertriebsingenieur` is a `sales` `engineer`."""
    endings, english = _endings()
    ending = next(ending for ending in endings if word.endswith(ending))
    first, known = word.removesuffix(ending), _dictionary()
    plain = first if first in known else first.removesuffix("s") if first.removesuffix("s") in known else first
    return [*known.get(plain, [plain] if plain else []), english[ending]]


@cache
def _dictionary() -> dict[str, list[str]]:
    return {row["word"]: row["english"].split() for row in rows("title_words") if row["kind"] == "word"}


@cache
def _endings() -> tuple[tuple[str, ...], dict[str, str]]:
    english = {row["word"]: row["english"] for row in rows("title_words") if row["kind"] == "ending"}
    return tuple(sorted(english, key=len, reverse=True)), english


@cache
def _glyphs() -> tuple[re.Pattern[str], dict[str, str]]:
    english = {row["word"]: row["english"] for row in rows("title_words") if row["kind"] == "glyphs"}
    return re.compile("|".join(map(re.escape, sorted(english, key=len, reverse=True)))), english


class Phrases(Generic[Tag]):
    """Phrases of a table, each with a tag, found in titles at word boundaries in one pass; a plural *s* is found too."""

    def __init__(self, tagged: Iterable[tuple[str, Tag]]) -> None:
        self._words: defaultdict[str, list[Tag]] = defaultdict(list)
        self._longer: defaultdict[tuple[str, str], list[tuple[tuple[str, ...], Tag]]] = defaultdict(list)
        """By their first two words: many begin alike (*data …*), few go on alike."""
        for phrase, tag in tagged:
            words = _WORD.findall(phrase)
            for form in (words, [*words[:-1], f"{words[-1]}s"]):
                if len(form) == 1:
                    self._words[form[0]].append(tag)
                else:
                    self._longer[form[0], form[1]].append((tuple(form), tag))

    def find(self, words: tuple[str, ...]) -> list[Hit[Tag]]:
        """Every phrase at every place, those that overlap too; in the order they begin."""
        found: list[Hit[Tag]] = []
        for start, (word, following) in enumerate(zip_longest(words, words[1:], fillvalue="")):
            found += [Hit(start, start + 1, tag) for tag in self._words.get(word, ())]
            for phrase, tag in self._longer.get((word, following), ()):
                end = start + len(phrase)
                if words[start:end] == phrase:
                    found.append(Hit(start, end, tag))
        return found
