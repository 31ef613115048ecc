"""*More like this* and *not for me*: what a link may do, what an answer teaches, and that it can all be taken back."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from selectolax.lexbor import LexborHTMLParser
from sqlmodel import select

from services.matcher.handlers import Matcher
from services.web import repository
from services.web.app import build_routes
from services.web.feedback import steps_in_words
from shared import scoring
from shared.database import Database
from shared.errors import NotFound
from shared.events import SubscriptionChanged
from shared.links import FEEDBACK, MANAGE, Answer, Links
from shared.models import FeedbackRow, MatchRow, SubscriptionRow
from shared.posting import Level, Posting, Role
from shared.serving import Service, application
from shared.settings import Settings
from tests.factories import BERLIN, NOW, board_row, facts, found, posting, posting_row, profile, subscription_row

BASE = "http://joblark.example"
LINKS = Links(BASE, "thirty-two characters, none secret")
ABROAD = posting("1", facts=facts("go", "postgresql", places=(BERLIN,)))
STEEP = posting("2", facts=facts("go", "postgresql", level=Level.JUNIOR))
FAR_TOO = posting("3", facts=facts("go", "postgresql", places=(BERLIN,), role=Role.FULLSTACK))
PERFECT = posting("4", title="<b>Perfect</b>", facts=facts("rust", "kafka", "go", "postgresql", "terraform"))
JOBS = (ABROAD, STEEP, FAR_TOO, PERFECT)
WHO = profile("rust", "kafka", "go", "postgresql", "terraform")


class World:
    def __init__(self, database: Database) -> None:
        self.database, self.now, self.told = database, NOW, 0

    async def notify(self) -> None:
        self.told += 1

    async def row(self) -> SubscriptionRow:
        async with self.database.read() as session:
            return await repository.get(session, 1)

    async def answers(self) -> Sequence[FeedbackRow]:
        async with self.database.read() as session:
            return (await session.exec(select(FeedbackRow))).all()


@pytest.fixture
async def world(database: Database) -> World:
    async with database.begin() as session:
        session.add(board_row(id=1))
        session.add(subscription_row(1, WHO))
        await session.flush()
        for number, what in enumerate(JOBS, 1):
            session.add(posting_row(number, what, published_ms=int(NOW.timestamp() * 1000)))
    return World(database)


@pytest.fixture
async def client(world: World) -> AsyncIterator[AsyncClient]:
    def clock() -> datetime:
        world.now += timedelta(seconds=1)
        return world.now

    routes = build_routes(world.database, LINKS, world.notify, clock)
    transport = ASGITransport(application(Service("web", routes=routes)), client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def answer(client: AsyncClient, job: int, liked: bool) -> Response:
    return await client.post(LINKS.feedback(1, job, liked))


def text(page: Response) -> str:
    return " ".join(LexborHTMLParser(page.text).css_first("main").text().split())


async def test_opening_a_link_changes_nothing(client: AsyncClient, world: World) -> None:
    before = await world.row()
    for liked in (True, False):
        page = await client.get(LINKS.feedback(1, 1, liked))
        assert page.status_code == 200
        assert ABROAD.title in text(page)
        assert LexborHTMLParser(page.text).css_first("form[method=post] button")
        assert (await client.head(LINKS.feedback(1, 1, liked))).status_code == 200
    assert (await world.row()).model_dump() == before.model_dump()
    assert await world.answers() == []
    assert world.told == 0


async def test_not_for_me_makes_what_was_wrong_weigh_more_and_tells_the_matcher(client: AsyncClient, world: World) -> None:
    page = await answer(client, 1, liked=False)
    assert page.status_code == 200
    assert "Place counts more for you (1 of 4 steps)" in text(page)
    row = await world.row()
    assert (row.tuning, row.revision, row.published_at, world.told) == ({"place": 1}, 2, None, 1)
    [given] = await world.answers()
    assert given.parts == scoring.score(ABROAD, WHO).parts
    assert (given.liked, given.opening_key) == (False, posting_row(1, ABROAD).opening_key)


async def test_more_like_this_makes_it_weigh_less(client: AsyncClient, world: World) -> None:
    assert "Level counts less for you (1 of 4 steps)" in text(await answer(client, 2, liked=True))
    assert (await world.row()).tuning == {"level": -1}


async def test_the_same_answer_again_changes_nothing(client: AsyncClient, world: World) -> None:
    await answer(client, 1, liked=False)
    once = await world.row()
    assert (await answer(client, 1, liked=False)).status_code == 200
    assert (await world.row()).model_dump() == once.model_dump()


async def test_another_answer_takes_the_step_of_the_one_before_back(client: AsyncClient, world: World) -> None:
    for job in (1, 2, 3):
        await answer(client, job, liked=False)
    assert (await world.row()).tuning == {"place": 2, "level": 1}
    await answer(client, 1, liked=True)
    assert (await world.row()).tuning == {"level": 1}, "one step forth and one back, and the two of others stay"
    assert len(await world.answers()) == 3


async def test_an_answer_changed_at_the_limit_leaves_no_trace(client: AsyncClient, world: World) -> None:
    """Stepping back and forth would end elsewhere than where the answers as they stand lead."""
    async with world.database.begin() as session:
        for number in range(10, 14):
            session.add(posting_row(number, posting(str(number), facts=ABROAD.facts)))
    for job in (10, 11, 12, 13, 1):
        await answer(client, job, liked=False)
    assert (await world.row()).tuning == {"place": 4}
    await answer(client, 1, liked=True)
    assert (await world.row()).tuning == {"place": 3}


async def test_a_job_that_fits_in_everything_teaches_nothing_but_is_noted(client: AsyncClient, world: World) -> None:
    assert "nothing in it to weigh differently" in text(await answer(client, 4, liked=False))
    row = await world.row()
    assert (row.tuning, row.revision, row.published_at) == ({}, 2, None), "the matcher hears of it all the same"
    assert len(await world.answers()) == 1


async def test_what_was_taught_is_shown_and_can_be_taken_back(client: AsyncClient, world: World) -> None:
    manage = LINKS.manage(1)
    assert "answers taught" not in text(await client.get(manage))
    await answer(client, 1, liked=False)
    await answer(client, 3, liked=False)
    assert "Place counts more for you (2 of 4 steps)" in text(await client.get(manage))
    assert (await client.post(manage, data={"action": "forget"})).status_code == 303
    assert (await world.row()).tuning == {}
    assert "answers taught" not in text(await client.get(manage))
    await answer(client, 2, liked=False)
    assert (await world.row()).tuning == {"level": 1}, "what was taken back does not come back with the next answer"
    await answer(client, 1, liked=True)
    assert (await world.row()).tuning == {"level": 1, "place": -1}


async def test_forgetting_nothing_makes_no_revision(client: AsyncClient, world: World) -> None:
    assert (await client.post(LINKS.manage(1), data={"action": "forget"})).status_code == 303
    assert (await world.row()).revision == 1


@pytest.mark.parametrize("state", ["ended", "pending"])
async def test_who_has_left_is_told_so(client: AsyncClient, world: World, state: str) -> None:
    async with world.database.begin() as session:
        (await repository.get(session, 1)).state = state
    page = await client.get(LINKS.feedback(1, 1, False))
    assert LexborHTMLParser(page.text).css_first("form") is None
    assert (await answer(client, 1, liked=False)).status_code == 409
    assert await world.answers() == []


@pytest.mark.parametrize(
    "link",
    [
        LINKS.feedback(1, 404, False),
        LINKS.feedback(404, 1, False),
        LINKS.feedback(1, 1, False)[:-2],
        Links(BASE, "another secret " * 3).feedback(1, 1, False),
        LINKS.manage(1).replace("/subscription/", "/feedback/"),
        f"{BASE}/feedback/x",
    ],
    ids=["no such job", "no such subscription", "cut", "forged", "of another purpose", "nonsense"],
)
async def test_a_link_that_is_not_ours_finds_nothing(client: AsyncClient, world: World, link: str) -> None:
    for page in (await client.get(link), await client.post(link)):
        assert page.status_code == 404
    assert await world.answers() == []


def test_a_link_says_one_thing_and_opens_nothing_else() -> None:
    token = LINKS.feedback(7, 8, True).rpartition("/")[2]
    assert LINKS.read_feedback(token) == Answer(7, 8, liked=True)
    with pytest.raises(NotFound):
        LINKS.read(MANAGE, token)
    with pytest.raises(NotFound):
        LINKS.read(FEEDBACK, token)


async def test_a_title_is_only_text(client: AsyncClient) -> None:
    page = await client.get(LINKS.feedback(1, 4, True))
    assert "&lt;b&gt;Perfect" in page.text
    assert "<b>Perfect" not in page.text


def test_steps_are_said_in_words() -> None:
    assert steps_in_words({"freshness": -4, "skills": 1, "pay": 0}) == [
        "Shared skills count more for you (1 of 4 steps)",
        "How new a job is counts less for you (4 of 4 steps)",
    ]


# ------------------------------------------------------------------------------------------------------ in the matcher


@pytest.fixture
def matcher(world: World, settings: Callable[..., Settings]) -> Matcher:
    return Matcher(world.database, settings(), now=lambda: world.now)


async def listed(world: World) -> dict[int, float]:
    async with world.database.read() as session:
        return {row.posting_id: row.score for row in (await session.exec(select(MatchRow))).all()}


def reposted(what: Posting) -> Posting:
    return what.model_copy(update={"external_id": "again"})


async def test_what_was_refused_leaves_the_shortlist_for_good_and_the_rest_is_weighed_anew(
    client: AsyncClient, world: World, matcher: Matcher
) -> None:
    await matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=1)])
    before = await listed(world)
    assert 2 in before
    await answer(client, 2, liked=False)
    await matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=2)])
    after = await listed(world)
    assert after == {
        number: value
        for number, what in enumerate(JOBS, 1)
        if (value := scoring.score(what, WHO, first_seen_at=NOW, tuning={"level": 1}).score) >= 50 and number != 2
    }
    async with world.database.begin() as session:
        session.add(posting_row(20, reposted(STEEP), external_id="again"))
    await matcher.on_postings_found([found(20, 1, reposted(STEEP)), found(2, 2, STEEP)])
    assert await listed(world) == after, "neither edited nor posted again"


async def test_what_was_liked_stays(client: AsyncClient, world: World, matcher: Matcher) -> None:
    await answer(client, 2, liked=True)
    await matcher.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=2)])
    assert (await listed(world))[2] == scoring.score(STEEP, WHO, first_seen_at=NOW, tuning={"level": -1}).score
