"""What somebody would get who subscribed now: asked over the broker, answered by a matcher, nothing written."""

from collections.abc import Callable

import pytest
from sqlmodel import select

from services.matcher.handlers import Matcher
from shared import scoring
from shared.database import Database
from shared.errors import NotReady
from shared.models import MatchRow, PostingRow
from shared.posting import Posting
from shared.preview import PREVIEW, Preview, PreviewAsked
from shared.settings import Settings
from shared.streams import Streams
from tests.factories import BERLIN, NOW, board_row, facts, posting, posting_row, profile

LOCAL, ABROAD = posting("local"), posting("abroad", facts=facts("go", "postgresql", places=(BERLIN,)))


async def stored(database: Database, *what: Posting, closed: bool = False) -> None:
    async with database.begin() as session:
        await session.merge(board_row(id=1))
        known = len((await session.exec(select(PostingRow.id))).all())
        for number, one in enumerate(what, known + 1):
            session.add(posting_row(number, one, published_ms=int(NOW.timestamp() * 1000), closed_at=NOW if closed else None))


@pytest.fixture
def matcher(database: Database, settings: Callable[..., Settings]) -> Matcher:
    return Matcher(database, settings(), now=lambda: NOW)


async def test_it_shows_the_best_open_jobs_and_why(database: Database, matcher: Matcher) -> None:
    await stored(database, ABROAD, LOCAL, posting("other", "cuda", "verilog"))
    await stored(database, posting("gone"), closed=True)
    found = await matcher.on_preview_asked(PreviewAsked(profile=profile()))
    assert [job.match for job in found.jobs] == [scoring.score(job, profile()) for job in (LOCAL, ABROAD)][: found.count]
    assert found.open_postings == 3
    async with database.read() as session:
        assert not (await session.exec(select(MatchRow))).all()


async def test_what_came_since_is_in_the_next_answer(database: Database, matcher: Matcher) -> None:
    assert (await matcher.on_preview_asked(PreviewAsked(profile=profile()))).jobs == ()
    await stored(database, LOCAL)
    assert len((await matcher.on_preview_asked(PreviewAsked(profile=profile()))).jobs) == 1


async def test_a_rule_is_asked_too(database: Database, matcher: Matcher) -> None:
    await stored(database, LOCAL, posting("second", "go", "postgresql", "kafka"))
    asked = PreviewAsked(profile=profile(), rule="skill:kafka")
    assert [job.match.missing for job in (await matcher.on_preview_asked(asked)).jobs] == [("kafka",)]


async def test_it_goes_over_the_broker(
    database: Database, matcher: Matcher, settings: Callable[..., Settings], redis_url: str
) -> None:
    await stored(database, LOCAL)
    answering, asking = (Streams(settings(redis_url=redis_url)) for _ in range(2))
    answering.answer(PREVIEW, PreviewAsked, matcher.on_preview_asked)
    async with asking.running():
        with pytest.raises(NotReady, match="preview"):
            await asking.ask(PREVIEW, PreviewAsked(profile=profile()), Preview, 0.3)
        async with answering.running():
            answer = await asking.ask(PREVIEW, PreviewAsked(profile=profile()), Preview, 5)
            assert [job.title for job in answer.jobs] == [LOCAL.title]
            broken = PreviewAsked(profile=profile(), rule="contry:SG")
            with pytest.raises(NotReady):
                await asking.ask(PREVIEW, broken, Preview, 5)
