"""We Work Remotely, quirk by quirk."""

from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import pytest

from services.scraper.sources import source
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

WWR = source("weworkremotely")
PAGE = "https://weworkremotely.com/remote-jobs/quillmark-go-engineer"


def body(*items: str) -> bytes:
    feed = "".join(f"<item>{item}</item>" for item in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>We Work Remotely</title>{feed}</channel></rss>'.encode()


def job(**fields: str) -> RawPosting:
    given = {"title": "Quillmark: Go Engineer", "guid": PAGE, "link": PAGE, **fields}
    return WWR.parse(body("".join(f"<{name}>{escape(text)}</{name}>" for name, text in given.items())), "remote-jobs").postings[
        0
    ]


def test_the_plain_facts() -> None:
    found = job(
        category="Back-End Programming",
        type="Full-Time",
        region="Anywhere in the World",
        description="<p>Fish &amp; servers</p>",
        pubDate="Fri, 10 Jul 2026 22:45:30 +0200",
        expires_at="Sun, 09 Aug 2026 22:45:30 +0000",
    )
    assert (found.external_id, found.url, found.title, found.company) == (PAGE, PAGE, "Go Engineer", "Quillmark")
    assert (found.department, found.employment, found.workplace) == (
        "Back-End Programming",
        Employment.FULL_TIME,
        Workplace.REMOTE,
    )
    assert (found.posted_at, found.valid_through) == (datetime(2026, 7, 10, 20, 45, 30, tzinfo=UTC), date(2026, 8, 9))
    assert (found.location, found.description) == ("Anywhere in the World", "Fish & servers")


@pytest.mark.parametrize(
    ("written", "company", "title"),
    [
        ("Quillmark: Engineer: Maps", "Quillmark", "Engineer: Maps"),
        ("Amplitude : Senior Engineer", "Amplitude", "Senior Engineer"),
        ("Remote: Account Executive", "Remote", "Account Executive"),
        ("Ratio 3:1 Engineer", None, "Ratio 3:1 Engineer"),
        ("Sable &amp; Finch: R&amp;D Engineer", "Sable & Finch", "R&D Engineer"),
    ],
)
def test_the_first_colon_parts_company_and_role(written: str, company: str | None, title: str) -> None:
    found = job(title=written)
    assert (found.company, found.title) == (company, title)


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"region": "USA Only", "state": "Delaware"}, "USA Only"),
        ({"region": "", "country": "🇺🇸 United States of America", "state": "Ohio"}, "United States of America"),
        ({"region": "", "country": "", "state": "London"}, None),
    ],
)
def test_a_head_office_is_no_place_of_work(fields: dict[str, str], place: str | None) -> None:
    assert job(**fields).location == place


def test_only_the_newest_are_listed_so_absence_says_nothing() -> None:
    assert WWR.window


def test_a_page_that_is_no_feed_is_a_clear_error() -> None:
    with pytest.raises(UnreadableInput, match="weworkremotely:remote-jobs: got an HTML page"):
        WWR.parse(b"<!doctype html><html><body>Just a moment...</body></html>", "remote-jobs")
    with pytest.raises(UnreadableInput, match="no feed: the document is 'urlset'"):
        WWR.parse(b"<urlset><url/></urlset>", "remote-jobs")


@pytest.mark.parametrize(
    ("board", "url"),
    [
        ("remote-jobs", "https://weworkremotely.com/remote-jobs.rss"),
        ("remote-programming-jobs", "https://weworkremotely.com/categories/remote-programming-jobs.rss"),
    ],
)
def test_a_board_is_everything_or_a_category(board: str, url: str) -> None:
    assert WWR.first(board).url == url
    assert WWR.board_of(urlsplit(url)) == board


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://weworkremotely.com/", "remote-jobs"),
        ("https://weworkremotely.com/categories/remote-programming-jobs", "remote-programming-jobs"),
        ("https://weworkremotely.com/remote-jobs/quillmark-go-engineer", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert WWR.board_of(urlsplit(address)) == board


def test_its_terms() -> None:
    assert (WWR.terms.attribution, WWR.terms.link_back, WWR.terms.mail) == ("We Work Remotely", True, True)
    assert job().attribution == "We Work Remotely"


@pytest.mark.recorded
@pytest.mark.parametrize("folder", ["weworkremotely", "misc"])
def test_every_recorded_job(folder: str, shared_data: Path) -> None:
    for file in [
        *(shared_data / "data/feeds" / folder).glob("ike*.xml"),
        *(shared_data / "data/feeds" / folder).glob("feed_*.rss"),
    ]:
        text = file.read_text()
        titles = [part.partition("</title>")[0] for part in text.split("<title>")[2:]]
        answer = WWR.parse(file.read_bytes(), "remote-jobs")
        assert [f"{job.company}: {job.title}" for job in answer.postings] == [title.replace(" :", ":") for title in titles]
        assert len(answer.postings) == text.count("<item>") > 2
        assert not answer.dropped
        assert all(
            job.url and job.posted_at and job.valid_through and job.location and job.employment for job in answer.postings
        )
        assert all(len(job.description) > 100 and "</" not in job.description for job in answer.postings)
