"""What digests are chosen from, on real databases: many subscriptions at once, each with her own, as postings stand now."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import event, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.embedded.demo import shortlisted
from services.notifier.digest import Digest, choose
from services.notifier.entries import explained
from services.notifier.repository.shortlist import Shortlists, earlier, listing_of_row, wish_of_row
from shared.arrivals import rows_of
from shared.database import Database
from shared.models import ArrivalsRow, MatchRow, PostingRow, SentRow, SubscriptionRow
from shared.scoring import SHIPPED, Rarities
from tests.factories import NOW, board_row, mail_row, match_row, posting, posting_row, profile, subscription_row

DAY = timedelta(days=1)


class World:
    def __init__(self, database: Database, arriving: bool) -> None:
        self.database, self.arriving = database, arriving
        self.shortlists = Shortlists(10, 2)

    async def add(self, *rows: Any) -> None:
        async with self.database.begin() as session:
            for row in rows:
                await session.merge(row)

    async def change(self, posting_id: int, **columns: Any) -> None:
        async with self.database.begin() as session:
            await session.exec(update(PostingRow).where(col(PostingRow.id) == posting_id).values(**columns))

    async def digests(
        self, *ids: int, rarities: Rarities = SHIPPED, promised: dict[int, set[str]] | None = None
    ) -> dict[int, Any]:
        async with self.database.read() as session:
            rows = await people(session, ids)
            return await self.shortlists.digests_of(session, rows, rarities, NOW, promised or {})

    async def shown(self, id_: int = 1, **given: Any) -> list[int]:
        """The postings that the subscription's digest would use up."""
        digest = (await self.digests(id_, **given))[id_]
        assert isinstance(digest, Digest)
        return [posting_id for entry in digest.entries for posting_id in entry.posting_ids]


async def people(session: AsyncSession, ids: tuple[int, ...]) -> list[SubscriptionRow]:
    return list((await session.exec(select(SubscriptionRow).where(col(SubscriptionRow.id).in_(ids)))).all())


@pytest.fixture(params=["entered", "arriving"])
async def world(database: Database, request: pytest.FixtureRequest) -> World:
    """Matches are on their shortlists, or on their way there; a digest is the same."""
    world = World(database, arriving=request.param == "arriving")
    await world.add(board_row(id=1), board_row("quayside", id=2))
    await world.add(*(subscription_row(id_) for id_ in (1, 2, 3)), mail_row(1))
    return world


async def listed(world: World, subscription_id: int, *rows: PostingRow) -> None:
    await world.add(*rows)
    matches = [match_row(subscription_id, row.id, 90.0 - row.id) for row in rows]
    await world.add(*(arriving(match) if world.arriving else match for match in matches))


def arriving(match: MatchRow) -> ArrivalsRow:
    """The match in a part of its own, with the number of its subscription, among others'."""
    ids, scores = np.array([match.subscription_id, 1_000]), np.array([match.score, 100.0]) * 100
    (row,) = rows_of(match.posting_id, f"{match.subscription_id}/9", ids, scores, NOW)
    return row


def sent(subscription_id: int, posting_id: int, opening_key: str) -> SentRow:
    return SentRow(subscription_id=subscription_id, posting_id=posting_id, opening_key=opening_key, mail_id=1, sent_at=NOW)


def of(id_: int, company: str = "", **given: Any) -> PostingRow:
    """A posting of a company of its own."""
    name = company or f"Company {chr(64 + id_)}"
    return posting_row(id_, posting(str(id_), company=name), **{"opening_key": f"o{id_}", **given})


async def test_each_subscription_gets_what_is_hers(world: World) -> None:
    await listed(world, 1, of(1), of(2))
    await listed(world, 2, of(2), of(3))

    digests = await world.digests(1, 2, 3)
    assert {id_: [entry.posting_id for entry in digest.entries] for id_, digest in digests.items()} == {
        1: [1, 2],
        2: [2, 3],
        3: [],
    }
    assert digests[1].entries[0].reasons[0] == "2 of 2 skills it names are yours"


async def test_what_is_entered_while_it_is_read_is_one_entry(world: World) -> None:
    await listed(world, 1, of(1), of(2))
    await world.add(match_row(1, 2, 88.0), arriving(match_row(1, 2, 88.0)))
    assert await world.shown(1) == [1, 2]


async def test_the_demo_counts_what_waits_to_be_entered(world: World) -> None:
    await listed(world, 1, of(1), of(2))
    await listed(world, 2, of(3))
    await world.add(match_row(2, 1, 89.0))
    assert await shortlisted(world.database, [1, 2, 3]) == {1: 2, 2: 2}


async def test_what_was_shown_or_stands_in_another_mail_is_not_shown_again(world: World) -> None:
    await listed(world, 1, of(1), of(2), of(3), of(4), of(5))
    await world.add(sent(1, 1, "another key, before it was edited"), sent(1, 99, "o2"), sent(2, 3, "o3"))

    assert await world.shown(1, promised={1: {"o4"}, 2: {"o5"}}) == [3, 5]
    assert (await world.digests(1))[1].shown_before == (1, 2)


async def test_a_posting_that_changes_is_read_again_and_only_then(world: World) -> None:
    await listed(world, 1, of(1), of(2))
    asked: list[str] = []
    engine = world.database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    assert await world.shown() == [1, 2]
    first, asked[:] = list(asked), []
    assert await world.shown() == [1, 2]
    assert sum("postings.posting," in statement for statement in first) == 1
    assert sum("postings.posting," in statement for statement in asked) == 0
    event.remove(engine, "before_cursor_execute", note)

    await world.change(1, closed_at=NOW)
    assert await world.shown() == [2]
    renamed = posting("1", company="Company A", title="Now a lead").model_dump(mode="json", exclude_none=True)
    await world.change(1, closed_at=None, relisted_at=NOW, last_seen_at=NOW + DAY, posting=renamed)
    entry = (await world.digests(1))[1].entries[0]
    assert (entry.title, entry.again_at) == ("Now a lead", NOW)


async def test_no_more_statements_for_more_subscriptions(world: World) -> None:
    for id_ in range(1, 41):
        await world.add(subscription_row(id_))
        await listed(world, id_, of(id_, "Acme"), of(id_ + 1, "Acme"))
    count = 0
    engine = world.database.engine.sync_engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(*_: Any) -> None:
        nonlocal count
        count += 1

    async with world.database.read() as session:
        rows = await people(session, tuple(range(1, 41)))
        count = 0
        digests = await world.shortlists.digests_of(session, rows, SHIPPED, NOW)
    event.remove(engine, "before_cursor_execute", note)
    assert count <= 5
    assert {len(digest.entries) for digest in digests.values() if isinstance(digest, Digest)} == {2}


async def test_no_more_is_remembered_than_there_is_room_for(world: World) -> None:
    world.shortlists = Shortlists(10, 2, remembered=3)
    await listed(world, 1, *(of(id_) for id_ in range(1, 9)))

    assert await world.shown() == list(range(1, 9))
    assert len(world.shortlists._listings) == 3
    assert await world.shown() == list(range(1, 9))


async def test_other_rarities_weigh_the_skills_anew(world: World) -> None:
    asks = posting("1", "go", "kafka", "rust")
    await world.add(subscription_row(1, profile("go", "kafka")))
    await listed(world, 1, posting_row(1, asks))

    before = (await world.digests(1))[1].entries[0].score
    common = (await world.digests(1, rarities=Rarities({"rust": 0.9, "go": 0.002}, NOW)))[1].entries[0].score
    assert common > before


async def test_one_that_cannot_be_read_holds_back_nobody(world: World) -> None:
    await world.add(subscription_row(1, profile={"skills": "what a version of before wrote"}))
    await listed(world, 1, of(1))
    await listed(world, 2, of(1), of(2, posting={"title": ""}))

    digests = await world.digests(1, 2)
    assert isinstance(digests[1], ValueError)
    assert [entry.posting_id for entry in digests[2].entries] == [1]


async def test_a_re_post_is_told_from_the_boards_own_past(world: World) -> None:
    gone = {"closed_at": NOW - 2 * DAY, "first_seen_at": NOW - 60 * DAY, "last_seen_at": NOW - 4 * DAY}
    only_missed = gone | {"closed_at": None}
    await world.add(of(11, opening_key="o1", **gone), of(12, opening_key="o2", board_id=2, **gone))
    await world.add(of(13, opening_key="o3", **only_missed))
    await listed(world, 1, *(of(id_, first_seen_at=NOW - DAY) for id_ in (1, 2, 3)))

    back, copied, not_gone_yet = (await world.digests(1))[1].entries
    assert (back.again_at, back.first_seen_at) == (NOW - DAY, NOW - 60 * DAY)
    assert (copied.again_at, copied.first_seen_at) == (None, NOW - DAY)
    assert (not_gone_yet.again_at, not_gone_yet.first_seen_at) == (None, NOW - DAY)


async def test_the_same_by_hand_for_whoever_replays_a_digest(world: World) -> None:
    await listed(world, 1, of(1), of(2))
    async with world.database.read() as session:
        rows = await people(session, (1,))
        [found] = (await world.shortlists.candidates_of(session, rows, SHIPPED)).values()
        choice = choose(found, NOW, 10, 2)
        digest = explained(choice, wish_of_row(rows[0]), await earlier(session, [choice]))
        row = (await session.exec(select(PostingRow).where(PostingRow.id == 1))).one()

    assert digest == (await world.digests(1))[1]
    assert listing_of_row(row, SHIPPED) == choice.openings[0][0].listing
