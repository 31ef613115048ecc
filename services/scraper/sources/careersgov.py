"""Careers@Gov, the Singapore public service: a file that Open Government Products publishes once a day (MIT licence).

The only board is `all`. Quirks. One raw file of 10–15 MB, a bare list, so it is asked for only when it has changed. A job is a
`jobId` and a `postingNo` together; `platform` tells on which site it is shown. Times are milliseconds since 1970, as text.
Every field is there, and empty where nothing is known: a text whose fetching failed, a place. Both years of experience are 0
at entry level. There is no pay.
"""

from typing import Any
from urllib.parse import SplitResult, quote

from services.scraper.sources.base import Draft, Source, Wire, employment, from_html, moment, rows, workplace
from services.scraper.sources.base.query import WHOLE, host

FILE = "raw.githubusercontent.com/opengovsg/careersgovsg-jobs-data/main/data/job-listings.json"
_PAGES = {
    "greenhouse": "https://jobs.careers.gov.sg/jobs/greenhouse/{job}?gh_jid={job}",
    "workable": "https://apply.workable.com/j/{posting}",
}
_PAGE = "https://jobs.careers.gov.sg/jobs/{platform}/{job}/{posting}"


class Job(Wire):
    job_id: str
    posting_no: str
    job_title: str
    platform: str = "hrp"
    agency: str | None = None
    start_date: float | None = None
    closing_date: float | None = None
    employment_type: str = ""
    work_arrangement: str = ""
    experience_required: str = ""
    experience_years_min: float | None = None
    experience_years_max: float | None = None
    field: str | None = None
    functional_area: str | None = None
    job_description: str = ""
    job_responsibilities: str = ""
    job_requirements: str = ""
    location: str = ""


def posting(job: Job, board: str) -> Draft:
    ends = moment(job.closing_date)
    words = {"platform": job.platform or "hrp", "job": job.job_id, "posting": job.posting_no}
    page = _PAGES.get(job.platform, _PAGE)
    return Draft(
        external_id=f"{job.job_id}/{job.posting_no}",
        title=job.job_title,
        company=job.agency,
        url=page.format(**{name: quote(word, safe="") for name, word in words.items()}),
        location=_place(job),
        description="\n\n".join(filter(None, (_text(job), _experience(job)))),
        posted_at=moment(job.start_date),
        valid_through=ends.date() if ends else None,
        department=job.functional_area or job.field,
        requisition_id=job.job_id,
        workplace=workplace(job.work_arrangement),
        employment=employment(f"{job.employment_type.replace('Terms', 'Term')} {job.work_arrangement}"),
    )


def _place(job: Job) -> str:
    place = job.location.strip()
    return place if "singapore" in place.lower() else ", ".join(filter(None, (place, "Singapore")))


def _text(job: Job) -> str:
    return from_html(*dict.fromkeys((job.job_description, job.job_responsibilities, job.job_requirements)))


def _experience(job: Job) -> str:
    """The years that are asked for, as a line of text; both are 0 at entry level."""
    low, high = (f"{years:g}" if years else "" for years in (job.experience_years_min, job.experience_years_max))
    span = "-".join(dict.fromkeys(filter(None, (low, high))))
    return f"{span} years of experience" if span else "Entry level" if "entry" in job.experience_required.lower() else ""


def items(document: Any) -> list[object]:
    return rows(document)


def board_of(address: SplitResult) -> str | None:
    file, _, _ = FILE.rpartition("/")
    known = host(address) in ("jobs.careers.gov.sg", "careers.gov.sg", "jobs.gov.sg")
    return WHOLE if known or f"{host(address)}{address.path}".startswith(file) else None


SOURCE = Source(
    name="careersgov",
    title="Careers@Gov",
    url=f"https://{FILE}",
    job=Job,
    items=items,
    posting=posting,
    raw_id="postingNo",
    example=WHOLE,
    board_of=board_of,
)
