"""How commands speak: tables and progress for people, one JSON object a line for programs."""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
PIPED_WIDTH = 160
"""Columns when the output is no terminal: a file has no width, and wrapped cells are hard to read and to grep."""
out = Console(highlight=False, emoji=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False, emoji=False)


def table(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str = "nothing to show") -> None:
    """Print `rows`: as a table whose columns are the keys of the first, or as JSON lines."""
    if as_json:
        for row in rows:
            print_json(row)
    elif rows:
        out.print(_table(rows))
    else:
        err.print(f"[dim]{empty}[/]")


def print_json(row: Mapping[str, Any]) -> None:
    """One line, whatever the values hold: some programs also end lines at U+0085, U+2028 and U+2029."""
    line = json.dumps(row, default=_plain, ensure_ascii=False)
    sys.stdout.write(re.sub("[\x85\u2028\u2029]", lambda end: f"\\u{ord(end[0]):04x}", line) + "\n")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _table(rows: Sequence[Mapping[str, Any]]) -> Table:
    view = Table(box=None, header_style="bold", pad_edge=False, collapse_padding=True)
    for place, (name, value) in enumerate(rows[0].items()):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        view.add_column(name.replace("_", " "), justify="right" if number else "left", overflow="fold", no_wrap=place == 0)
    for row in rows:
        view.add_row(*(cell(value) for value in row.values()))
    return view


def cell(value: Any) -> str:
    """A value as a person reads it: unknown is a dash, a time is how far away it is."""
    if value is None or value == "":
        return "[dim]–[/]"
    if isinstance(value, datetime):
        return away(value, datetime.now(UTC))
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return text.replace("[", r"\[")


def away(when: datetime, now: datetime) -> str:
    """`in 3 h`, `2 d ago`."""
    seconds = (when - now).total_seconds()
    size, unit = next(((n, u) for n, u in ((86400, "d"), (3600, "h"), (60, "min")) if abs(seconds) >= n), (1, "s"))
    amount = f"{abs(seconds) / size:.0f} {unit}"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


@contextmanager
def progress() -> Iterator[Progress]:
    """A progress bar on stderr that leaves nothing behind when it is done, and nothing at all where nobody watches."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        yield bar
