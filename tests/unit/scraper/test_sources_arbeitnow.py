"""Arbeitnow, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Request
from shared.posting import Employment, RawPosting, Workplace

JOB = {"slug": "go-engineer-berlin-48100", "title": "Go Engineer", "company_name": "Quillmark"}
ARBEITNOW = source("arbeitnow")
FIRST = "https://www.arbeitnow.com/api/job-board-api?page=1"


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"data": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return ARBEITNOW.parse(body({**JOB, **fields}), "all").postings[0]


def test_the_plain_facts() -> None:
    found = job(
        description="<p>Fish &amp; servers</p>",
        url="https://www.arbeitnow.com/jobs/companies/quillmark/go-engineer-berlin-48100",
        tags=["Data &amp; Analytics", "IT"],
        location="Hamburg, Berlin",
        created_at=1795132800,
    )
    assert (found.external_id, found.title, found.company) == ("go-engineer-berlin-48100", "Go Engineer", "Quillmark")
    assert (found.location, found.department, found.description) == ("Hamburg, Berlin", "Data & Analytics", "Fish & servers")
    assert found.posted_at == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    assert found.url == "https://www.arbeitnow.com/jobs/companies/quillmark/go-engineer-berlin-48100"


def test_remote_says_remote_and_its_absence_says_nothing() -> None:
    assert job(remote=True).workplace is Workplace.REMOTE
    assert job(remote=False).workplace is None
    assert job().workplace is None


@pytest.mark.parametrize(
    ("types", "employment"),
    [
        (["berufserfahren", "Full-time"], Employment.FULL_TIME),
        (["working student"], Employment.INTERNSHIP),
        (["geschäftsleitung"], None),
        ([], None),
    ],
)
def test_kinds_of_employment_are_picked_from_among_ranks(types: list[str], employment: Employment | None) -> None:
    assert job(job_types=types).employment is employment


def test_the_next_page_is_our_own_and_never_the_one_that_is_offered() -> None:
    asked = ARBEITNOW.first("visa_sponsorship=true")
    assert asked.url == f"{FIRST}&visa_sponsorship=true"
    offered = body(JOB, links={"next": "https://evil.example/steal?page=900"})
    following = ARBEITNOW.next_request(asked, offered)
    assert following
    assert following.url == "https://www.arbeitnow.com/api/job-board-api?visa_sponsorship=true&page=2"


@pytest.mark.parametrize("last", [body(JOB, links={"next": None}), body(), body(links={"next": "https://x.example"})])
def test_an_empty_page_or_one_without_a_next_is_the_last(last: bytes) -> None:
    assert ARBEITNOW.next_request(ARBEITNOW.first("all"), last) is None


def test_an_answer_that_repeats_itself_does_not_keep_us_for_ever() -> None:
    request: Request | None = ARBEITNOW.first("all")
    pages = 0
    while request:
        pages, request = pages + 1, ARBEITNOW.next_request(request, body(JOB))
    assert pages == 10


def test_a_page_with_another_behind_it_is_not_complete() -> None:
    assert not ARBEITNOW.parse(body(JOB, links={"next": "https://www.arbeitnow.com/?page=2"}, meta={"to": 1}), "all").complete
    assert ARBEITNOW.parse(body(JOB, links={"next": None}), "all").complete


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://www.arbeitnow.com/", "all"),
        ("https://arbeitnow.com/api/job-board-api?page=3&visa_sponsorship=true", "visa_sponsorship=true"),
        ("https://www.arbeitnow.com/jobs/companies/quillmark/go-engineer", None),
        ("https://arbeitnow.example/", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert ARBEITNOW.board_of(urlsplit(address)) == board


def test_its_terms() -> None:
    assert (ARBEITNOW.terms.attribution, ARBEITNOW.terms.link_back, ARBEITNOW.terms.mail) == ("Arbeitnow", True, True)
    assert (job().attribution, job().mailable) == ("Arbeitnow", True)


@pytest.mark.recorded
def test_every_recorded_job(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/arbeitnow").iterdir()):
        raw = json.loads(file.read_bytes())["data"]
        answer = ARBEITNOW.parse(file.read_bytes(), "all")
        assert [(job.external_id, job.title) for job in answer.postings] == [(row["slug"], row["title"]) for row in raw]
        assert not answer.dropped
        assert all(job.company and job.url and job.posted_at and job.location for job in answer.postings)
        assert all(len(job.description) > 200 and "</" not in job.description for job in answer.postings)
