"""The Muse, quirk by quirk."""

import json
from datetime import UTC, datetime

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Request
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

JOB = {"id": 21043101, "name": "Backend Engineer", "company": {"name": "Monsoon Games"}, "locations": [{"name": "Singapore"}]}
MUSE = source("themuse")
BASE = "https://www.themuse.com/api/public/jobs?page=0"


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"page": 0, "page_count": 1, **envelope, "results": jobs}).encode()


def job(**fields: object) -> RawPosting:
    return MUSE.parse(body({**JOB, **fields}), "location=Singapore").postings[0]


@pytest.mark.parametrize(
    ("board", "query"),
    [
        ("location=Singapore", "&location=Singapore"),
        (
            "category=Software Engineering&location=Flexible / Remote",
            "&category=Software+Engineering&location=Flexible+%2F+Remote",
        ),
        ("Monsoon Games", "&company=Monsoon+Games"),
        ("Acme & Co", "&company=Acme+%26+Co"),
    ],
)
def test_a_board_is_a_query_and_a_plain_name_a_company(board: str, query: str) -> None:
    assert MUSE.first(board).url == BASE + query


def test_the_plain_facts() -> None:
    found = job(
        contents="<p>Fish &amp; servers</p>",
        publication_date="2017-02-03T14:06:27.013653Z",
        refs={"landing_page": "https://www.themuse.com/jobs/monsoongames/backend-engineer"},
        categories=[{"name": "Software Engineering"}],
    )
    assert (found.external_id, found.title, found.company) == ("21043101", "Backend Engineer", "Monsoon Games")
    assert (found.location, found.locations, found.department) == ("Singapore", ("Singapore",), "Software Engineering")
    assert found.description == "Fish & servers"
    assert found.posted_at == datetime(2017, 2, 3, 14, 6, 27, 13653, tzinfo=UTC)
    assert found.url == "https://www.themuse.com/jobs/monsoongames/backend-engineer"
    assert (found.workplace, found.employment) == (None, None)


def test_markup_that_was_pasted_as_text_is_undone() -> None:
    assert job(contents="<p>&lt;div&gt;Write &lt;T&gt;&lt;/div&gt;</p><p>Now</p>").description == "Write <T>\n\nNow"
    assert job(contents="<p>You know when a &lt;div&gt; is a button</p>").description == "You know when a <div> is a button"


def test_an_unknown_company_stays_unknown_since_the_board_is_no_company() -> None:
    assert job(company=None).company is None


def test_remote_is_one_of_the_places() -> None:
    found = job(locations=[{"name": "Singapore"}, {"name": "Flexible / Remote"}])
    assert found.locations == ("Singapore", "Flexible / Remote")
    assert found.workplace is Workplace.REMOTE


def test_internship_is_one_of_the_levels() -> None:
    assert job(levels=[{"name": "Internship", "short_name": "internship"}]).employment is Employment.INTERNSHIP
    assert job(levels=[{"name": "Senior Level"}]).employment is None


def test_a_saved_list_of_results_is_read_too() -> None:
    answer = MUSE.parse(json.dumps([JOB]).encode(), "x")
    assert len(answer.postings) == 1
    assert answer.complete
    with pytest.raises(UnreadableInput, match="no list of jobs under 'results': the answer has 'code', 'error'"):
        MUSE.parse(b'{"code": 403, "error": "Rate limit"}', "x")


def test_one_page_of_many_is_not_complete() -> None:
    assert not MUSE.parse(body(JOB, total=41, page_count=3), "x").complete


def test_pages_are_asked_for_one_after_the_other() -> None:
    asked, pages = MUSE.first("location=Singapore&category=IT"), []
    while following := MUSE.next_request(asked, body(JOB, page_count=3)):
        pages.append(following.url.split("&")[0].split("?")[1])
        assert following.url.endswith("&location=Singapore&category=IT")
        asked = following
    assert pages == ["page=1", "page=2"]


def test_page_99_is_the_last_that_is_answered() -> None:
    ask = Request(BASE.replace("page=0", "page=98"))
    assert MUSE.next_request(ask, body(JOB, page_count=4000)) == Request(BASE.replace("page=0", "page=99"))
    assert MUSE.next_request(Request(BASE.replace("page=0", "page=99")), body(JOB, page_count=4000)) is None


@pytest.mark.parametrize(
    "last", [body(page_count=9), body(JOB, page_count=None), body(JOB, page_count=1), json.dumps([JOB]).encode()]
)
def test_an_empty_page_or_one_that_counts_no_others_is_the_last(last: bytes) -> None:
    assert MUSE.next_request(MUSE.first("x"), last) is None


def test_an_address_of_ones_own_is_paged_too() -> None:
    local = MUSE.first("x", "http://127.0.0.1:8080/themuse.json")
    assert MUSE.next_request(local, body(JOB, page_count=2)) == Request("http://127.0.0.1:8080/themuse.json?page=1")


def test_a_page_that_cannot_be_read_is_our_own_error() -> None:
    with pytest.raises(UnreadableInput, match="themuse: got an HTML page"):
        MUSE.next_request(MUSE.first("x"), b"<html>")
