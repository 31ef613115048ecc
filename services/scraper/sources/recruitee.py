"""Recruitee: `BOARD.recruitee.com/api/offers/`, one answer with every job. A board with a dot is a host: `jobs.acme.com`.

Quirks. `salary` is there even when nothing is in it: null or empty strings; and some employers write 75 where they mean
75,000, so less than a thousand a year is no pay. `location` may be only "Remote job", and `locations` tell where. `remote`,
`hybrid` and `on_site` may be true together: then it is the candidate's choice and nothing is stated. Dates end in " UTC". The
text is in the job's first language; `translations` names the languages.
"""

from typing import Any

from services.scraper.sources.base import (
    Draft,
    Dropped,
    Request,
    Source,
    Wire,
    at,
    day,
    employment,
    from_html,
    moment,
    pay,
    rows,
)
from services.scraper.sources.base.sites import site, site_of
from shared.posting import Pay, Workplace

DOMAIN = "recruitee.com"
LEAST_PAY = 1_000


class Office(Wire):
    name: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None


class Salary(Wire):
    min: float | None = None
    max: float | None = None
    currency: str | None = None
    period: str | None = None


class Job(Wire):
    id: str
    title: str
    status: str | None = None
    company_name: str | None = None
    careers_url: str | None = None
    location: str | None = None
    city: str | None = None
    state: str | None = at("state_name")
    country: str | None = None
    locations: tuple[Office, ...] = ()
    remote: bool | None = None
    hybrid: bool | None = None
    on_site: bool | None = None
    department: str | None = None
    employment_type_code: str | None = None
    salary: Salary = Salary()
    description: str = ""
    requirements: str = ""
    published_at: str | None = None
    close_at: str | None = None
    translations: dict[str, Any] = {}  # noqa: RUF012 - a field of a frozen model


def posting(job: Job, board: str) -> Draft | Dropped:
    if job.status not in (None, "published"):
        return Dropped(job.id, "not published", withdrawn=True)
    places = [_place(office) for office in job.locations] or [
        _place(Office(city=job.city, state=job.state, country=job.country))
    ]
    return Draft(
        external_id=job.id,
        title=job.title,
        company=job.company_name or board,
        url=job.careers_url,
        location=job.location or next(filter(None, places), None),
        locations=places,
        description=from_html(job.description, job.requirements),
        posted_at=moment(job.published_at),
        valid_through=day(job.close_at),
        department=job.department,
        workplace=_workplace(job),
        employment=employment((job.employment_type_code or "").replace("_", " ")),
        pay=_pay(job.salary),
        language=next(iter(job.translations)) if len(job.translations) == 1 else None,
    )


def _place(office: Office) -> str | None:
    """City, state and country, each once; the office's own name where there are none of these."""
    named = dict.fromkeys(part for part in (office.city, office.state, office.country) if part)
    return ", ".join(named) or office.name


def _workplace(job: Job) -> Workplace | None:
    flags = {Workplace.REMOTE: job.remote, Workplace.HYBRID: job.hybrid, Workplace.ONSITE: job.on_site}
    stated = [kind for kind, said in flags.items() if said]
    return stated[0] if len(stated) == 1 else None


def _pay(salary: Salary) -> Pay | None:
    found = pay(salary.min, salary.max, salary.currency, salary.period)
    return found if found and (found.high or found.low or 0) >= LEAST_PAY else None


def items(document: Any) -> list[object]:
    return rows(document, None if isinstance(document, list) else "offers")


def company_of(document: Any) -> str | None:
    return next((name for offer in items(document) if (name := Job.model_validate(offer).company_name)), None)


SOURCE = Source(
    name="recruitee",
    title="Recruitee",
    url="https://{board}/api/offers/",
    job=Job,
    items=items,
    posting=posting,
    address=lambda board: site(board, DOMAIN),
    board_of=site_of(DOMAIN),
    identity=lambda board: Request(f"https://{site(board, DOMAIN)}/api/offers/"),
    company_of=company_of,
    example="aikidosecurity",
)
