"""Workday: `POST TENANT.wdN.myworkdayjobs.com/wday/cxs/TENANT/SITE/jobs`, twenty jobs a page, without their text.

A board is `TENANT.wdN/SITE`, such as `acme.wd3/Careers`: the company, its data centre and one of its sites. A few companies
are on the shared host `wdN.myworkdaysite.com`, and theirs is `TENANT.wdN.myworkdaysite/SITE`.
Quirks. `total` is true on the first page only, and never above 2,000: of more jobs the rest is not shown, so such a board is
never complete. An underscore in a tenant's name is a hyphen in its host. Dates are relative ("Posted 30+ Days Ago") and
several places are only counted ("3 Locations"): both wait for the details. The last part of a job's path is its id, and stays
when the title is edited. A row without a path is a job that has just been taken down. `bulletFields` are what a company
chose to show, often the requisition first. A hiring organisation may bear its number ("2100 Acme Ltd"). Bursts are answered
with 429: at most four requests a second.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, unquote

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
    rows,
    workplace,
)
from shared.errors import UnreadableInput
from shared.posting import RawPosting

PAGE = 20
CAP = 2_000
_BOARD = re.compile(r"([\w-]+)\.(wd\d+)(\.myworkdaysite)?/([\w.~-]+)", re.ASCII)
_HOST = re.compile(r"(?:([a-z0-9-]+)\.)?(wd\d+)\.(myworkdayjobs|myworkdaysite)\.com")
_LOCALE = re.compile(r"[a-z]{2}-[a-z]{2}|ar|de|en|es|fr|it|ja|ko|nl|pl|pt|ru|zh", re.IGNORECASE)
_COUNTED = re.compile(r"\d+ \w+")


class Job(Wire):
    id: str = ""
    title: str
    locations_text: str | None = None
    bullet_fields: tuple[str, ...] = ()
    remote_type: str | None = None
    time_type: str | None = None
    job_req_id: str | None = None
    location: str | None = None
    additional_locations: tuple[str, ...] = ()
    country: str | None = at("country", "descriptor")
    country_code: str | None = at("jobRequisitionLocation", "country", "alpha2Code")
    start_date: str | None = None
    end_date: str | None = None
    job_description: str = ""
    external_url: str | None = None
    external_path: str = ""
    employer: str | None = at("hiringOrganization", "name")


def items(document: Any) -> list[object]:
    """The jobs of a page, of pages saved together with details, or the one job of a detail; each with its `id`."""
    if isinstance(document, dict) and "jobPostingInfo" in document:
        return [_told(document)]
    if isinstance(document, dict) and "list_pages" in document:
        listed: list[Any] = [_listed(job) for page in document["list_pages"] for job in rows(page, "jobPostings")]
        return [{**_told((document.get("details") or {}).get(job["externalPath"], {})), **job} for job in listed]
    found = rows(document, None if isinstance(document, list) else "jobPostings")
    if found and not any(isinstance(job, dict) and job.get("externalPath") for job in found):
        raise UnreadableInput(f"none of {len(found)} jobs has an 'externalPath'")
    return [_listed(job) for job in found]


def _listed(job: object) -> object:
    path = job.get("externalPath") if isinstance(job, dict) else None
    return {**job, "id": path.rstrip("/").rpartition("/")[2]} if isinstance(job, dict) and isinstance(path, str) else job


def _told(document: dict[str, Any]) -> dict[str, Any]:
    """A detail as one flat job, like a row of the list; its `id` is the one that stands at the end of its path."""
    info = document.get("jobPostingInfo") or {}
    known = {"id": info["jobPostingId"]} if info.get("jobPostingId") else {}
    told = {key: value for key, value in info.items() if key != "id"}
    return {**told, **known, "hiringOrganization": document.get("hiringOrganization")}


def stated(document: Any) -> int | None:
    saved = document.get("list_pages") if isinstance(document, dict) else None
    total = number(saved[0] if saved else document, "total")
    return total + 1 if total and total >= CAP else total


def posting(job: Job, board: str) -> Draft | Dropped:
    return draft(job, board) if job.id else Dropped(None, "taken down", withdrawn=True)


def draft(job: Job, board: str) -> Draft:
    places, deadline = _places(job), moment(job.end_date)
    return Draft(
        external_id=job.id,
        title=job.title,
        company=re.sub(r"^\d{4,}\W+", "", job.employer or "") or board.partition(".")[0],
        url=job.external_url or (f"{_addresses(board)[1]}{job.external_path}" if _BOARD.fullmatch(board) else None),
        location="; ".join(places),
        locations=places,
        description=from_html(job.job_description),
        posted_at=moment(job.start_date),
        valid_through=deadline.date() if deadline else None,
        requisition_id=job.job_req_id or next((field for field in job.bullet_fields if field and field in job.id), None),
        workplace=workplace(job.remote_type),
        employment=employment(job.time_type),
    )


def _places(job: Job) -> list[str]:
    """Every place of a detail; the list's, unless it only counts them. `country` is said of the first place alone."""
    if not job.location:
        return [job.locations_text] if job.locations_text and not _COUNTED.fullmatch(job.locations_text.strip()) else []
    names_it = job.location.startswith(job.country_code or "\0") or (job.country or "") in job.location
    return [job.location if names_it else f"{job.location}, {job.country}", *job.additional_locations]


def _addresses(board: str) -> tuple[str, str]:
    """Where a board's data is, and where its pages are."""
    named = _BOARD.fullmatch(board)
    if named is None:
        raise UnreadableInput(
            f"workday: a board is called TENANT.wdN/SITE, e.g. 'nvidia.wd5/NVIDIAExternalCareerSite', not {board!r}"
        )
    tenant, centre, shared, site = named.groups()
    if shared:
        host = f"https://{centre}.myworkdaysite.com"
        return f"{host}/wday/cxs/{tenant}/{site}", f"{host}/recruiting/{tenant}/{site}"
    host = f"https://{tenant.replace('_', '-')}.{centre}.myworkdayjobs.com"
    return f"{host}/wday/cxs/{tenant.replace('-', '_')}/{site}", f"{host}/{site}"


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request; a page that is not full is the last."""
    asked = request.json if isinstance(request.json, dict) else first_page()
    offset = asked.get("offset", 0) + PAGE
    end = (number(document, "total") if offset == PAGE else None) or CAP
    if len(rows(document, "jobPostings")) < PAGE or offset >= min(end, CAP):
        return None
    return replace(request, json={**asked, "offset": offset})


def first_page(board: str = "") -> dict[str, Any]:
    return {"appliedFacets": {}, "limit": PAGE, "offset": 0, "searchText": ""}


def detail_request(listed: RawPosting, request: Request) -> Request:
    path = re.search("/job/.+", listed.url or "")
    return Request(request.url.removesuffix("/jobs") + (path[0] if path else f"/job/{listed.external_id}"))


def detail(document: Any, listed: RawPosting) -> Draft:
    told = Job.model_validate({**_told(document), "id": listed.external_id})
    whole = draft(told, listed.board)
    return replace(whole, url=told.external_url or listed.url, requisition_id=whole.requisition_id or listed.requisition_id)


def board_of(address: SplitResult) -> str | None:
    """`TENANT.wdN.myworkdayjobs.com/[LOCALE/]SITE/…`, with `recruiting/TENANT` on the shared host, and either's API."""
    host = _HOST.fullmatch(address.hostname or "")
    parts = [unquote(part) for part in address.path.split("/") if part]
    if host is None:
        return None
    tenant, centre, shared = host[1], host[2], host[3] == "myworkdaysite"
    if parts and _LOCALE.fullmatch(parts[0]):
        parts = parts[1:]
    if parts[:2] == ["wday", "cxs"] or (shared and parts[:1] == ["recruiting"]):
        parts = parts[parts[0] == "wday" :]
        tenant, parts = tenant or "".join(parts[1:2]), parts[2:]
    found = f"{tenant}.{centre}{'.myworkdaysite' if shared else ''}/{''.join(parts[:1])}"
    return found if _BOARD.fullmatch(found) and parts[0] not in ("wday", "job") else None


SOURCE = Source(
    name="workday",
    title="Workday",
    url="https://{board}/jobs",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    address=lambda board: _addresses(board)[0].removeprefix("https://"),
    next_page=next_page,
    method="POST",
    json=first_page,
    detail_request=detail_request,
    detail=detail,
    board_of=board_of,
    example="nvidia.wd5/NVIDIAExternalCareerSite",
)
