"""BambooHR, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.scraper.sources.bamboohr import SOURCE
from services.scraper.sources.base import Request
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
JOB = {
    "id": "86",
    "jobOpeningName": "Rails Engineer",
    "location": {"city": "Boulder", "state": "Colorado"},
    "locationType": "0",
}
NOWHERE = {"country": None, "state": None, "province": None, "city": None}


def body(*jobs: object, **meta: object) -> bytes:
    return json.dumps({"meta": {"totalCount": len(jobs), **meta}, "result": jobs}).encode()


def job(**fields: object) -> RawPosting:
    return SOURCE.parse(body({**JOB, **fields}), "copperkettle").postings[0]


def test_a_board_is_a_host_and_nothing_else_can_be_written_into_it() -> None:
    assert SOURCE.first("copperkettle").url == "https://copperkettle.bamboohr.com/careers/list"
    assert SOURCE.first("evil.example/x?").url == "https://evil.example%2Fx%3F.bamboohr.com/careers/list"


def test_the_plain_facts() -> None:
    found = job(departmentLabel="Engineering ", employmentStatusLabel="Full-Time", atsLocation=NOWHERE)
    assert (found.title, found.company, found.department) == ("Rails Engineer", "copperkettle", "Engineering")
    assert (found.employment, found.location, found.description) == (Employment.FULL_TIME, "Boulder, Colorado", "")
    assert found.url == "https://copperkettle.bamboohr.com/careers/86"
    assert found.posted_at is None


@pytest.mark.parametrize(
    ("kind", "is_remote", "meaning"),
    [
        ("0", None, Workplace.ONSITE),
        ("1", None, Workplace.REMOTE),
        ("2", None, Workplace.HYBRID),
        (2, None, Workplace.HYBRID),
        ("0", True, Workplace.REMOTE),
        ("2", True, Workplace.HYBRID),
        (None, None, None),
        (None, False, None),
        ("7", None, None),
    ],
)
def test_the_kind_of_place_is_a_digit(kind: object, is_remote: object, meaning: Workplace | None) -> None:
    assert job(locationType=kind, isRemote=is_remote).workplace is meaning


def test_the_place_is_put_together_from_both_halves() -> None:
    elsewhere = {**NOWHERE, "country": "Canada", "province": "Ontario", "city": "Ottawa"}
    assert job(location={"city": None, "state": None}, atsLocation=elsewhere).location == "Ottawa, Ontario, Canada"
    assert job(atsLocation={**NOWHERE, "country": "United States"}).location == "Boulder, Colorado, United States"
    assert job(location=None, atsLocation=NOWHERE).locations == ()


def test_fewer_jobs_than_counted_is_not_complete() -> None:
    assert SOURCE.parse(body(JOB), "copperkettle").complete
    assert not SOURCE.parse(body(JOB, totalCount=3), "copperkettle").complete


def test_an_unknown_board_is_the_makers_own_page() -> None:
    with pytest.raises(UnreadableInput, match="bamboohr:nobody: got an HTML page"):
        SOURCE.parse(b"<!DOCTYPE html><html><title>HR Software</title></html>", "nobody")


def test_the_company_is_asked_for_beside_its_jobs() -> None:
    assert SOURCE.identity is not None
    assert SOURCE.identity("copperkettle").url == "https://copperkettle.bamboohr.com/careers/company-info"
    assert SOURCE.company(b'{"meta": [], "result": {"name": " Copper  Kettle ", "id": "1"}}') == "Copper Kettle"
    with pytest.raises(UnreadableInput, match=r"^bamboohr: "):
        SOURCE.company(b'{"meta": []}')


# -------------------------------------------------------------------------------------------------------------- details


def detailed(**changes: object) -> RawPosting:
    told = json.loads((RECORDINGS / "bamboohr.detail.json").read_bytes())
    told["result"]["jobOpening"].update(changes)
    listed = SOURCE.parse((RECORDINGS / "bamboohr.json").read_bytes(), "copperkettle").postings[0]
    return SOURCE.with_detail(json.dumps(told).encode(), listed)


def test_a_job_is_asked_for_by_its_id() -> None:
    assert SOURCE.detail_request is not None
    asked = SOURCE.detail_request(job(), SOURCE.first("copperkettle"))
    assert asked == Request("https://copperkettle.bamboohr.com/careers/86/detail")


def test_the_details_add_text_date_country_and_pay_as_written() -> None:
    found = detailed()
    assert (found.external_id, found.location) == ("41", "Boulder, Colorado, United States")
    assert (found.posted_at, found.workplace) == (datetime(2026, 11, 9, tzinfo=UTC), Workplace.HYBRID)
    assert found.description.endswith("Compensation: $135,000 - $165,000 per year")
    assert 700 <= len(found.description) <= 2500


def test_pay_is_text_and_no_markup() -> None:
    assert detailed(compensation="<b>lots</b>").description.endswith("Compensation: <b>lots</b>")
    assert "Compensation" not in detailed(compensation=None).description


def test_a_saved_detail_finds_its_id_in_its_address() -> None:
    (found,) = SOURCE.parse((RECORDINGS / "bamboohr.detail.json").read_bytes(), "copperkettle").postings
    assert found == detailed()


@pytest.mark.parametrize("answer", [b"{}", b'{"result": {}}', b'{"result": []}', b"<html>", b'{"result": {"jobOpening": {}}}'])
def test_an_answer_that_is_no_job_is_our_own_error(answer: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"^bamboohr:copperkettle: "):
        SOURCE.with_detail(answer, job())


# ------------------------------------------------------------------------------------------------------------- recorded


@pytest.mark.recorded
def test_every_recorded_answer(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/bamboohr").iterdir()):
        expected = {(row["id"], row["jobOpeningName"]) for row in json.loads(file.read_bytes())["result"]}
        answer = SOURCE.parse(file.read_bytes(), "acme")
        assert {(found.external_id, found.title) for found in answer.postings} == expected, file.name
        assert expected, file.name
        assert not answer.dropped, file.name
        assert all(found.location and found.department and found.url for found in answer.postings), file.name
