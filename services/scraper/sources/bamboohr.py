"""BambooHR: `BOARD.bamboohr.com/careers/list`, one answer with every job; text, date and pay stand in each job's details.

Quirks. `locationType` is a digit as text: 0 office, 1 remote, 2 hybrid; `isRemote` is older and mostly null. The place stands
in `location`, or in `atsLocation`, or is split between them. Pay is whatever the employer wrote, so it is read from the text.
The details do not repeat the job's id. An unknown board is led to the maker's own pages: HTML, and no list.
"""

import html
import re
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, quote, urljoin

from services.scraper.sources.base import Draft, Request, Source, Wire, at, employment, from_html, moment, number, rows
from shared.errors import UnreadableInput
from shared.posting import RawPosting, Workplace

_WORKPLACES = {"0": Workplace.ONSITE, "1": Workplace.REMOTE, "2": Workplace.HYBRID}
_NOT_BOARDS = frozenset({"www", "api", "app", "help", "documentation", "partners", "marketplace"})


class Job(Wire):
    id: str
    job_opening_name: str
    department_label: str | None = None
    employment_status_label: str | None = None
    city: str | None = at("location", "city")
    state: str | None = at("location", "state")
    country: str | None = at("location", "addressCountry")
    other_city: str | None = at("atsLocation", "city")
    other_state: str | None = at("atsLocation", "state")
    other_province: str | None = at("atsLocation", "province")
    other_country: str | None = at("atsLocation", "country")
    is_remote: bool | None = None
    location_type: str | None = None
    job_opening_share_url: str | None = None
    date_posted: str | None = None
    compensation: str | None = None
    description: str = ""


def items(document: Any) -> list[object]:
    """The jobs of a list, or the one job of a detail, whose id is the end of its own address."""
    result = document.get("result") if isinstance(document, dict) else None
    if not isinstance(result, dict):
        return rows(document, None if isinstance(document, list) else "result")
    opening = result.get("jobOpening")
    if not isinstance(opening, dict):
        raise UnreadableInput("no list of jobs under 'result', and no job either")
    found = re.search(r"/careers/(\d+)", str(opening.get("jobOpeningShareUrl")))
    return [{"id": found and found[1], **opening}]


def posting(job: Job, board: str) -> Draft:
    place = (
        job.city or job.other_city,
        job.state or job.other_state or job.other_province,
        job.country or job.other_country,
    )
    return Draft(
        external_id=job.id,
        title=job.job_opening_name,
        company=board,
        url=job.job_opening_share_url or f"https://{quote(board, safe='')}.bamboohr.com/careers/{quote(job.id)}",
        location=", ".join(part.strip() for part in place if part and part.strip()),
        description=from_html(job.description, job.compensation and f"<p>Compensation: {html.escape(job.compensation)}</p>"),
        posted_at=moment(job.date_posted),
        department=job.department_label,
        workplace=_workplace(job),
        employment=employment(job.employment_status_label),
    )


def _workplace(job: Job) -> Workplace | None:
    said = _WORKPLACES.get(job.location_type or "")
    return Workplace.REMOTE if job.is_remote and said is not Workplace.HYBRID else said


def detail_request(listed: RawPosting, request: Request) -> Request:
    return Request(urljoin(request.url, f"/careers/{quote(listed.external_id, safe='')}/detail"))


def detail(document: Any, listed: RawPosting) -> Draft:
    told: Any = items(document)[0]
    whole = posting(Job.model_validate({**told, "id": listed.external_id}), listed.board)
    return replace(whole, company=listed.company)


def board_of(address: SplitResult) -> str | None:
    name, _, domain = (address.hostname or "").partition(".")
    return name if domain == "bamboohr.com" and name not in _NOT_BOARDS else None


SOURCE = Source(
    name="bamboohr",
    title="BambooHR",
    url="https://{board}.bamboohr.com/careers/list",
    job=Job,
    items=items,
    stated=lambda document: number(document, "meta", "totalCount"),
    posting=posting,
    detail_request=detail_request,
    detail=detail,
    board_of=board_of,
    identity=lambda board: Request(f"https://{quote(board, safe='')}.bamboohr.com/careers/company-info"),
    company_of=lambda document: document["result"].get("name"),
    example="mattermost",
)
