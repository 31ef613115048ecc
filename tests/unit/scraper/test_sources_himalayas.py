"""Himalayas, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Request
from shared.posting import Employment, Pay, RawPosting, Workplace

PAGE = "https://himalayas.app/companies/quillmark/jobs/go-engineer"
JOB = {"guid": PAGE, "applicationLink": PAGE, "title": "Go Engineer", "companyName": "Quillmark"}
HIMALAYAS = source("himalayas")


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"jobs": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return HIMALAYAS.parse(body({**JOB, **fields}), "all").postings[0]


def test_the_plain_facts() -> None:
    found = job(
        employmentType="Contractor",
        description="<p>Fish &amp; servers</p>",
        categories=["Back-End-Engineering"],
        pubDate=1795132800,
        expiryDate=1797724800,
    )
    assert (found.external_id, found.url, found.title, found.company) == (PAGE, PAGE, "Go Engineer", "Quillmark")
    assert (found.employment, found.workplace, found.department) == (
        Employment.CONTRACT,
        Workplace.REMOTE,
        "Back End Engineering",
    )
    assert (found.posted_at, found.valid_through) == (datetime(2026, 11, 20, tzinfo=UTC), date(2026, 12, 20))
    assert found.description == "Fish & servers"


def test_a_job_without_a_guid_is_known_by_its_link() -> None:
    answer = HIMALAYAS.parse(body({key: value for key, value in JOB.items() if key != "guid"}), "all")
    assert answer.postings[0].external_id == PAGE


@pytest.mark.parametrize(
    ("restrictions", "places"),
    [(["Germany", "Austria"], ("Germany", "Austria")), ([], ("Worldwide",)), (None, ()), ([{"alpha2": "DE"}], ())],
)
def test_no_restriction_is_the_whole_world_and_an_unknown_one_is_unknown(restrictions: object, places: tuple[str, ...]) -> None:
    assert job(locationRestrictions=restrictions).locations == places


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"minSalary": 90000, "maxSalary": 115000, "salaryPeriod": "annual"}, Pay(low=90000, high=115000, currency="USD")),
        ({"minSalary": 80, "maxSalary": 135, "salaryPeriod": "hourly"}, Pay(low=166400, high=280800, currency="USD")),
        ({"minSalary": 90000, "maxSalary": 115000}, Pay(low=90000, high=115000, currency="USD")),
        ({"minSalary": None, "maxSalary": None, "salaryPeriod": "annual"}, None),
        ({"minSalary": 9, "maxSalary": 10, "currency": None}, None),
    ],
)
def test_pay_is_per_its_period_and_a_year_s_without_one(fields: dict[str, object], expected: Pay | None) -> None:
    assert job(**{"currency": "USD", **fields}).pay == expected


def test_the_next_offset_counts_the_jobs_that_came_and_not_those_asked_for() -> None:
    first = HIMALAYAS.first("all")
    assert first.url == "https://himalayas.app/jobs/api?limit=50&offset=0"
    twenty = body(*({**JOB, "guid": str(n)} for n in range(20)), totalCount=100_000, limit=20)
    second = HIMALAYAS.next_request(first, twenty)
    assert second
    assert second.url == "https://himalayas.app/jobs/api?limit=50&offset=20"
    third = HIMALAYAS.next_request(second, twenty)
    assert third
    assert third.url.endswith("offset=40")


def test_only_the_newest_are_read_and_an_empty_page_is_the_last() -> None:
    assert HIMALAYAS.next_request(HIMALAYAS.first("all"), body(totalCount=100_000)) is None
    assert HIMALAYAS.next_request(HIMALAYAS.first("all"), body(JOB, totalCount=1)) is None
    late = Request("https://himalayas.app/jobs/api?limit=50&offset=480")
    assert HIMALAYAS.next_request(late, body(*([JOB] * 20), totalCount=100_000)) is None


def test_a_part_of_a_hundred_thousand_is_not_complete() -> None:
    assert HIMALAYAS.window


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://himalayas.app/jobs", "all"),
        ("https://himalayas.app/jobs/api?limit=20", "all"),
        ("https://himalayas.app/companies/quillmark", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert HIMALAYAS.board_of(urlsplit(address)) == board


def test_its_terms() -> None:
    assert (HIMALAYAS.terms.attribution, HIMALAYAS.terms.link_back, HIMALAYAS.terms.mail) == ("Himalayas", True, True)
    assert job().attribution == "Himalayas"


@pytest.mark.recorded
def test_every_recorded_job(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/himalayas").iterdir()):
        raw = json.loads(file.read_bytes())["jobs"]
        answer = HIMALAYAS.parse(file.read_bytes(), "all")
        assert [(job.external_id, job.title) for job in answer.postings] == [(row["guid"], row["title"]) for row in raw]
        assert [bool(job.pay) for job in answer.postings] == [bool(row["minSalary"]) for row in raw]
        assert [list(job.locations) for job in answer.postings] == [row["locationRestrictions"] for row in raw]
        assert not answer.dropped
        assert all(
            job.company and job.url and job.posted_at and job.valid_through and job.description for job in answer.postings
        )
