"""Rarity kept fresh: measured once a week over what is open, used by whoever scores."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import shares
from services.matcher.handlers import Matcher
from services.notifier.digest import Digest
from services.notifier.repository.shortlist import Shortlists
from shared import scoring
from shared.database import Database
from shared.models import MatchRow, PostingRow, SkillShareRow, SubscriptionRow
from shared.posting import Posting
from shared.preview import PreviewAsked
from shared.rarities import StoredRarities
from shared.reading.skills import frequency
from shared.scoring import SHIPPED, Rarities
from shared.scoring.rarity import PRIOR
from shared.settings import Settings
from tests.factories import NOW, board_row, found, match_row, posting, posting_row, profile, subscription_row

OPENINGS = 10
WEEK = timedelta(days=7)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def matcher(
    database: Database, settings: Callable[..., Settings], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Matcher:
    """One for whom ten openings are enough to measure."""
    monkeypatch.setattr(shares, "FEWEST", OPENINGS)
    async with database.begin() as session:
        session.add(board_row(id=1))
    return Matcher(database, settings(), now=clock)


async def stored(database: Database, first: int, *what: Posting, at: datetime = NOW) -> None:
    async with database.begin() as session:
        for number, one in enumerate(what, first):
            row = posting_row(number, one, external_id=str(number), opening_key=f"opening {number}")
            row.published_ms = int(at.timestamp() * 1000)
            session.add(row)


async def mailed(session: AsyncSession, row: SubscriptionRow, rarities: Rarities) -> float:
    """The score that a digest of now shows for its one job."""
    digest = (await Shortlists(10, 2).digests_of(session, [row], rarities, NOW))[row.id]
    assert isinstance(digest, Digest)
    [entry] = digest.entries
    return entry.score


async def rows(database: Database) -> dict[str, SkillShareRow]:
    async with database.read() as session:
        return {row.skill: row for row in (await session.exec(select(SkillShareRow))).all()}


async def test_shares_are_those_of_what_is_open_with_the_shipped_table_as_a_prior(database: Database, matcher: Matcher) -> None:
    await stored(database, 1, *(posting(str(n), "kafka", *(["go"] if n % 2 else [])) for n in range(OPENINGS)))
    async with database.begin() as session:
        gone = posting_row(99, posting("99", "rust"), external_id="99", closed_at=NOW)
        session.add(gone)
    await matcher.tick(NOW)
    measured = await rows(database)
    assert {(row.measured_over, row.measured_at) for row in measured.values()} == {(OPENINGS, NOW)}
    assert [measured[skill].openings for skill in ("kafka", "go", "rust")] == [OPENINGS, OPENINGS // 2, 0]
    for skill, row in measured.items():
        assert row.share == (row.openings + PRIOR * frequency(skill)) / (OPENINGS + PRIOR)
    assert "git" not in measured, "what says nothing is not measured"


async def test_too_few_openings_are_not_measured(database: Database, matcher: Matcher) -> None:
    await stored(database, 1, *(posting(str(n)) for n in range(OPENINGS - 1)))
    await matcher.tick(NOW)
    assert await rows(database) == {}
    async with database.read() as session:
        assert await StoredRarities()(session) is SHIPPED


async def test_it_is_measured_once_a_week_and_again_gives_the_same(database: Database, matcher: Matcher, clock: Clock) -> None:
    await stored(database, 1, *(posting(str(n)) for n in range(OPENINGS)))
    await matcher.tick(NOW)
    once = {skill: row.share for skill, row in (await rows(database)).items()}
    await stored(database, 50, *(posting(str(n), "rust") for n in range(5)))
    for days in (1, 6):
        await matcher.tick(NOW + timedelta(days=days))
    assert {skill: row.share for skill, row in (await rows(database)).items()} == once
    await matcher.tick(NOW + WEEK)
    again = await rows(database)
    assert {row.measured_at for row in again.values()} == {NOW + WEEK}
    assert again["rust"].share > once["rust"]
    async with database.begin() as session:
        await shares.measure(session, matcher.open_postings.catalogue, NOW + 2 * WEEK)
    assert {s: row.share for s, row in (await rows(database)).items()} == {s: row.share for s, row in again.items()}


async def test_everybody_scores_by_what_was_measured_last(database: Database, matcher: Matcher, clock: Clock) -> None:
    who, wanted = profile("go", "kafka"), posting("77", "go", "kafka", "rust")
    rarities = Rarities({"go": 0.9, "kafka": 0.002, "rust": 0.3}, NOW)
    before = scoring.score(wanted, who, first_seen_at=NOW).score
    after = scoring.score(wanted, who, first_seen_at=NOW, rarities=rarities).score
    assert before != after
    await stored(database, 77, wanted)
    async with database.begin() as session:
        session.add(subscription_row(1, who))

    async def scores() -> list[float]:
        previewed = await matcher.on_preview_asked(PreviewAsked(profile=who))
        async with database.begin() as session:
            for row in (await session.exec(select(MatchRow))).all():
                await session.delete(row)
        await matcher.on_postings_found([found(77, len(seen) + 2, wanted)])
        seen.append(77)
        async with database.read() as session:
            [listed] = (await session.exec(select(MatchRow.score))).all()
            subscription = await session.get_one(SubscriptionRow, 1)
            shown = await mailed(session, subscription, await StoredRarities()(session))
        return [previewed.jobs[0].match.score, listed, shown]

    seen: list[int] = []
    async with database.begin() as session:
        row = await session.get_one(PostingRow, 77)
        row.revision = 9
    assert await scores() == [before] * 3
    async with database.begin() as session:
        for skill, share in rarities.shares.items():
            session.add(SkillShareRow(skill=skill, share=share, openings=1, measured_over=2, measured_at=NOW))
    assert await scores() == [after] * 3
    assert matcher.open_postings.catalogue["ids"].tolist() == [77], "the catalogue was made anew"


async def test_a_shortlist_in_the_notifier_is_scored_by_the_rarities_it_is_given(database: Database, matcher: Matcher) -> None:
    await stored(database, 1, posting("1", "go", "kafka"))
    async with database.begin() as session:
        session.add(subscription_row(1, profile("kafka")))
        session.add(match_row(1, 1))
    common = Rarities({"kafka": 0.9}, NOW)
    async with database.read() as session:
        row = await session.get_one(SubscriptionRow, 1)
        scores = [await mailed(session, row, given) for given in (SHIPPED, common)]
    assert scores[1] < scores[0]
