"""`joblark sources`: the kinds of boards Joblark reads."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.markup import escape

from services.cli import files
from services.cli.show import Json, err, out, print_json, progress, table
from services.cli.work import with_loop


def add_to(cli: typer.Typer) -> None:
    sources = typer.Typer(help="The kinds of boards Joblark reads.", no_args_is_help=True)
    sources.command("list")(list_sources)
    sources.command()(parse)
    sources.command()(replay)
    cli.add_typer(sources, name="sources", rich_help_panel="Try")


def list_sources(json: Json = False) -> None:
    """Every source, and what a board of it is called."""
    from services.scraper.sources import sources

    rows = [{"source": kind.name, "title": kind.title, "example": f"{kind.name}:{kind.example}"} for kind in sources().values()]
    table(rows, as_json=json)


def parse(
    source: Annotated[str, typer.Argument(help="A name from `joblark sources list`.")],
    file: Annotated[str, typer.Argument(help="A recorded answer of such a board; - reads standard input.")],
    board: Annotated[str, typer.Option(help="Name of the board that answered.")],
    json: Json = False,
) -> None:
    """Read a board's answer from a file and print the postings in it; what was dropped, and why, goes to stderr."""
    from services.scraper.sources import source as source_named

    parsed = source_named(source).parse(files.read(file), board)
    if json:
        for posting in parsed.postings:
            print_json(posting.model_dump(mode="json"))
    else:
        columns = ("external_id", "title", "company", "location", "posted_at")
        table([{name: getattr(posting, name) for name in columns} for posting in parsed.postings], as_json=False)
        out.print(f"\n{len(parsed.postings)} postings")
    for drop in parsed.dropped:
        err.print(f"[yellow]dropped[/] {escape(drop.external_id or '(no id)')}: {escape(drop.reason)}")


def replay(
    folder: Annotated[Path, typer.Argument(help="DIR/SOURCE/BOARD/20260809T131615Z.json; an empty .304: unchanged.")],
    json: Json = False,
) -> None:
    """Poll recorded boards again, through the same code as live polls, and count what was announced, edited and closed."""
    table(with_loop(_replay(folder)), as_json=json)


async def _replay(folder: Path) -> list[dict[str, object]]:
    from services.scraper.replay import Replay, recorded_boards
    from shared import migrations
    from shared.database import Database
    from shared.settings import Settings
    from shared.telemetry import configure_logging

    settings, boards = Settings(), recorded_boards(folder)
    configure_logging(settings.model_copy(update={"log_level": "error"}))
    with TemporaryDirectory() as scratch, progress() as bar:
        async with Database.opened(f"sqlite+aiosqlite:///{scratch}/replay.db") as database:
            await migrations.upgrade(database)
            past = Replay(database, settings)
            return [(await past.board(*board)).row() for board in bar.track(boards, description="replaying boards")]
