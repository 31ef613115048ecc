"""The scraper against a real HTTP server and real databases: what a board says becomes rows and owed events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import col, select

from services.scraper import repository
from services.scraper.app import fetcher
from services.scraper.poll import LONGEST_RETRY, Outcome, Poller, retry_wait
from services.scraper.schedule import Schedule
from shared.database import Database
from shared.errors import Conflict, FetchError, NotFound
from shared.events import POSTINGS, PostingClosed, PostingFound, parse_event
from shared.models import BoardRow, PostingRow
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.upkeep import Upkeep
from tests.factories import NOW, board_row
from tests.fakes import Answer, BoardServer, job, jobs, page_of

LEASE = timedelta(minutes=5)
BOARD = ("greenhouse", "lumenworks")
MUSE = ("themuse", "Quillstone")


@pytest.fixture
async def server() -> AsyncIterator[BoardServer]:
    async with BoardServer().listening() as server:
        yield server


class Scraper:
    """A poller, and a look at what it wrote."""

    def __init__(self, database: Database, poller: Poller, server: BoardServer) -> None:
        self.database, self.poller, self.server = database, poller, server

    async def watch(self, source: str, name: str) -> None:
        async with self.database.begin() as session:
            await repository.add_board(session, source, name, self.server.url, datetime.now(UTC))

    async def poll(self, *answers: Answer | bytes, board: tuple[str, str] = BOARD) -> Outcome:
        if answers:
            self.server.says(*answers)
        async with self.database.begin() as session:
            leased = await repository.claim_board(session, *board, datetime.now(UTC), LEASE)
        return await self.poller.poll(leased)

    async def board(self) -> BoardRow:
        async with self.database.read() as session:
            return (await session.exec(select(BoardRow))).one()

    async def rows(self) -> Sequence[PostingRow]:
        async with self.database.read() as session:
            return (await session.exec(select(PostingRow).order_by(col(PostingRow.id)))).all()

    async def open_ids(self) -> list[str]:
        return [row.external_id for row in await self.rows() if row.closed_at is None]

    async def owed(self) -> list[PostingFound | PostingClosed]:
        """The events owed so far; from now on they count as published."""
        async with self.database.begin() as session:
            unpublished = select(PostingRow).where(col(PostingRow.published_at).is_(None)).order_by(col(PostingRow.id))
            rows = (await session.exec(unpublished)).all()
            for row in rows:
                row.published_at = datetime.now(UTC)
            return [repository.event_of(row) for row in rows]


@pytest.fixture
async def scraper(database: Database, settings: Callable[..., Settings], server: BoardServer) -> AsyncIterator[Scraper]:
    config = settings(
        fetch_timeout_seconds=5,
        fetch_allow_networks="127.0.0.0/8",
        fetch_gap_seconds=0.001,
        redis_url="unix:///nowhere",
        closed_after_polls=2,
        poll_every_minutes=60,
    )
    async with fetcher(config) as client:
        scraper = Scraper(database, Poller(database, client, config), server)
        await scraper.watch(*BOARD)
        yield scraper


async def test_new_postings_are_recorded_and_owe_an_event(scraper: Scraper) -> None:
    outcome = await scraper.poll(jobs(job(1), job(2)))
    assert (outcome.listed, outcome.complete, outcome.error) == (2, True, "")
    first, second = await scraper.owed()
    assert isinstance(first, PostingFound)
    assert (first.revision, first.posting.title, first.posting.company) == (1, "Backend Engineer 1", "Lumenworks")
    assert {skill.skill for skill in first.posting.facts.skills} >= {"go", "postgresql"}
    assert isinstance(second, PostingFound)
    board = await scraper.board()
    assert (board.postings_now, board.failures, board.leased_until, board.last_error) == (2, 0, None, None)
    assert board.last_polled_at == board.last_complete_at is not None
    wait = board.next_poll_at - board.last_polled_at
    assert timedelta(minutes=54) <= wait <= timedelta(minutes=66)


async def test_the_same_answer_again_owes_nothing(scraper: Scraper) -> None:
    await scraper.poll(jobs(job(1), job(2)))
    await scraper.owed()
    outcome = await scraper.poll()
    assert outcome.changes is not None
    assert outcome.changes.counts() == {"new": 0, "edited": 0, "relisted": 0, "gone": 0}
    assert await scraper.owed() == []
    assert [row.revision for row in await scraper.rows()] == [1, 1]


async def test_an_edit_is_a_new_revision_and_owes_an_event(scraper: Scraper) -> None:
    await scraper.poll(jobs(job(1), job(2)))
    await scraper.owed()
    await scraper.poll(jobs(job(1), job(2, title="Staff Engineer")))
    (event,) = await scraper.owed()
    assert isinstance(event, PostingFound)
    assert (event.revision, event.posting.title) == (2, "Staff Engineer")
    first_seen = [row.first_seen_at for row in await scraper.rows()]
    assert first_seen[0] == first_seen[1]


async def test_absent_from_two_complete_polls_is_closed_and_told(scraper: Scraper) -> None:
    await scraper.poll(jobs(job(1), job(2)))
    await scraper.owed()
    await scraper.poll(jobs(job(2)))
    assert await scraper.open_ids() == ["1", "2"]
    assert await scraper.owed() == []
    await scraper.poll()
    assert await scraper.open_ids() == ["2"]
    first, _ = await scraper.rows()
    assert await scraper.owed() == [PostingClosed(posting_id=first.id)]


async def test_absence_must_be_in_a_row(scraper: Scraper) -> None:
    for listed in ([1, 2], [2], [1, 2], [2]):
        await scraper.poll(jobs(*(job(id_) for id_ in listed)))
    assert await scraper.open_ids() == ["1", "2"]


async def test_a_posting_that_comes_back_is_listed_again(scraper: Scraper) -> None:
    for listed in ([1, 2], [2], [2]):
        await scraper.poll(jobs(*(job(id_) for id_ in listed)))
    await scraper.owed()
    await scraper.poll(jobs(job(1), job(2)))
    (event,) = await scraper.owed()
    assert isinstance(event, PostingFound)
    assert event.revision == 2
    row = (await scraper.rows())[0]
    assert (row.closed_at, row.missed_polls) == (None, 0)
    assert row.relisted_at is not None
    assert len(await scraper.rows()) == 2


WHOLE = jobs(job(1), job(2))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (WHOLE[: len(WHOLE) // 2], "unreadable_input"),
        (b"", "unreadable_input"),
        (b"<!doctype html><html><body>We are down</body></html>", "unreadable_input"),
        (b'{"jobs": {}}', "unreadable_input"),
        (jobs({"nothing": "ours"}, 7, None), "unreadable_input"),
        (Answer(b"busy", 503), "fetch_status"),
        (Answer(b"no", 404), "board_gone"),
        (Answer(b"x" * 40, headers={"Content-Encoding": "gzip"}), "fetch_encoding"),
    ],
    ids=["truncated", "empty", "HTML", "other shape", "no job readable", "503", "404", "broken packing"],
)
async def test_a_bad_answer_closes_nothing_and_backs_off(scraper: Scraper, answer: Answer | bytes, code: str) -> None:
    await scraper.poll(WHOLE)
    await scraper.owed()
    for failures, minutes in ((1, 5), (2, 10), (3, 20)):
        outcome = await scraper.poll(answer)
        board = await scraper.board()
        assert outcome.error
        assert (board.failures, board.leased_until) == (failures, None)
        assert board.last_error is not None
        assert board.last_error.startswith(f"{code}: ")
        assert board.last_polled_at is not None
        wait = board.next_poll_at - board.last_polled_at
        assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes) * 1.1
    assert await scraper.open_ids() == ["1", "2"]
    assert await scraper.owed() == []
    await scraper.poll(WHOLE)
    board = await scraper.board()
    assert (board.failures, board.last_error) == (0, None)


async def test_a_server_that_is_not_there_is_a_failure_too(scraper: Scraper) -> None:
    async with scraper.database.begin() as session:
        (await repository.get_board(session, *BOARD)).url = "http://127.0.0.1:9/jobs"
    outcome = await scraper.poll()
    assert "cannot reach" in outcome.error
    assert (await scraper.board()).failures == 1


async def test_a_board_of_a_source_that_is_gone_does_not_break_the_tick(scraper: Scraper) -> None:
    await scraper.watch("discontinued", "acme")
    outcome = await scraper.poll(board=("discontinued", "acme"))
    assert "no source is called" in outcome.error


async def test_a_server_that_asks_to_wait_is_left_alone_for_as_long(scraper: Scraper) -> None:
    await scraper.poll(Answer(b"", 429, headers={"Retry-After": "7200"}))
    board = await scraper.board()
    assert board.last_polled_at is not None
    assert timedelta(hours=2) <= board.next_poll_at - board.last_polled_at <= timedelta(hours=2.2)


def test_the_wait_doubles_up_to_a_day_and_is_never_shorter_than_asked() -> None:
    waits = [retry_wait(n, FetchError("away")) for n in (1, 2, 3, 4, 9, 10, 500)]
    minutes = [wait / timedelta(minutes=1) for wait in waits]
    assert minutes == [5, 10, 20, 40, 1280, 1440, 1440]
    assert retry_wait(1, FetchError("busy", retry_after=60)) == timedelta(minutes=5)
    assert retry_wait(1, FetchError("busy", retry_after=3600)) == timedelta(hours=1)
    assert retry_wait(1, FetchError("busy", retry_after=10**7)) == LONGEST_RETRY


async def test_one_malformed_job_among_a_hundred_costs_one(scraper: Scraper) -> None:
    rows = [job(id_) for id_ in range(1, 101)]
    rows[41] = {"id": 42, "title": {"not": "a title"}}
    outcome = await scraper.poll(jobs(*rows))
    assert (outcome.listed, outcome.dropped, outcome.complete) == (99, 1, True)
    assert len(await scraper.rows()) == 99
    board = await scraper.board()
    assert (board.postings_now, board.dropped_now, board.failures) == (99, 1, 0)


async def test_a_job_that_becomes_malformed_is_not_closed(scraper: Scraper) -> None:
    await scraper.poll(WHOLE)
    for _ in range(3):
        await scraper.poll(jobs({"id": 1}, job(2)))
    assert await scraper.open_ids() == ["1", "2"]


async def test_a_board_that_is_suddenly_empty_closes_nothing(scraper: Scraper) -> None:
    await scraper.poll(WHOLE)
    await scraper.owed()
    for _ in range(3):
        await scraper.poll(jobs())
    assert await scraper.open_ids() == ["1", "2"]
    assert await scraper.owed() == []


async def test_a_board_that_lists_less_than_it_claims_closes_nothing(scraper: Scraper) -> None:
    await scraper.poll(WHOLE)
    for _ in range(3):
        outcome = await scraper.poll(jobs(job(2), total=2))
        assert not outcome.complete
    assert await scraper.open_ids() == ["1", "2"]


async def test_not_modified_writes_no_posting(scraper: Scraper) -> None:
    await scraper.poll(Answer(WHOLE, etag='"one"'))
    await scraper.owed()
    before = await scraper.rows()
    outcome = await scraper.poll()
    assert (outcome.not_modified, outcome.error) == (True, "")
    assert await scraper.rows() == before
    assert await scraper.owed() == []
    board = await scraper.board()
    assert (board.etag, board.postings_now, board.failures) == ('"one"', 2, 0)


async def test_not_modified_repeats_what_was_absent(scraper: Scraper) -> None:
    """A board that never changes again would otherwise keep what it took down for ever."""
    await scraper.poll(WHOLE)
    await scraper.poll(Answer(jobs(job(2)), etag='"two"'))
    assert await scraper.open_ids() == ["1", "2"]
    await scraper.poll()
    assert await scraper.open_ids() == ["2"]
    assert (await scraper.board()).postings_now == 1


async def test_hostile_text_is_kept_as_text(scraper: Scraper) -> None:
    title = "Engineer\x00\r\nBcc: all@example.org \ud800'; DROP TABLE postings; --"
    outcome = await scraper.poll(jobs(job(1, title=title, content="<script>alert(1)</script><p>\x00 Go, 後端 🚀</p>"), job(2)))
    assert outcome.error == ""
    (first, _) = await scraper.owed()
    assert isinstance(first, PostingFound)
    assert "\n" not in first.posting.title
    assert first.posting.title.endswith("'; DROP TABLE postings; --")
    assert "alert" not in first.posting.description
    assert "後端 🚀" in first.posting.description


async def test_pages_are_read_to_the_end(scraper: Scraper) -> None:
    await scraper.watch(*MUSE)
    outcome = await scraper.poll(
        page_of(1, 2, pages=3, total=5), page_of(3, 4, pages=3, total=5), page_of(5, pages=3, total=5), board=MUSE
    )
    assert (outcome.listed, outcome.complete) == (5, True)
    assert await scraper.open_ids() == ["1", "2", "3", "4", "5"]


async def test_a_page_that_fails_costs_only_itself(scraper: Scraper) -> None:
    await scraper.watch(*MUSE)
    first, second = page_of(1, 2, pages=2, total=4), page_of(3, 4, pages=2, total=4)
    await scraper.poll(first, second, board=MUSE)
    new_first = page_of(1, 9, pages=2, total=4)
    for broken in (Answer(b"", 500), Answer(second[:-9]), Answer(b"<html>")):
        outcome = await scraper.poll(new_first, broken, board=MUSE)
        assert (outcome.listed, outcome.complete, outcome.error) == (2, False, "")
    assert await scraper.open_ids() == ["1", "2", "3", "4", "9"]


async def test_pages_that_lack_what_the_board_claims_close_nothing(scraper: Scraper) -> None:
    await scraper.watch(*MUSE)
    await scraper.poll(page_of(1, 2, pages=2, total=4), page_of(3, 4, pages=2, total=4), board=MUSE)
    for _ in range(3):
        outcome = await scraper.poll(page_of(1, 2, pages=2, total=50), page_of(3, pages=2, total=50), board=MUSE)
        assert not outcome.complete
    assert await scraper.open_ids() == ["1", "2", "3", "4"]


# --------------------------------------------------------------------------------------------------------------- leases


async def test_two_scrapers_never_claim_the_same_board(database: Database, database_url: str) -> None:
    async with database.begin() as session:
        session.add_all([board_row(f"board-{n}") for n in range(30)])
    claimed: list[str] = []

    async def scrape(database: Database) -> None:
        while True:
            async with database.begin() as session:
                boards = await repository.claim_due_boards(session, NOW, LEASE, 4)
                claimed.extend(board.name for board in boards)
                await asyncio.sleep(0)
            if not boards:
                return

    async with Database.opened(database_url) as other:
        await asyncio.gather(scrape(database), scrape(other), scrape(database))
    assert sorted(claimed) == sorted(f"board-{n}" for n in range(30))


async def test_a_lease_that_ended_is_claimable(database: Database) -> None:
    async def claim(now: datetime) -> list[str]:
        async with database.begin() as session:
            return [board.name for board in await repository.claim_due_boards(session, now, LEASE, 9)]

    async with database.begin() as session:
        session.add(board_row("due"))
        session.add(board_row("later", next_poll_at=NOW + timedelta(hours=1)))
        session.add(board_row("removed", removed_at=NOW))
    assert await claim(NOW) == ["due"]
    assert await claim(NOW + LEASE - timedelta(seconds=1)) == []
    assert await claim(NOW + LEASE) == ["due"]


async def test_an_operator_waits_for_the_scraper(database: Database) -> None:
    async with database.begin() as session:
        session.add(board_row(next_poll_at=NOW + timedelta(hours=1)))
    async with database.begin() as session:
        await repository.claim_board(session, *BOARD, NOW, LEASE)
    with pytest.raises(Conflict) as raised:
        async with database.begin() as session:
            await repository.claim_board(session, *BOARD, NOW, LEASE)
    assert raised.value.code == "board_leased"


async def test_boards_are_added_removed_and_added_again(scraper: Scraper) -> None:
    await scraper.poll(WHOLE)
    await scraper.owed()
    with pytest.raises(Conflict):
        await scraper.watch(*BOARD)
    async with scraper.database.begin() as session:
        assert await repository.remove_board(session, *BOARD, NOW) == 2
    assert all(isinstance(event, PostingClosed) for event in await scraper.owed())
    with pytest.raises(NotFound):
        await scraper.poll()
    await scraper.watch(*BOARD)
    outcome = await scraper.poll()
    assert outcome.changes is not None
    assert outcome.changes.counts()["relisted"] == 2
    async with scraper.database.read() as session:
        assert [board.name for board in await repository.list_boards(session)] == ["lumenworks"]


# ------------------------------------------------------------------------------------------------------------- the tick


async def test_a_tick_reads_due_boards_and_publishes(
    scraper: Scraper, settings: Callable[..., Settings], valkey_url: str
) -> None:
    scraper.server.says(WHOLE)
    async with Streams(settings(redis_url=valkey_url)).connected() as streams:
        await Upkeep(streams).once()
        schedule = Schedule(scraper.database, streams, scraper.poller, scraper.poller.settings)
        await schedule.tick(datetime.now(UTC))
        await schedule.tick(datetime.now(UTC))
        events = [parse_event(fields[b"__data__"]) for _, fields in await streams.client.xrange(POSTINGS)]
    assert scraper.server.asked == 1
    assert [json.loads(event.model_dump_json())["posting"]["external_id"] for event in events] == ["1", "2"]
    assert await scraper.owed() == []
