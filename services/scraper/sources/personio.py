"""Personio: `BOARD.jobs.personio.de/xml?language=en`, one XML answer with every job.

A board `acme` is `acme.jobs.personio.de`; for another host give the whole of it, `acme.jobs.personio.com`. Quirks. An unknown
board is led to a web page, so the root element is checked. The text comes in named sections, in their order, as CDATA; a job
without any in the language asked for has none. The same position may be listed twice. The employer's name is only there as
the `subcompany` that hires. `schedule` may be "full-or-part-time", which leaves it open.
"""

import html
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element

from services.scraper.sources.base import Draft, Request, Source, Wire, employment, from_html, moment
from services.scraper.sources.base.sites import site, site_of
from services.scraper.sources.base.xml import text_at, texts_at, xml_document
from shared.errors import UnreadableInput
from shared.posting import Employment

DOMAIN = "jobs.personio.de"
ROOT = "workzag-jobs"


class Job(Wire):
    id: str
    name: str
    company: str | None = None
    offices: tuple[str, ...] = ()
    department: str | None = None
    employment_type: str | None = None
    schedule: str | None = None
    created_at: str | None = None
    sections: tuple[tuple[str, str], ...] = ()


def items(document: Any) -> list[object]:
    """Each position as a flat record. Raises `UnreadableInput` when `document` is no list of positions."""
    if not isinstance(document, Element) or document.tag != ROOT:
        raise UnreadableInput(f"no list of jobs: the answer is <{str(getattr(document, 'tag', ''))[:60]}>, not <{ROOT}>")
    return [_record(position) for position in document.iterfind("position")]


def _record(position: Element) -> dict[str, object]:
    sections = [(text_at(part, "name"), text_at(part, "value")) for part in position.iterfind("jobDescriptions/jobDescription")]
    return {
        "id": text_at(position, "id"),
        "name": text_at(position, "name"),
        "company": text_at(position, "subcompany"),
        "offices": [*texts_at(position, "office"), *texts_at(position, "additionalOffices/office")],
        "department": text_at(position, "department"),
        "employmentType": text_at(position, "employmentType"),
        "schedule": text_at(position, "schedule"),
        "createdAt": text_at(position, "createdAt"),
        "sections": [(name or "", value) for name, value in sections if value],
    }


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=job.name,
        company=job.company or board,
        url=f"https://{site(board, DOMAIN)}/job/{quote(job.id, safe='')}",
        location="; ".join(job.offices),
        locations=job.offices,
        description=from_html(*(f"<h3>{html.escape(name)}</h3>{text}" for name, text in job.sections)),
        posted_at=moment(job.created_at),
        department=job.department,
        employment=_employment(job),
    )


def _employment(job: Job) -> Employment | None:
    """The kind of contract where it says something (`working_student`), else the hours."""
    hours = job.schedule or ""
    return employment((job.employment_type or "").replace("_", " ")) or (None if "-or-" in hours else employment(hours))


def company_of(document: Any) -> str | None:
    return next((text_at(position, "subcompany") for position in document.iterfind("position")), None)


SOURCE = Source(
    name="personio",
    title="Personio",
    url="https://{board}/xml?language=en",
    job=Job,
    items=items,
    posting=posting,
    read=xml_document,
    headers=(("Accept", "application/xml"),),
    address=lambda board: site(board, DOMAIN),
    board_of=site_of(DOMAIN, "jobs.personio.com"),
    identity=lambda board: Request(f"https://{site(board, DOMAIN)}/xml?language=en", headers=(("Accept", "application/xml"),)),
    company_of=company_of,
    example="vivid",
)
