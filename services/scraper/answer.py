"""A board's whole answer: every page of its list, and the details of jobs that are new to us.

What a list says of a job is remembered as a hash. A job listed in the same words as last time is not read again, and a
source that needs a second request per job is asked for it once, when the job is new or its listing has changed.
"""

import hashlib
import random
from collections.abc import AsyncIterator, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Protocol

import structlog

from services.scraper.changes import Known
from services.scraper.fetch import Page, Validators
from services.scraper.openings import Evidence, read_evidence
from services.scraper.sources.base import Dropped, Parsed, Request, Source, joined
from services.scraper.threads import compute
from shared.errors import FetchError, JoblarkError
from shared.models import BoardRow
from shared.posting import Posting, RawPosting
from shared.reading.posting import read_posting

log = structlog.get_logger()

MAX_PAGES = 100
READING = 1
"""Part of every listing's hash. Raise it when postings should be read again because reading has become better."""
NO_VALIDATORS = Validators()


@dataclass(frozen=True)
class Answer:
    """What one poll brought. Only `postings` were read; `unchanged` are external ids listed in the words we know.

    `evidence` is about the openings of those that are news to us, by external id.

    `listings` has the hash of each posting's listing by external id, `gone` the ids that the board itself says are no
    more, and `waiting` counts jobs whose details are left for the next poll. `complete` is false when anything is
    missing that the board listed or claims to have; a `window` shows only the newest jobs, so it is never all of them.
    For `fresh_for` seconds, the server says, nothing changes.
    """

    postings: tuple[Posting, ...] = ()
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    unchanged: Set[str] = frozenset()
    gone: Set[str] = frozenset()
    listings: Mapping[str, str] = field(default_factory=dict)
    dropped: tuple[Dropped, ...] = ()
    complete: bool = True
    validators: Validators = NO_VALIDATORS
    not_modified: bool = False
    waiting: int = 0
    window: bool = False
    fresh_for: float = 0.0

    @property
    def listed(self) -> int:
        return len(self.postings) + len(self.unchanged)

    @property
    def unreadable(self) -> tuple[Dropped, ...]:
        """Jobs lost against the board's will."""
        return tuple(drop for drop in self.dropped if not drop.withdrawn)

    @property
    def unread(self) -> Set[str]:
        """Ids of jobs that the board lists and we could not read."""
        return {drop.external_id for drop in self.unreadable if drop.external_id}


class Fetches(Protocol):
    """What a board is asked through: a `Fetcher`, or answers recorded before."""

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page: ...


@dataclass(frozen=True)
class Reader:
    """Reads boards. `keys` are access keys by name; at most `details` second requests are made in one poll."""

    fetcher: Fetches
    keys: Mapping[str, str]
    details: int

    async def read(self, source: Source, board: BoardRow, known: Mapping[str, Known]) -> Answer:
        """Fetch and read a board, given what is `known` of it. A page that fails later makes the answer incomplete."""
        request = source.first(board.name, board.url, self.keys)
        first = await self.fetcher.fetch(request, Validators(board.etag, board.last_modified))
        if first.not_modified:
            return Answer(not_modified=True, window=source.window, fresh_for=first.fresh_for)
        pages = [await compute(source.parse, first.body, board.name)]
        failed = False
        try:
            async for body in self._later_pages(source, request, first.body):
                pages.append(await compute(source.parse, body, board.name))  # noqa: PERF401 - kept if one fails
        except JoblarkError as error:
            log.warning("page_failed", board=f"{board.source}:{board.name}", page=len(pages) + 1, reason=str(error))
            failed = True
        validators = first.validators if len(pages) == 1 else NO_VALIDATORS  # they speak only of the first page
        answer = await self._answer(source, request, joined(pages), known, failed, validators)
        return replace(answer, fresh_for=first.fresh_for)

    async def _later_pages(self, source: Source, request: Request, body: bytes) -> AsyncIterator[bytes]:
        for _ in range(MAX_PAGES):
            following = await compute(source.next_request, request, body)
            if following is None:
                return
            request, body = following, (await self.fetcher.fetch(following)).body
            yield body

    async def _answer(
        self,
        source: Source,
        request: Request,
        parsed: Parsed,
        known: Mapping[str, Known],
        failed: bool,
        validators: Validators,
    ) -> Answer:
        listings = {raw.external_id: listing_hash(raw) for raw in parsed.postings}
        same = {id_ for id_, listing in listings.items() if id_ in known and known[id_].is_listed_as(listing)}
        news = [raw for raw in parsed.postings if raw.external_id not in same]
        full, dropped, waiting = await self._details(source, request, news)
        lost = parsed.dropped + dropped
        complete = not failed and parsed.complete and all(drop.withdrawn or drop.external_id for drop in lost)
        postings, evidence = await compute(_read_all, full, known)
        return Answer(
            postings=postings,
            evidence=evidence,
            unchanged=same,
            gone={drop.external_id for drop in dropped if drop.withdrawn and drop.external_id},
            listings=listings,
            dropped=lost,
            complete=complete,
            validators=validators if complete and not waiting else NO_VALIDATORS,
            waiting=waiting,
            window=source.window,
        )

    async def _details(
        self, source: Source, request: Request, listed: list[RawPosting]
    ) -> tuple[list[RawPosting], tuple[Dropped, ...], int]:
        """Jobs in full, jobs without details, and how many of the latter only wait for the next poll."""
        if source.detail_request is None:
            return listed, (), 0
        full, bare = [raw for raw in listed if raw.description], [raw for raw in listed if not raw.description]
        random.shuffle(bare)  # pages that turn out to be no jobs must not stand before jobs at every poll
        dropped = []
        for raw in bare[: self.details]:
            try:
                page = await self.fetcher.fetch(source.detail_request(raw, request))
                full.append(await compute(source.with_detail, page.body, raw))
            except JoblarkError as error:
                gone = isinstance(error, FetchError) and error.status in (404, 410)
                dropped.append(Dropped(raw.external_id, f"details: {error}", withdrawn=gone))
        late = [Dropped(raw.external_id, "details are fetched with the next poll") for raw in bare[self.details :]]
        return full, (*dropped, *late), len(late)


def listing_hash(raw: RawPosting) -> str:
    """The same for a job that is listed in the same words."""
    content = f"{READING}\x1f{raw.model_dump_json()}".encode(errors="replace")
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _read_all(raws: Iterable[RawPosting], known: Mapping[str, Known]) -> tuple[tuple[Posting, ...], dict[str, Evidence]]:
    """Each posting, and the evidence of those that are news: read one after the other, while its lines are at hand."""
    postings: list[Posting] = []
    evidence: dict[str, Evidence] = {}
    for raw in raws:
        posting = read_posting(raw)
        postings.append(posting)
        before = known.get(raw.external_id)
        if before is None or not before.says(posting):
            evidence[raw.external_id] = read_evidence(posting)
    return tuple(postings), evidence
