"""`joblark bench`: how fast the heart of it is on this machine."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.demo import Recorded, answers_of
from services.cli.show import Json, print_json, progress, table

if TYPE_CHECKING:
    from shared.posting import Posting


def add_to(cli: typer.Typer) -> None:
    bench = typer.Typer(help="How fast the heart of it is on this machine.", no_args_is_help=True)
    bench.command()(matcher)
    bench.callback()(lambda: None)  # so that there is a group though it has one command
    cli.add_typer(bench, name="bench", rich_help_panel="Operate")


def matcher(
    subscriptions: Annotated[int, typer.Option(min=1, help="Invented subscriptions, in measured proportions.")] = 100_000,
    postings: Annotated[int, typer.Option(min=1, help="Postings scored against all of them, one by one.")] = 200,
    recorded: Recorded = None,
    json: Json = False,
) -> None:
    """Score postings against many subscriptions at once: milliseconds per posting and per change, bytes per subscription.

    A million subscriptions take about 300 MB and a minute and a half to invent. Nothing is stored.
    """
    from services.matcher import bench
    from services.matcher.allocator import keep_freed_memory
    from services.matcher.index import Index

    keep_freed_memory()  # as the matcher does
    real = _postings(recorded)
    for _ in bench.build(1_000, Index(bench.THRESHOLD)):
        pass  # so that tables and caches that everything shares are not counted as the subscriptions'
    with progress() as bar:
        before, index = bench.memory(), Index(bench.THRESHOLD)
        task = bar.add_task("inventing subscriptions", total=subscriptions)
        for added in bench.build(subscriptions, index):
            bar.advance(task, added)
        built, held = bar.tasks[task].elapsed or 0.0, bench.memory() - before
        screened = list(bar.track(bench.screen(index, real, postings), total=postings, description="scoring postings"))
    changes = bench.change(index)
    saved, loaded, size = bench.reload(index)
    _print(
        {
            "subscriptions": subscriptions,
            "postings": postings,
            **bench.report(screened, changes),
            "bytes_per_subscription": round(held / subscriptions),
            "build_seconds": round(built, 1),
            "snapshot_save_seconds": round(saved, 2),
            "snapshot_load_seconds": round(loaded, 2),
            "snapshot_bytes_per_subscription": round(size / subscriptions),
        },
        json,
    )


def _postings(recorded: list[str] | None) -> "list[Posting]":
    """Those of the recorded boards, else of the sample boards, read."""
    from services.scraper.sources import source
    from shared.reading.posting import read_posting

    found = [source(kind).parse(body, board).postings for (kind, board), body in answers_of(recorded).items()]
    return [read_posting(raw) for postings in found for raw in postings]


def _print(report: dict[str, Any], json: bool) -> None:
    if json:
        print_json(report)
    else:
        table([{"what": name.replace("_", " "), "measured": value} for name, value in report.items()], as_json=False)
