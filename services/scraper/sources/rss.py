"""Any feed of jobs in RSS or Atom. A board is the feed's address; with `url`, any short name.

Quirks. Feeds say little and in many ways: the text may be in `content:encoded`, `content`, `description` or `summary`, the
date `pubDate`, `published`, `date` or `updated`. A `guid` may be no address. The company is an element of its own, or the one
in "Role at Company" or "Company: Role" where that cannot be anything else, or whoever the feed is by. Feeds of
governmentjobs.com add pay and parts of the text in elements of their own. A feed is a window on what is new: that a job is
no longer in it says nothing.
"""

import html
import re
from typing import Any
from urllib.parse import SplitResult, urlunsplit
from xml.etree.ElementTree import Element

from pydantic import AliasChoices, Field

from services.scraper.sources.base import Draft, Request, Source, Wire, employment, from_html, moment, pay, workplace
from services.scraper.sources.base.feed import FEED, entries, feed_name
from services.scraper.sources.base.hiring import names_role
from services.scraper.sources.base.xml import xml_document
from shared.reading.places import read_places

_AT = re.compile(r"(.{3,150}) (?:at|@) ([A-Z0-9][\w.&'’-]*(?: [\w.&'’-]+){0,4})")
_COLON = re.compile(r"([A-Z0-9][\w.&'’-]*(?: [\w.&'’-]+){0,4}) ?: (.{3,200})")
_NOT_COMPANY = re.compile(
    r"\b(?:sales|marketing|product|design|finance|legal|operations|hr|people|it|support|data|remote|hybrid|urgent|hiring|job"
    r"|new|vacancy|update|senior|junior|home|large|least|once|scale)\b",
    re.IGNORECASE,
)
_FEED_OF = re.compile(
    r"(?:(?:latest |open |current |all )?(?:jobs|careers|vacancies|positions|openings) (?:at|with) )?(.{2,80}?)", re.IGNORECASE
)
_TRAILER = re.compile(
    r"(?:[’']s)?\s*[-–—|:]?\s*\b(?:(?:latest|open|current) )?(?:jobs?|careers?|vacancies|positions|openings|job openings)"
    r"(?: feed| rss| page)?\s*\Z",
    re.IGNORECASE,
)


class Job(Wire):
    guid: str = Field(validation_alias=AliasChoices("guid", "id", "link"))
    title: str
    link: str | None = None
    permanent: bool = False
    feed: str | None = None
    company: str | None = Field(
        default=None, validation_alias=AliasChoices("company", "company_name", "companyName", "employer", "hiringOrganization")
    )
    location: str | None = None
    region: str | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    encoded: str = ""
    content: str = ""
    description: str = ""
    summary: str = ""
    examplesofduties: str = ""
    qualifications: str = ""
    supplementalinformation: str = ""
    dated: str | None = Field(
        default=None, validation_alias=AliasChoices("pubDate", "published", "date", "issued", "updated", "modified")
    )
    ends: str | None = Field(
        default=None, validation_alias=AliasChoices("expires_at", "expires", "expirationDate", "closingDate")
    )
    department: str | None = None
    categories: tuple[str, ...] = ()
    kind: str | None = Field(default=None, validation_alias=AliasChoices("employmentType", "jobtype", "job_type", "type"))
    remote_status: str | None = None
    minimum_salary: float | None = None
    maximum_salary: float | None = None
    salary_currency: str | None = None
    salary_interval: str | None = None


def posting(job: Job, board: str) -> Draft:
    company, title = named(html.unescape(job.title))
    address = (job.city, job.state, job.country) if job.city or job.country else (job.region or job.state,)
    place = job.location or ", ".join(filter(None, address))
    ends = moment(job.ends)
    return Draft(
        external_id=job.guid,
        title=title,
        company=job.company or company or employer(job.feed or ""),
        url=job.link or (job.guid if job.permanent else None),
        location=place,
        description=from_html(
            job.encoded or job.content or job.description or job.summary,
            job.examplesofduties,
            job.qualifications,
            job.supplementalinformation,
        ),
        posted_at=moment(job.dated),
        valid_through=ends.date() if ends else None,
        department=job.department or next(iter(job.categories), None),
        workplace=workplace(job.remote_status) or workplace(place),
        employment=employment(job.kind),
        pay=pay(job.minimum_salary, job.maximum_salary, job.salary_currency, job.salary_interval),
    )


def named(title: str) -> tuple[str | None, str]:
    """The company in "Role at Company" or "Company: Role", and the role; none where the words could mean something else."""
    for pattern, role, company in ((_AT, 1, 2), (_COLON, 2, 1)):
        found = pattern.fullmatch(title[:400])
        if found and names_role(found[role]) and _is_company(found[company]):
            return found[company].strip(), found[role].strip()
    return None, title


def _is_company(name: str) -> bool:
    return not (names_role(name) or _NOT_COMPANY.search(name) or read_places([name]))


def employer(feed: str) -> str | None:
    """Whoever "Jobs at Acme", "Acme – Careers" or "Acme" is by; `None` for a feed that names a subject."""
    bare = _FEED_OF.fullmatch(_TRAILER.sub("", feed[:200].strip()))
    return bare[1] if bare and bare[1] and _is_company(bare[1]) and ":" not in bare[1] else None


def items(document: Any) -> list[object]:
    feed = feed_name(document)
    return [{**entry, "feed": feed} if isinstance(entry, dict) else entry for entry in entries(document)]


def address(board: str) -> str:
    return board if re.match(r"https?://", board, re.IGNORECASE) else f"https://{board}"


def board_of(address: SplitResult) -> str | None:
    """An address that looks like a feed's, as it stands."""
    looks = re.search(r"\.(?:rss|atom)\Z|(?:/|\A)(?:rss|atom|feed)(?:\.xml)?/?\Z", address.path, re.IGNORECASE)
    return urlunsplit(address._replace(fragment="")) if looks and address.scheme in ("http", "https") else None


def company_of(document: Element) -> str | None:
    return employer(feed_name(document) or "")


SOURCE = Source(
    name="rss",
    title="RSS or Atom",
    url="{board}",
    job=Job,
    items=items,
    window=True,
    posting=posting,
    read=xml_document,
    address=address,
    raw_id="guid",
    headers=FEED,
    example="https://jobs.example.com/feed.xml",
    board_of=board_of,
    identity=lambda board: Request(address(board), headers=FEED),
    company_of=company_of,
)
