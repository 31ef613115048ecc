"""Recruitee, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Dropped
from shared.posting import Employment, Pay, RawPosting, Workplace

JOB = {"id": 7, "title": "Data Engineer", "city": "Bergen", "state_name": "Vestland", "country": "Norway"}
SALARY = {"min": "60000", "max": "75000", "period": "year", "currency": "EUR"}


def job(**fields: object) -> RawPosting:
    return source("recruitee").parse(json.dumps({"offers": [{**JOB, **fields}]}).encode(), "fjordkast").postings[0]


def test_the_plain_facts() -> None:
    found = job(
        company_name="Fjordkast AS", careers_url="https://jobs.fjordkast.example/o/data-engineer", department="Data",
        description="<p>Ships &amp; waves</p>", requirements="<ul><li>SQL</li></ul>", status="published",
        published_at="2026-08-05 10:10:39 UTC", close_at="2026-09-01 21:59:59 UTC", translations={"en": {}},
    )  # fmt: skip
    assert (found.external_id, found.company, found.department, found.language) == ("7", "Fjordkast AS", "Data", "en")
    assert found.url == "https://jobs.fjordkast.example/o/data-engineer"
    assert found.description == "Ships & waves\n\n- SQL"
    assert found.posted_at == datetime(2026, 8, 5, 10, 10, 39, tzinfo=UTC)
    assert found.valid_through == date(2026, 9, 1)


def test_a_board_without_the_name_of_its_company_is_called_by_its_own() -> None:
    assert job().company == "fjordkast"


def test_every_location_is_a_place_though_the_line_says_only_remote() -> None:
    oslo = {"name": "HQ", "city": "Oslo", "state": "Oslo", "country": "Norway"}
    found = job(location="Remote job", locations=[oslo, {"name": "Anywhere"}, {"city": "Ghent", "country": "Belgium"}, {}])
    assert (found.location, found.locations) == ("Remote job", ("Oslo, Norway", "Anywhere", "Ghent, Belgium"))


def test_older_answers_have_one_place_in_three_fields() -> None:
    assert job().locations == ("Bergen, Vestland, Norway",)
    assert job(location=None).location == "Bergen, Vestland, Norway"
    assert job(city=None, state_name=None, country=None).locations == ()


@pytest.mark.parametrize(
    ("flags", "meaning"),
    [
        ((True, False, False), Workplace.REMOTE),
        ((False, True, False), Workplace.HYBRID),
        ((False, False, True), Workplace.ONSITE),
        ((True, True, False), None),
        ((False, True, True), None),
        ((False, False, False), None),
        ((None, None, None), None),
    ],
)
def test_one_flag_states_the_workplace_and_several_leave_it_open(
    flags: tuple[bool | None, bool | None, bool | None], meaning: Workplace | None
) -> None:
    assert job(remote=flags[0], hybrid=flags[1], on_site=flags[2]).workplace is meaning


@pytest.mark.parametrize(
    ("salary", "expected"),
    [
        (SALARY, Pay(low=60_000, high=75_000, currency="EUR")),
        ({**SALARY, "min": "5000", "max": "6000", "period": "month"}, Pay(low=60_000, high=72_000, currency="EUR")),
        ({**SALARY, "max": ""}, Pay(low=60_000, currency="EUR")),
        ({"min": "", "max": "", "period": "", "currency": ""}, None),
        ({"min": None, "max": None, "period": None, "currency": None}, None),
        ({**SALARY, "min": "75.00", "max": "95.00"}, None),
        (None, None),
        ("60k", None),
    ],
)
def test_pay_is_stated_or_unknown(salary: object, expected: Pay | None) -> None:
    assert job(salary=salary).pay == expected


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("fulltime_permanent", Employment.FULL_TIME),
        ("fulltime", Employment.FULL_TIME),
        ("fulltime_fixed_term", Employment.CONTRACT),
        ("parttime_permanent", Employment.PART_TIME),
        ("internship", Employment.INTERNSHIP),
        ("freelance", Employment.CONTRACT),
        ("volunteer", None),
        (None, None),
    ],
)
def test_the_employment(code: str | None, meaning: Employment | None) -> None:
    assert job(employment_type_code=code).employment is meaning


def test_what_is_not_published_is_not_for_readers() -> None:
    body = json.dumps({"offers": [JOB, {**JOB, "id": 8, "status": "internal"}]}).encode()
    answer = source("recruitee").parse(body, "fjordkast")
    assert len(answer.postings) == 1
    assert answer.dropped == (Dropped("8", "not published", withdrawn=True),)


def test_several_languages_leave_the_language_open() -> None:
    assert job(translations={"en": {}, "nl": {}}).language is None


def test_the_company_tells_its_name() -> None:
    recruitee = source("recruitee")
    assert recruitee.identity is not None
    assert recruitee.identity("fjordkast").url == "https://fjordkast.recruitee.com/api/offers/"
    assert recruitee.company(json.dumps({"offers": [JOB, {**JOB, "company_name": "Fjordkast AS"}]}).encode()) == "Fjordkast AS"
    assert recruitee.company(b'{"offers": []}') is None


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/recruitee").iterdir())
    assert files
    for file in files:
        told = {str(offer["id"]): offer for offer in json.loads(file.read_bytes())["offers"]}
        answer = source("recruitee").parse(file.read_bytes(), "acme")
        assert {found.external_id: found.title for found in answer.postings} == {
            key: offer["title"].strip() for key, offer in told.items()
        }, file.name
        assert not answer.dropped
        for found in answer.postings:
            assert found.url == told[found.external_id]["careers_url"]
            assert found.posted_at
            assert found.locations
            assert found.workplace
            assert found.employment
            assert found.description
            assert found.pay is None or found.pay.low == float(told[found.external_id]["salary"]["min"])
