"""Which board an address or a line of text means, told by its words alone: nothing is asked, nobody is believed."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from services.scraper.sources import source, sources
from services.scraper.sources.base import Source
from services.scraper.sources.jsonld import SCHEME
from shared.errors import JoblarkError, NotFound, UnreadableInput

STARTER = Path(__file__).with_name("starter")
ANYWHERE = ("rss", "sitemap", "jsonld")
"""Sources that may be on any host: what recognises their addresses also recognises much else, so they come last."""
MAX_NAME = 200
MAX_LINES = 100_000
MAX_LINE = 2_000


@dataclass(frozen=True)
class Named:
    """A board by name. `url` is given where its source would not ask that address of itself."""

    source: str
    name: str
    url: str | None = None

    def __str__(self) -> str:
        return f"{self.source}:{self.name}"


@dataclass(frozen=True)
class Line:
    """One line of a list: the board it means, or the reason why it means none."""

    number: int
    text: str
    board: Named | None = None
    reason: str = ""


def board_at(url: str, *, anywhere: bool = True) -> Named | None:
    """The board whose page or feed `url` is, by the first source that knows it; those of any host only if `anywhere`."""
    known = sources()
    specific = [kind for name, kind in known.items() if name not in ANYWHERE]
    general = [known[name] for name in ANYWHERE if anywhere and name in known]
    return next(filter(None, (_board_of(kind, url) for kind in (*specific, *general))), None)


def board_of(source_name: str, url: str) -> Named:
    """The board at `url` of a source whose boards are addresses; one too long for a name is shortened and kept beside it."""
    return Named(source_name, url) if len(url) <= MAX_NAME else Named(source_name, url[:MAX_NAME], url)


def named(text: str, url: str | None = None) -> Named:
    """The board that a person means by `SOURCE:BOARD`, read at `url` where one is given, or by the address of a board.

    Raises `UnreadableInput` for what is neither, and `NotFound` for a source or an address that nobody knows.
    """
    text = text.strip()
    if is_address(text):
        found = board_at(web_address(text))
        if found is None:
            fault = "names no board of a source we know; `joblark boards add ADDRESS` looks into the page"
            raise NotFound(f"{text[:100]}: {fault}", code="board_not_recognised")
        return found
    kind, _, name = text.partition(":")
    if not kind or not name:
        fault = f"{text[:100]!r} is not a board: write it as SOURCE:BOARD, for example greenhouse:acme"
        raise UnreadableInput(fault, code="board_name")
    _check(source(kind), name, url)
    return Named(kind, name, url)


def is_address(text: str) -> bool:
    """Whether a person means an address and no `SOURCE:BOARD`: `https://acme.example`, `acme.example/careers`."""
    return bool(SCHEME.match(text)) or (":" not in text and "." in text.split("/")[0].strip("."))


def web_address(text: str) -> str:
    """An address with its scheme. Raises `UnreadableInput` for what cannot be one."""
    url = text.strip() if SCHEME.match(text.strip()) else f"https://{text.strip()}"
    try:
        parts = urlsplit(url)
        if parts.hostname and len(url) <= MAX_LINE and not any(sign.isspace() for sign in url):
            return url
    except ValueError:
        pass
    raise UnreadableInput(f"{text[:100]!r} is not an address of a web page", code="board_name")


def board_list(body: bytes) -> Iterator[Line]:
    """Every line of a list: `SOURCE:BOARD` or an address, or a table with a column `url`, or `source` and `board`.

    Raises `UnreadableInput` for what is too long to be a list; a line that means no board is one with a reason.
    """
    lines = body.decode("utf-8-sig", errors="replace").splitlines()
    if len(lines) > MAX_LINES:
        raise UnreadableInput(f"{len(lines):,} lines, more than {MAX_LINES:,}; split the list")
    for number, text in _boards_in(lines):
        if not text or text.startswith("#"):
            continue
        try:
            yield Line(number, text[:200], named(text))
        except JoblarkError as error:
            yield Line(number, text[:200], reason=str(error).removeprefix(f"{text[:100]}: "))


def starter(name: str) -> list[Named]:
    """The boards of a list that comes with Joblark. Raises `NotFound` with the names there are."""
    lists = {path.stem: path for path in STARTER.glob("*.tsv")}
    if name not in lists:
        raise NotFound(
            f"no starter list is called {name[:60]!r}; there are: {', '.join(sorted(lists))}", code="starter_unknown"
        )
    return [line.board for line in board_list(lists[name].read_bytes()) if line.board]


def _boards_in(lines: list[str]) -> Iterator[tuple[int, str]]:
    """(line number, what stands for the board) of every line; a table is told by its first line."""
    tab = "\t" if lines and "\t" in lines[0] else ","
    columns = [cell.strip().strip('"').lower() for cell in lines[0].split(tab)] if lines else []
    if "url" not in columns and not {"source", "board"} <= set(columns):
        yield from ((number, line.strip()[:MAX_LINE]) for number, line in enumerate(lines, 1))
        return
    table = csv.DictReader(lines[1:], fieldnames=columns, delimiter=tab, restval="")
    for row in table:
        said = {name: (text or "").strip()[:MAX_LINE] for name, text in row.items() if isinstance(text, str)}
        kind, board = said.get("source"), said.get("board")
        yield table.line_num + 1, f"{kind}:{board}" if kind and board else said.get("url", "")


def _board_of(kind: Source, url: str) -> Named | None:
    try:
        name = (kind.board_of(urlsplit(url)) or "").strip()
        if not name:
            return None
        _check(kind, name)
    except Exception:  # any address in a stranger's page comes here: one that a source trips over is not one of its own
        return None
    return Named(kind.name, name)


def _check(kind: Source, name: str, url: str | None = None) -> None:
    """Refuses what could not be asked; that an access key is still missing is no reason against a board."""
    try:
        kind.first(name, url)
    except UnreadableInput as error:
        if error.code != "source_key_missing":
            raise
