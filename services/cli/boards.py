"""`joblark boards`: which boards are watched, and how they do."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import adding
from services.cli.show import Json, out, progress, table
from services.cli.work import in_transaction, with_loop
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from services.scraper.turns import Host
    from shared.models import BoardRow

Name = Annotated[
    str, typer.Argument(metavar="SOURCE:BOARD", help="For example greenhouse:acme, or themuse:location=Singapore.")
]
NONE_YET = "no boards yet: joblark boards add greenhouse:acme"


def add_to(cli: typer.Typer) -> None:
    boards = typer.Typer(help="Which boards are watched, and how they do.", no_args_is_help=True)
    boards.command()(adding.add)
    boards.command("import")(adding.import_boards)
    boards.command()(adding.record)
    boards.command("list")(list_boards)
    boards.command("health")(board_health)
    boards.command()(poll)
    boards.command()(remove)
    cli.add_typer(boards, name="boards", rich_help_panel="Operate")


def list_boards(json: Json = False) -> None:
    """Every board: jobs now, when it was read last, when it is next, and what is wrong with it."""
    from services.scraper import repository

    async def work(session: "AsyncSession") -> list[dict[str, object]]:
        return [
            {
                "board": f"{row.source}:{row.name}",
                "jobs": row.postings_now,
                "dropped": row.dropped_now,
                "last_read": row.last_polled_at,
                "last_complete": row.last_complete_at,
                "next": row.next_poll_at,
                "failures": row.failures,
                "problem": row.last_error,
            }
            for row in await repository.list_boards(session)
        ]

    table(in_transaction(work), as_json=json, empty=NONE_YET)


def board_health(
    alarms: Annotated[bool, typer.Option("--alarms", help="Only boards that need somebody to look.")] = False,
    json: Json = False,
) -> None:
    """How each board does, in a word and a sentence. Exits 1 when one that used to list jobs does not, or keeps failing."""
    from services.scraper import repository
    from services.scraper.health import breaker, host_of_board
    from shared.board_health import health

    now = datetime.now(UTC)

    async def work(session: "AsyncSession") -> list[tuple[bool, dict[str, object]]]:
        boards = [(row, health(row, now)) for row in await repository.list_boards(session)]
        hosts = await _hosts([row for row, _ in boards])
        return [
            (
                found.is_alarm,
                {
                    "board": f"{row.source}:{row.name}",
                    "state": found.state,
                    "jobs": row.postings_now,
                    "dropped": row.dropped_now,
                    "why": row.dropped_why,
                    "breaker": breaker(row, hosts.get(host_of_board(row)), now),
                    "last_read": row.last_polled_at,
                    "last_complete": row.last_complete_at,
                    "last_jobs": row.last_yield_at,
                    "next": row.next_poll_at,
                    "problem": found.problem,
                },
            )
            for row, found in boards
        ]

    rows = in_transaction(work)
    table([row for alarm, row in rows if alarm or not alarms], as_json=json, empty="no alarms" if rows else NONE_YET)
    if any(alarm for alarm, _ in rows):
        raise typer.Exit(1)


def poll(
    boards: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE:BOARD]...", help="Default: every board.")] = None,
    json: Json = False,
) -> None:
    """Read boards now, whenever they are due, and say what changed."""
    rows = with_loop(_poll([split(name) for name in boards or []]))
    table(rows, as_json=json, empty=NONE_YET)
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


def remove(board: Name) -> None:
    """Stop watching a board and close its postings."""
    from services.scraper import repository

    kind, name = split(board)

    async def work(session: "AsyncSession") -> int:
        return await repository.remove_board(session, kind, name, datetime.now(UTC))

    out.print(f"no longer watching [bold]{board}[/]; {in_transaction(work)} open postings closed")


def split(board: str) -> tuple[str, str]:
    """`greenhouse:acme` → source and board name."""
    source, _, name = board.partition(":")
    if not source or not name:
        raise UnreadableInput(
            f"{board!r} is not a board: write it as SOURCE:BOARD, for example greenhouse:acme", code="board_name"
        )
    return source, name


async def _hosts(boards: "list[BoardRow]") -> "dict[str, Host]":
    from services.scraper.health import host_of_board
    from services.scraper.hosts import Hosts
    from shared.settings import Settings

    hosts = Hosts.at(Settings().redis)
    try:
        return await hosts.look(sorted({host_of_board(board) for board in boards}))
    finally:
        await hosts.close()


async def _poll(names: list[tuple[str, str]]) -> list[dict[str, object]]:
    from services.scraper import repository
    from services.scraper.app import fetcher
    from services.scraper.poll import Poller
    from shared.database import Database
    from shared.settings import Settings

    settings, rows = Settings(), []
    lease = timedelta(seconds=settings.poll_lease_seconds)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        poller = Poller(database, await stack.enter_async_context(fetcher(settings)), settings)
        if not names:
            async with database.read() as session:
                names = [(row.source, row.name) for row in await repository.list_boards(session)]
        bar = stack.enter_context(progress())
        for kind, name in bar.track(names, description="reading boards"):
            async with database.begin() as session:
                board = await repository.claim_board(session, kind, name, datetime.now(UTC), lease)
            rows.append((await poller.poll(board)).row())
    return rows
