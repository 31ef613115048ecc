"""Asking a posting itself whether it is gone, when its board does not list it any more.

Absence alone must repeat before it counts, and a board that shows only its newest jobs says nothing by it. A page that
answers 404 or 410 says at once that nobody can apply there; any other answer says nothing, for many a career site shows
the same page whatever it is asked for.
"""

import random
from collections.abc import Mapping, Set

import structlog

from services.scraper.answer import Fetches
from services.scraper.changes import Known
from services.scraper.sources.base import Request
from shared.errors import FetchError, JoblarkError

log = structlog.get_logger()

GONE = (404, 410)


def to_ask(known: Mapping[str, Known], listed: Set[str], most: int) -> dict[int, str]:
    """External ids by row id of at most `most` open postings that are absent, others at every poll."""
    absent = [(row.id, external_id) for external_id, row in known.items() if not row.closed and external_id not in listed]
    return dict(random.sample(absent, min(most, len(absent))))


async def gone(fetcher: Fetches, links: Mapping[int, str]) -> set[int]:
    """Those of the postings (address by row id) whose page is gone. What cannot be asked politely is not asked."""
    found = set()
    for posting_id, url in links.items():
        try:
            await fetcher.fetch(Request(url, headers=(("Accept", "text/html, */*;q=0.1"),)))
        except FetchError as error:
            if error.status in GONE:
                found.add(posting_id)
            log.debug("absent_posting_asked", posting=posting_id, code=error.code)
        except JoblarkError as error:
            log.debug("absent_posting_not_asked", posting=posting_id, code=error.code)
    return found
