"""Jobicy, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.posting import Employment, Pay, RawPosting, Workplace

JOB = {"id": 152300, "jobTitle": "Go Engineer", "companyName": "Quillmark"}
JOBICY = source("jobicy")


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"jobs": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return JOBICY.parse(body({**JOB, **fields}), "all").postings[0]


def test_the_plain_facts() -> None:
    found = job(
        url="https://jobicy.com/jobs/152300-go-engineer",
        jobIndustry=["Data Science &amp; Analytics"],
        jobDescription="<p>Fish &amp; servers</p>",
        pubDate="2026-11-18T20:00:05+00:00",
    )
    assert (found.external_id, found.title, found.company) == ("152300", "Go Engineer", "Quillmark")
    assert (found.department, found.description) == ("Data Science & Analytics", "Fish & servers")
    assert found.posted_at == datetime(2026, 11, 18, 20, 0, 5, tzinfo=UTC)
    assert (found.url, found.workplace) == ("https://jobicy.com/jobs/152300-go-engineer", Workplace.REMOTE)


def test_entities_in_titles_are_undone() -> None:
    found = job(jobTitle="Engineer &#8211; R&amp;D", companyName="Sable &amp; Finch")
    assert (found.title, found.company) == ("Engineer – R&D", "Sable & Finch")


def test_one_line_may_name_several_places() -> None:
    assert job(jobGeo="EMEA,  LATAM,  Canada").locations == ("EMEA", "LATAM", "Canada")
    assert job(jobGeo=None).locations == ()


def test_the_excerpt_stands_in_for_a_missing_text() -> None:
    assert job(jobExcerpt="In short", jobDescription="").description == "In short"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"salaryMin": 85000, "salaryMax": 110000, "salaryCurrency": "EUR", "salaryPeriod": "yearly"},
            Pay(low=85000, high=110000, currency="EUR"),
        ),
        (
            {"salaryMin": 50, "salaryMax": 60, "salaryCurrency": "USD", "salaryPeriod": "hourly"},
            Pay(low=104000, high=124800, currency="USD"),
        ),
        ({"salaryMin": 151000, "salaryCurrency": "USD", "salaryPeriod": "yearly"}, Pay(low=151000, currency="USD")),
        (
            {"annualSalaryMin": "90000", "annualSalaryMax": "120000", "salaryCurrency": "USD"},
            Pay(low=90000, high=120000, currency="USD"),
        ),
        ({"salaryMin": 85000, "salaryMax": 110000, "salaryCurrency": "EUR"}, None),
        ({}, None),
    ],
)
def test_pay_in_its_older_and_newer_form(fields: dict[str, object], expected: Pay | None) -> None:
    assert job(**fields).pay == expected


@pytest.mark.parametrize(("kind", "employment"), [(["Full-Time"], Employment.FULL_TIME), ("Contract", Employment.CONTRACT)])
def test_the_kind_is_a_list_or_a_word(kind: object, employment: Employment) -> None:
    assert job(jobType=kind).employment is employment


def test_an_answer_shows_only_the_newest() -> None:
    assert JOBICY.window
    assert not JOBICY.parse(body(JOB, jobCount=2), "all").complete


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://jobicy.com/", "all"),
        ("https://jobicy.com/api/v2/remote-jobs?count=20&geo=usa&tag=go", "geo=usa&tag=go"),
        ("https://jobicy.com/jobs/152300-go-engineer", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert JOBICY.board_of(urlsplit(address)) == board


def test_a_board_is_everything_or_a_query() -> None:
    assert JOBICY.first("all").url == "https://jobicy.com/api/v2/remote-jobs?count=50"
    assert JOBICY.first("geo=usa&tag=site reliability").url.endswith("?count=50&geo=usa&tag=site+reliability")


def test_its_terms() -> None:
    assert (JOBICY.terms.attribution, JOBICY.terms.link_back, JOBICY.terms.mail) == ("Jobicy", True, True)
    assert job().attribution == "Jobicy"


@pytest.mark.recorded
def test_every_recorded_job(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/jobicy").iterdir()):
        raw = json.loads(file.read_bytes())["jobs"]
        answer = JOBICY.parse(file.read_bytes(), "all")
        assert [(job.external_id, job.title) for job in answer.postings] == [(str(row["id"]), row["jobTitle"]) for row in raw]
        assert [bool(job.pay) for job in answer.postings] == ["salaryMin" in row for row in raw]
        assert not answer.dropped
        assert all(job.company and job.url and job.posted_at and job.location and job.employment for job in answer.postings)
        assert all(job.description and "&amp;" not in job.description for job in answer.postings)
