"""Pinpoint: `BOARD.pinpointhq.com/postings.json`, one answer with every job. A board with a dot is a host: `jobs.acme.com`.

Quirks. The text comes in four pieces, each with a heading of the employer's choice. Pay that is not `compensation_visible` is
not for readers. `url` may be missing, and then `path` is there. The department stands in `job`, or beside it. Nothing tells
when a job was posted or who the employer is. A deadline is in the employer's own zone.
"""

import html
from typing import Any
from urllib.parse import urljoin

from services.scraper.sources.base import Draft, Source, Wire, at, day, employment, from_html, pay, rows, workplace
from services.scraper.sources.base.sites import site, site_of
from shared.posting import Pay

DOMAIN = "pinpointhq.com"


class Job(Wire):
    id: str
    title: str
    url: str | None = None
    path: str | None = None
    place: str | None = at("location", "name")
    city: str | None = at("location", "city")
    province: str | None = at("location", "province")
    department: str | None = at("job", "department", "name")
    other_department: str | None = at("department", "name")
    requisition_id: str | None = at("job", "requisition_id")
    workplace_type: str | None = None
    employment_type: str | None = None
    compensation_visible: bool = False
    compensation_minimum: float | None = None
    compensation_maximum: float | None = None
    compensation_currency: str | None = None
    compensation_frequency: str | None = None
    deadline_at: str | None = None
    description: str = ""
    key_responsibilities_header: str = ""
    key_responsibilities: str = ""
    skills_knowledge_expertise_header: str = ""
    skills_knowledge_expertise: str = ""
    benefits_header: str = ""
    benefits: str = ""


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=job.title,
        company=board,
        url=job.url or (urljoin(f"https://{site(board, DOMAIN)}/", job.path) if job.path else None),
        location=_place(job),
        description=_text(job),
        valid_through=day(job.deadline_at),
        department=job.department or job.other_department,
        requisition_id=job.requisition_id,
        workplace=workplace(job.workplace_type),
        employment=employment((job.employment_type or "").replace("_", " ")),
        pay=_pay(job),
    )


def _place(job: Job) -> str:
    """The name of the place, and what city and province add to it."""
    name = job.place or ""
    added = [part for part in (job.city, job.province) if part and part.lower() not in name.lower()]
    return ", ".join(filter(None, (name, *dict.fromkeys(added))))


def _text(job: Job) -> str:
    """The pieces in the order of the page, each under its heading; a piece without text leaves its heading out."""
    pieces = (
        (job.key_responsibilities_header, job.key_responsibilities),
        (job.skills_knowledge_expertise_header, job.skills_knowledge_expertise),
        (job.benefits_header, job.benefits),
    )
    return from_html(job.description, *(f"<h3>{html.escape(title)}</h3>{text}" for title, text in pieces if text.strip()))


def _pay(job: Job) -> Pay | None:
    ends = (job.compensation_minimum, job.compensation_maximum)
    return pay(*ends, job.compensation_currency, job.compensation_frequency) if job.compensation_visible else None


def items(document: Any) -> list[object]:
    return rows(document, None if isinstance(document, list) else "data")


SOURCE = Source(
    name="pinpoint",
    title="Pinpoint",
    url="https://{board}/postings.json",
    job=Job,
    items=items,
    posting=posting,
    address=lambda board: site(board, DOMAIN),
    board_of=site_of(DOMAIN),
    example="made-tech",
)
