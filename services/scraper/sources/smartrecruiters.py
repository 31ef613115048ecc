"""SmartRecruiters: `api.smartrecruiters.com/v1/companies/BOARD/postings`, a hundred jobs a page, without their text.

Quirks. Every name is answered with 200 and an empty list, so only `identity` tells whether a company is there; the case of
a name counts. `ref` is an address of the API and no page. Countries are lower-case codes, and `fullLocation` keeps an empty
place for what is missing ("Munich, , Germany"). `remote` and `hybrid` both false is what old jobs have too: it does not tell
an office. The text comes with the details, in up to four sections, each with a heading in the job's language. At most 10
requests a second and 8 at once.
"""

import html
from dataclasses import replace
from itertools import pairwise
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit, urlunsplit

from services.scraper.sources.base import (
    Draft,
    Dropped,
    Request,
    Source,
    Wire,
    at,
    employment,
    from_html,
    moment,
    number,
    pay,
    rows,
)
from services.scraper.sources.base.query import asked, asking
from shared.posting import RawPosting, Workplace


class Section(Wire):
    title: str = ""
    text: str = ""


class Job(Wire):
    id: str
    name: str
    company: str | None = at("company", "name")
    identifier: str | None = at("company", "identifier")
    ref_number: str | None = None
    released_date: str | None = None
    full_location: str | None = at("location", "fullLocation")
    city: str | None = at("location", "city")
    region: str | None = at("location", "region")
    country: str | None = at("location", "country")
    remote: bool = at("location", "remote", default=False)
    hybrid: bool = at("location", "hybrid", default=False)
    department: str | None = at("department", "label")
    function: str | None = at("function", "label")
    kind: str | None = at("typeOfEmployment", "label")
    language: str | None = at("language", "code")
    visibility: str = "PUBLIC"
    posting_url: str | None = None
    about_company: Section = at("jobAd", "sections", "companyDescription", default=Section())
    about_job: Section = at("jobAd", "sections", "jobDescription", default=Section())
    qualifications: Section = at("jobAd", "sections", "qualifications", default=Section())
    additional: Section = at("jobAd", "sections", "additionalInformation", default=Section())
    pay_low: float | None = at("compensation", "min")
    pay_high: float | None = at("compensation", "max")
    pay_currency: str | None = at("compensation", "currency")
    pay_period: str | None = at("compensation", "period")


def items(document: Any) -> list[object]:
    """The jobs of a page, of pages saved together with details, or the one job of a detail."""
    if isinstance(document, dict) and "jobAd" in document:
        return [document]
    if isinstance(document, dict) and "list_pages" in document:
        listed: list[Any] = [job for page in document["list_pages"] for job in rows(page, "content")]
        return [{**job, **(document.get("details") or {}).get(job["id"], {})} for job in listed]
    return rows(document, None if isinstance(document, list) else "content")


def stated(document: Any) -> int | None:
    saved = document.get("list_pages") if isinstance(document, dict) else None
    return number(saved[0] if saved else document, "totalFound")


def posting(job: Job, board: str) -> Draft | Dropped:
    return draft(job, board) if job.visibility == "PUBLIC" else Dropped(job.id, "not public", withdrawn=True)


def draft(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=job.name,
        company=job.company or board,
        url=job.posting_url or f"https://jobs.smartrecruiters.com/{quote(job.identifier or board)}/{quote(job.id)}",
        location=_place(job),
        description=from_html(*map(_headed, (job.about_company, job.about_job, job.qualifications, job.additional))),
        posted_at=moment(job.released_date),
        department=job.department or job.function,
        requisition_id=job.ref_number,
        workplace=Workplace.HYBRID if job.hybrid else Workplace.REMOTE if job.remote else None,
        employment=employment(job.kind),
        pay=pay(job.pay_low, job.pay_high, job.pay_currency, job.pay_period),
        language=job.language,
    )


def _place(job: Job) -> str:
    parts = (job.full_location or "").split(",")
    return ", ".join(part.strip() for part in parts if part.strip()) or ", ".join(
        filter(None, (job.city, job.region, (job.country or "").upper()))
    )


def _headed(section: Section) -> str:
    return f"<h3>{html.escape(section.title)}</h3>{section.text}" if section.text else ""


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request; a page may hold fewer jobs than were asked for."""
    found = len(items(document))
    offset = asked(request, "offset", 0) + found
    return asking(request, "offset", offset) if found and offset < (stated(document) or 0) else None


def detail_request(listed: RawPosting, request: Request) -> Request:
    page = urlsplit(request.url)
    return Request(urlunsplit(page._replace(path=f"{page.path}/{quote(listed.external_id, safe='')}", query="")))


def detail(document: Any, listed: RawPosting) -> Draft:
    return replace(draft(Job.model_validate(document), listed.board), external_id=listed.external_id)


def board_of(address: SplitResult) -> str | None:
    """`jobs.` and `careers.smartrecruiters.com/BOARD/…`, else what follows `company` or `companies` in the address."""
    host, parts = address.hostname or "", [unquote(part) for part in address.path.split("/") if part]
    if host not in ("jobs.smartrecruiters.com", "careers.smartrecruiters.com", "api.smartrecruiters.com"):
        return None
    after = next((name for word, name in pairwise(parts) if word in ("company", "companies")), None)
    return after or (parts[0] if parts and not host.startswith("api.") else None)


SOURCE = Source(
    name="smartrecruiters",
    title="SmartRecruiters",
    url="https://api.smartrecruiters.com/v1/companies/{board}/postings?limit=100&offset=0",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    next_page=next_page,
    detail_request=detail_request,
    detail=detail,
    board_of=board_of,
    identity=lambda board: Request(f"https://api.smartrecruiters.com/v1/companies/{quote(board, safe='')}"),
    company_of=lambda document: document.get("name"),
    example="BoschGroup",
)
