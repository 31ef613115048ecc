"""One poll of one board: read → compare → record. Publishing is somebody else's line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from services.scraper import pace, repository, withdrawn
from services.scraper.answer import Answer, Fetches, Reader
from services.scraper.changes import Changes, Known, aged, compare, not_modified
from services.scraper.sources import source, sources
from services.scraper.sources.base import Dropped
from shared.database import Database
from shared.errors import FetchError, JoblarkError, Postponed
from shared.models import BoardRow
from shared.pacing import repeating
from shared.settings import Settings
from shared.telemetry import POLLS, POSTINGS

log = structlog.get_logger()

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(days=1)
"""A board that fails is asked again after 5, 10, 20… minutes, and once a day for ever: none is given up."""


@dataclass(frozen=True)
class Outcome:
    """What one poll did, for the log and the command line. `error` is empty when it went well.

    `postponed`: nobody was asked, because it was not the host's turn.
    """

    board: str
    listed: int = 0
    dropped: int = 0
    complete: bool = False
    not_modified: bool = False
    changes: Changes | None = None
    error: str = ""
    postponed: bool = False

    def row(self) -> dict[str, object]:
        """One line of a table."""
        counts = (self.changes or Changes()).counts()
        listed = {"board": self.board, "listed": self.listed, "dropped": self.dropped, "complete": self.complete}
        return {**listed, **counts, "problem": self.error}


class Poller:
    """Reads boards and records what changed."""

    def __init__(
        self,
        database: Database,
        fetcher: Fetches,
        settings: Settings,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.database, self.settings, self.now = database, settings, now
        keys = {name: key.get_secret_value() for name, key in settings.source_keys.items()}
        self.reader = Reader(fetcher, keys, settings.poll_details)

    async def poll(self, board: BoardRow) -> Outcome:
        """Read one leased board and record the outcome, good or bad. Nothing a board answers makes this raise."""
        name = f"{board.source}:{board.name}"
        try:
            async with self.database.read() as session:
                known = await repository.known_postings(session, board.id)
            async with repeating(self.settings.poll_lease_seconds / 3, lambda: self._renew(board)):
                answer = await self.reader.read(source(board.source), board, known)
                answer = await self._with_withdrawn(answer, known)
            outcome = await self._record(board, answer, known)
        except Postponed as error:
            return await self._postponed(board, error)
        except JoblarkError as error:
            return await self._failed(board, error)
        except Exception as error:
            log.exception("board_broke_us", board=name)
            return await self._failed(board, JoblarkError(f"{name}: {type(error).__name__}: {error}", code="internal_error"))
        log.info("board_read", board=name, listed=outcome.listed, dropped=outcome.dropped, complete=outcome.complete)
        POLLS.labels(board.source, "not_modified" if answer.not_modified else "read").inc()
        return outcome

    async def _with_withdrawn(self, answer: Answer, known: Mapping[str, Known]) -> Answer:
        """The answer, with those absent jobs whose own page says that they are gone."""
        listed = answer.unchanged | answer.unread | answer.gone | {posting.external_id for posting in answer.postings}
        asked = withdrawn.to_ask(known, listed, self.settings.poll_checks) if answer.listed else {}
        if not asked:
            return answer
        async with self.database.read() as session:
            links = await repository.links(session, list(asked))
        gone = await withdrawn.gone(self.reader.fetcher, links)
        return replace(answer, gone=answer.gone | {asked[id_] for id_ in gone})

    async def _renew(self, board: BoardRow) -> None:
        """Hold the lease for as long as it takes: a board with many pages waits for its turn at each of them."""
        lease = timedelta(seconds=self.settings.poll_lease_seconds)
        try:
            async with self.database.begin() as session:
                await repository.renew_lease(session, board.id, self.now() + lease)
        except SQLAlchemyError as error:
            log.warning("lease_not_renewed", board=f"{board.source}:{board.name}", reason=str(error)[:200])

    async def _record(self, board: BoardRow, answer: Answer, known: Mapping[str, Known]) -> Outcome:
        now = self.now()
        changes = self._compare(known, answer)
        per_day = self._learned(board, changes, now)
        columns = {"last_polled_at": now, "failures": 0, "last_error": None, "held_why": None, "changes_per_day": per_day}
        columns |= {"next_poll_at": now + self._wait(board, answer, per_day)}
        async with self.database.begin() as session:
            await repository.apply(session, board.id, changes, answer, now)
            columns |= {} if answer.not_modified else _facts(answer, now)
            await repository.close_poll(session, board.id, **columns)
        for change, count in {**changes.counts(), "dropped": len(answer.dropped)}.items():
            POSTINGS.labels(board.source, change).inc(count)
        name = f"{board.source}:{board.name}"
        return Outcome(name, answer.listed, len(answer.dropped), answer.complete, answer.not_modified, changes)

    def _compare(self, known: Mapping[str, Known], answer: Answer) -> Changes:
        if answer.not_modified and not answer.window:
            return not_modified(known, closed_after=self.settings.closed_after_polls)
        listed = answer.unchanged | {posting.external_id for posting in answer.postings}
        return compare(
            known,
            answer.postings,
            complete=answer.complete and not answer.window,
            closed_after=self.settings.closed_after_polls,
            unread=answer.unread,
            unchanged=answer.unchanged,
            gone=answer.gone | (aged(known, self.now()) - listed if answer.window else set()),
        )

    async def _failed(self, board: BoardRow, error: JoblarkError) -> Outcome:
        name = f"{board.source}:{board.name}"
        log.warning("board_failed", board=name, code=error.code, reason=str(error))
        POLLS.labels(board.source, error.code).inc()
        now = self.now()
        wait = pace.retry_wait(board.id, retry_wait(board.failures + 1, error), polls_per_day(board))
        columns = {"failures": board.failures + 1, "last_error": f"{error.code}: {error}"[:500], "last_polled_at": now}
        columns |= {"held_why": None}
        async with self.database.begin() as session:
            await repository.close_poll(session, board.id, next_poll_at=now + wait, **columns)
        return Outcome(name, error=str(error))

    async def _postponed(self, board: BoardRow, error: Postponed) -> Outcome:
        """Nobody was asked, so the board has neither been read nor failed; it comes back when its host's turn comes."""
        name = f"{board.source}:{board.name}"
        log.info("board_postponed", board=name, code=error.code, reason=str(error))
        POLLS.labels(board.source, error.code).inc()
        back = self.now() + timedelta(seconds=error.retry_after or FIRST_RETRY.total_seconds())
        async with self.database.begin() as session:
            await repository.close_poll(session, board.id, next_poll_at=back, held_why=f"{error.code}: {error}"[:500])
        return Outcome(name, error=str(error), postponed=True)

    def _learned(self, board: BoardRow, changes: Changes, now: datetime) -> float | None:
        changed = any(changes.counts().values())
        elapsed = now - board.last_polled_at if board.last_polled_at and not board.failures else None
        return pace.learned(board.changes_per_day, self._usual, elapsed, changed=changed)

    def _wait(self, board: BoardRow, answer: Answer, per_day: float | None) -> timedelta:
        wait = FIRST_RETRY if answer.waiting else pace.interval(per_day, self._usual)
        fresh_for = timedelta(seconds=answer.fresh_for)
        return pace.next_wait(board.id, wait, fresh_for=fresh_for, polls_per_day=polls_per_day(board))

    @property
    def _usual(self) -> timedelta:
        return timedelta(minutes=self.settings.poll_every_minutes)


def polls_per_day(board: BoardRow) -> int | None:
    """How often the terms of a board's source allow to read it; `None`: they do not say."""
    known = sources().get(board.source)
    return known.terms.polls_per_day if known else None


def retry_wait(failures: int, error: JoblarkError) -> timedelta:
    """How long to leave a board alone after its n-th failure in a row; a longer wish of the server is respected."""
    asked = timedelta(seconds=(error.retry_after or 0) if isinstance(error, FetchError) else 0)
    doubled = FIRST_RETRY * int(2 ** min(failures - 1, 10))
    return min(max(doubled, asked), LONGEST_RETRY)


def _facts(answer: Answer, now: datetime) -> dict[str, Any]:
    """The columns of a board that only an answer with content may change."""
    columns: dict[str, Any] = {
        "postings_now": answer.listed,
        "dropped_now": len(answer.unreadable),
        "dropped_why": reasons(answer.unreadable),
        "etag": answer.validators.etag,
        "last_modified": answer.validators.last_modified,
    }
    columns |= {"last_complete_at": now} if answer.complete else {}
    return columns | ({"last_yield_at": now} if answer.listed else {})


def reasons(dropped: Sequence[Dropped]) -> str | None:
    """Why jobs were left out, the commonest reason first: `"3 × title: field required; 1 × details: …"`."""
    counts = Counter(drop.reason for drop in dropped)
    return "; ".join(f"{count} × {reason}" for reason, count in counts.most_common(3))[:500] or None
