"""Lists that lost their separators: portfolio pages copied as text say `GoPythonMySQL` and `Ubuntu ServerDocker`.

A line, or a token of it, counts as such a list only when all of it decomposes into known skills written the way their
names are, at least two of which touch.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from shared.reading.vocabulary import Spelling

MAX_GLUED = 400
_GLUE = re.compile(r"[a-z0-9+#][A-Z]|[A-Z]{2}[a-z]")
_LINE = re.compile(r"[^\n]+")
_TOKEN = re.compile(r"[\w+#./-]+")
_LABEL = re.compile(r"[\s\-•*]*(?:[A-Z][\w &/]{0,30}:)?\s*")
_SEPARATORS = " ,/|·•&;\t"


class _Edge(NamedTuple):
    start: int
    end: int
    spelling: Spelling


def glued_skills(text: str, matches: Iterable[tuple[int, int, Spelling]]) -> list[tuple[int, int, Spelling]]:
    """The skills that the glued lists of `text` are made of, in order. `matches` need no word boundary.

    Linear: every character is looked at once for its line and once for its token.
    """
    lines = list(_glued_lines(text))
    if not lines:
        return []
    edges = _by_start(text, matches)
    pieces: list[tuple[int, int, Spelling]] = []
    for start, end in lines:
        spans = [(start, end), *((token.start(), token.end()) for token in _TOKEN.finditer(text, start, end))]
        pieces.extend(_first_list(text, spans, edges))
    return pieces


def _glued_lines(text: str) -> Iterator[tuple[int, int]]:
    """Short lines with a capital inside a word, without a label such as `Stack:` in front."""
    for line in _LINE.finditer(text):
        if line.end() - line.start() <= MAX_GLUED and _GLUE.search(line[0]):
            label = _LABEL.match(line[0])
            yield line.start() + (label.end() if label else 0), line.end()


def _by_start(text: str, matches: Iterable[tuple[int, int, Spelling]]) -> dict[int, list[_Edge]]:
    """Inside a glued list only names as they are written count, of more than one letter."""
    edges: dict[int, list[_Edge]] = {}
    for start, end, spelling in matches:
        if end - start > 1 and spelling.skill and (text[start].isupper() or text[start:end] == spelling.text):
            edges.setdefault(start, []).append(_Edge(start, end, spelling))
    return edges


def _first_list(text: str, spans: list[tuple[int, int]], edges: dict[int, list[_Edge]]) -> list[_Edge]:
    """The whole line where it is a list, else every token of it that is."""
    line, *tokens = spans
    whole = _undo_glue(text, line, edges)
    return whole or [piece for token in tokens if _GLUE.search(text, *token) for piece in _undo_glue(text, token, edges)]


def _undo_glue(text: str, span: tuple[int, int], edges: dict[int, list[_Edge]]) -> list[_Edge]:
    path = _fewest(text, *span, edges)
    return path if _touching(path) else []


def _fewest(text: str, start: int, end: int, edges: dict[int, list[_Edge]]) -> list[_Edge]:
    """The decomposition of text[start:end] into the fewest skills, or nothing."""
    best: dict[int, tuple[int, _Edge | None, int]] = {start: (0, None, start)}
    for position in range(start, end):
        if position in best:
            for stop, cost, edge in _steps(text, position, best[position][0], edges):
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
