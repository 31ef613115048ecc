"""Greenhouse: `boards-api.greenhouse.io`, one answer with every job of a board; EU boards answer there too.

Quirks. `content` is HTML, escaped once more. The location may say only "Hybrid" or "Remote", and then the offices tell
where; one line may hold several places, set apart by `;` or `|`. A job without an `internal_job_id` is a prospect post:
no opening stands behind it. The `departments` endpoint gives the same jobs as a tree, a job once per department.
`pay_input_ranges` has no period: it is a year's unless its heading says otherwise. An unknown board is a 404.
"""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, unquote

from services.scraper.sources.base import (
    Draft,
    Dropped,
    Request,
    Source,
    Wire,
    at,
    from_html,
    moment,
    number,
    pay,
    rows,
    workplace,
)
from shared.posting import Pay, Workplace

_WORKPLACE_FIELD = re.compile(r"workplace|location type|work type", re.IGNORECASE)


class Named(Wire):
    name: str | None = None
    location: str | None = None
    value: str | None = None


class PayRange(Wire):
    min_cents: float | None = None
    max_cents: float | None = None
    currency_type: str | None = None
    title: str | None = None


class Job(Wire):
    id: str
    title: str
    internal_job_id: str | None = ""
    absolute_url: str | None = None
    company_name: str | None = None
    location: str | None = at("location", "name")
    offices: tuple[Named, ...] = ()
    departments: tuple[Named, ...] = ()
    metadata: tuple[Named, ...] = ()
    content: str = ""
    first_published: str | None = None
    updated_at: str | None = None
    application_deadline: str | None = None
    requisition_id: str | None = None
    language: str | None = None
    pay_input_ranges: tuple[PayRange, ...] = ()


def items(document: Any) -> list[object]:
    """The jobs of a list, or of a tree of departments or offices, or the one that was asked for by its id."""
    if isinstance(document, dict) and {"id", "title", "absolute_url"} <= document.keys():
        return [document]
    tree = next((name for name in ("departments", "offices") if isinstance(document, dict) and name in document), None)
    if tree is None or "jobs" in document:
        return rows(document, "jobs")
    return list(_in_tree(rows(document, tree)))


def _in_tree(branches: list[Any]) -> Iterator[object]:
    waiting = branches[::-1]
    while waiting:
        branch = waiting.pop()
        yield from branch.get("jobs") or ()
        waiting += [child for key in ("children", "departments") for child in reversed(branch.get(key) or ())]


def posting(job: Job, board: str) -> Draft | Dropped:
    if job.internal_job_id is None:
        return Dropped(job.id, "prospect", withdrawn=True)
    location, places = _where(job)
    deadline = moment(job.application_deadline)
    return Draft(
        external_id=job.id,
        title=job.title,
        company=job.company_name or board,
        url=job.absolute_url,
        location=location,
        locations=places,
        description=from_html(html.unescape(job.content) if "<" not in job.content else job.content),
        posted_at=moment(job.first_published) or moment(job.updated_at),
        valid_through=deadline.date() if deadline else None,
        department=next((department.name for department in job.departments), None),
        requisition_id=job.requisition_id,
        workplace=_workplace(job),
        pay=_pay(job),
        language=job.language,
    )


def _split(line: str | None) -> list[str]:
    return [place.strip() for place in re.split(r"[;|]", line or "") if place.strip()]


def _where(job: Job) -> tuple[str | None, list[str]]:
    """The location as shown, and the places in it: those it names, else the offices, else whatever it says."""
    named = [place for place in _split(job.location) if not workplace(place)]
    offices = [place for office in job.offices if (place := office.location or office.name)]
    return (job.location if named or not offices else "; ".join(offices)), named or offices or _split(job.location)


def _workplace(job: Job) -> Workplace | None:
    """From the location, else from a field the company made for it; such a field's name is its own choice."""
    said = [field.value for field in job.metadata if _WORKPLACE_FIELD.search(field.name or "")]
    return next(filter(None, map(workplace, [*_split(job.location), *said])), None)


def _pay(job: Job) -> Pay | None:
    """`None` for several ranges: each belongs to its own place or level, and one range of all would be untrue."""
    if len(job.pay_input_ranges) != 1:
        return None
    band = job.pay_input_ranges[0]
    period = re.search(r"hour|week|month|daily", band.title or "", re.IGNORECASE)
    low, high = (cents and cents / 100 for cents in (band.min_cents, band.max_cents))
    return pay(low, high, band.currency_type, period[0] if period else "year")


def board_of(address: SplitResult) -> str | None:
    """`boards.` and `job-boards.greenhouse.io/BOARD/…` (also `.eu.`), `…/embed/…?for=BOARD`, and the API's `…/boards/BOARD`."""
    host, parts = address.hostname or "", [unquote(part) for part in address.path.split("/") if part]
    if not re.fullmatch(r"(boards|job-boards|boards-api|api)(\.eu)?\.greenhouse\.io", host):
        return None
    if parts[:1] == ["embed"]:
        return next(iter(parse_qs(address.query).get("for", [])), None)
    found = parts[2:3] if parts[:2] == ["v1", "boards"] else [] if "api" in host else parts[:1]
    return found[0] if found else None


SOURCE = Source(
    name="greenhouse",
    title="Greenhouse",
    url="https://boards-api.greenhouse.io/v1/boards/{board}/jobs?content=true&pay_transparency=true",
    job=Job,
    items=items,
    stated=lambda document: number(document, "meta", "total"),
    posting=posting,
    board_of=board_of,
    identity=lambda board: Request(f"https://boards-api.greenhouse.io/v1/boards/{quote(board, safe='')}"),
    company_of=lambda document: document.get("name"),
    example="stripe",
)
