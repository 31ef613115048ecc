"""Careers@Gov, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.posting import Employment, RawPosting, Workplace

JOB = {
    "platform": "hrp",
    "jobId": "15219929",
    "postingNo": "005056a3-d347",
    "jobTitle": "Data Engineer",
    "agency": "Library Board",
}


def job(**fields: object) -> RawPosting:
    return source("careersgov").parse(json.dumps([{**JOB, **fields}]).encode(), "all").postings[0]


def test_the_whole_file_is_one_request() -> None:
    known = source("careersgov")
    first = known.first("all")
    assert first.url == "https://raw.githubusercontent.com/opengovsg/careersgovsg-jobs-data/main/data/job-listings.json"
    assert known.next_request(first, b"[]") is None


def test_a_job_is_its_number_and_its_posting_together() -> None:
    body = json.dumps([JOB, {**JOB, "postingNo": "other"}, {**JOB, "jobId": "2"}, JOB]).encode()
    answer = source("careersgov").parse(body, "all")
    assert [found.external_id for found in answer.postings] == ["15219929/005056a3-d347", "15219929/other", "2/005056a3-d347"]
    assert answer.repeated == 1
    assert {found.requisition_id for found in answer.postings} == {"15219929", "2"}


def test_times_are_milliseconds_as_text() -> None:
    found = job(startDate="1768262400000", closingDate="1771459200000")
    assert found.posted_at == datetime(2026, 1, 13, tzinfo=UTC)
    assert found.valid_through == date(2026, 2, 19)
    assert job(startDate="", closingDate=None).posted_at is None


@pytest.mark.parametrize(
    ("platform", "url"),
    [
        ("hrp", "https://jobs.careers.gov.sg/jobs/hrp/15219929/005056a3-d347"),
        ("", "https://jobs.careers.gov.sg/jobs/hrp/15219929/005056a3-d347"),
        ("greenhouse", "https://jobs.careers.gov.sg/jobs/greenhouse/15219929?gh_jid=15219929"),
        ("workable", "https://apply.workable.com/j/005056a3-d347"),
    ],
)
def test_the_platform_tells_where_it_is_shown(platform: str, url: str) -> None:
    assert job(platform=platform).url == url


def test_what_stands_in_an_address_is_quoted() -> None:
    assert job(jobId="../../x?y#z").url == "https://jobs.careers.gov.sg/jobs/hrp/..%2F..%2Fx%3Fy%23z/005056a3-d347"


def test_the_text_is_in_three_fields_that_may_be_empty() -> None:
    found = job(
        jobDescription="<p>Books\u00a0&amp; loans</p>", jobResponsibilities="<ul><li>Shelve</li></ul>",
        jobRequirements="<ul><li>Read</li></ul>",
    )  # fmt: skip
    assert found.description == "Books & loans\n\n- Shelve\n\n- Read"
    assert job(jobDescription="<p>Same</p>", jobResponsibilities="<p>Same</p>").description == "Same"
    assert job(jobDescription="", jobResponsibilities="", jobRequirements="").description == ""


@pytest.mark.parametrize(
    ("low", "high", "said", "line"),
    [
        (5, 10, "05-10 year(s)", "5-10 years of experience"),
        (8, 8, "08 year(s)", "8 years of experience"),
        (0, 2, "00-02 year(s)", "2 years of experience"),
        (0, 0, "Entry level", "Entry level"),
        (0, 0, "", ""),
        (None, None, "", ""),
        ("05", "10", "", "5-10 years of experience"),
    ],
)
def test_the_years_end_the_text(low: object, high: object, said: str, line: str) -> None:
    assert job(experienceYearsMin=low, experienceYearsMax=high, experienceRequired=said).description == line


def test_a_place_is_in_singapore_and_may_be_empty() -> None:
    assert job(location="").locations == job().locations == ("Singapore",)
    assert job(location="Tuas").locations == ("Tuas, Singapore",)
    assert job(location="North, Singapore").locations == ("North, Singapore",)


@pytest.mark.parametrize(
    ("kind", "arrangement", "meaning"),
    [
        ("Permanent/Contract", "Full time", None),
        ("Permanent", "Full time", Employment.FULL_TIME),
        ("Fixed Terms", "Full time", Employment.CONTRACT),
        ("Internship", "", Employment.INTERNSHIP),
        ("", "", None),
    ],
)
def test_the_employment(kind: str, arrangement: str, meaning: Employment | None) -> None:
    assert job(employmentType=kind, workArrangement=arrangement).employment is meaning


def test_the_rest() -> None:
    found = job(functionalArea="Information Technology", field="Data", workArrangement="Hybrid")
    assert (found.company, found.department, found.workplace) == ("Library Board", "Information Technology", Workplace.HYBRID)
    assert found.pay is None


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://jobs.careers.gov.sg/jobs/hrp/1/2", "all"),
        ("https://www.jobs.gov.sg/career/hrp/1/2", "all"),
        ("https://raw.githubusercontent.com/opengovsg/careersgovsg-jobs-data/main/data/job-listings.json", "all"),
        ("https://raw.githubusercontent.com/opengovsg/other/main/data.json", None),
        ("https://www.gov.sg/", None),
    ],
)
def test_the_site_is_recognised(address: str, board: str | None) -> None:
    assert source("careersgov").board_of(urlsplit(address)) == board


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds").glob("careersgov*/*.json"))
    if not files:
        pytest.skip("no recorded answer of Careers@Gov")
    for file in files:
        told = json.loads(file.read_bytes())
        answer = source("careersgov").parse(file.read_bytes(), "all")
        assert {found.external_id for found in answer.postings} == {f"{job['jobId']}/{job['postingNo']}" for job in told}
