"""Lever: `api.lever.co/v0/postings/BOARD`, a bare list with every job; European boards are on `api.eu.lever.co` (give `url`).

Quirks. The name in the address is case-sensitive, and the company's name is nowhere in the answer. The text comes in
pieces, each as HTML and, beside it, as plain text without headings. `createdAt` (milliseconds) is not in its
documentation but always there. `commitment` is the employer's own words. `workplaceType` may be "unspecified".
"""

import html

from services.scraper.sources.base import Draft, Source, Wire, at, employment, from_html, moment, pay, rows, workplace


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


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=job.text,
        company=board,
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


SOURCE = Source(
    name="lever",
    title="Lever",
    url="https://api.lever.co/v0/postings/{board}?mode=json",
    job=Job,
    items=rows,
    posting=posting,
    example="spotify",
)
