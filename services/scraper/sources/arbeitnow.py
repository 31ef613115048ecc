"""Arbeitnow: `www.arbeitnow.com/api/job-board-api`, jobs in Germany and remote ones, newest first, a hundred a page.

A board is `all`, or a query such as `visa_sponsorship=true`. Quirks. Pages are counted from our own request: the address
of the next one that an answer offers is only taken as a sign that there is one. `remote` true says remote; false says
nothing. `job_types` mixes kinds of employment with ranks, in two languages. Jobs have a slug and no number.
"""

import html
from typing import Any
from urllib.parse import SplitResult

from services.scraper.sources.base import Draft, Request, Source, Terms, Wire, employment, from_html, moment, number, rows
from services.scraper.sources.base.query import asked, asking, host, narrowed, narrowing
from shared.posting import Workplace

LAST_PAGE = 10
"""The thousand newest jobs. What is older has been seen in earlier polls."""


class Job(Wire):
    slug: str
    title: str
    company_name: str | None = None
    description: str = ""
    remote: bool = False
    url: str | None = None
    tags: tuple[str, ...] = ()
    job_types: tuple[str, ...] = ()
    location: str | None = None
    created_at: float | None = None


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.slug,
        title=html.unescape(job.title),
        company=html.unescape(job.company_name or ""),
        url=job.url,
        location=job.location,
        description=from_html(job.description),
        posted_at=moment(job.created_at),
        department=next(map(html.unescape, job.tags), None),
        workplace=Workplace.REMOTE if job.remote else None,
        employment=next(filter(None, map(employment, job.job_types)), None),
    )


def items(document: Any) -> list[object]:
    return rows(document, "data")


def more(document: Any) -> bool:
    """Whether another page follows; an answer that does not say has one as long as it has jobs."""
    links = document.get("links")
    return bool(items(document)) and (not isinstance(links, dict) or bool(links.get("next")))


def stated(document: Any) -> int | None:
    """One more than have been listed so far, where another page follows: a page alone is never all."""
    return (number(document, "meta", "to") or len(items(document))) + 1 if more(document) else None


def next_page(request: Request, document: Any) -> Request | None:
    page = asked(request, "page", 1)
    return asking(request, "page", page + 1) if page < LAST_PAGE and more(document) else None


def board_of(address: SplitResult) -> str | None:
    known = host(address) == "arbeitnow.com" and address.path.rstrip("/") in ("", "/jobs", "/api/job-board-api")
    return narrowed(address, "page") if known else None


SOURCE = Source(
    name="arbeitnow",
    title="Arbeitnow",
    aggregator=True,
    url="https://www.arbeitnow.com/api/job-board-api?page=1{board}",
    job=Job,
    items=items,
    stated=stated,
    window=True,
    posting=posting,
    address=narrowing,
    next_page=next_page,
    raw_id="slug",
    example="all",
    terms=Terms(attribution="Arbeitnow", link_back=True, polls_per_day=24, page="https://www.arbeitnow.com/blog/job-board-api"),
    board_of=board_of,
)
