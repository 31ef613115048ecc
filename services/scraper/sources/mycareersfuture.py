"""MyCareersFuture, Singapore's national job board: `api.mycareersfuture.gov.sg/v2/jobs`; a board here is a search.

`software engineer` searches for these words, `all` takes everything. Quirks. The page is counted from 0 in the address, and a
page holds 100 at most: more is answered with 400. The employer is `hiringCompany`, which only an agency's posting has; the
other is `postedCompany`. Pay is in Singapore dollars, mostly a month, and may be there but hidden. A district's name needs
the country, or `Marina` is in California. Only addresses of `www.mycareersfuture.gov.sg` become links. The years asked for
and the skills stand beside the text on the job's page, so they end the text here. Addresses of clouds may be refused with 403.
"""

from typing import Any
from urllib.parse import SplitResult, parse_qs, quote, urlencode, urlsplit

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
    pay,
    rows,
)
from services.scraper.sources.base.query import WHOLE, asked, asking, host

PAGE = 100
SITE = "www.mycareersfuture.gov.sg"


class Named(Wire):
    location: str | None = None
    skill: str | None = None
    category: str | None = None
    employment_type: str | None = None


class Job(Wire):
    uuid: str
    title: str
    description: str = ""
    hiring_company: str | None = at("hiringCompany", "name")
    posted_company: str | None = at("postedCompany", "name")
    pay_low: float | None = at("salary", "minimum")
    pay_high: float | None = at("salary", "maximum")
    pay_period: str | None = at("salary", "type", "salaryType")
    pay_hidden: bool = at("metadata", "isHideSalary", default=False)
    page: str | None = at("metadata", "jobDetailsUrl")
    posted: str | None = at("metadata", "newPostingDate")
    created: str | None = at("metadata", "createdAt")
    expires: str | None = at("metadata", "expiryDate")
    districts: tuple[Named, ...] = at("address", "districts", default=())
    overseas: bool = at("address", "isOverseas", default=False)
    country: str | None = at("address", "overseasCountry")
    skills: tuple[Named, ...] = ()
    categories: tuple[Named, ...] = ()
    employment_types: tuple[Named, ...] = ()
    minimum_years_experience: int | None = None


def posting(job: Job, board: str) -> Draft:
    places = [job.country] if job.overseas else [_district(named.location) for named in job.districts] or ["Singapore"]
    return Draft(
        external_id=job.uuid,
        title=job.title,
        company=job.hiring_company or job.posted_company,
        url=_page(job),
        location="; ".join(filter(None, places)),
        locations=places,
        description=_text(job),
        posted_at=moment(job.posted) or moment(job.created),
        valid_through=day(job.expires),
        department=next((named.category for named in job.categories), None),
        employment=employment(", ".join(filter(None, (named.employment_type for named in job.employment_types)))),
        pay=None if job.pay_hidden else pay(job.pay_low, job.pay_high, "SGD", job.pay_period),
    )


def _district(name: str | None) -> str:
    return ", ".join(filter(None, (name, "Singapore")))


def _page(job: Job) -> str:
    address = urlsplit(job.page or "")
    known = address.scheme == "https" and address.netloc == SITE
    return job.page if job.page and known else f"https://{SITE}/job/{quote(job.uuid, safe='')}"


def _text(job: Job) -> str:
    years, skills = job.minimum_years_experience or 0, [named.skill for named in job.skills if named.skill]
    beside = (
        f"{years} year{'s' * (years > 1)} of experience" if 0 < years < 60 else "",
        f"Skills: {', '.join(skills)}" if skills else "",
    )
    return "\n\n".join(filter(None, (from_html(job.description), *beside)))


def items(document: Any) -> list[object]:
    return rows(document, None if isinstance(document, list) else "results")


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request, never from the answer."""
    page = asked(request, "page", 0) + 1
    return asking(request, "page", page) if items(document) and page * PAGE < (number(document, "total") or 0) else None


def address(board: str) -> str:
    return "" if board == WHOLE else urlencode({"search": board})


def board_of(address: SplitResult) -> str | None:
    """A search on the site or of its API; the page of one job is no board."""
    if host(address) not in ("mycareersfuture.gov.sg", "api.mycareersfuture.gov.sg"):
        return None
    words = parse_qs(address.query).get("search", [WHOLE])[0]
    return words if address.path.rstrip("/") in ("", "/search", "/v2/jobs", "/v2/search") else None


SOURCE = Source(
    name="mycareersfuture",
    title="MyCareersFuture",
    aggregator=True,
    url=f"https://api.mycareersfuture.gov.sg/v2/jobs?limit={PAGE}&page=0&sortBy=new_posting_date&{{board}}",
    job=Job,
    items=items,
    stated=lambda document: number(document, "total"),
    posting=posting,
    address=address,
    next_page=next_page,
    raw_id="uuid",
    example="software engineer",
    board_of=board_of,
)
