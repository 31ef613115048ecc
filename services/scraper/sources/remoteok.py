"""Remote OK: `remoteok.com/api`, the newest remote jobs in one bare list. The only board is `all`.

Quirks. The first row is the terms of use, which ask for a link to its page and its name. Some letters were decoded wrongly
before they were stored ("naÃ¯ve" for "naïve"). A location may be only "Success, ", and is where one may live. Pay is in US
dollars a year, and 0 stands for unknown. To each text it adds a test for robots with the asker's own network address,
which would make every poll an edit and tell readers where we are; it is taken out. Only the newest jobs are listed, so
that one is no longer among them says nothing.
"""

import html
import re
from typing import Any
from urllib.parse import SplitResult

from services.scraper.sources.base import Draft, Source, Terms, Wire, from_html, moment, pay, rows
from services.scraper.sources.base.draft import MAX_HTML
from services.scraper.sources.base.query import WHOLE, host
from shared.posting import Workplace

_MISREAD = re.compile("[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_CONTROL = re.compile("[\x80-\x9f]")
_ROBOT_TEST = re.compile(r"Please mention the word \*\*[^*]{1,60}\*\* and tag .{0,600}?(?:re human\.?|\Z)", re.DOTALL)


class Job(Wire):
    id: str
    position: str
    company: str | None = None
    url: str | None = None
    location: str = ""
    tags: tuple[str, ...] = ()
    description: str = ""
    date: str | None = None
    epoch: float | None = None
    salary_min: float | None = None
    salary_max: float | None = None


def posting(job: Job, board: str) -> Draft:
    return Draft(
        external_id=job.id,
        title=readable(job.position),
        company=readable(job.company or ""),
        url=job.url,
        location=readable(job.location).strip(" ,"),
        description=from_html(_ROBOT_TEST.sub("", mended(job.description[:MAX_HTML]))),
        posted_at=moment(job.date) or moment(job.epoch),
        workplace=Workplace.REMOTE,
        pay=pay(job.salary_min, job.salary_max, "USD", "year"),
    )


def mended(text: str) -> str:
    """UTF-8 that was once decoded as Latin-1, decoded again; only where nobody would write those letters in a row."""
    return _MISREAD.sub(_again, text)


def _again(found: re.Match[str]) -> str:
    if not _CONTROL.search(found[0]) and found[0][0] not in "ÂÃ":
        return found[0]
    return found[0].encode("latin-1").decode(errors="replace")


def readable(text: str) -> str:
    return html.unescape(mended(text))


def items(document: Any) -> list[object]:
    return [row for row in rows(document) if not (isinstance(row, dict) and "legal" in row and "position" not in row)]


def board_of(address: SplitResult) -> str | None:
    known = host(address) in ("remoteok.com", "remoteok.io") and address.path.rstrip("/") in ("", "/api", "/remote-jobs")
    return WHOLE if known else None


SOURCE = Source(
    name="remoteok",
    title="Remote OK",
    aggregator=True,
    url="https://remoteok.com/api",
    job=Job,
    items=items,
    window=True,
    posting=posting,
    example=WHOLE,
    terms=Terms(attribution="Remote OK", link_back=True, page="https://remoteok.com/api"),
    board_of=board_of,
)
