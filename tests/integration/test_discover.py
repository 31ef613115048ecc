"""Finding the board behind a careers page, over real HTTP: one local server plays every host there is."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from starlette.applications import Starlette
from starlette.requests import Request as Asked
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from typer.testing import CliRunner, Result

from services.cli.main import build
from services.scraper import app, discover, repository
from services.scraper.discover import MAX_REQUESTS, Found
from services.scraper.fetch import Fetcher, Page, Validators
from services.scraper.gate import Manners
from services.scraper.guard import Guard
from services.scraper.recognise import Named
from services.scraper.sources.base import Request
from shared.database import Database
from shared.errors import FetchError, JoblarkError, NotFound
from shared.models import BoardRow
from shared.serving import listening
from shared.settings import Settings
from tests.factories import NOW

RECORDINGS = Path(__file__).parents[1] / "recordings"
JOBS_PAGE, SITEMAP = (RECORDINGS / "jsonld.html").read_bytes(), (RECORDINGS / "sitemap.xml").read_bytes()
SITE = "tideglass.example"
CAREERS = f"https://{SITE}/careers"
GREENHOUSE, LEVER, SMART = (
    "boards-api.greenhouse.io/v1/boards",
    "api.lever.co/v0/postings",
    "api.smartrecruiters.com/v1/companies",
)
BLOG_FEED = '<link rel="alternate" type="application/rss+xml" title="Blog" href="/feed">'

Site = dict[str, object]
"""Host and path → the body there, or `Moved`. Anything else is a 404."""


class Moved(str):
    """An address that a server sends one on to."""


class Web(Fetcher):
    """The real fetcher, but every host is the local server."""

    def __init__(self, at: str) -> None:
        super().__init__("Joblark/test (+tests)", 10, 10_000_000, Manners(Guard([ip_network("127.0.0.0/8")]), gap=0.001))
        self._at, self.asked = at, list[str]()

    async def fetch(self, request: Request, validators: Validators | None = None) -> Page:
        self.asked.append(request.url)
        local = Request(request.url.replace("https://", f"{self._at}/"), request.method, request.headers, request.json)
        page = await super().fetch(local, validators)
        return Page(page.status, page.body, page.validators, page.not_modified, page.url.replace(f"{self._at}/", "https://"))


@asynccontextmanager
async def web(site: Site) -> AsyncIterator[Web]:
    async def answer(request: Asked) -> Response:
        body = site.get(request.path_params["path"].rstrip("/"))
        if isinstance(body, Moved):
            return RedirectResponse("/" + body)
        if body is None:
            return Response(status_code=404)
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        return Response(content)

    async with listening(Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])) as url, Web(url) as client:
        yield client


async def found(site: Site, url: str = CAREERS) -> tuple[Found, list[str]]:
    async with web(site) as client:
        return await discover.discover(url, client), client.asked


async def not_found(site: Site, url: str = CAREERS) -> tuple[str, list[str]]:
    async with web(site) as client:
        with pytest.raises(NotFound) as caught:
            await discover.discover(url, client)
        assert caught.value.code == "board_not_recognised"
        assert len(client.asked) <= MAX_REQUESTS
        return str(caught.value), client.asked


def page(content: str, title: str = "Careers – Tideglass") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{content}</body></html>"


def lever_jobs(*titles: str) -> list[dict[str, str]]:
    return [{"id": title, "text": title} for title in titles]


# -------------------------------------------------------------------------------------------------------- by its address


async def test_an_address_of_a_source_is_enough_and_the_board_is_asked_whose_it_is() -> None:
    board, asked = await found({f"{GREENHOUSE}/tide": {"name": "Tideglass"}}, "boards.greenhouse.io/tide/jobs/7")
    assert board == Found(Named("greenhouse", "tide"), "Tideglass", "its address")
    assert asked == [f"https://{GREENHOUSE}/tide"]


async def test_where_nobody_can_be_asked_its_jobs_speak_for_it() -> None:
    board, _ = await found({f"{LEVER}/tide": lever_jobs("Go Engineer", "QA")}, "https://jobs.lever.co/tide")
    assert board == Found(Named("lever", "tide"), "tide", "its address", 2)


async def test_a_200_with_no_job_in_it_is_not_believed() -> None:
    empty = {f"{SMART}/Tide/postings": {"content": [], "totalFound": 0}, "jobs.smartrecruiters.com/Tide": page("Jobs")}
    reason, _ = await not_found(empty, "https://jobs.smartrecruiters.com/Tide")
    assert f"smartrecruiters:Tide: {SMART}"[:20] in reason
    assert "404" in reason
    reason, _ = await not_found({f"{LEVER}/tide": [], "jobs.lever.co/tide": page("")}, "https://jobs.lever.co/tide")
    assert "lever:tide lists no job, which is what some answer for any name" in reason


async def test_an_empty_board_that_says_whose_it_is_is_believed() -> None:
    site: Site = {f"{SMART}/Tide": {"name": "Tideglass"}, f"{SMART}/Tide/postings": {"content": [], "totalFound": 0}}
    board, _ = await found(site, "https://jobs.smartrecruiters.com/Tide")
    assert (str(board.board), board.company) == ("smartrecruiters:Tide", "Tideglass")


async def test_a_company_without_a_name_is_not_believed() -> None:
    reason, _ = await not_found(
        {f"{GREENHOUSE}/tide": {"name": ""}, "boards.greenhouse.io/tide": ""}, "https://boards.greenhouse.io/tide"
    )
    assert "it does not say whose it is" in reason


async def test_an_address_that_leads_to_a_board() -> None:
    site: Site = {
        f"{SITE}/careers": Moved("boards.greenhouse.io/tide"),
        "boards.greenhouse.io/tide": page("Jobs"),
        f"{GREENHOUSE}/tide": {"name": "Tideglass"},
    }
    board, _ = await found(site)
    assert board == Found(Named("greenhouse", "tide"), "Tideglass", "the address it leads to")


# ----------------------------------------------------------------------------------------------------------- by the page


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ('<script src="https://boards.greenhouse.io/embed/job_board/js?for=tide"></script>', "a board built into the page"),
        ('<a href="https://boards.greenhouse.io/tide/jobs/7">Go Engineer</a>', "a link in the page"),
        (
            r'<script>var jobs = {"api": "https:\/\/boards-api.greenhouse.io\/v1\/boards\/tide\/jobs"}</script>',
            "a link in the page",
        ),
    ],
)
async def test_a_board_in_a_page(content: str, how: str) -> None:
    board, asked = await found({f"{SITE}/careers": page(content), f"{GREENHOUSE}/tide": {"name": "Tideglass Pte. Ltd."}})
    assert board == Found(Named("greenhouse", "tide"), "Tideglass Pte. Ltd.", how)
    assert len(asked) == 2


async def test_a_link_to_somebody_elses_board_is_not_taken() -> None:
    content = '<a href="https://boards.greenhouse.io/kestrel">Our friends at Kestrel are hiring</a>'
    reason, _ = await not_found({f"{SITE}/careers": page(content), f"{GREENHOUSE}/kestrel": {"name": "Kestrel Bank"}})
    assert "greenhouse:kestrel belongs to Kestrel Bank, and the page speaks of Careers" in reason


async def test_a_board_that_is_built_in_may_have_another_name() -> None:
    content = '<script src="https://boards.greenhouse.io/embed/job_board/js?for=oldname"></script>'
    board, _ = await found({f"{SITE}/careers": page(content), f"{GREENHOUSE}/oldname": {"name": "Buoyworks"}})
    assert (str(board.board), board.company) == ("greenhouse:oldname", "Buoyworks")


async def test_of_many_boards_the_one_called_like_the_page_is_asked_first() -> None:
    others = "".join(f'<a href="https://jobs.lever.co/{name}/{n}">x</a>' for name in ("a", "b", "c") for n in range(9))
    content = f'{others}<a href="https://jobs.lever.co/tideglass">Us</a>'
    board, asked = await found({f"{SITE}/careers": page(content), f"{LEVER}/tideglass": lever_jobs("QA")})
    assert str(board.board) == "lever:tideglass"
    assert len(asked) == 2


async def test_at_most_so_many_boards_of_a_page_are_asked() -> None:
    others = "".join(f'<a href="https://jobs.lever.co/{name}">x</a>' for name in "abcdefgh")
    reason, asked = await not_found({f"{SITE}/careers": page(others)})
    assert len([url for url in asked if LEVER in url]) == discover.MAX_CHECKED
    assert "lever:c: not asked" in reason


async def test_structured_data_of_many_jobs() -> None:
    board, asked = await found({f"{SITE}/careers": JOBS_PAGE})
    assert board == Found(Named("jsonld", CAREERS), "Tideglass", "the jobs in it", 12)
    assert asked == [CAREERS]


async def test_a_page_of_one_job_is_no_board() -> None:
    data = {"@type": "JobPosting", "title": "Go Engineer", "url": f"{CAREERS}?utm_source=x", "hiringOrganization": "Tideglass"}
    reason, _ = await not_found({f"{SITE}/careers": page(f'<script type="application/ld+json">{json.dumps(data)}</script>')})
    assert "the page is that of one job, 'Go Engineer'; give the page that lists them" in reason


async def test_a_feed_that_the_page_names() -> None:
    content = f'{BLOG_FEED}<link rel="alternate" type="application/rss+xml" title="Open jobs" href="/jobs/feed">'
    board, _ = await found({f"{SITE}/careers": page(content), f"{SITE}/jobs/feed": (RECORDINGS / "rss.xml").read_bytes()})
    assert (str(board.board), board.how) == (f"rss:https://{SITE}/jobs/feed", "a feed that the page names")
    assert board.jobs


async def test_the_address_of_a_feed_itself() -> None:
    board, _ = await found({f"{SITE}/open.xml": (RECORDINGS / "rss.xml").read_bytes()}, f"https://{SITE}/open.xml")
    assert str(board.board) == f"rss:https://{SITE}/open.xml"


@pytest.mark.parametrize(
    "robots",
    [None, "Disallow: /x\nSitemap: https://tideglass.example/blog.xml\n sitemap:https://tideglass.example/jobs.xml\r\n"],
)
async def test_the_sitemap_comes_last_and_its_first_page_must_be_a_job(robots: str | None) -> None:
    at = f"{SITE}/jobs.xml" if robots else f"{SITE}/sitemap.xml"
    first = f"{SITE}/careers/senior-backend-engineer-readings"
    site: Site = {f"{SITE}/careers": page("Join us"), f"{SITE}/robots.txt": robots, at: SITEMAP, first: JOBS_PAGE}
    board, asked = await found(site)
    assert board == Found(Named("sitemap", f"https://{at}"), "Tideglass", "the site's sitemap", 12)
    assert len(asked) == 4
    reason, _ = await not_found({**site, first: page("A job without structured data")})
    assert "no structured data about a job in this page" in reason


async def test_the_sitemaps_of_an_index() -> None:
    index = f"<sitemapindex><sitemap><loc>https://{SITE}/job-sitemap.xml</loc></sitemap></sitemapindex>"
    site: Site = {f"{SITE}/careers": page(""), f"{SITE}/sitemap.xml": index, f"{SITE}/job-sitemap.xml": SITEMAP}
    site[f"{SITE}/careers/senior-backend-engineer-readings"] = JOBS_PAGE
    board, asked = await found(site)
    assert (str(board.board), len(asked)) == (f"sitemap:https://{SITE}/sitemap.xml", 5)
    reason, _ = await not_found({**site, f"{SITE}/job-sitemap.xml": "<urlset/>"})
    assert "no page in it looks like a job's" in reason


# ------------------------------------------------------------------------------------------------------------- and if not


async def test_what_was_tried_is_told() -> None:
    reason, asked = await not_found({f"{SITE}/careers": page("Mail us!")})
    assert reason.startswith(f"{CAREERS}: no board found. Tried: structured data in the page: no job; ")
    assert "/sitemap.xml answers 404" in reason
    assert reason.endswith("If you know it: joblark boards add SOURCE:BOARD")
    assert [url.rsplit("/", 1)[1] for url in asked] == ["careers", "robots.txt", "sitemap.xml"]


async def test_a_search_ends_after_so_many_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discover, "MAX_REQUESTS", 3)
    links = "".join(f'<a href="https://jobs.lever.co/{name}">x</a>' for name in "abcdefgh")
    reason, asked = await not_found({f"{SITE}/careers": page(links)})
    assert "gave up after 3 requests" in reason
    assert len(asked) == 3


async def test_a_page_that_does_not_answer_is_its_own_error() -> None:
    async with web({}) as client:
        with pytest.raises(FetchError, match=r"/careers answers 404"):
            await discover.discover(CAREERS, client)


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 500, b"<" * 5000, b"<a href='https://[x'>", b'{"jobs": ['])
async def test_pages_that_are_none(body: bytes) -> None:
    await not_found({f"{SITE}/careers": body})


# ------------------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def joblark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """`joblark("boards", "add", …, site={…})` on a database of its own, with the web as it stands in `site`."""
    monkeypatch.setenv("JOBLARK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("JOBLARK_DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path / 'joblark.db'}")
    assert CliRunner().invoke(build(), ["migrate"]).exit_code == 0

    def run(*words: str, site: Site | None = None, given: str = "") -> Result:
        @asynccontextmanager
        async def fetcher(settings: Settings) -> AsyncIterator[Web]:
            async with web(site or {}) as client:
                yield client

        monkeypatch.setattr(app, "fetcher", fetcher)
        return CliRunner().invoke(build(), list(words), input=given)

    return run


def watched(joblark: Callable[..., Result]) -> list[str]:
    lines = joblark("boards", "list", "--json").stdout.splitlines()
    return [json.loads(line)["board"] for line in lines]


def test_adding_a_careers_page(joblark: Callable[..., Result]) -> None:
    content = '<a href="https://boards.greenhouse.io/tide">Jobs</a>'
    site: Site = {f"{SITE}/careers": page(content), f"{GREENHOUSE}/tide": {"name": "Tideglass"}}
    said = joblark("boards", "add", CAREERS, "--dry-run", site=site)
    assert (said.exit_code, said.stdout) == (0, "found greenhouse:tide of Tideglass by a link in the page\n")
    assert watched(joblark) == []
    assert "watching greenhouse:tide" in joblark("boards", "add", CAREERS, site=site).stdout
    assert watched(joblark) == ["greenhouse:tide"]
    again = joblark("boards", "add", f"{SITE}/careers", site=site)
    assert isinstance(again.exception, JoblarkError)
    assert again.exception.code == "board_exists"


def test_adding_by_name_asks_nobody(joblark: Callable[..., Result]) -> None:
    assert joblark("boards", "add", "lever:tide").exit_code == 0
    assert joblark("boards", "add", "lever:eu", "--url", "http://127.0.0.1:9/{board}").exit_code == 0
    assert watched(joblark) == ["lever:eu", "lever:tide"]
    assert "lever:tide" not in joblark("boards", "add", "lever:other", "--dry-run").stdout
    for wrong in (["lever:"], ["grenhouse:x"], [], ["lever:x", "--starter", "singapore"], ["--starter", "mars"]):
        assert isinstance(joblark("boards", "add", *wrong).exception, JoblarkError)


def test_the_starter_list_is_one_command(joblark: Callable[..., Result]) -> None:
    assert "0 added" in joblark("boards", "add", "--starter", "singapore", "--dry-run").stdout
    first = joblark("boards", "add", "--starter", "singapore").stdout
    boards = watched(joblark)
    assert len(boards) >= 30
    assert {"greenhouse:thunes", "lever:ninjavan", "workday:dbs.wd3/DBS_Careers", "themuse:location=Singapore"} <= set(boards)
    assert f"{len(boards)} added, 0 watched already" in first
    assert f"0 added, {len(boards)} watched already" in joblark("boards", "add", "--starter", "singapore").stdout


def test_importing_a_list(joblark: Callable[..., Result], tmp_path: Path) -> None:
    joblark("boards", "add", "lever:tide")
    lines = ["name,url", "A,https://jobs.lever.co/tide", *2 * ["B,https://jobs.lever.co/b"], "C,https://c.example/careers"]
    file = tmp_path / "boards.csv"
    file.write_text("\n".join(lines))
    assert (
        "0 added, 0 watched already, 1 named twice, 1 not recognised"
        in joblark("boards", "import", str(file), "--dry-run").stdout
    )
    report = json.loads(joblark("boards", "import", str(file), "--json").stdout)
    assert (report["added"], report["already"], report["repeated"]) == (1, 1, 1)
    (unknown,) = report["unrecognised"]
    assert (unknown["line"], unknown["text"]) == (5, "https://c.example/careers")
    assert unknown["reason"].startswith("names no board of a source we know")
    assert watched(joblark) == ["lever:b", "lever:tide"]


def test_importing_from_standard_input_and_nothing_at_all(joblark: Callable[..., Result]) -> None:
    said = joblark("boards", "import", "-", given="# two\nlever:a\nhttps://jobs.lever.co/b\n")
    assert said.stdout == "2 added, 0 watched already, 0 named twice, 0 not recognised\n"
    nothing = joblark("boards", "import", "-", given="what is this\n")
    assert isinstance(nothing.exception, JoblarkError)
    assert nothing.exception.exit_code == 2


def test_thousands_at_once(joblark: Callable[..., Result]) -> None:
    given = "\n".join(f"greenhouse:company{n}" for n in range(5000))
    assert "5,000 added" in joblark("boards", "import", "-", given=given).stdout
    assert "0 added, 5,000 watched already" in joblark("boards", "import", "-", given=given).stdout


def test_recording_an_answer(joblark: Callable[..., Result], tmp_path: Path) -> None:
    file, body = tmp_path / "lever.json", json.dumps(lever_jobs("Go Engineer"), indent=3)
    said = joblark("boards", "record", "lever:tide", str(file), site={f"{LEVER}/tide": body})
    assert said.exit_code == 0
    assert file.read_text() == body
    assert "1 postings in it, 0 dropped" in said.stdout
    wrong = joblark("boards", "record", "lever:tide", str(tmp_path), site={f"{LEVER}/tide": body})
    assert isinstance(wrong.exception, JoblarkError)
    assert wrong.exception.code == "file_unwritable"


# ----------------------------------------------------------------------------------------------------------- many at once


async def test_boards_added_in_bulk(database: Database) -> None:
    async with database.begin() as session:
        await repository.add_board(session, "lever", "here", None, NOW)
        await repository.add_board(session, "lever", "gone", None, NOW)
        await repository.remove_board(session, "lever", "gone", NOW)
    boards: list[Any] = [("lever", "here", "https://x.example"), ("lever", "gone", "https://y.example"), ("ashby", "new", None)]
    async with database.begin() as session:
        assert await repository.add_boards(session, [*boards, boards[-1]], NOW) == (2, 1)
        assert await repository.add_boards(session, boards, NOW) == (0, 3)
        assert await repository.add_boards(session, [], NOW) == (0, 0)
    async with database.read() as session:
        rows = (await session.exec(select(BoardRow).order_by(col(BoardRow.source), col(BoardRow.name)))).all()
    assert [(row.source, row.name, row.url, row.removed_at, row.failures) for row in rows] == [
        ("ashby", "new", None, None, 0),
        ("lever", "gone", "https://y.example", None, 0),
        ("lever", "here", None, None, 0),
    ]
    assert all(row.next_poll_at == NOW for row in rows)
