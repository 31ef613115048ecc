"""Oracle Recruiting Cloud: `HOST.oraclecloud.com/hcmRestApi/…/recruitingCEJobRequisitions`, two hundred jobs a page.

A board is `HOST/SITE`, such as `eabc.fa.us2/CX_1`: the host without `.oraclecloud.com`, and the number of one of its sites.
Quirks. Everything stands in the only element of `items`, the number of jobs as well, and without `expand` the jobs are left
out. Commas, semicolons and equal signs of the `finder` are its grammar and stay as they are. The server may give fewer jobs a
page than are asked for, so the next offset counts those that came. `Id` is a text, not always of digits. The list has a short
text at best, which is left out: the whole is in the details. Dates are days; a posting that never ends does so in 4712.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, quote, unquote

from pydantic import Field

from services.scraper.sources.base import (
    Draft,
    Request,
    Source,
    Wire,
    at,
    day,
    employment,
    from_html,
    moment,
    number,
    rows,
    workplace,
)
from shared.errors import UnreadableInput
from shared.posting import RawPosting

PAGE = 200
NEVER = 4000
DOMAIN = ".oraclecloud.com"
API = "hcmRestApi/resources/latest"
_BOARD = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+){0,4})/(CX\w{0,40})", re.ASCII)
_OFFSET = re.compile(r"(?<=,offset=)\d{1,6}")
_SITE = re.compile(r"/sites/(CX(?:_\d+)?)(?:/|$)|siteNumber=(CX(?:_\d+)?)(?:[,&]|$)", re.ASCII)


class Place(Wire):
    name: str | None = at("Name")


class Job(Wire):
    id: str = Field(validation_alias="Id")
    title: str = Field(validation_alias="Title")
    location: str | None = at("PrimaryLocation")
    others: tuple[Place, ...] = at("secondaryLocations", default=())
    posted: str | None = at("PostedDate")
    started: str | None = at("ExternalPostedStartDate")
    ends: str | None = at("PostingEndDate")
    ended: str | None = at("ExternalPostedEndDate")
    employer: str | None = at("LegalEmployer")
    category: str | None = at("Category")
    function: str | None = at("JobFunction")
    family: str | None = at("JobFamily")
    schedule: str | None = at("JobSchedule")
    contract: str | None = at("ContractType")
    workplace_code: str | None = at("WorkplaceTypeCode")
    workplace_name: str | None = at("WorkplaceType")
    text: str | None = at("ExternalDescriptionStr")
    responsibilities: str | None = at("ExternalResponsibilitiesStr")
    qualifications: str | None = at("ExternalQualificationsStr")
    about: str | None = at("CorporateDescriptionStr")


def items(document: Any) -> list[object]:
    """The jobs of a page, or the one of a detail; both stand in `items`, the former one level down."""
    if isinstance(document, dict) and "Id" in document and "items" not in document:
        return [document]
    found: list[object] = []
    for part in rows(document, "items"):
        if not isinstance(part, dict) or not {"requisitionList", "Id"} & part.keys():
            raise UnreadableInput("no list of jobs under 'requisitionList'; the request must expand it")
        found += rows(part, "requisitionList") if "requisitionList" in part else [part]
    return found


def stated(document: Any) -> int | None:
    parts = document.get("items") if isinstance(document, dict) else None
    return number(parts[0], "TotalJobsCount") if parts else None


def posting(job: Job, board: str) -> Draft:
    named, ends = _BOARD.fullmatch(board), day(job.ends or job.ended)
    page = named and f"https://{named[1]}{DOMAIN}/hcmUI/CandidateExperience/en/sites/{named[2]}/job/{quote(job.id, safe='')}"
    return Draft(
        external_id=job.id,
        title=job.title,
        company=job.employer or board.partition(".")[0],
        url=page,
        location=job.location,
        locations=[job.location, *(place.name for place in job.others)],
        description=from_html(job.text, job.responsibilities, job.qualifications, job.about),
        posted_at=moment(job.posted) or moment(job.started),
        valid_through=ends if ends and ends.year < NEVER else None,
        department=job.function or job.family or job.category,
        requisition_id=job.id,
        workplace=workplace((job.workplace_code or "").removeprefix("ORA_")) or workplace(job.workplace_name),
        employment=employment(f"{job.contract or ''} {job.schedule or ''}"),
    )


def address(board: str) -> str:
    """Where a board's jobs are listed. Raises `UnreadableInput` when it is not called `HOST/SITE`."""
    named = _BOARD.fullmatch(board)
    if named is None:
        raise UnreadableInput("oracle: a board is called HOST/SITE, e.g. 'eabc.fa.us2/CX_1'")
    finder = f"findReqs;siteNumber={named[2]},limit={PAGE},offset=0,sortBy=POSTING_DATES_DESC"
    wanted = f"onlyData=true&expand=requisitionList.secondaryLocations&finder={finder}"
    return f"{named[1]}{DOMAIN}/{API}/recruitingCEJobRequisitions?{wanted}"


def next_page(request: Request, document: Any) -> Request | None:
    """The offset is ours; only the number of jobs that came is the answer's."""
    asked, found = _OFFSET.search(request.url), len(items(document))
    offset = int(asked[0]) + found if asked else 0
    if not found or not asked or offset >= (stated(document) or 0):
        return None
    return replace(request, url=_OFFSET.sub(str(offset), request.url, count=1))


def detail_request(listed: RawPosting, request: Request) -> Request:
    base, _, query = request.url.partition("?")
    site = re.search(r"siteNumber=(\w+)", query)
    finder = f"ById;Id=%22{quote(listed.external_id, safe='')}%22,siteNumber={site[1] if site else 'CX_1'}"
    return Request(f"{base.removesuffix('Requisitions')}RequisitionDetails?expand=all&onlyData=true&finder={finder}")


def detail(document: Any, listed: RawPosting) -> Draft:
    """The job in full; what only the list says of it stays."""
    (told,) = items(document)
    whole = posting(Job.model_validate({**_as_dict(told), "Id": listed.external_id}), listed.board)
    known = {"posted_at": listed.posted_at, "location": listed.location, "workplace": listed.workplace, "url": listed.url}
    kept: dict[str, Any] = {name: value for name, value in known.items() if getattr(whole, name) is None}
    return replace(whole, **kept, description=whole.description or listed.description)


def _as_dict(told: object) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}


def board_of(address: SplitResult) -> str | None:
    """A page of a site, or a request to its API; sites that go by another name than their number are not known from it."""
    host = address.hostname or ""
    site = _SITE.search(unquote(address.path)) or _SITE.search(unquote(address.query))
    return f"{host.removesuffix(DOMAIN)}/{site[1] or site[2]}" if site and host.endswith(DOMAIN) else None


SOURCE = Source(
    name="oracle",
    title="Oracle Recruiting Cloud",
    url="https://{board}",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    address=address,
    next_page=next_page,
    raw_id="Id",
    detail_request=detail_request,
    detail=detail,
    board_of=board_of,
    example="eabc.fa.us2/CX_1",
)
