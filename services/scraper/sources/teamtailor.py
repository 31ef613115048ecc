"""Teamtailor: `BOARD.teamtailor.com/jobs.rss`, a hundred jobs a page; `jobs.json` of the same site is read too.

A board `acme` is `acme.teamtailor.com`; for another host give the whole of it, `acme.na.teamtailor.com` or `jobs.acme.com`.
Quirks. Places are elements of a namespace of their own, several to a job; their `name` is the office's, not the city's. An
item's `guid` differs from the id in its address, which is what `jobs.json` has in common with it, so the address gives the id.
`remoteStatus` "temporary" says how it is just now, and so nothing. In `jobs.json` each item carries a schema.org posting, and
there `addressRegion` is a part of the world. The site answers 400 now and then, and the next time it does not.
"""

import re
from typing import Any
from xml.etree.ElementTree import Element

from services.scraper.sources.base import Draft, Request, Source, Wire, at, employment, from_html, json_document, moment, rows
from services.scraper.sources.base.query import asked, asking
from services.scraper.sources.base.sites import site, site_of
from services.scraper.sources.base.xml import text_at, xml_document
from shared.errors import UnreadableInput
from shared.posting import Workplace

DOMAIN = "teamtailor.com"
PAGE = 100
TT = "{https://teamtailor.com/locations}"
_WORKPLACES = {
    "fully": Workplace.REMOTE,
    "fully-remote": Workplace.REMOTE,
    "hybrid": Workplace.HYBRID,
    "none": Workplace.ONSITE,
    "TELECOMMUTE": Workplace.REMOTE,
}
_RSS = (("Accept", "application/rss+xml"),)


class Office(Wire):
    name: str | None = None
    city: str | None = at("address", "addressLocality")
    country: str | None = at("address", "addressCountry")


class Job(Wire):
    id: str
    title: str
    url: str | None = None
    date_published: str | None = None
    company: str | None = None
    remote_status: str | None = at("_jobposting", "jobLocationType")
    employment_type: str | None = at("_jobposting", "employmentType")
    department: str | None = None
    offices: tuple[Office, ...] = at("_jobposting", "jobLocation", default=())
    content_html: str = ""
    description: str = at("_jobposting", "description", default="")


def read(body: bytes) -> object:
    return json_document(body) if body.lstrip()[:1] == b"{" else xml_document(body)


def items(document: Any) -> list[object]:
    """The jobs of the RSS or of the JSON feed, as the latter writes them and each with its company."""
    if not isinstance(document, Element):
        return [{**job, "company": document.get("title")} if isinstance(job, dict) else job for job in rows(document, "items")]
    channel = document.find("channel")
    if channel is None:
        raise UnreadableInput(f"no list of jobs: the answer is <{document.tag[:60]}>, not RSS")
    return [_record(item, text_at(channel, "title")) for item in channel.iterfind("item")]


def _record(item: Element, employer: str | None) -> dict[str, object]:
    places = [_office(place) for place in item.iterfind(f"{TT}locations/{TT}location")]
    told = {"jobLocationType": text_at(item, "remoteStatus"), "jobLocation": places}
    return {
        "id": text_at(item, "guid") or text_at(item, "link"),
        "title": text_at(item, "title"),
        "url": text_at(item, "link"),
        "date_published": text_at(item, "pubDate"),
        "company": text_at(item, "company_name") or employer,
        "department": text_at(item, f"{TT}department"),
        "content_html": text_at(item, "description"),
        "_jobposting": told,
    }


def _office(place: Element) -> dict[str, object]:
    address = {"addressLocality": text_at(place, f"{TT}city"), "addressCountry": text_at(place, f"{TT}country")}
    return {"name": text_at(place, f"{TT}name"), "address": address}


def posting(job: Job, board: str) -> Draft:
    number = re.search(r"/jobs/(\d+)", job.url or "")
    places = [", ".join(filter(None, (office.city, office.country))) or office.name for office in job.offices]
    return Draft(
        external_id=number[1] if number else job.id,
        title=job.title,
        company=job.company or board,
        url=job.url,
        location="; ".join(filter(None, dict.fromkeys(places))),
        locations=places,
        description=from_html(job.content_html or job.description),
        posted_at=moment(job.date_published),
        department=job.department,
        workplace=_WORKPLACES.get(job.remote_status or ""),
        employment=employment((job.employment_type or "").replace("_", " ").lower()),
    )


def next_page(request: Request, document: Any) -> Request | None:
    """A page that is not full is the last; the JSON feed has one only."""
    found = len(items(document)) if isinstance(document, Element) else 0
    return asking(request, "offset", asked(request, "offset", 0) + found) if found >= asked(request, "per_page", PAGE) else None


def company_of(document: Any) -> str | None:
    return text_at(document, "channel/title") if isinstance(document, Element) else document.get("title")


SOURCE = Source(
    name="teamtailor",
    title="Teamtailor",
    url=f"https://{{board}}/jobs.rss?offset=0&per_page={PAGE}",
    job=Job,
    items=items,
    posting=posting,
    read=read,
    next_page=next_page,
    headers=_RSS,
    address=lambda board: site(board, DOMAIN),
    board_of=site_of(DOMAIN, "na.teamtailor.com"),
    identity=lambda board: Request(f"https://{site(board, DOMAIN)}/jobs.rss?per_page=1", headers=_RSS),
    company_of=company_of,
    example="career",
)
