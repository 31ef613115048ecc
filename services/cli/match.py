"""`joblark profile` and `joblark match`: reading and scoring at the command line, without any server."""

import json as json_module
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from services.cli import files
from services.cli.show import Json, out, print_json, table
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from shared.match import Match
    from shared.posting import Posting
    from shared.profile import Profile


def add_to(cli: typer.Typer) -> None:
    profile = typer.Typer(help="What is read from a CV.", no_args_is_help=True)
    profile.command("read")(read_profile)
    cli.add_typer(profile, name="profile", rich_help_panel="Try")
    cli.command(rich_help_panel="Try")(match)


def read_profile(
    file: Annotated[str, typer.Argument(help="A CV as text, or a JSON Resume; - reads standard input.")], json: Json = False
) -> None:
    """Read a CV and print the profile in it."""
    from services.cli.show import cell

    content = profile_of(file).model_dump(mode="json")
    if json:
        return print_json(content)
    for name, value in content.items():
        out.print(f"[bold]{name.replace('_', ' '):12}[/] {_words(value) or cell(None)}")
    return None


def match(
    profile: Annotated[str, typer.Option(help="A CV as text, or a JSON Resume; - reads standard input.")],
    postings: Annotated[str, typer.Option(help="Postings, one JSON object a line, as `joblark sources parse --json` prints.")],
    top: Annotated[int, typer.Option(help="Print only this many. 0: all of them.")] = 0,
    json: Json = False,
) -> None:
    """Score postings against a profile, best first, and say why."""
    from shared.scoring import score

    person = profile_of(profile)
    scored = [(id_, posting, score(posting, person)) for id_, posting in postings_of(postings)]
    scored.sort(key=lambda item: -item[2].score)
    rows = [_row(*item, full=json) for item in scored[: top or None]]
    table(rows, as_json=json, empty=f"{postings}: no postings")


def profile_of(file: str) -> "Profile":
    """The profile in a file. Raises `UnreadableInput`."""
    from shared.reading.profile import read_profile_file

    return read_profile_file(file, files.read(file), today=datetime.now(UTC).date())


def postings_of(file: str) -> "list[tuple[Any, Posting]]":
    """The postings in a file of JSON lines, each with its `id` (or `external_id`, or line number)."""
    from shared.posting import MAX_DESCRIPTION, RawPosting
    from shared.reading.posting import read_posting

    found = []
    for number, line in enumerate(files.read(file).decode(errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        try:
            given = json_module.loads(line)
            defaults = {"source": "file", "board": file, "external_id": str(given.get("id") or number)}
            known = {name: value for name, value in given.items() if value is not None}
            raw = RawPosting.model_validate(defaults | known | {"description": str(given["description"])[:MAX_DESCRIPTION]})
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise UnreadableInput(f"{file}, line {number}: {_reason(error)}", code="posting_unreadable") from error
        found.append((given.get("id", given.get("external_id", number)), read_posting(raw)))
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
    return "it has no description" if isinstance(error, KeyError) else "not a JSON object"


def _row(id_: Any, posting: "Posting", match: "Match", *, full: bool) -> dict[str, Any]:
    row = {"id": id_, "score": match.score}
    explained = {"matched": match.matched, "missing": match.missing, "reasons": match.reasons}
    return row | (explained if full else {"title": posting.title, "place": posting.location, **explained})


def _words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value)
    if isinstance(value, dict):
        return str(value.get("skill") or "/".join(str(part) for part in value.values() if part))
    return "" if value is None else str(value)
