"""`joblark posting read`: what is read from a job that somebody pasted or saved."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli.given import given_in
from services.cli.show import Json, cell, out, print_json
from shared.errors import UnreadableInput

if TYPE_CHECKING:
    from shared.posting import Posting

FIELDS = ("title", "company", "location", "department", "posted_at", "valid_through", "requisition_id", "url")
FACTS = ("role", "level", "years", "workplace", "employment", "pay", "language", "sponsorship", "agency", "closes_on")


def add_to(cli: typer.Typer) -> None:
    posting = typer.Typer(help="What is read from a job.", no_args_is_help=True)
    posting.callback()(lambda: None)  # with one command only, typer would leave out its name
    posting.command("read")(read_posting)
    cli.add_typer(posting, name="posting", rich_help_panel="Try")


def read_posting(
    file: Annotated[
        str, typer.Argument(help="A job copied from a web page as text, or the page saved as HTML; - reads standard input.")
    ],
    json: Json = False,
) -> None:
    """Read a job from pasted text or a saved page, and print the posting in it."""
    found = [given.posting for given in given_in(file)]
    if not found:
        raise UnreadableInput(f"{file}: there is no text; paste the text of a job or save its page", code="posting_empty")
    for number, posting in enumerate(found):
        if json:
            print_json(posting.model_dump(mode="json"))
        else:
            out.print(*[""] if number else [], end="\n" if number else "")
            _show(posting)


def _show(posting: "Posting") -> None:
    facts = posting.facts
    stated = {name: getattr(posting, name) for name in FIELDS} | {"places": [_place(place) for place in facts.places]}
    for name, value in (stated | {name: getattr(facts, name, None) for name in FACTS}).items():
        out.print(f"[bold]{name.replace('_', ' '):14}[/] {_words(value)}")
    for strength in ("required", "preferred", "mentioned"):
        skills = [mention.skill for mention in facts.skills if mention.strength.value == strength]
        out.print(f"[bold]{strength:14}[/] {_words(skills)}")
    out.print(f"[bold]{'text':14}[/] {len(posting.description):,} characters")


def _place(place: Any) -> str:
    return "/".join(part for part in (place.city, place.region, place.country) if part)


def _words(value: Any) -> str:
    if hasattr(value, "currency"):
        ends = dict.fromkeys(f"{end:,.0f}" for end in (value.low, value.high) if end)
        return f"{value.currency} {'–'.join(ends)} a year"
    if hasattr(value, "isoformat"):
        return str(value.isoformat()[:10])
    return cell(value or None) if isinstance(value, list) else cell(value)
