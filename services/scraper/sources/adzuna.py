"""Adzuna: `api.adzuna.com/v1/api/jobs/COUNTRY/search/PAGE`, an aggregator; needs the keys `adzuna_app_id` and `adzuna_app_key`.

A board is `COUNTRY/WORDS`, such as `sg/engineer`, or with a place `gb/python developer/London`. Quirks. Fifty jobs a page,
newest first; only the newest pages are read, since a key has 250 requests a day, so a wide search is never complete. The
page is a part of the path. `salary_is_predicted` "1" is Adzuna's guess and not the employer's word. Pay is a year's, in the
country's currency. Descriptions are their first 500 characters. Words that were searched for may be set in `<strong>`.
"""

import re
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlencode

from services.scraper.sources.base import (
    Draft,
    Request,
    Source,
    Terms,
    Wire,
    at,
    employment,
    from_html,
    moment,
    number,
    pay,
    rows,
)
from services.scraper.sources.base.query import host
from shared.errors import UnreadableInput
from shared.posting import Pay

PAGE, LAST_PAGE = 50, 5
LEAST_PAY = 1_000
CURRENCIES = {
    "at": "EUR", "au": "AUD", "be": "EUR", "br": "BRL", "ca": "CAD", "ch": "CHF", "de": "EUR", "es": "EUR", "fr": "EUR",
    "gb": "GBP", "in": "INR", "it": "EUR", "mx": "MXN", "nl": "EUR", "nz": "NZD", "pl": "PLN", "sg": "SGD", "us": "USD",
    "za": "ZAR",
}  # fmt: skip
_SITES = {"com": "us", "co.uk": "gb", "com.au": "au", "com.br": "br", "com.mx": "mx", "co.nz": "nz", "co.za": "za"}
_NUMBER = re.compile(r"(?<=/search/)\d{1,4}")


class Job(Wire):
    id: str
    title: str
    company: str | None = at("company", "display_name")
    redirect_url: str | None = None
    area: tuple[str, ...] = at("location", "area", default=())
    place: str | None = at("location", "display_name")
    category: str | None = at("category", "label")
    contract_type: str = ""
    contract_time: str = ""
    salary_min: float | None = None
    salary_max: float | None = None
    salary_is_predicted: str = ""
    description: str = ""
    created: str | None = None


def posting(job: Job, board: str) -> Draft:
    place = ", ".join(job.area[::-1]) or job.place
    return Draft(
        external_id=job.id,
        title=re.sub(r"</?strong>", "", job.title),
        company=job.company,
        url=job.redirect_url,
        location=place,
        description=from_html(job.description),
        posted_at=moment(job.created),
        department=job.category,
        employment=employment(f"{job.contract_time} {job.contract_type}".replace("_", " ")),
        pay=_pay(job, CURRENCIES.get(board.partition("/")[0].lower())),
    )


def _pay(job: Job, currency: str | None) -> Pay | None:
    """What the employer says; an hour's pay that was taken for a year's is none."""
    stated = job.salary_is_predicted not in ("1", "true", "True")
    found = pay(job.salary_min, job.salary_max, currency, "year") if stated else None
    return found if found and (found.high or found.low or 0) >= LEAST_PAY else None


def items(document: Any) -> list[object]:
    return rows(document, None if isinstance(document, list) else "results")


def address(board: str) -> str:
    """`sg/engineer` as it stands in the address. Raises `UnreadableInput` for a country that Adzuna is not in."""
    country, _, rest = board.partition("/")
    if country.lower() not in CURRENCIES:
        raise UnreadableInput(f"adzuna: a board is COUNTRY/WORDS, e.g. 'sg/engineer'; countries: {', '.join(CURRENCIES)}")
    words, _, where = rest.partition("/")
    asked = {"what": words, "where": where, "results_per_page": PAGE, "sort_by": "date"}
    return f"{country.lower()}/search/1?{urlencode({key: value for key, value in asked.items() if value})}"


def next_page(request: Request, document: Any) -> Request | None:
    """Counted from our own request, never from the answer."""
    found = _NUMBER.search(request.url)
    page = int(found[0]) if found else LAST_PAGE
    if page >= LAST_PAGE or not items(document) or page * PAGE >= (number(document, "count") or 0):
        return None
    return replace(request, url=_NUMBER.sub(str(page + 1), request.url, count=1))


def board_of(address: SplitResult) -> str | None:
    """A search on one of Adzuna's sites."""
    name, _, domain = host(address).partition(".")
    country = _SITES.get(domain, domain)
    words = {key: values[0] for key, values in parse_qs(address.query).items()}
    asked = [words.get("q") or words.get("what", ""), words.get("w") or words.get("where", "")]
    known = name == "adzuna" and country in CURRENCIES and address.path.rstrip("/") in ("/search", "/jobs/search")
    return "/".join([country, *asked]).rstrip("/") if known else None


SOURCE = Source(
    name="adzuna",
    title="Adzuna",
    aggregator=True,
    url="https://api.adzuna.com/v1/api/jobs/{board}&app_id={adzuna_app_id}&app_key={adzuna_app_key}",
    job=Job,
    items=items,
    stated=lambda document: number(document, "count"),
    posting=posting,
    address=address,
    next_page=next_page,
    keys=("adzuna_app_id", "adzuna_app_key"),
    example="sg/engineer",
    terms=Terms(
        attribution="Adzuna", link_back=True, polls_per_day=12, page="https://developer.adzuna.com/docs/terms_of_service"
    ),
    board_of=board_of,
)
