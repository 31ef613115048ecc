"""Remotive: `remotive.com/api/remote-jobs`, all its public remote jobs, or those of `category=software-dev`.

Its terms: no more than four reads a day; name Remotive and link to its page; and never collect addresses by showing its
jobs, so none of them may enter a mail. Quirks. Jobs are published here a day late, with a date that has no zone (UTC).
`candidate_required_location` is where one may live, several places with commas. `salary` is free text ("OTE $25k",
"$18 - $22/hr") and is shown, not read. An answer cut short by `limit` still says how many jobs there are.
"""

import html
from typing import Any
from urllib.parse import SplitResult

from services.scraper.sources.base import Draft, Source, Terms, Wire, employment, from_html, moment, number, rows
from services.scraper.sources.base.query import WHOLE, host, narrowed, narrowing
from shared.posting import Workplace


class Job(Wire):
    id: str
    title: str
    url: str | None = None
    company_name: str | None = None
    category: str | None = None
    job_type: str | None = None
    publication_date: str | None = None
    candidate_required_location: str | None = None
    salary: str = ""
    description: str = ""


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=html.unescape(job.title),
        company=html.unescape(job.company_name or ""),
        url=job.url,
        location=job.candidate_required_location,
        locations=(job.candidate_required_location or "").split(","),
        description=from_html(job.description, f"<p>Salary: {html.escape(job.salary)}</p>" if job.salary.strip() else None),
        posted_at=moment(job.publication_date),
        department=html.unescape(job.category or ""),
        workplace=Workplace.REMOTE,
        employment=employment((job.job_type or "").replace("_", " ")),
    )


def stated(document: Any) -> int | None:
    return number(document, "total-job-count") or number(document, "job-count")


def board_of(address: SplitResult) -> str | None:
    """The whole of it, one of its categories (`/remote-jobs/software-dev`), or the query of its API."""
    steps = address.path.strip("/").split("/")
    if host(address) != "remotive.com" or steps[0] not in ("", "api", "remote-jobs") or len(steps) > 2:
        return None
    if steps == ["api", "remote-jobs"]:
        return narrowed(address, "limit")
    return f"category={steps[1]}" if len(steps) == 2 else WHOLE


SOURCE = Source(
    name="remotive",
    title="Remotive",
    aggregator=True,
    url="https://remotive.com/api/remote-jobs{board}",
    job=Job,
    items=lambda document: rows(document, "jobs"),
    stated=stated,
    posting=posting,
    address=lambda board: narrowing(board).replace("&", "?", 1),
    example="category=software-dev",
    terms=Terms(
        attribution="Remotive",
        link_back=True,
        polls_per_day=4,
        mail=False,
        page="https://github.com/remotive-com/remote-jobs-api",
    ),
    board_of=board_of,
)
