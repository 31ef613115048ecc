"""A sitemap (sitemaps.org) of job pages, or an index of such; each page is read as `jsonld` reads it. A board is its address.

Quirks. It lists every page of a site: those that look like one job's are taken, by their path. It has no titles, so until
its page has been read a job is called by the last words of its address. `lastmod` is when a page changed, and tells which
ones to read again; some sites write the day of the build into all of them, which says nothing. Sitemaps may be gzip files.
Of an index those that are named after jobs are read, or else all but those of pictures, products and the like.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit
from xml.etree.ElementTree import Element

from services.scraper.sources import jsonld
from services.scraper.sources.base import Draft, Dropped, Request, Source, Wire, moment
from services.scraper.sources.base.answer import MAX_BODY
from services.scraper.sources.base.jobposting import Job, drafted
from services.scraper.sources.base.page import unescaped
from services.scraper.sources.base.xml import xml_document
from shared.errors import UnreadableInput
from shared.posting import RawPosting

MAX_SITEMAPS = 40
"""Sitemaps of one index that are read; the pages of one poll are bounded as well."""
XML = (("Accept", "application/xml,text/xml"),)

_WORD = (
    r"jobs?|careers?|vacanc(?:y|ies)|positions?|openings?|roles?|opportunit(?:y|ies)|postings?|requisitions?|stellen(?:angebote?)?"
    r"|emplois?|offres?|empleos?|ofertas?|vagas?|vacatures?|karriere|lavora"
)
_ABOUT_JOBS = re.compile(rf"(?:^|[^a-z])(?:{_WORD})(?:[^a-z]|$)", re.IGNORECASE)
_NO_JOB = re.compile(
    r"search|results?|categor(?:y|ies)|locations?|teams?|departments?|blog|news|stories|events?|benefits|perks|culture|about"
    r"|faqs?|login|sign-?in|apply|tags?|pages?|students?|graduates?|internships?|early-careers?|life-at-.+|why-.+|how-we-.+|our-.+"
    r"|privacy(?:-.+)?|talent-(?:network|community|pool)|job-alerts?",
    re.IGNORECASE,
)
_OTHER_SITEMAP = re.compile(r"image|video|news|blog|post-|product|tag|categor|author|page-|locale", re.IGNORECASE)


class Entry(Wire):
    loc: str
    lastmod: str | None = None


def read(body: bytes) -> Element | list[Any]:
    """The root of a sitemap, or the structured data of a page: one source reads both."""
    body = _unpacked(body) if body.startswith(b"\x1f\x8b") else body
    is_xml = re.search(rb"<(?:\w{1,10}:)?(?:urlset|sitemapindex)\b", body[:5000]) or body.lstrip().startswith(b"<?xml")
    return xml_document(body) if is_xml or not body.strip() else jsonld.read(body)


def items(document: Element | list[Any]) -> list[object]:
    """The pages that look like one job's. None for an index, whose sitemaps come as further pages."""
    if _root(document) == "sitemapindex":
        return []
    found = [entry for entry in _entries(document, "url") if looks_like_job(entry["loc"])]
    days = {(entry["lastmod"] or "")[:10] for entry in found}
    return [{**entry, "lastmod": None} if len(days) == 1 < len(found) else entry for entry in found]


def posting(entry: Entry, board: str) -> Draft | Dropped:
    return Draft(
        external_id=jsonld.canonical(entry.loc),
        title=called(entry.loc),
        url=entry.loc,
        posted_at=moment(entry.lastmod),
    )


def next_page(request: Request, document: Any) -> Request | None:
    """The sitemaps of an index, one after the other. An index inside an index is not followed, as the protocol has none."""
    rest = request.rest
    if rest is None and _root(document) == "sitemapindex":
        rest = _chosen([entry["loc"] for entry in _entries(document, "sitemap")])
    return replace(request, url=rest[0], rest=rest[1:]) if rest else None


def detail(blocks: Any, listed: RawPosting) -> Draft:
    """The job of a page; of several the one that says it is at this address, since pages also list their neighbours."""
    found = [Job.model_validate(item) for item in jsonld.items(blocks if isinstance(blocks, list) else [])]
    jobs = [job for job in found if not job.fault]
    if not jobs:
        raise UnreadableInput(found[0].fault or "no job in this page")
    here = next((job for job in jobs if job.key == listed.external_id), jobs[0])
    draft = drafted(here)
    company = draft.company or urlsplit(listed.url or "").hostname
    return replace(draft, external_id=listed.external_id, url=listed.url, company=company)


def looks_like_job(url: str) -> bool:
    """`/careers/go-engineer-411` and `/jobs?id=411` do, `/careers/benefits` and `/blog/how-we-work` do not."""
    parts = urlsplit(url)
    *steps, last = [unquote(step) for step in parts.path.split("/") if step] or [""]
    if re.search(r"(?:^|&)(?:\w*id|job|gh_jid|req)=\w*\d", parts.query, re.IGNORECASE):
        return bool(_ABOUT_JOBS.search(f"{parts.hostname}{parts.path}"))
    about_jobs = any(_ABOUT_JOBS.search(part) for part in (parts.hostname or "", *steps))
    one = re.search(r"\d|\w[-_+ ]\w", last) or any(re.fullmatch(r"[\w-]*\d[\w-]*", step) for step in steps)
    return bool(about_jobs and one and not any(_NO_JOB.fullmatch(step) for step in (*steps[-1:], last)))


def called(url: str) -> str:
    """`…/jobs/senior-go-engineer-411` → "Senior go engineer", until the page itself says what the job is called."""
    for step in reversed([unquote(step) for step in urlsplit(url).path.split("/")]):
        said = [word for word in re.split(r"[-_+.\s]+", step) if word.isalpha() and word.lower() not in ("html", "htm", "php")]
        if said:
            return " ".join(said)[:300].capitalize()
    return url[:500]


def board_of(address: SplitResult) -> str | None:
    name = address.path.rpartition("/")[2].lower()
    is_sitemap = "sitemap" in name and name.endswith((".xml", ".xml.gz"))
    return urlunsplit(address._replace(fragment="")) if is_sitemap and address.scheme in ("http", "https") else None


def _unpacked(body: bytes) -> bytes:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = unpacker.decompress(body, MAX_BODY)
    except zlib.error:
        raise UnreadableInput("a gzip file that cannot be unpacked") from None
    if not unpacker.eof:
        raise UnreadableInput(f"a gzip file that is cut short, or holds more than {MAX_BODY:,} bytes")
    return whole


def _root(document: Element | list[Any]) -> str:
    if isinstance(document, list):
        raise UnreadableInput("got a web page where a sitemap was expected")
    name = document.tag.rpartition("}")[2]
    if name not in ("urlset", "sitemapindex"):
        raise UnreadableInput(f"got <{name[:40]}> where a sitemap was expected")
    return name


def _entries(document: Element | list[Any], kind: str) -> Iterator[dict[str, Any]]:
    """The addresses in a sitemap or an index, whatever namespace they are written in."""
    for element in document:
        space, _, name = element.tag.rpartition("}")
        if name == kind:  # pictures and videos have a `loc` as well, in a namespace of their own
            said = {child.tag: (child.text or "").strip() for child in element}
            said = {name: said.get(f"{space}}}{name}" if space else name, "") for name in ("loc", "lastmod")}
            loc = unescaped(said["loc"])
            if re.match(r"https?://\S+\Z", loc, re.IGNORECASE):
                yield {"loc": loc, "lastmod": said["lastmod"] or None}


def _chosen(sitemaps: list[str]) -> tuple[str, ...]:
    about_jobs = [url for url in sitemaps if _ABOUT_JOBS.search(urlsplit(url).path)]
    chosen = about_jobs or [url for url in sitemaps if not _OTHER_SITEMAP.search(urlsplit(url).path)]
    if len(chosen) > MAX_SITEMAPS:
        raise UnreadableInput(f"an index of {len(chosen):,} sitemaps, more than {MAX_SITEMAPS}; watch the one with the jobs")
    return tuple(chosen)


SOURCE = Source(
    name="sitemap",
    title="Sitemap of job pages",
    url="{board}",
    job=Entry,
    items=items,
    posting=posting,
    read=read,
    address=jsonld.address,
    next_page=next_page,
    headers=XML,
    raw_id="loc",
    detail_request=lambda listed, request: Request(listed.url or listed.external_id, headers=jsonld.HTML),
    detail=detail,
    board_of=board_of,
    example="https://careers.lumenworks.example/sitemap.xml",
)
