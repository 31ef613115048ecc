"""Jobicy: `jobicy.com/api/v2/remote-jobs`, the newest fifty remote jobs of a query such as `geo=usa&industry=engineering`.

Quirks. Titles and industries carry HTML entities. `jobGeo` is where one may live, several places with commas. Older answers
say `annualSalaryMin` where newer ones say `salaryMin` and `salaryPeriod`; either end may be missing. Fifty jobs are
as many as are given, so with fifty there may be more.
"""

import html
from urllib.parse import SplitResult

from services.scraper.sources.base import Draft, Source, Terms, Wire, employment, from_html, moment, number, pay, rows
from services.scraper.sources.base.query import host, narrowed, narrowing
from shared.posting import Pay, Workplace

MOST = 50


class Job(Wire):
    id: str
    job_title: str
    url: str | None = None
    company_name: str | None = None
    job_industry: tuple[str, ...] = ()
    job_type: tuple[str, ...] | str = ()
    job_geo: str | None = None
    job_excerpt: str = ""
    job_description: str = ""
    pub_date: str | None = None
    salary_min: float | None = None
    salary_max: float | None = None
    annual_salary_min: float | None = None
    annual_salary_max: float | None = None
    salary_currency: str | None = None
    salary_period: str | None = None


def posting(job: Job, board: str) -> Draft:
    kinds = (job.job_type,) if isinstance(job.job_type, str) else job.job_type
    return Draft(
        external_id=job.id,
        title=html.unescape(job.job_title),
        company=html.unescape(job.company_name or ""),
        url=job.url,
        location=job.job_geo,
        locations=(job.job_geo or "").split(","),
        description=from_html(job.job_description) or from_html(job.job_excerpt),
        posted_at=moment(job.pub_date),
        department=next(map(html.unescape, job.job_industry), None),
        workplace=Workplace.REMOTE,
        employment=next(filter(None, map(employment, kinds)), None),
        pay=_pay(job),
    )


def _pay(job: Job) -> Pay | None:
    if job.salary_period:
        return pay(job.salary_min, job.salary_max, job.salary_currency, job.salary_period)
    return pay(job.annual_salary_min, job.annual_salary_max, job.salary_currency, "year")


def board_of(address: SplitResult) -> str | None:
    known = host(address) == "jobicy.com" and address.path.rstrip("/") in ("", "/jobs", "/api/v2/remote-jobs")
    return narrowed(address, "count") if known else None


SOURCE = Source(
    name="jobicy",
    title="Jobicy",
    aggregator=True,
    url=f"https://jobicy.com/api/v2/remote-jobs?count={MOST}{{board}}",
    job=Job,
    items=lambda document: rows(document, "jobs"),
    stated=lambda document: number(document, "jobCount"),
    window=True,
    posting=posting,
    address=narrowing,
    example="all",
    terms=Terms(attribution="Jobicy", link_back=True, polls_per_day=24, page="https://jobi.cy/apidocs"),
    board_of=board_of,
)
