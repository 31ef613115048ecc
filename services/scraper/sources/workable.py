"""Workable: `apply.workable.com/api/v1/widget/accounts/BOARD?details=true`, one answer with every job and its text.

Quirks. A job in several places stands there once for each of them, under one shortcode. Employers can hide a place. A
`department` is a string or a list, `telecommuting` false does not tell an office from a hybrid. The careers page itself reads
`POST /api/v3/accounts/BOARD/jobs`, pages joined by a token, without text; such a saved answer is read too, and its jobs are
told by `/api/v2/accounts/BOARD/jobs/SHORTCODE`. Bursts are answered with 429: one request at a time. An unknown board is a 404.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin

from services.scraper.sources.base import (
    Draft,
    Dropped,
    Request,
    Source,
    Wire,
    employment,
    from_html,
    moment,
    number,
    rows,
    workplace,
)
from shared.posting import RawPosting, Workplace

_PAGES = "https://apply.workable.com"
_KINDS = {"full": "full-time", "part": "part-time"}
_NOT_BOARDS = frozenset({"api", "j", "www", "apply", "jobs", "help", "resources", "developers", "id", "get"})


class Office(Wire):
    city: str | None = None
    region: str | None = None
    country: str | None = None
    hidden: bool = False


class Job(Wire):
    shortcode: str
    title: str
    company: str | None = None
    code: str | None = None
    url: str | None = None
    department: str | tuple[str, ...] | None = None
    offices: tuple[Office, ...] = ()
    employment_type: str | None = None
    type: str | None = None
    telecommuting: bool = False
    remote: bool = False
    workplace: str | None = None
    is_internal: bool = False
    published_on: str | None = None
    published: str | None = None
    created_at: str | None = None
    language: str | None = None
    description: str = ""
    requirements: str = ""
    benefits: str = ""


def items(document: Any) -> list[object]:
    """The jobs of a widget, of a page of the careers site, or of a detail; each shortcode once, with all its places."""
    document = document.get("widget", document) if isinstance(document, dict) else document
    company = document.get("name") if isinstance(document, dict) else None
    jobs: dict[object, dict[str, Any]] = {}
    odd: list[object] = []
    for row in _rows(document):
        if not isinstance(row, dict) or not isinstance(row.get("shortcode"), str):
            odd.append(row)
            continue
        job = jobs.setdefault(row["shortcode"], {**row, "company": company, "offices": []})
        job["offices"] += _offices(row)
    return [*jobs.values(), *odd]


def _rows(document: Any) -> list[object]:
    if isinstance(document, dict) and "shortcode" in document:
        return [document]
    if isinstance(document, list):
        return rows(document)
    return rows(document, "results" if isinstance(document, dict) and "results" in document else "jobs")


def _offices(row: dict[str, Any]) -> list[object]:
    listed = row.get("locations")
    if isinstance(listed, list) and listed:
        return listed
    flat = {"city": row.get("city"), "region": row.get("state"), "country": row.get("country")}
    return [row.get("location") or flat]


def posting(job: Job, board: str) -> Draft | Dropped:
    return Dropped(job.shortcode, "internal", withdrawn=True) if job.is_internal else draft(job, board)


def draft(job: Job, board: str) -> Draft:
    places = list(dict.fromkeys(_places(job)))
    department = (job.department,) if isinstance(job.department, str) else job.department or ()
    at_home = Workplace.REMOTE if job.telecommuting or job.remote else None
    return Draft(
        external_id=job.shortcode,
        title=job.title,
        company=job.company or board,
        url=job.url or f"{_PAGES}/{quote(board)}/j/{quote(job.shortcode)}",
        location="; ".join(places),
        locations=places,
        description=from_html(job.description, *_headed(job)),
        posted_at=moment(job.published_on) or moment(job.published) or moment(job.created_at),
        department=next(iter(department), None),
        requisition_id=job.code,
        workplace=workplace(job.workplace) or at_home,
        employment=employment(job.employment_type or _KINDS.get(job.type or "", job.type)),
        language=job.language,
    )


def _places(job: Job) -> Iterator[str]:
    for office in job.offices:
        parts = [part for part in (office.city, office.region, office.country) if part]
        if parts and not office.hidden:
            yield ", ".join(parts)


def _headed(job: Job) -> Iterator[str]:
    for heading, text in (("Requirements", job.requirements), ("Benefits", job.benefits)):
        if text:
            yield f"<h3>{heading}</h3>{text}"


def next_page(request: Request, document: Any) -> Request | None:
    """Only the careers site's own list has pages; the same token twice would turn in a circle."""
    token = document.get("nextPage") if isinstance(document, dict) else None
    asked = request.json if isinstance(request.json, dict) else {}
    if not isinstance(token, str) or not token or token == asked.get("token") or not _rows(document):
        return None
    return replace(request, method="POST", json={**asked, "token": token})


def detail_request(listed: RawPosting, request: Request) -> Request:
    path = f"/api/v2/accounts/{quote(listed.board, safe='')}/jobs/{quote(listed.external_id, safe='')}"
    return Request(urljoin(request.url, path))


def detail(document: Any, listed: RawPosting) -> Draft:
    whole = draft(Job.model_validate(items(document)[0]), listed.board)
    return replace(whole, external_id=listed.external_id, company=listed.company, url=listed.url or whole.url)


def board_of(address: SplitResult) -> str | None:
    """`apply.workable.com/BOARD/…`, `…/accounts/BOARD/…` of its API, and the older `BOARD.workable.com`."""
    host, parts = address.hostname or "", [unquote(part) for part in address.path.split("/") if part]
    if host == "apply.workable.com":
        name = parts[parts.index("accounts") + 1 :] if "accounts" in parts else parts
    else:
        name = [host.removesuffix(".workable.com")] if host.endswith(".workable.com") else []
    return name[0] if name and name[0] not in _NOT_BOARDS and "." not in name[0] else None


SOURCE = Source(
    name="workable",
    title="Workable",
    url=f"{_PAGES}/api/v1/widget/accounts/{{board}}?details=true",
    job=Job,
    items=items,
    stated=lambda document: number(document, "total"),
    posting=posting,
    next_page=next_page,
    raw_id="shortcode",
    detail_request=detail_request,
    detail=detail,
    board_of=board_of,
    identity=lambda board: Request(f"{_PAGES}/api/v1/widget/accounts/{quote(board, safe='')}"),
    company_of=lambda document: document.get("name"),
    example="blueground",
)
