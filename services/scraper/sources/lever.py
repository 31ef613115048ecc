"""Lever: `api.lever.co/v0/postings/BOARD`, a bare list with every job. A board named `eu/acme` is asked at `api.eu.lever.co`.

Quirks. European companies are on hosts of their own, and a name may belong to one company here and another there. It is
case-sensitive, and the company's own name is nowhere in the answer. The text comes in pieces, each as HTML and, beside it,
as plain text without headings. `createdAt` (milliseconds) is not in its documentation but always there. `commitment` is the
employer's own words. `workplaceType` may be "unspecified". No more than two requests a second are welcome.
"""

import html
from typing import Any
from urllib.parse import SplitResult, quote, unquote

from services.scraper.sources.base import Draft, Source, Wire, at, employment, from_html, moment, pay, rows, workplace

EUROPE = "eu/"


class Section(Wire):
    text: str = ""
    content: str = ""


class Salary(Wire):
    min: float | None = None
    max: float | None = None
    currency: str | None = None
    interval: str | None = None


class Job(Wire):
    id: str
    text: str
    hosted_url: str | None = None
    created_at: float | None = None
    req_code: str | None = None
    commitment: str | None = at("categories", "commitment")
    department: str | None = at("categories", "department")
    team: str | None = at("categories", "team")
    location: str | None = at("categories", "location")
    all_locations: tuple[str, ...] = at("categories", "allLocations", default=())
    country: str | None = None
    workplace_type: str | None = None
    salary_range: Salary = Salary()
    description: str = ""
    description_plain: str = ""
    lists: tuple[Section, ...] = ()
    additional: str = ""
    additional_plain: str = ""
    salary_description: str = ""


def items(document: Any) -> list[object]:
    """The jobs of a board, or the one that was asked for by its id."""
    return [document] if isinstance(document, dict) and {"id", "text"} <= document.keys() else rows(document)


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=job.text,
        company=board.removeprefix(EUROPE),
        url=job.hosted_url,
        location=job.location or job.country,
        locations=_places(job),
        description=_text(job),
        posted_at=moment(job.created_at),
        department=job.department or job.team,
        requisition_id=job.req_code,
        workplace=workplace(job.workplace_type),
        employment=employment(job.commitment),
        pay=pay(job.salary_range.min, job.salary_range.max, job.salary_range.currency, job.salary_range.interval),
    )


def _text(job: Job) -> str:
    """The pieces in the order of the page. Without its HTML, a piece is its plain text, line for line."""
    opening = job.description or _marked_up(job.description_plain)
    lists = [f"<h3>{html.escape(section.text)}</h3><ul>{section.content}</ul>" for section in job.lists]
    return from_html(opening, *lists, job.additional or _marked_up(job.additional_plain), job.salary_description)


def _marked_up(plain: str) -> str:
    return html.escape(plain).replace("\n", "<br>")


def _places(job: Job) -> list[str | None]:
    """Every office; `country` (ISO 3166) is said of the job as a whole, so it helps only a single one that lacks it."""
    offices: list[str | None] = [*job.all_locations] or [job.location]
    if len(offices) == 1 and job.country and len(job.country) == 2:
        return [f"{offices[0]}, {job.country}" if offices[0] else job.country]
    return offices


def board_of(address: SplitResult) -> str | None:
    """`jobs.lever.co/BOARD/…` and `api.lever.co/v0/postings/BOARD`, and both with `.eu` after their first word."""
    kind, _, domain = (address.hostname or "").partition(".")
    parts = [unquote(part) for part in address.path.split("/") if part]
    name = parts[:1] if kind == "jobs" else parts[2:3] if kind == "api" and parts[:2] == ["v0", "postings"] else []
    if not name or domain not in ("lever.co", "eu.lever.co"):
        return None
    return f"{EUROPE if domain.startswith('eu.') else ''}{name[0]}"


SOURCE = Source(
    name="lever",
    title="Lever",
    url="https://api.lever.co/v0/postings/{board}?mode=json",
    regions=((EUROPE, "https://api.eu.lever.co/v0/postings/{board}?mode=json"),),
    address=lambda board: quote(board.removeprefix(EUROPE), safe=""),
    job=Job,
    items=items,
    posting=posting,
    board_of=board_of,
    example="spotify",
)
