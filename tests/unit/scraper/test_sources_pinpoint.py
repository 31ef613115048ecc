"""Pinpoint, quirk by quirk."""

import json
from datetime import date
from pathlib import Path

import pytest

from services.scraper.sources import source
from shared.posting import Employment, Pay, RawPosting, Workplace

JOB = {"id": "p1", "title": "Data Engineer", "path": "/en/postings/p1"}
PAID = {
    "compensation_minimum": 40, "compensation_maximum": 50.0, "compensation_currency": "USD", "compensation_frequency": "hour",
    "compensation_visible": True,
}  # fmt: skip


def job(**fields: object) -> RawPosting:
    return source("pinpoint").parse(json.dumps({"data": [{**JOB, **fields}]}).encode(), "larkfield").postings[0]


def test_the_pieces_of_the_text_stand_under_their_headings() -> None:
    found = job(
        description="<p>Trains</p>", key_responsibilities_header="The <job>", key_responsibilities="<ul><li>Rosters</li></ul>",
        skills_knowledge_expertise_header="About you", skills_knowledge_expertise=" ", benefits="<p>Tea &amp; cake</p>",
    )  # fmt: skip
    assert found.description == "Trains\n\nThe <job>\n\n- Rosters\n\nTea & cake"


def test_the_path_stands_in_for_a_missing_address() -> None:
    assert job().url == "https://larkfield.pinpointhq.com/en/postings/p1"
    assert job(url="https://jobs.larkfield.example/p1").url == "https://jobs.larkfield.example/p1"
    assert job(path=None).url is None


def test_the_department_stands_in_the_job_or_beside_it() -> None:
    inside = {"department": {"name": "Technology"}, "requisition_id": "LR-1"}
    found = job(job=inside, department={"name": "Other"})
    assert (found.department, found.requisition_id) == ("Technology", "LR-1")
    assert job(department={"name": "Consulting"}).department == "Consulting"


def test_city_and_province_complete_the_name_of_the_place() -> None:
    assert job(location={"name": "York", "city": "York", "province": "England"}).locations == ("York, England",)
    assert job(location={"name": "Depot 4", "city": "Leeds", "province": None}).locations == ("Depot 4, Leeds",)
    assert job(location={"name": "Atlanta, GA", "city": "Atlanta", "province": "GA"}).locations == ("Atlanta, GA",)
    assert job(location=None).locations == ()


def test_only_visible_pay_is_for_readers() -> None:
    assert job(**PAID).pay == Pay(low=83_200, high=104_000, currency="USD")
    assert job(**{**PAID, "compensation_visible": False}).pay is None
    assert job(**{**PAID, "compensation_minimum": None, "compensation_maximum": None}).pay is None


def test_a_deadline_stays_on_its_day() -> None:
    assert job(deadline_at="2026-08-28T23:59:59-04:00").valid_through == date(2026, 8, 28)
    assert job(deadline_at="soon").valid_through is None


@pytest.mark.parametrize(
    ("kind", "meaning"), [("remote", Workplace.REMOTE), ("hybrid", Workplace.HYBRID), ("onsite", Workplace.ONSITE)]
)
def test_the_workplace(kind: str, meaning: Workplace) -> None:
    assert job(workplace_type=kind).workplace is meaning


@pytest.mark.parametrize(
    ("kind", "meaning"),
    [("full_time", Employment.FULL_TIME), ("fixed_term_full_time", Employment.CONTRACT), ("permanent", None), (None, None)],
)
def test_the_employment(kind: str | None, meaning: Employment | None) -> None:
    assert job(employment_type=kind).employment is meaning


def test_nothing_tells_when_it_was_posted_or_by_whom() -> None:
    assert (job().posted_at, job().company) == (None, "larkfield")
    assert source("pinpoint").identity is None


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/misc").glob("pinpoint*")) + sorted(
        (shared_data / "data/feeds").glob("pinpoint/*")
    )
    assert files
    for file in files:
        told = json.loads(file.read_bytes())["data"]
        answer = source("pinpoint").parse(file.read_bytes(), "acme")
        assert [(found.external_id, found.title) for found in answer.postings] == [(job["id"], job["title"]) for job in told]
        for found, raw in zip(answer.postings, told, strict=True):
            assert found.url
            assert found.url.endswith(raw["path"])
            assert found.locations == (raw["location"]["name"],)
            assert found.description
            assert found.department
            assert (found.pay is not None) == raw["compensation_visible"]
