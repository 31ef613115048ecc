"""A board's past, polled again: recorded answers through the same code as live polls, with their times as the clock.

A timeline is a folder `SOURCE/BOARD/20260809T131615Z.json`, one raw answer a poll; an empty `….304` stands for a poll
that found the board unchanged.
"""

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlmodel import col, func, select

from services.scraper import repository
from services.scraper.fetch import Page, Validators
from services.scraper.poll import Outcome, Poller
from services.scraper.sources import source
from services.scraper.sources.base import Request
from shared.database import Database
from shared.errors import FetchError, UnreadableInput
from shared.events import PostingFound
from shared.models import BoardRow, PostingRow
from shared.settings import Settings

LEASE = timedelta(minutes=5)
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass
class Tally:
    """What became of one board over its recorded time. `announced_twice` must be 0."""

    board: str
    polls: int = 0
    announced: int = 0
    announced_twice: int = 0
    edited: int = 0
    relisted: int = 0
    closed: int = 0
    open_at_end: int = 0
    failed: int = 0

    def row(self) -> dict[str, object]:
        return asdict(self)


class Recording:
    """A fetcher that answers from one file, whatever it is asked."""

    def __init__(self) -> None:
        self.file = Path()
        self.asked = 0

    def turn_to(self, file: Path) -> None:
        self.file, self.asked = file, 0

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page:
        """The recorded answer to the first request of a poll; there is nothing recorded for a second."""
        self.asked += 1
        if self.asked > 1:
            raise FetchError(f"{self.file.name} holds one answer, and a second was asked for", code="not_recorded")
        if self.file.suffix == ".304":
            return Page(304, b"", validators or Validators(), True, request.url)
        return Page(200, self.file.read_bytes(), Validators(etag=f'"{self.file.stem}"'), False, request.url)


def recorded_boards(folder: Path) -> list[tuple[str, str, list[Path]]]:
    """Source, board and answers in their order, of every board in a timeline. Raises `UnreadableInput` if there is none."""
    boards = []
    for place in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        files = sorted(file for file in place.iterdir() if file.suffix in (".json", ".xml", ".rss", ".html", ".304"))
        if files:
            boards.append((source(place.parent.name).name, place.name, files))
    if not boards:
        raise UnreadableInput(f"{folder}: no SOURCE/BOARD/20260809T131615Z.json in it", code="timeline_empty")
    return boards


class Replay:
    """Replays boards into one database, which should be empty at first."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.clock = database, datetime.min
        self.recording = Recording()
        offline = settings.model_copy(update={"poll_checks": 0})
        self.poller = Poller(database, self.recording, offline, now=lambda: self.clock)

    async def watch(self, name: str, board: str, first: Path) -> BoardRow:
        """Begin to watch a board at the time of its first answer."""
        self.clock = time_of(first)
        async with self.database.begin() as session:
            return await repository.add_board(session, name, board, None, self.clock)

    async def poll(self, name: str, board: str, file: Path) -> Outcome:
        """Poll a watched board at the time of an answer, and get that."""
        self.clock = time_of(file)
        self.recording.turn_to(file)
        async with self.database.begin() as session:
            leased = await repository.claim_board(session, name, board, self.clock, LEASE)
        return await self.poller.poll(leased)

    async def board(self, name: str, board: str, files: list[Path]) -> Tally:
        """Poll one board once per file; gives its tally."""
        tally, told = Tally(f"{name}:{board}"), Counter[tuple[int, int]]()
        row = await self.watch(name, board, files[0])
        for file in files:
            count(tally, await self.poll(name, board, file))
            await self._publish(told)
        tally.announced = sum(revision == 1 for _, revision in told)
        tally.announced_twice = sum(times - 1 for times in told.values())
        async with self.database.read() as session:
            still = select(func.count()).where(PostingRow.board_id == row.id, col(PostingRow.closed_at).is_(None))
            tally.open_at_end = (await session.exec(still)).one()
        return tally

    async def _publish(self, told: Counter[tuple[int, int]]) -> None:
        """What the outbox does, without Redis: every posting that owes an event tells it once."""
        async with self.database.begin() as session:
            for row in (await session.exec(select(PostingRow).where(col(PostingRow.published_at).is_(None)))).all():
                event = repository.event_of(row)
                if isinstance(event, PostingFound):
                    told[event.posting_id, event.revision] += 1
                row.published_at = self.clock


def count(tally: Tally, outcome: Outcome) -> None:
    """Add one poll to a tally."""
    tally.polls += 1
    tally.failed += bool(outcome.error)
    if outcome.changes:
        tally.edited += len(outcome.changes.edited)
        tally.relisted += len(outcome.changes.relisted)
        tally.closed += len(outcome.changes.gone)


def time_of(file: Path) -> datetime:
    """When an answer was recorded, from its name. Raises `UnreadableInput`."""
    try:
        return datetime.strptime(file.stem, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise UnreadableInput(f"{file}: a file name such as 20260809T131615Z.json was expected", code="timeline_name") from None
