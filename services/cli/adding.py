"""`joblark boards add`, `import` and `record`: how boards come to be watched, and how one is recorded for a test."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from services.cli import files
from services.cli.show import Json, err, out, print_json, progress, table
from services.cli.work import in_transaction, with_loop
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from services.scraper.discover import Found
    from services.scraper.recognise import Line, Named

Url = Annotated[str, typer.Option(help="Read this address instead of the source's usual one.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what was found, and watch nothing.")]
SHOWN = 20
"""Lines without a board that are shown to people; with `--json` all are."""


def add(
    board: Annotated[
        str,
        typer.Argument(metavar="[SOURCE:BOARD|ADDRESS]", help="greenhouse:acme, or the address of any careers page."),
    ] = "",
    url: Url = "",
    starter: Annotated[str, typer.Option(help="Watch the boards of a list that comes with Joblark: singapore.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Watch a board. The scraper reads it within seconds, then every few hours.

    A careers page is looked into for the board behind it, and the board is asked whose it is.
    """
    from services.scraper import recognise

    if bool(board) == bool(starter):
        raise UnreadableInput("name one board, or a list with --starter: joblark boards add greenhouse:acme", code="board_name")
    if starter:
        boards = recognise.starter(starter)
        added, already = (0, 0) if dry_run else _watch(boards)
        out.print(f"{len(boards)} boards in the list [bold]{starter}[/]: {added} added, {already} watched already")
        return
    found = _looked_into(board) if recognise.is_address(board) else recognise.named(board, url or None)
    if not dry_run:
        _watch_one(found)
        out.print(f"watching [bold]{escape(str(found))}[/]; see [bold]joblark boards list[/]")


def import_boards(
    file: Annotated[
        str, typer.Argument(help="SOURCE:BOARD or an address a line, or a table with a column url; - reads standard input.")
    ],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Watch all the boards of a list, in one go, and say which lines name none."""
    from services.scraper.recognise import board_list

    lines = list(board_list(files.read(file)))
    with progress() as bar:
        known = [line.board for line in bar.track(lines, description="recognising boards") if line.board]
    added, already = (0, 0) if dry_run else _watch(known)
    unknown = [line for line in lines if line.board is None]
    _report({"added": added, "already": already, "repeated": len(known) - len(set(known))}, unknown, json)
    if unknown and not known:
        raise UnreadableInput(f"{file}: none of {len(unknown):,} lines names a board", code="board_name")


def record(
    board: Annotated[str, typer.Argument(metavar="SOURCE:BOARD", help="A board, watched or not.")],
    file: Annotated[Path, typer.Argument(help="Where to save the answer, as it came.")],
    url: Url = "",
) -> None:
    """Ask a board once and save the first page of its answer, for a test of its source."""
    from services.scraper.recognise import named
    from services.scraper.sources import source

    asked = named(board, url or None)
    body = with_loop(_answer(asked))
    try:
        file.write_bytes(body)
    except OSError as error:
        raise UnreadableInput(f"{file}: {error.strerror or error}", code="file_unwritable") from error
    out.print(f"{len(body):,} bytes saved in [bold]{escape(str(file))}[/]")
    answer = source(asked.source).parse(body, asked.name)
    out.print(f"{len(answer.postings)} postings in it, {len(answer.dropped)} dropped")


def _looked_into(address: str) -> "Named":
    found = with_loop(_discover(address))
    whose = f" of [bold]{escape(found.company)}[/]" if found.company else ""
    jobs = f", {found.jobs} jobs" if found.jobs is not None else ""
    out.print(f"found [bold]{escape(str(found.board))}[/]{whose} by {found.how}{jobs}")
    return found.board


async def _discover(address: str) -> "Found":
    from services.scraper.app import fetcher
    from services.scraper.discover import discover
    from shared.settings import Settings

    settings = Settings()
    async with fetcher(settings) as asks:
        return await discover(address, asks, _keys(settings.source_keys))


async def _answer(board: "Named") -> bytes:
    from services.scraper.app import fetcher
    from services.scraper.sources import source
    from shared.settings import Settings

    settings = Settings()
    request = source(board.source).first(board.name, board.url, _keys(settings.source_keys))
    async with fetcher(settings) as asks:
        return (await asks.fetch(request)).body


def _keys(secrets: Mapping[str, Any]) -> dict[str, str]:
    return {name: key.get_secret_value() for name, key in secrets.items()}


def _watch_one(board: "Named") -> None:
    """As `_watch`, but a board that is watched already is an error."""
    from services.scraper import repository

    async def work(session: "AsyncSession") -> None:
        await repository.add_board(session, board.source, board.name, board.url, datetime.now(UTC))

    in_transaction(work)


def _watch(boards: Iterable["Named"]) -> tuple[int, int]:
    """Watch many boards in one transaction: (added, watched already)."""
    from services.scraper import repository

    async def work(session: "AsyncSession") -> tuple[int, int]:
        rows = [(board.source, board.name, board.url) for board in boards]
        return await repository.add_boards(session, rows, datetime.now(UTC))

    return in_transaction(work)


def _report(counts: Mapping[str, int], unknown: list["Line"], json: bool) -> None:
    rows = [{"line": line.number, "text": line.text, "reason": line.reason} for line in unknown]
    if json:
        print_json({**counts, "unrecognised": rows})
        return
    added, already, repeated = (f"{counts[name]:,}" for name in ("added", "already", "repeated"))
    out.print(f"{added} added, {already} watched already, {repeated} named twice, {len(rows):,} not recognised")
    if rows:
        table(rows[:SHOWN], as_json=False)
    if len(rows) > SHOWN:
        err.print(f"[dim]… and {len(rows) - SHOWN:,} more: --json names them all[/]")
