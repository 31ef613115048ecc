"""Remotive, quirk by quirk; its terms before all."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.posting import Employment, RawPosting, Workplace

JOB = {"id": 2093100, "title": "Go Engineer", "company_name": "Quillmark"}
REMOTIVE = source("remotive")


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"0-legal-notice": "…", "jobs": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return REMOTIVE.parse(body({**JOB, **fields}), "all").postings[0]


def test_its_terms_forbid_mail_and_ask_for_a_name_a_link_and_patience() -> None:
    terms = REMOTIVE.terms
    assert (terms.mail, terms.attribution, terms.link_back, terms.polls_per_day) == (False, "Remotive", True, 4)
    assert terms.page.startswith("https://")


def test_every_job_carries_what_the_terms_ask() -> None:
    for found in (job(), job(title="Another", salary="$1")):
        assert (found.mailable, found.attribution) == (False, "Remotive")


def test_the_plain_facts() -> None:
    found = job(
        url="https://remotive.com/remote-jobs/software-development/go-engineer-2093100",
        company_name="Sable &amp; Finch",
        category="Software Development",
        job_type="full_time",
        publication_date="2026-11-17T08:01:56",
        description="<p>Fish &amp; servers</p>",
    )
    assert (found.external_id, found.title, found.company) == ("2093100", "Go Engineer", "Sable & Finch")
    assert found.url == "https://remotive.com/remote-jobs/software-development/go-engineer-2093100"
    assert (found.department, found.workplace, found.description) == (
        "Software Development",
        Workplace.REMOTE,
        "Fish & servers",
    )


def test_a_date_without_a_zone_is_utc() -> None:
    assert job(publication_date="2026-11-17T08:01:56").posted_at == datetime(2026, 11, 17, 8, 1, 56, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "employment"),
    [
        ("full_time", Employment.FULL_TIME),
        ("part_time", Employment.PART_TIME),
        ("contract", Employment.CONTRACT),
        ("freelance", Employment.CONTRACT),
        ("internship", Employment.INTERNSHIP),
        ("other", None),
        ("", None),
    ],
)
def test_kinds_of_employment(kind: str, employment: Employment | None) -> None:
    assert job(job_type=kind).employment is employment


def test_where_one_may_live_is_several_places_on_one_line() -> None:
    found = job(candidate_required_location="Northern America, Europe, UK")
    assert found.location == "Northern America, Europe, UK"
    assert found.locations == ("Northern America", "Europe", "UK")


@pytest.mark.parametrize("salary", ["OTE $25k - $35k", "$18 - $22/hr", "$3k - $10k"])
def test_a_free_text_salary_is_shown_and_not_read(salary: str) -> None:
    found = job(salary=salary, description="<p>Text</p>")
    assert found.pay is None
    assert found.description == f"Text\n\nSalary: {salary}"


def test_a_salary_is_text_and_never_markup() -> None:
    assert job(salary="<b>$1</b> & more").description == "Salary: <b>$1</b> & more"


def test_an_answer_cut_by_a_limit_is_not_complete() -> None:
    assert not REMOTIVE.parse(body(JOB, **{"job-count": 1, "total-job-count": 30}), "all").complete
    assert REMOTIVE.parse(body(JOB, **{"job-count": 1, "total-job-count": 1}), "all").complete


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://remotive.com/", "all"),
        ("https://remotive.com/remote-jobs/software-dev", "category=software-dev"),
        ("https://remotive.com/api/remote-jobs?limit=10&category=data", "category=data"),
        ("https://remotive.com/remote-jobs/software-dev/go-engineer-2093100", None),
        ("https://remotive.com/blog", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert REMOTIVE.board_of(urlsplit(address)) == board


def test_a_board_is_everything_or_a_query() -> None:
    assert REMOTIVE.first("all").url == "https://remotive.com/api/remote-jobs"
    assert REMOTIVE.first("category=software-dev&limit=5").url.endswith("/remote-jobs?category=software-dev&limit=5")


@pytest.mark.recorded
def test_every_recorded_job(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/remotive").iterdir()):
        raw = json.loads(file.read_bytes())["jobs"]
        answer = REMOTIVE.parse(file.read_bytes(), "all")
        assert [(job.external_id, job.title) for job in answer.postings] == [(str(row["id"]), row["title"]) for row in raw]
        assert not answer.dropped
        assert not any(job.mailable or job.pay for job in answer.postings)
        assert all(job.company and job.url and job.posted_at and job.locations for job in answer.postings)
        with_words = [bool(row["salary"]) or ">" in row["description"] for row in raw]  # some were cut inside their first tag
        assert [bool(job.description) for job in answer.postings] == with_words
