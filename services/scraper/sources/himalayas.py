"""Himalayas: `himalayas.app/jobs/api`, a hundred thousand remote jobs, newest first. The only board is `all`.

Quirks. The server gives fewer jobs a page than are asked for, so the next offset counts those that came. Only the newest
are read, so a poll is never complete; each job brings the day on which it ends. Dates are seconds since 1970.
`locationRestrictions` names the countries one may live in, and is empty for the whole world. Pay is per `salaryPeriod`,
which older answers lack and then is a year's. A job has no number; its `guid` is the address of its page.
"""

import html
from typing import Any
from urllib.parse import SplitResult

from pydantic import AliasChoices, Field

from services.scraper.sources.base import (
    Draft,
    Request,
    Source,
    Terms,
    Wire,
    employment,
    from_html,
    moment,
    number,
    pay,
    rows,
)
from services.scraper.sources.base.query import WHOLE, asked, asking, host
from shared.posting import Workplace

LAST_OFFSET = 500


class Job(Wire):
    guid: str = Field(validation_alias=AliasChoices("guid", "applicationLink"))
    title: str
    application_link: str | None = None
    company_name: str | None = None
    employment_type: str | None = None
    min_salary: float | None = None
    max_salary: float | None = None
    salary_period: str | None = None
    currency: str | None = None
    location_restrictions: tuple[str, ...] | None = None
    categories: tuple[str, ...] = ()
    parent_categories: tuple[str, ...] = ()
    excerpt: str = ""
    description: str = ""
    pub_date: float | None = None
    expiry_date: float | None = None


def posting(job: Job, board: str) -> Draft:
    places = ("Worldwide",) if job.location_restrictions == () else job.location_restrictions or ()
    ends = moment(job.expiry_date)
    return Draft(
        external_id=job.guid,
        title=html.unescape(job.title),
        company=html.unescape(job.company_name or ""),
        url=job.application_link or job.guid,
        location=", ".join(places),
        locations=places,
        description=from_html(job.description) or from_html(job.excerpt),
        posted_at=moment(job.pub_date),
        valid_through=ends.date() if ends else None,
        department=next((name.replace("-", " ") for name in (*job.parent_categories, *job.categories)), None),
        workplace=Workplace.REMOTE,
        employment=employment(job.employment_type),
        pay=pay(job.min_salary, job.max_salary, job.currency, job.salary_period or "year"),
    )


def items(document: Any) -> list[object]:
    return rows(document, "jobs")


def next_page(request: Request, document: Any) -> Request | None:
    offset = asked(request, "offset", 0) + len(items(document))
    last = not items(document) or offset >= min(LAST_OFFSET, number(document, "totalCount") or 0)
    return None if last else asking(request, "offset", offset)


def board_of(address: SplitResult) -> str | None:
    return WHOLE if host(address) == "himalayas.app" and address.path.rstrip("/") in ("", "/jobs", "/jobs/api") else None


SOURCE = Source(
    name="himalayas",
    title="Himalayas",
    aggregator=True,
    url="https://himalayas.app/jobs/api?limit=50&offset=0",
    job=Job,
    items=items,
    window=True,
    posting=posting,
    next_page=next_page,
    raw_id="guid",
    example=WHOLE,
    terms=Terms(attribution="Himalayas", link_back=True, page="https://himalayas.app/api"),
    board_of=board_of,
)
