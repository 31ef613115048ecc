"""`joblark demo`: the main job, end to end, on this machine alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import files
from services.cli.match import profile_of
from services.cli.show import Json, err, out, print_json, progress, table
from services.cli.work import with_loop
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from services.embedded.demo import Report
    from shared.profile import Profile

Recorded = Annotated[
    list[str] | None, typer.Option(metavar="SOURCE:BOARD=FILE", help="A board's recorded answer, instead of the sample boards.")
]
Cvs = Annotated[
    list[str] | None, typer.Option(metavar="CV", help="A CV as text or JSON Resume, instead of the sample engineers.")
]


def add_to(cli: typer.Typer) -> None:
    cli.command(rich_help_panel="Try")(demo)


def demo(
    recorded: Recorded = None,
    profile: Cvs = None,
    out_dir: Annotated[Path, typer.Option("--out", help="Mails go to its folder mails/.")] = Path("var/demo"),
    json: Json = False,
) -> None:
    """Poll boards, match engineers, mail digests: the whole line on invented data, or on yours. No network, no key.

    Boards answer over HTTP from a small local server, mails go over SMTP to a local catcher. Every run starts afresh.
    """
    from services.embedded.demo import demo as run
    from services.embedded.demo import sample_people
    from shared.settings import Settings
    from shared.telemetry import configure_logging

    configure_logging(Settings(_env_file=None, log_level="error"))
    answers = answers_of(recorded)
    people = _people(profile) if profile else sample_people()
    with progress() as bar:
        report = with_loop(run(answers, people, out_dir, bar))
    _print(report, json)
    if report.undelivered:
        raise typer.Exit(1)


def answers_of(recorded: list[str] | None) -> dict[tuple[str, str], bytes]:
    """The recorded answers, else those of the sample boards, by source and board. Raises `UnreadableInput`."""
    from services.embedded.demo import sample_boards

    return dict(_answer(given) for given in recorded) if recorded else sample_boards()


def _answer(given: str) -> tuple[tuple[str, str], bytes]:
    """`SOURCE:BOARD=FILE`; both a board's name and a file's may contain `=`, so the longest board with a file counts."""
    from services.scraper.sources import source

    cuts = [place for place, letter in enumerate(given) if letter == "="]
    cut = next((place for place in reversed(cuts) if Path(given[place + 1 :]).is_file()), cuts[-1] if cuts else 0)
    kind, _, board = given[:cut].partition(":")
    if not (cut and kind and board):
        raise UnreadableInput(f"{given!r}: write SOURCE:BOARD=FILE, such as greenhouse:acme=answer.json", code="recorded_name")
    return (source(kind).name, board), files.read(given[cut + 1 :])


def _people(paths: list[str]) -> "dict[str, Profile]":
    people: dict[str, Profile] = {}
    for path in paths:
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in Path(path).stem)[:40] or "engineer"
        people[name if name not in people else f"{name}-{len(people) + 1}"] = profile_of(path)
    return people


def _print(report: "Report", json: bool) -> None:
    if json:
        for row in (*report.boards, *report.people, *({"mail": str(path)} for path in report.mails)):
            print_json(row)
        return
    table(report.boards, as_json=False)
    out.print()
    table(report.people, as_json=False)
    postings, matches = (
        sum(row[name] for row in rows) for name, rows in (("postings", report.boards), ("matches", report.people))
    )
    out.print(
        f"\n[bold]{len(report.boards)}[/] boards, [bold]{postings}[/] postings, [bold]{matches}[/] matches, "
        f"[bold]{len(report.mails)}[/] mails"
    )
    for path in report.mails:
        out.print(f"{path}\n{path.with_suffix('.html')}", soft_wrap=True)
    if not report.mails:
        err.print("[yellow]no mail: nothing on these boards fits these engineers[/]")
