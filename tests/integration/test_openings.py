"""Openings as polls record them: across boards and polls, on every database."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlmodel import select

from services.scraper import repository
from services.scraper.answer import Answer
from services.scraper.changes import Changes
from services.scraper.grouping import REPOSTED
from services.scraper.openings import read_evidence
from shared.database import Database
from shared.models import PostingRow
from shared.posting import Facts, Place, Posting
from tests.factories import NOW, posting

DUTIES = """You design, build and run the services that move money between ledgers, with two colleagues who review each change.
You take slow queries apart, put indexes where they earn their keep, and write down decisions so that people who join next
year can follow them. You bring years of writing software that others depend on, and patience with code older than you.
"""
OTHER = """Our laboratory needs a person who keeps microscopes calibrated, prepares slides each morning, logs temperatures of
four freezers, orders reagents before they run out and trains visitors in the use of the centrifuge. Legible writing is a must.
"""


def job(external_id: str, city: str = "Singapore", text: str = DUTIES, **given: object) -> Posting:
    usual = {"location": city, "facts": Facts(places=(Place(city=city),)), "description": text, "title": "Backend Engineer"}
    return posting(external_id, **{**usual, **given})


class Boards:
    """Boards whose polls are recorded without being fetched."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW

    async def record(self, name: str, *new: Posting, **changes: object) -> None:
        """Record a poll of the board `name`: new postings, and whatever else of `Changes` by row id."""
        async with self.database.begin() as session:
            board = await repository._find_board(session, "greenhouse", name)
            board = board or await repository.add_board(session, "greenhouse", name, None, self.now)
            told = Changes(new=list(new), **changes)
            news = (*told.new, *told.edited.values(), *told.relisted.values())
            answer = Answer(evidence={each.external_id: read_evidence(each) for each in news})
            await repository.apply(session, board.id, told, answer, self.now)

    async def rows(self) -> Sequence[PostingRow]:
        async with self.database.read() as session:
            return (await session.exec(select(PostingRow).order_by(PostingRow.id))).all()

    async def openings(self) -> list[int]:
        """The opening of each posting, numbered in the order they appear in."""
        keys = [row.opening_key for row in await self.rows()]
        return [list(dict.fromkeys(keys)).index(key) for key in keys]


@pytest.fixture
def boards(database: Database) -> Boards:
    return Boards(database)


async def test_cities_boards_and_twins(boards: Boards) -> None:
    copy = job("9", source="collector", board="all", aggregator=True, url=None)
    await boards.record("lumenworks", job("1"), job("2", "Berlin"), job("3", text=OTHER))
    await boards.record("all", copy)
    await boards.record("lumenworks", job("4", "Austin"))

    assert await boards.openings() == [0, 0, 1, 0, 0]


async def test_a_posting_keeps_its_opening_through_edits_unless_it_becomes_another_job(boards: Boards) -> None:
    await boards.record("lumenworks", job("1"), job("2", "Berlin"))
    await boards.record("lumenworks", edited={2: job("2", "Berlin", OTHER)})
    assert await boards.openings() == [0, 0]

    await boards.record("lumenworks", edited={2: job("2", "Berlin", DUTIES, title="Laboratory Assistant")})
    assert await boards.openings() == [0, 1]
    before = (await boards.rows())[1].opening_key
    await boards.record("lumenworks", relisted={2: job("2", "Berlin", DUTIES, title="Laboratory Assistant")})
    assert (await boards.rows())[1].opening_key == before


async def test_a_job_posted_anew_is_the_same_opening_for_a_while(boards: Boards) -> None:
    await boards.record("lumenworks", job("1"))
    await boards.record("lumenworks", job("2"), gone=[1])
    assert await boards.openings() == [0, 0]

    await boards.record("lumenworks", gone=[2])
    boards.now += REPOSTED + timedelta(days=1)
    await boards.record("lumenworks", job("3"))
    assert await boards.openings() == [0, 0, 1]


async def test_nothing_is_deleted_and_what_was_only_reworded_keeps_its_evidence(boards: Boards) -> None:
    await boards.record("lumenworks", job("1", requisition_id="R-1"), job("2", "Berlin"))
    before = await boards.rows()
    await boards.record("lumenworks", seen=[1], reworded={1: job("1", department="Ledgers")})
    after = await boards.rows()

    assert [row.external_id for row in after] == ["1", "2"]
    for name in ("opening_key", "job_key", "requisition_key", "link_key", "text_key", "signature"):
        assert getattr(after[0], name) == getattr(before[0], name)
    assert after[0].posting["department"] == "Ledgers"


async def test_many_postings_without_text_are_each_their_own_opening(boards: Boards) -> None:
    await boards.record("lumenworks", *(job(str(number), text="") for number in range(1_200)))

    assert len({row.opening_key for row in await boards.rows()}) == 1_200
