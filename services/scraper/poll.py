"""Reading one board: fetch → parse → read → compare → record. Publishing is somebody else's line."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from services.scraper import repository
from services.scraper.changes import Changes, Known, compare, unchanged
from services.scraper.fetch import Fetcher, Validators
from services.scraper.sources import source
from services.scraper.sources.base import Dropped, Parsed, Request, Source, joined
from shared.database import Database
from shared.errors import FetchError, JoblarkError
from shared.models import BoardRow
from shared.posting import Posting
from shared.reading.posting import read_posting
from shared.settings import Settings
from shared.telemetry import POLLS, POSTINGS

log = structlog.get_logger()

MAX_PAGES = 100
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=1)
NO_VALIDATORS = Validators()
"""A board that fails is asked again after 5, 10, 20… minutes, and once a day for ever: none is given up."""


@dataclass(frozen=True)
class Answer:
    """All pages of one poll. `complete` is false when a page is missing or the board says it has more than it listed."""

    postings: tuple[Posting, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    complete: bool = True
    validators: Validators = NO_VALIDATORS
    not_modified: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one poll did, for the log and the command line. `error` is empty when it went well."""

    board: str
    listed: int = 0
    dropped: int = 0
    complete: bool = False
    not_modified: bool = False
    changes: Changes | None = None
    error: str = ""

    def row(self) -> dict[str, object]:
        """One line of a table."""
        counts = (self.changes or Changes()).counts()
        listed = {"board": self.board, "listed": self.listed, "dropped": self.dropped, "complete": self.complete}
        return {**listed, **counts, "problem": self.error}


class Poller:
    """Reads boards and records what changed."""

    def __init__(self, database: Database, fetcher: Fetcher, settings: Settings) -> None:
        self.database, self.fetcher, self.settings = database, fetcher, settings

    async def poll(self, board: BoardRow) -> Outcome:
        """Read one leased board and record the outcome, good or bad. Nothing a board answers makes this raise."""
        name = f"{board.source}:{board.name}"
        try:
            answer = await read_board(self.fetcher, source(board.source), board)
            outcome = await self._record(board, answer)
        except JoblarkError as error:
            return await self._failed(board, error)
        except Exception as error:
            log.exception("board_broke_us", board=name)
            return await self._failed(board, JoblarkError(f"{name}: {type(error).__name__}: {error}", code="internal_error"))
        log.info("board_read", board=name, listed=outcome.listed, dropped=outcome.dropped, complete=outcome.complete)
        POLLS.labels(board.source, "not_modified" if answer.not_modified else "read").inc()
        return outcome

    async def _record(self, board: BoardRow, answer: Answer) -> Outcome:
        now = datetime.now(UTC)
        columns = {"last_polled_at": now, "failures": 0, "last_error": None, "next_poll_at": now + self._interval(board)}
        async with self.database.begin() as session:
            changes = self._compare(await repository.known_postings(session, board.id), answer)
            await repository.apply(session, board.id, changes, now)
            columns |= {} if answer.not_modified else _facts(answer, now)
            await repository.close_poll(session, board.id, **columns)
        for change, count in {**changes.counts(), "dropped": len(answer.dropped)}.items():
            POSTINGS.labels(board.source, change).inc(count)
        name = f"{board.source}:{board.name}"
        return Outcome(name, len(answer.postings), len(answer.dropped), answer.complete, answer.not_modified, changes)

    def _compare(self, known: dict[str, Known], answer: Answer) -> Changes:
        after = self.settings.closed_after_polls
        if answer.not_modified:
            return unchanged(known, closed_after=after)
        unread = {drop.external_id for drop in answer.dropped if drop.external_id and not drop.withdrawn}
        return compare(known, answer.postings, unread=unread, complete=answer.complete, closed_after=after)

    async def _failed(self, board: BoardRow, error: JoblarkError) -> Outcome:
        name = f"{board.source}:{board.name}"
        log.warning("board_failed", board=name, code=error.code, reason=str(error))
        POLLS.labels(board.source, error.code).inc()
        now = datetime.now(UTC)
        wait = retry_wait(board.failures + 1, error)
        columns = {"failures": board.failures + 1, "last_error": f"{error.code}: {error}"[:500], "last_polled_at": now}
        async with self.database.begin() as session:
            await repository.close_poll(session, board.id, next_poll_at=now + wait, **columns)
        return Outcome(name, error=str(error))

    def _interval(self, board: BoardRow) -> timedelta:
        """The polling interval, off by up to a tenth so that boards added together do not stay together."""
        spread = (board.id * 0.618034) % 1 * 0.2 - 0.1
        return timedelta(minutes=self.settings.poll_every_minutes) * (1 + spread)


async def read_board(fetcher: Fetcher, source: Source, board: BoardRow) -> Answer:
    """Fetch and read every page of a board. A later page that fails makes the answer incomplete, not lost."""
    request = source.first(board.name, board.url)
    first = await fetcher.fetch(request, Validators(board.etag, board.last_modified))
    if first.not_modified:
        return Answer(not_modified=True)
    pages = [await asyncio.to_thread(_read_page, source, first.body, board.name)]
    failed = False
    try:
        later = _later_pages(fetcher, source, request, first.body)
        async for body in later:
            pages.append(await asyncio.to_thread(_read_page, source, body, board.name))  # noqa: PERF401 - kept if one fails
    except JoblarkError as error:
        log.warning("page_failed", board=f"{board.source}:{board.name}", page=len(pages) + 1, reason=str(error))
        failed = True
    return _answer(pages, failed, first.validators)


async def _later_pages(fetcher: Fetcher, source: Source, request: Request, body: bytes) -> AsyncIterator[bytes]:
    for _ in range(MAX_PAGES):
        following = source.next_request(request, body)
        if following is None:
            return
        request, body = following, (await fetcher.fetch(following)).body
        yield body


def _read_page(source: Source, body: bytes, board: str) -> tuple[list[Posting], Parsed]:
    parsed = source.parse(body, board)
    return [read_posting(raw) for raw in parsed.postings], parsed


def _answer(pages: list[tuple[list[Posting], Parsed]], failed: bool, validators: Validators) -> Answer:
    """Put pages together. Validators speak only of the first page, so they are kept only when it is the only one."""
    whole = joined(parsed for _, parsed in pages)
    postings = tuple(posting for read, _ in pages for posting in read)
    named = all(drop.withdrawn or drop.external_id for drop in whole.dropped)
    complete = not failed and whole.complete and named
    return Answer(postings, whole.dropped, complete, validators if complete and len(pages) == 1 else NO_VALIDATORS)


def retry_wait(failures: int, error: JoblarkError) -> timedelta:
    """How long to leave a board alone after its n-th failure in a row; a longer wish of the server is respected."""
    asked = timedelta(seconds=(error.retry_after or 0) if isinstance(error, FetchError) else 0)
    doubled = FIRST_RETRY * int(2 ** min(failures - 1, 10))
    return min(max(doubled, asked), LONGEST_RETRY)


def _facts(answer: Answer, now: datetime) -> dict[str, Any]:
    """The columns of a board that only an answer with content may change."""
    columns: dict[str, Any] = {
        "postings_now": len(answer.postings),
        "dropped_now": len(answer.dropped),
        "etag": answer.validators.etag,
        "last_modified": answer.validators.last_modified,
    }
    return columns | ({"last_complete_at": now} if answer.complete else {})
