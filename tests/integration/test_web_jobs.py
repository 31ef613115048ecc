"""The jobs that somebody would get, on the page before they subscribe; and the page when nobody can say."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from selectolax.lexbor import LexborHTMLParser

from services.matcher import app as matcher
from services.web import app as web
from services.web.app import build_routes
from shared.database import Database
from shared.errors import NotReady
from shared.links import Links
from shared.match import Match
from shared.preview import Preview, PreviewAsked, PreviewedJob
from shared.serving import Service, application
from shared.settings import Settings
from tests.factories import NOW, board_row, facts, posting, posting_row

BASE = "http://joblark.example"
LINKS = Links(BASE, "thirty-two characters, none secret")
CV = "Mei Tan\nSenior Backend Engineer, Singapore\n\nHarbour Pay, 2019 to 2026: services in Go on PostgreSQL and Kafka.\n"
FORM = {"email": "mei@example.org", "cadence": "weekly", "timezone": "Asia/Singapore", "weekday": "1", "hour": "9", "cv": CV}
WHY = Match(score=91.5, reasons=("3 of 4 skills it names are yours", "backend work, like yours"))


def job(**given: object) -> PreviewedJob:
    usual = {"title": "Platform Engineer", "company": "Lumenworks", "location": "Singapore", "match": WHY}
    return PreviewedJob(**{**usual, "url": "https://jobs.example.com/1", **given})


@asynccontextmanager
async def page_of(database: Database, ask: Callable[[PreviewAsked], Awaitable[Preview]] | None) -> AsyncIterator[AsyncClient]:
    async def notify() -> None:
        pass

    routes = build_routes(database, LINKS, notify, lambda: NOW, ask)
    transport = ASGITransport(application(Service("web", routes=routes)), client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def shown(database: Database, answer: Preview) -> tuple[Response, PreviewAsked]:
    asked: list[PreviewAsked] = []

    async def ask(question: PreviewAsked) -> Preview:
        asked.append(question)
        return answer

    async with page_of(database, ask) as client:
        page = await client.post("/preview", data=FORM)
    assert page.status_code == 200
    return page, asked[0]


def text(page: Response) -> str:
    return " ".join(LexborHTMLParser(page.text).css_first("main").text().split())


async def test_the_best_open_jobs_stand_on_the_page_and_why(database: Database) -> None:
    jobs = (job(), job(title="Ledger Engineer", company=None, url=None, attribution="Remote Board"))
    page, asked = await shown(database, Preview(open_postings=900, count=1_200, jobs=jobs))
    assert "1,200 jobs open now fit, the best:" in text(page)
    assert "Lumenworks · Singapore 3 of 4 skills it names are yours; backend work, like yours" in text(page)
    assert "(via Remote Board)" in text(page)
    [link] = LexborHTMLParser(page.text).css(".jobs a")
    assert (link.text(), link.attributes["href"]) == ("Platform Engineer", "https://jobs.example.com/1")
    assert {skill.skill for skill in asked.profile.skills} >= {"postgresql", "kafka"}


async def test_no_word_of_the_cv_leaves_with_the_question(database: Database) -> None:
    _, asked = await shown(database, Preview(open_postings=0, count=0, jobs=()))
    assert "Harbour" not in asked.model_dump_json()
    assert "Mei" not in asked.model_dump_json()
    assert asked.profile.role == "backend"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Preview(open_postings=9, count=1, jobs=(job(),)), "One job open now fits:"),
        (Preview(open_postings=1_234, count=0, jobs=()), "None of the 1,234 jobs open now fits yet."),
        (Preview(open_postings=0, count=0, jobs=()), "Jobs that fit are looked up once you have subscribed."),
    ],
)
async def test_it_counts_in_words(database: Database, found: Preview, words: str) -> None:
    assert words in text((await shown(database, found))[0])


async def test_what_a_board_wrote_is_only_text(database: Database) -> None:
    bad = job(title="<script>alert(1)</script>", url="javascript:alert(1)")
    page, _ = await shown(database, Preview(open_postings=1, count=1, jobs=(bad,)))
    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text


async def test_without_an_answer_the_page_is_whole_all_the_same(database: Database) -> None:
    async def nobody(_: PreviewAsked) -> Preview:
        raise NotReady("nobody answered", code="no_answer")

    for ask in (nobody, None):
        async with page_of(database, ask) as client:
            page = await client.post("/preview", data=FORM)
        assert page.status_code == 200
        assert "Jobs that fit are looked up once you have subscribed." in text(page)
        assert LexborHTMLParser(page.text).css_first("form button")


async def test_the_page_and_a_matcher_meet_over_the_broker(
    database: Database, settings: Callable[..., Settings], valkey_url: str
) -> None:
    async with database.begin() as session:
        session.add(board_row(id=1))
        await session.flush()
        fits = posting("1", title="Ledger Engineer", facts=facts("go", "postgresql", "kafka"))
        session.add(posting_row(1, fits, published_ms=int(NOW.timestamp() * 1000)))
    url = database.url.render_as_string(hide_password=False)
    config = settings(database_url=url, redis_url=valkey_url, base_url=BASE)
    async with web.running(config) as service:
        transport = ASGITransport(application(service), client=("192.0.2.1", 4000))
        async with AsyncClient(transport=transport, base_url=BASE) as client:
            assert "are looked up once" in text(await client.post("/preview", data=FORM)), "no matcher runs"
            async with matcher.running(config):
                page = await client.post("/preview", data=FORM)
                while "Ledger Engineer" not in text(page):  # on a busy machine a first answer may come too late
                    await asyncio.sleep(0.1)
                    page = await client.post("/preview", data={**FORM, "email": "other@example.org"})
    assert "One job open now fits:" in text(page)
