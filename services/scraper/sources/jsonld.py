"""Any careers page with schema.org `JobPosting` in it, which employers write there for search engines. A board is a page.

Quirks (of the page; those of a job are in `base/jobposting.py`). It stands in `application/ld+json` scripts: alone, in a
list, under `@graph` or inside an `ItemList`; in CDATA, as entities, with raw line breaks in its texts. The company may only
be pointed to (`@id`) and stand elsewhere in the page. Several jobs may share one address, and an `identifier` may be the
company's. A page without any job says nothing about what is open: it is an error, and closes nothing.
"""

import re
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from services.scraper.sources.base import Draft, Dropped, Source, json_document
from services.scraper.sources.base.jobposting import Job, drafted, words
from services.scraper.sources.base.page import ends, is_markup, nodes, page_text, structured_data
from shared.errors import UnreadableInput
from shared.posting import digest_of

HTML = (("Accept", "text/html,application/xhtml+xml"),)
SCHEME = re.compile(r"\Ahttps?://", re.IGNORECASE)
_TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|trid|gh_src|lever-(?:source|origin)", re.IGNORECASE)


def read(body: bytes) -> list[Any]:
    """The page's structured data by block: JSON values, `UnreadableInput` for broken ones, `None` where its end is missing."""
    text = page_text(body)
    if text[0] in "{[":
        return [json_document(body)]
    if not is_markup(text):
        raise UnreadableInput("got plain text where a web page was expected: no structured data in it")
    return [*structured_data(text), *([] if ends(text) else [None])]


def items(blocks: list[Any]) -> list[object]:
    """The `JobPosting`s of a page, each with its key. Raises `UnreadableInput` where there is none."""
    known = {node["@id"]: node for node in nodes(blocks) if isinstance(node.get("@id"), str) and len(node) > 2}
    jobs = [_resolved(node, known) for block in blocks for node in nodes(block) if is_job(node)]
    broken = [{"joblark:fault": str(block)} for block in blocks if isinstance(block, UnreadableInput)]
    if not jobs:
        raise UnreadableInput(str(broken[0]["joblark:fault"]) if broken else "no structured data about a job in this page")
    shared = Counter(address for job in jobs if (address := _address(job)))
    return [*({**job, "joblark:key": _key(job, shared)} for job in jobs), *broken]


def is_job(node: dict[str, Any]) -> bool:
    kinds = node.get("@type") or node.get("@Type")
    return any(str(kind).lower().endswith("jobposting") for kind in (kinds if isinstance(kinds, list) else [kinds]))


def posting(job: Job, board: str) -> Draft | Dropped:
    """The job. One without an address of its own is found where it was read, and without a company at the page's host."""
    if job.fault:
        return Dropped(None, job.fault)
    draft, page = drafted(job), address(board)
    url = urljoin(page, draft.url) if draft.url else page
    return replace(draft, url=url, company=draft.company or urlsplit(page).hostname)


def address(board: str) -> str:
    """A board's name is its page's address; `https://` may be left out."""
    return board if SCHEME.match(board) else f"https://{board}"


def canonical(url: str) -> str:
    """The same for the addresses of one page: without tracking, capitals in its host and a fragment that is no path."""
    parts = urlsplit(url.strip())
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])]
    path, fragment = parts.path.rstrip("/") or "/", parts.fragment if parts.fragment[:1] in ("/", "!") else ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, urlencode(query), fragment))


def stated(blocks: list[Any]) -> int | None:
    """One more than was found where the end of the page is missing: what is not in it may only have been cut off."""
    return len(items(blocks)) + 1 if None in blocks else None


def _resolved(job: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The job with its company, where it only points to it."""
    for name in ("hiringOrganization", "HiringOrganization"):
        company = job.get(name)
        if isinstance(company, dict) and not words(company) and company.get("@id") in known:
            return {**job, name: known[company["@id"]]}
    return job


def _address(job: dict[str, Any]) -> str | None:
    found = words(job.get("url") or job.get("Url") or job.get("URL"))
    try:
        return canonical(found) if found else None
    except ValueError:
        return None


def _key(job: dict[str, Any], shared: Counter[str]) -> str:
    """What a job is known by from poll to poll: its own address, else whatever else it says of itself."""
    found = _address(job)
    if found and shared[found] == 1 and len(found) <= 500:
        return found
    said = (
        found,
        *(words(job.get(name) or job.get(name[0].upper() + name[1:])) for name in ("identifier", "title", "datePosted")),
    )
    return digest_of(*(part or "" for part in said), repr(job.get("jobLocation"))[:500])


SOURCE = Source(
    name="jsonld",
    title="Structured data in a web page",
    url="{board}",
    job=Job,
    items=items,
    stated=stated,
    posting=posting,
    read=read,
    address=address,
    headers=HTML,
    example="https://careers.lumenworks.example/jobs",
)
