"""The web page in a real Chromium: what a person does, on a phone, and with JavaScript switched off."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from sqlmodel import SQLModel

from services.web import repository
from services.web.app import build_routes
from shared.database import Database
from shared.links import Links
from shared.models import SubscriptionRow
from shared.serving import Service, application
from tests.browser.chromium import Chromium
from tests.papers import column, pdf

pytestmark = pytest.mark.browser

CV = """Mei Tan
Senior Backend Engineer, Singapore

8 years of building payment systems.

Harbour Pay, 2019 to 2026: services in Python and Go on Kubernetes, with PostgreSQL and Kafka.
Quayside, 2017 to 2019: Terraform and Redis on AWS.
"""


class Website:
    """The application on a port of its own, in a thread with its own loop. `run` asks the database from there."""

    def __init__(self, database_url: str) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.links = Links(self.url, "thirty-two characters, none secret")
        self._database_url = database_url
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)

    def subscriptions(self) -> list[SubscriptionRow]:
        return asyncio.run_coroutine_threadsafe(self._subscriptions(), self._loop).result(30)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._database = Database(self._database_url)
        async with self._database.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        routes = build_routes(self._database, self.links, _tell_nobody, lambda: datetime.now(UTC))
        self._server = uvicorn.Server(uvicorn.Config(application(Service("web", routes=routes)), log_config=None))
        self._ready.set()  # connections wait in the socket's queue until the server takes them
        await self._server.serve([self._socket])
        await self._database.close()

    async def _subscriptions(self) -> list[SubscriptionRow]:
        async with self._database.read() as session:
            return list(await repository.listing(session))


async def _tell_nobody() -> None:
    """No stream server takes part here."""


@pytest.fixture
def website(sqlite_url: str) -> Iterator[Website]:
    website = Website(sqlite_url)
    website.start()
    yield website
    website.stop()


def paste(browser: Chromium, website: Website) -> None:
    browser.open(f"{website.url}/")
    browser.type("#cv", CV)
    browser.type("#email", "mei@example.org")


def visit_every_page(browser: Chromium, website: Website) -> Iterator[str]:
    """Go the whole way, stopping on each page; yields where we are."""
    paste(browser, website)
    yield "landing"
    browser.click("button", leads_on=True)
    yield "preview"
    browser.click("details summary")
    yield "evidence"
    browser.click("main form > button", leads_on=True)
    yield "inbox"
    [row] = website.subscriptions()
    for name in ("confirm", "manage", "renew", "unsubscribe"):
        browser.open(getattr(website.links, name)(row.id))
        yield name
        if name in ("confirm", "renew"):
            browser.click("button", leads_on=True)
            yield f"{name}ed"
        elif name == "manage":
            browser.click("button[value=pause]", leads_on=True)
            yield "paused"
    browser.click("button", leads_on=True)
    yield "left"
    browser.open(f"{website.url}/link")
    yield "lost link"
    browser.type("#email", "mei@example.org")
    browser.click("button", leads_on=True)
    yield "link sent"
    browser.open(website.links.feed(row.id))
    yield "gone"
    browser.open(f"{website.url}/nothing-here")
    yield "not found"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_person_subscribes_confirms_changes_the_day_and_leaves(
    chromium: Chromium, website: Website, javascript: bool
) -> None:
    chromium.show(1000, javascript=javascript, zone="Asia/Singapore")
    paste(chromium, website)
    if not javascript:
        chromium.choose("#timezone", "Asia/Singapore")
    chromium.click("button", leads_on=True)
    assert "This is what we read" in chromium.text
    assert "PostgreSQL" in chromium.text
    chromium.click("input[value=kafka]")
    chromium.click("main form > button", leads_on=True)
    assert "Look in your inbox" in chromium.text

    [row] = website.subscriptions()
    skills = {skill["skill"] for skill in row.profile["skills"]}
    assert "python" in skills
    assert "kafka" not in skills
    assert (row.state, row.timezone) == ("pending", "Asia/Singapore")

    chromium.open(website.links.confirm(row.id or 0))
    chromium.click("button", leads_on=True)
    assert "You are subscribed" in chromium.text
    chromium.click("main a", leads_on=True)
    chromium.choose("#weekday", "4")
    chromium.click("form.card button", leads_on=True)
    assert "Saved" in chromium.text
    assert "every Friday at 08:00" in chromium.text
    chromium.click("button[value=leave]", leads_on=True)
    assert "has ended" in chromium.text
    assert [row.state for row in website.subscriptions()] == ["ended"]


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_person_chooses_a_file(chromium: Chromium, website: Website, tmp_path: Path, javascript: bool) -> None:
    chromium.show(390, javascript=javascript, zone="Asia/Singapore")
    (tmp_path / "cv.pdf").write_bytes(pdf([column(CV.splitlines())]))
    (tmp_path / "scan.pdf").write_bytes(pdf([[]], extra="/XObject << /Im1 9 0 R >>"))
    for name, words in (("scan.pdf", "pictures of text"), ("cv.pdf", "This is what we read")):
        chromium.open(f"{website.url}/")
        chromium.attach("#file", tmp_path / name)
        chromium.type("#email", "mei@example.org")
        chromium.choose("#timezone", "Asia/Singapore")
        chromium.click("button", leads_on=True)
        assert words in chromium.text
    assert "PostgreSQL" in chromium.text
    assert chromium.overflow() <= 0


def test_a_cv_printed_by_a_browser_is_read(chromium: Chromium, website: Website, tmp_path: Path) -> None:
    page = "".join(f"<p>{line}</p>" for line in CV.splitlines())
    chromium.show(1000, zone="Asia/Singapore")
    chromium.open(f"data:text/html,<meta charset=utf-8><body>{page}")
    chromium.print_to_pdf(tmp_path / "printed.pdf")
    chromium.open(f"{website.url}/")
    chromium.attach("#file", tmp_path / "printed.pdf")
    chromium.type("#email", "mei@example.org")
    chromium.click("button", leads_on=True)
    assert "Kubernetes" in chromium.text


@pytest.mark.parametrize("width", [320, 360, 1000])
def test_nothing_scrolls_sideways(chromium: Chromium, website: Website, width: int) -> None:
    chromium.show(width, zone="Asia/Singapore")
    assert {place: chromium.overflow() for place in visit_every_page(chromium, website) if chromium.overflow() > 0} == {}


def test_the_longest_words_do_not_push_the_page_apart(chromium: Chromium, website: Website) -> None:
    chromium.show(360, zone="Asia/Singapore")
    chromium.open(f"{website.url}/")
    chromium.type("#cv", f"{'Donaudampfschiff' * 20}\n{CV}\nPython {'x' * 500}")
    chromium.type("#email", f"{'a' * 60}@{'b' * 60}.example")
    chromium.click("button", leads_on=True)
    chromium.click("details summary")
    assert chromium.overflow() <= 0
    chromium.click("main form > button", leads_on=True)
    assert "Look in your inbox" in chromium.text
    assert chromium.overflow() <= 0


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_can_be_read_against_its_ground(chromium: Chromium, website: Website, dark: bool) -> None:
    chromium.show(390, dark=dark, zone="Asia/Singapore")
    poor = {place: found for place in visit_every_page(chromium, website) if (found := chromium.poor_contrast())}
    assert poor == {}


def test_every_field_has_a_label_and_a_target_wide_enough_for_a_thumb(chromium: Chromium, website: Website) -> None:
    chromium.show(390, zone="Asia/Singapore")
    found = {place: chromium.evaluate(POOR_FIELDS) for place in visit_every_page(chromium, website)}
    assert {place: fields for place, fields in found.items() if fields} == {}


def test_a_page_on_a_phone_is_drawn(chromium: Chromium, website: Website, tmp_path: Path) -> None:
    chromium.show(390, zone="Asia/Singapore")
    paste(chromium, website)
    chromium.click("button", leads_on=True)
    chromium.screenshot(tmp_path / "preview.png")
    assert (tmp_path / "preview.png").stat().st_size > 20_000


POOR_FIELDS = """
[...document.querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((node) => {
  if (node.closest(".trap")) return false;
  const target = (node.closest("label") || node).getBoundingClientRect();
  const named = node.tagName === "BUTTON" ? node.textContent.trim() : node.labels.length;
  return !named || target.height < 40 || target.width < 40;
}).map((node) => node.outerHTML.slice(0, 80))
"""
"""Fields without a label, or with less than 40 × 40 pixels to touch."""
