"""We Work Remotely: the RSS of `weworkremotely.com`, all new remote jobs (`remote-jobs`) or those of a category.

Quirks. The title is "Company: Role", and a company may have a colon of its own, so the first one counts. `region` is where one
may live ("Anywhere in the World", "USA Only"), or the `country` is, behind its flag; `state` is that of the head office and
says nothing. The link is the id. Each job brings the day on which it ends; only new ones are listed, so that one is no
longer among them says nothing.
"""

import html
import re
from urllib.parse import SplitResult, quote

from services.scraper.sources.base import Draft, Source, Terms, Wire, employment, from_html, moment
from services.scraper.sources.base.feed import FEED, entries
from services.scraper.sources.base.query import host
from services.scraper.sources.base.xml import xml_document
from shared.posting import Workplace

EVERYTHING = "remote-jobs"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff\U0001f3f4\U000e0020-\U000e007f]+")


class Job(Wire):
    guid: str
    title: str
    link: str | None = None
    region: str | None = None
    country: str | None = None
    category: str | None = None
    type: str | None = None
    description: str = ""
    pub_date: str | None = None
    expires_at: str | None = None


def posting(job: Job, board: str) -> Draft:
    company, colon, role = html.unescape(job.title).partition(": ")
    place = _FLAG.sub("", job.country or "").strip() or job.region
    ends = moment(job.expires_at)
    return Draft(
        external_id=job.guid,
        title=role if colon else company,
        company=company.strip() if colon else None,
        url=job.link or job.guid,
        location=place,
        description=from_html(job.description),
        posted_at=moment(job.pub_date),
        valid_through=ends.date() if ends else None,
        department=job.category,
        workplace=Workplace.REMOTE,
        employment=employment(job.type),
    )


def address(board: str) -> str:
    name = quote(board, safe="")
    return name if board == EVERYTHING else f"categories/{name}"


def board_of(address: SplitResult) -> str | None:
    steps = address.path.strip("/").removesuffix(".rss").split("/")
    if host(address) != "weworkremotely.com":
        return None
    if len(steps) == 2 and steps[0] == "categories" and steps[1]:
        return steps[1]
    return EVERYTHING if steps in ([""], [EVERYTHING]) else None


SOURCE = Source(
    name="weworkremotely",
    title="We Work Remotely",
    aggregator=True,
    url="https://weworkremotely.com/{board}.rss",
    job=Job,
    items=entries,
    window=True,
    posting=posting,
    read=xml_document,
    address=address,
    raw_id="guid",
    headers=FEED,
    example="remote-programming-jobs",
    terms=Terms(attribution="We Work Remotely", link_back=True, page="https://weworkremotely.com/remote-job-rss-feed"),
    board_of=board_of,
)
