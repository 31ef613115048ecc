"""USAJobs, the United States' federal service: `data.usajobs.gov/api/search`; needs the keys `usajobs_key` and `usajobs_email`.

A board is a search: `software engineer` for words, or a query such as `Keyword=engineer&LocationName=Denver, Colorado`.
Quirks. The key is a header, and the User-Agent is the address that it was given to. Jobs are two levels down, and each number
is a text. Pay has a code for its period. "Multiple Locations" is said of a job whose places are listed. Links name the port.
`RemoteIndicator` false says nothing of working from home now and then. Texts are plain and in several pieces.
"""

from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode

from services.scraper.sources.base import Draft, Request, Source, Wire, at, day, employment, from_html, moment, pay, rows
from services.scraper.sources.base.query import asked, asking, host, narrowing
from shared.posting import Pay, Workplace

PAGE = 250
_PERIODS = {"PA": "year", "PH": "hour", "PD": "day", "PM": "month"}


class Named(Wire):
    name: str | None = at("Name")
    location: str | None = at("LocationName")
    country: str | None = at("CountryCode")


class Remuneration(Wire):
    low: float | None = at("MinimumRange")
    high: float | None = at("MaximumRange")
    code: str | None = at("RateIntervalCode")


class Job(Wire):
    id: str
    title: str
    requisition: str | None = at("PositionID")
    link: str | None = at("PositionURI")
    organization: str | None = at("OrganizationName")
    department: str | None = at("DepartmentName")
    display: str | None = at("PositionLocationDisplay")
    places: tuple[Named, ...] = at("PositionLocation", default=())
    schedule: tuple[Named, ...] = at("PositionSchedule", default=())
    offering: tuple[Named, ...] = at("PositionOfferingType", default=())
    remuneration: tuple[Remuneration, ...] = at("PositionRemuneration", default=())
    published: str | None = at("PublicationStartDate")
    closes: str | None = at("ApplicationCloseDate")
    remote: bool = at("UserArea", "Details", "RemoteIndicator", default=False)
    summary: str = at("UserArea", "Details", "JobSummary", default="")
    duties: tuple[str, ...] = at("UserArea", "Details", "MajorDuties", default=())
    qualifications: str = at("QualificationSummary", default="")
    education: str = at("UserArea", "Details", "Education", default="")


def items(document: Any) -> list[object]:
    """Each job's descriptor with the id and title that it goes by."""
    result = document.get("SearchResult") if isinstance(document, dict) else None
    return [_record(found) for found in rows(document if result is None else result, "SearchResultItems")]


def _record(found: Any) -> object:
    told = found.get("MatchedObjectDescriptor") if isinstance(found, dict) else None
    return {**told, "id": found.get("MatchedObjectId"), "title": told.get("PositionTitle")} if isinstance(told, dict) else found


def posting(job: Job, board: str) -> Draft:
    places: list[str | None] = [_place(place) for place in job.places]
    return Draft(
        external_id=job.id,
        title=job.title,
        company=job.organization or job.department,
        url=(job.link or "").replace(":443/", "/", 1),
        location=job.display or next(filter(None, places), None),
        locations=places or [job.display],
        description=_text(job),
        posted_at=moment(job.published),
        valid_through=day(job.closes),
        department=job.department,
        requisition_id=job.requisition,
        workplace=Workplace.REMOTE if job.remote else None,
        employment=employment(" ".join(filter(None, (named.name for named in (*job.offering, *job.schedule))))),
        pay=_pay(job),
    )


def _place(place: Named) -> str:
    name, country = place.location or "", place.country or ""
    return ", ".join(filter(None, (name, "" if country in name else country)))


def _text(job: Job) -> str:
    pieces = (job.summary, "\n".join(job.duties), job.qualifications, job.education)
    return "\n\n".join(filter(None, (from_html(piece) if "</" in piece else piece.strip() for piece in pieces)))


def _pay(job: Job) -> Pay | None:
    """`None` for several ranges: each belongs to its own grade or place."""
    if len(job.remuneration) != 1:
        return None
    only = job.remuneration[0]
    return pay(only.low, only.high, "USD", _PERIODS.get(only.code or ""))


def stated(document: Any) -> int | None:
    """All that match; the other count is of this page."""
    result = document.get("SearchResult", document)
    total = result.get("SearchResultCountAll", result.get("SearchResultCount"))
    return int(total) if isinstance(total, int | str) and str(total).isdecimal() else None


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request, never from the answer."""
    page = asked(request, "Page", 1)
    return asking(request, "Page", page + 1) if items(document) and page * PAGE < (stated(document) or 0) else None


def address(board: str) -> str:
    return narrowing(board) if "=" in board else "&" + urlencode({"Keyword": board})


def board_of(address: SplitResult) -> str | None:
    """A search on the site or of its API."""
    query = parse_qs(address.query)
    words = (query.get("k") or query.get("Keyword") or [""])[0]
    known = {"usajobs.gov": "/search", "data.usajobs.gov": "/api/search"}.get(host(address))
    return (words or None) if known and address.path.lower().startswith(known) else None


SOURCE = Source(
    name="usajobs",
    title="USAJobs",
    url=f"https://data.usajobs.gov/api/search?ResultsPerPage={PAGE}&Page=1{{board}}",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    address=address,
    next_page=next_page,
    headers=(("Accept", "application/json"), ("Authorization-Key", "{usajobs_key}"), ("User-Agent", "{usajobs_email}")),
    keys=("usajobs_key", "usajobs_email"),
    example="software engineer",
    board_of=board_of,
)
