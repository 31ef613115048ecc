"""`joblark dead-letters`: events that were set aside because handling them kept failing."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.show import Json, out, print_json, table
from services.cli.work import on_streams
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from shared.streams import Streams
    from shared.streams.dead_letters import DeadLetter

Stream = Annotated[str, typer.Argument(help="postings, subscriptions, mails or deliveries.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="As the listing shows them.")]
All = Annotated[bool, typer.Option("--all", help="Every dead letter of the stream.")]


def add_to(cli: typer.Typer) -> None:
    letters = typer.Typer(help="Events that were set aside because handling them kept failing.", no_args_is_help=True)
    letters.command("list")(list_letters)
    for command in (show, replay, drop):
        letters.command()(command)
    cli.add_typer(letters, name="dead-letters", rich_help_panel="Operate")


def list_letters(json: Json = False) -> None:
    """Every dead letter and why it is one."""
    from shared.streams import dead_letters

    async def work(streams: "Streams") -> "list[DeadLetter]":
        return await dead_letters.listing(streams.client)

    rows = [letter.model_dump(exclude={"body", "entry"}) for letter in on_streams(work)]
    table(rows, as_json=json, empty="no dead letters: everything was handled")


def show(stream: Stream, id_: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """One dead letter with the event it holds, as JSON."""
    from shared.streams import dead_letters

    _known(stream)

    async def work(streams: "Streams") -> "DeadLetter":
        return await dead_letters.show(streams.client, stream, id_)

    print_json(on_streams(work).model_dump())


def replay(stream: Stream, ids: Ids = None, every: All = False) -> None:
    """Put dead letters back on their stream, to be handled once more. Do this when their cause is mended."""
    from shared.streams import dead_letters

    out.print(f"put back {_each(stream, ids or [], every, dead_letters.replay)} events on {stream}")


def drop(stream: Stream, ids: Ids = None, every: All = False) -> None:
    """Throw dead letters away for good."""
    from shared.streams import dead_letters

    out.print(f"dropped {_each(stream, ids or [], every, dead_letters.drop)} dead letters of {stream}")


def _known(stream: str) -> None:
    from shared.events import STREAMS

    if stream not in STREAMS:
        raise UnreadableInput(f"there is no stream {stream!r}: it is one of {', '.join(STREAMS)}", code="stream_unknown")


def _each(stream: str, ids: list[str], every: bool, act: "Act") -> int:
    from shared.streams import dead_letters

    _known(stream)
    if bool(ids) == every:
        raise typer.BadParameter("name the dead letters by their ids, or say --all")

    async def work(streams: "Streams") -> int:
        client = streams.client
        if every:
            letters = await dead_letters.listing(client, (stream,), limit=1_000_000)
        else:
            letters = [await dead_letters.show(client, stream, id_) for id_ in ids]
        for letter in reversed(letters):
            await act(client, letter)
        return len(letters)

    return on_streams(work)


if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from shared.streams.wire import Client

    Act = Callable[[Client, DeadLetter], Awaitable[None]]
