"""Lists that lost their separators: portfolio pages copied as text say `GoPythonMySQL` and `Ubuntu ServerDocker`.

A line, or a token of it, counts as such a list only when all of it decomposes into known skills written the way their
names are, at least two of which touch.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

from shared.reading.vocabulary import Spelling, spellings

MAX_GLUED = 400
_GLUE = re.compile(r"[A-Z](?:(?<=[a-z0-9+#].)|[A-Z][a-z])")
"""A capital inside a word. It is written to start with the capital, so that a search skips from one to the next."""
_WORD = re.compile(r"[^\W_]+")
_LONGEST_WORD = 30
_TOKEN = re.compile(r"[\w+#./-]+")
_LABEL = re.compile(r"[\s\-•*]*(?:[A-Z][\w &/]{0,30}:)?\s*")
_SEPARATORS = " ,/|·•&;\t"


class _Edge(NamedTuple):
    start: int
    end: int
    spelling: Spelling


def glued_skills(
    text: str, spellings_in: Callable[[str], Iterable[tuple[int, int, Spelling]]]
) -> list[tuple[int, int, Spelling]]:
    """The skills that the glued lists of `text` are made of, in order. `spellings_in` need no word boundary.

    Linear: every character is looked at once for its line and once for its token.
    """
    pieces: list[tuple[int, int, Spelling]] = []
    for start, end in _glued_lines(text):
        line = text[start:end]
        edges = _by_start(line, spellings_in(line))
        found = _undo_glue(line, (0, len(line)), edges) or _glued_tokens(line, edges)
        pieces += (_Edge(start + piece.start, start + piece.end, piece.spelling) for piece in found)
    return pieces


def _glued_lines(text: str) -> Iterator[tuple[int, int]]:
    """Short lines with a capital inside a word that is no name as it stands, without a label such as `Stack:` in front."""
    end = 0
    while glue := _GLUE.search(text, end):
        if word := _known_word(text, glue.start()):
            end = word
            continue
        start, end = text.rfind("\n", 0, glue.start()) + 1, text.find("\n", glue.end())
        end = len(text) if end < 0 else end
        if end - start <= MAX_GLUED:
            label = _LABEL.match(text, start, end)
            yield label.end() if label else start, end


def _known_word(text: str, inside: int) -> int | None:
    """Where the word around `inside` ends, if it is not worth taking a line apart for.

    It is a name by itself (`TypeScript`), or no names could make it up (`LinkedIn`).
    """
    start = inside
    while start > 0 and inside - start < _LONGEST_WORD and text[start - 1].isalnum():
        start -= 1
    word = _WORD.match(text, start)
    return word.end() if word and word.end() > inside and not _may_be_glued(word[0]) else None


@lru_cache(maxsize=8192)
def _may_be_glued(word: str) -> bool:
    """Whether names, the first and last of which may go on outside the word, make it up; not where it is one name."""
    if len(word) > _LONGEST_WORD:
        return True
    word = word.lower()
    names = _names()
    if word in names.whole:
        return False
    reached = {0}
    for end in range(1, len(word)):
        if any(word[start:end] in (names.whole if start else names.last) for start in reached):
            reached.add(end)
    return word in names.parts or any(word[start:] in names.first for start in reached if start)


class _Names(NamedTuple):
    """Names of one word, and the words that longer names consist of, begin and end with; the latter two with all of `whole`."""

    whole: frozenset[str]
    parts: frozenset[str]
    first: frozenset[str]
    last: frozenset[str]


@cache
def _names() -> _Names:
    names = [spelling.text.lower() for spelling in spellings() if spelling.skill]
    words = [(name, _WORD.findall(name)) for name in names]
    whole = frozenset(name for name, of_name in words if of_name == [name])
    longer = [of_name for name, of_name in words if of_name and of_name != [name]]
    first, last = (frozenset(of_name[place] for of_name in longer) for place in (0, -1))
    return _Names(whole, frozenset(word for of_name in longer for word in of_name), first | whole, last | whole)


def _by_start(text: str, matches: Iterable[tuple[int, int, Spelling]]) -> dict[int, list[_Edge]]:
    """Inside a glued list only names as they are written count, of more than one letter."""
    edges: dict[int, list[_Edge]] = {}
    for start, end, spelling in matches:
        if end - start > 1 and spelling.skill and (text[start].isupper() or text[start:end] == spelling.text):
            edges.setdefault(start, []).append(_Edge(start, end, spelling))
    return edges


def _glued_tokens(line: str, edges: dict[int, list[_Edge]]) -> Iterator[_Edge]:
    """What those tokens of a line decompose into that are lists themselves."""
    for token in _TOKEN.finditer(line):
        begins_with_one = token.start() in edges or line[token.start()] in _SEPARATORS
        if begins_with_one and _GLUE.search(line, *token.span()):
            yield from _undo_glue(line, token.span(), edges)


def _undo_glue(text: str, span: tuple[int, int], edges: dict[int, list[_Edge]]) -> list[_Edge]:
    path = _fewest(text, *span, edges)
    return path if _touching(path) else []


def _fewest(text: str, start: int, end: int, edges: dict[int, list[_Edge]]) -> list[_Edge]:
    """The decomposition of text[start:end] into the fewest skills, or nothing."""
    best: dict[int, tuple[int, _Edge | None, int]] = {start: (0, None, start)}
    reach = start
    for position in range(start, end):
        if position > reach:
            break
        if position in best:
            for stop, cost, edge in _steps(text, position, best[position][0], edges):
                reach = max(reach, stop)
                if stop <= end and (stop not in best or cost < best[stop][0]):
                    best[stop] = (cost, edge, position)
    return _path(best, end)


def _steps(text: str, position: int, count: int, edges: dict[int, list[_Edge]]) -> list[tuple[int, int, _Edge | None]]:
    steps: list[tuple[int, int, _Edge | None]] = [(edge.end, count + 1, edge) for edge in edges.get(position, ())]
    if text[position] in _SEPARATORS:
        steps.append((position + 1, count, None))
    return steps


def _path(best: dict[int, tuple[int, _Edge | None, int]], end: int) -> list[_Edge]:
    path: list[_Edge] = []
    position = end
    while position in best and best[position][2] != position:
        _, edge, position = best[position]
        path += [edge] if edge else []
    return path[::-1]


def _touching(path: list[_Edge]) -> bool:
    return any(left.end == right.start for left, right in pairwise(path))
