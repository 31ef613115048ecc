"""Ashby: `api.ashbyhq.com/posting-api/job-board/BOARD`, one answer with every job. It may take ten seconds to come.

Quirks. Jobs with `isListed` false are in the answer but not for readers. `workplaceType` is newer than `isRemote` and beats
it; `isRemote` false does not tell an office from a hybrid. The postal address of a remote job is that of the head office.
Of the pay components only "Salary" is one, and where there are several tiers (by place or level) `summaryComponents` melts
them into a range nobody is offered. The company's name is not in the answer.
"""

import re
from urllib.parse import SplitResult, unquote

from services.scraper.sources.base import Draft, Dropped, Source, Wire, at, employment, from_html, moment, pay, rows, workplace
from shared.posting import Pay, Workplace

_BROAD = re.compile(r"remote|anywhere|global|world|europe|emea|latam|apac|asia|america|relocat", re.IGNORECASE)


class Office(Wire):
    location: str | None = None
    locality: str | None = at("address", "postalAddress", "addressLocality")
    region: str | None = at("address", "postalAddress", "addressRegion")
    country: str | None = at("address", "postalAddress", "addressCountry")


class Component(Wire):
    compensation_type: str | None = None
    interval: str | None = None
    currency_code: str | None = None
    min_value: float | None = None
    max_value: float | None = None


class Tier(Wire):
    components: tuple[Component, ...] = ()


class Job(Office):
    id: str
    title: str
    department: str | None = None
    employment_type: str | None = None
    secondary_locations: tuple[Office, ...] = ()
    published_at: str | None = None
    is_listed: bool = True
    is_remote: bool | None = None
    workplace_type: str | None = None
    job_url: str | None = None
    description_html: str = ""
    description_plain: str = ""
    tiers: tuple[Tier, ...] = at("compensation", "compensationTiers", default=())
    summary: tuple[Component, ...] = at("compensation", "summaryComponents", default=())


def posting(job: Job, board: str) -> Draft | Dropped:
    if not job.is_listed:
        return Dropped(job.id, "not listed", withdrawn=True)
    return Draft(
        external_id=job.id,
        title=job.title,
        company=board,
        url=job.job_url,
        location=job.location,
        locations=[_place(office) for office in (job, *job.secondary_locations)],
        description=from_html(job.description_html) or job.description_plain,
        posted_at=moment(job.published_at),
        department=job.department,
        workplace=workplace(job.workplace_type) or (Workplace.REMOTE if job.is_remote else None),
        employment=employment(job.employment_type),
        pay=_pay(job),
    )


def _place(office: Office) -> str | None:
    """The office's name and what its address adds to it; an address says nothing about a name such as "Remote (EMEA)"."""
    name, address = office.location or "", (office.locality, office.region, office.country)
    head_office = _BROAD.search(name) and (office.locality or not workplace(name))
    added = [part for part in address if part and not head_office and part.strip().lower() not in name.lower()]
    return ", ".join(filter(None, (name, *dict.fromkeys(added)))) or None


def _pay(job: Job) -> Pay | None:
    components = [part for tier in job.tiers for part in tier.components] or job.summary
    salaries = {part for part in components if part.compensation_type == "Salary"}
    if len(salaries) != 1:
        return None
    only = salaries.pop()
    return pay(only.min_value, only.max_value, only.currency_code, only.interval)


def board_of(address: SplitResult) -> str | None:
    """`jobs.ashbyhq.com/BOARD/…`, where a name may hold spaces, and `api.ashbyhq.com/posting-api/job-board/BOARD`."""
    host, parts = address.hostname or "", [unquote(part) for part in address.path.split("/") if part]
    if host == "api.ashbyhq.com" and parts[:2] == ["posting-api", "job-board"]:
        parts = parts[2:]
    elif host != "jobs.ashbyhq.com" or parts[:1] == ["api"]:
        return None
    return parts[0] if parts else None


SOURCE = Source(
    name="ashby",
    title="Ashby",
    url="https://api.ashbyhq.com/posting-api/job-board/{board}?includeCompensation=true",
    job=Job,
    items=lambda document: rows(document, "jobs"),
    posting=posting,
    board_of=board_of,
    example="1password",
)
