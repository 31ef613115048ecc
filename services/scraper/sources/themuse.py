"""The Muse: `www.themuse.com/api/public/jobs`, a board of many companies; a board here is a query.

`company=Acme`, `location=Singapore`, `category=Software Engineering`, several joined by `&`; a plain name is a company.
Quirks. Twenty jobs a page, counted from 0, and page 99 is the last that is answered: a wider query is never complete.
500 requests an hour without a key, then 403. Saved answers are often the bare list of results.
"""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from services.scraper.sources.base import Draft, Request, Source, Wire, at, from_html, moment, number, rows, workplace
from shared.posting import Employment, Workplace

LAST_PAGE = 99


class Named(Wire):
    name: str | None = None


class Job(Wire):
    id: str
    name: str
    contents: str = ""
    publication_date: str | None = None
    url: str | None = at("refs", "landing_page")
    company: str | None = at("company", "name")
    locations: tuple[Named, ...] = ()
    categories: tuple[Named, ...] = ()
    levels: tuple[Named, ...] = ()


def posting(job: Job, board: str) -> Draft:
    places = [place.name for place in job.locations if place.name]
    return Draft(
        external_id=job.id,
        title=job.name,
        company=job.company,
        url=job.url,
        location="; ".join(places),
        locations=places,
        description=from_html(job.contents),
        posted_at=moment(job.publication_date),
        department=next((category.name for category in job.categories), None),
        workplace=Workplace.REMOTE if any(workplace(place) is Workplace.REMOTE for place in places) else None,
        employment=Employment.INTERNSHIP if any(level.name == "Internship" for level in job.levels) else None,
    )


def items(document: Any) -> list[object]:
    return rows(document, None if isinstance(document, list) else "results")


def query(board: str) -> str:
    """`location=Singapore&company=Acme` as it stands in an address; `Acme` alone is `company=Acme`."""
    pairs = [part.partition("=") for part in board.split("&")] if "=" in board else [("company", "=", board)]
    return urlencode([(key.strip(), value.strip()) for key, _, value in pairs])


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request, never from the answer: an answer that repeats itself must not keep us for ever."""
    address = urlsplit(request.url)
    asked = parse_qs(address.query)
    page = int(asked.get("page", ["0"])[0])
    pages = number(document, "page_count") or 0
    if page + 1 >= min(pages, LAST_PAGE + 1) or not items(document):
        return None
    return Request(urlunsplit(address._replace(query=urlencode({**asked, "page": [page + 1]}, doseq=True))))


SOURCE = Source(
    name="themuse",
    title="The Muse",
    url="https://www.themuse.com/api/public/jobs?page=0&{board}",
    job=Job,
    items=items,
    stated=lambda document: number(document, "total"),
    posting=posting,
    address=query,
    next_page=next_page,
    example="location=Singapore",
)
