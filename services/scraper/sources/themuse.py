"""The Muse: `www.themuse.com/api/public/jobs`, a board of many companies; a board here is a query.

`company=Acme`, `location=Singapore`, `category=Software Engineering`, several joined by `&`; a plain name is a company.
Quirks. Twenty jobs a page, counted from 0, and page 99 is the last that is answered: a wider query is never complete.
500 requests an hour without a key, then 403. Saved answers are often the bare list of results.
"""

from typing import Any
from urllib.parse import SplitResult, parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

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


def board_of(address: SplitResult) -> str | None:
    """A query of the API as it stands; of `themuse.com/companies/acme-games/…` the company, as its address spells it.

    The API wants the name a company gives itself, which an address only hints at: `identity` tells whether it was found.
    """
    parts = [unquote(part) for part in address.path.split("/") if part]
    if address.hostname not in ("themuse.com", "www.themuse.com"):
        return None
    if parts == ["api", "public", "jobs"]:
        asked = [(key, value) for key, value in parse_qsl(address.query) if key in ("company", "location", "category", "level")]
        return "&".join(f"{key}={value}" for key, value in asked) or None
    return parts[1].replace("-", " ").title() if len(parts) > 1 and parts[0] in ("companies", "profiles") else None


def company_of(document: Any) -> str | None:
    """The company of all the jobs; `None` where there are several, or none."""
    named = {Job.model_validate(job).company for job in items(document)}
    return named.pop() if len(named) == 1 else None


SOURCE = Source(
    name="themuse",
    title="The Muse",
    aggregator=True,
    url="https://www.themuse.com/api/public/jobs?page=0&{board}",
    job=Job,
    items=items,
    stated=lambda document: number(document, "total"),
    posting=posting,
    address=query,
    next_page=next_page,
    board_of=board_of,
    identity=lambda board: Request(f"https://www.themuse.com/api/public/jobs?page=0&{query(board)}"),
    company_of=company_of,
    example="location=Singapore",
)
