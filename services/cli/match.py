"""`joblark match`: reading and scoring at the command line, without any server."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import files
from services.cli.given import given_in
from services.cli.show import Json, table
from shared.errors import NotFound, UnreadableInput

if TYPE_CHECKING:
    from services.cli.given import Given
    from shared.match import Match
    from shared.posting import Posting
    from shared.profile import Profile


def add_to(cli: typer.Typer) -> None:
    cli.command(rich_help_panel="Try")(match)


def match(
    profile: Annotated[str, typer.Option(help="A CV as text, or a JSON Resume; - reads standard input.")],
    postings: Annotated[
        str,
        typer.Option(
            help="Postings, one JSON object a line, as `joblark sources parse --json` prints; or one job, pasted or saved."
        ),
    ],
    top: Annotated[int, typer.Option(help="Print only this many. 0: all of them.")] = 0,
    explain: Annotated[str, typer.Option(metavar="ID", help="Take the score of this posting apart, part by part.")] = "",
    json: Json = False,
) -> None:
    """Score postings against a profile, best first, and say why."""
    from services.cli.explain import explain as explained
    from shared.scoring import score

    person, given = profile_of(profile), given_in(postings)
    if explain:
        return explained(*_chosen(given, explain, postings), person, as_json=json)
    scored = [(one.id, one.posting, score(one.posting, person)) for one in given]
    scored.sort(key=lambda item: -item[2].score)
    rows = [_row(*item, full=json) for item in scored[: top or None]]
    table(rows, as_json=json, empty=f"{postings}: no postings")
    return None


def _chosen(given: "list[Given]", wanted: str, file: str) -> "tuple[Any, Posting]":
    """The posting with this id, or the only one there is for `-`."""
    found = [one for one in given if wanted in (str(one.id), one.posting.external_id) or (wanted == "-" and len(given) == 1)]
    if not found:
        raise NotFound(f"{file}: no posting {wanted}; the ids are those that `joblark match` prints", code="posting_not_found")
    return found[0].id, found[0].posting


def profile_of(file: str) -> "Profile":
    """The profile in a file of any format that `shared.reading.documents` knows. Raises `UnreadableInput` naming the file."""
    from shared.apart import read_apart
    from shared.reading.profile import read_profile_document

    body = files.read(file)
    try:
        return read_profile_document(read_apart(body), today=datetime.now(UTC).date())
    except UnreadableInput as error:
        raise UnreadableInput(f"{file}: {error}", code=error.code) from error


def postings_of(file: str) -> "list[tuple[Any, Posting]]":
    """The postings in a file, each with its `id` (or `external_id`, or line number). Raises `UnreadableInput`."""
    return [(one.id, one.posting) for one in given_in(file)]


def _row(id_: Any, posting: "Posting", match: "Match", *, full: bool) -> dict[str, Any]:
    row = {"id": id_, "score": match.score}
    explained = {"matched": match.matched, "missing": match.missing, "reasons": match.reasons}
    return row | (explained if full else {"title": posting.title, "place": posting.location, **explained})
