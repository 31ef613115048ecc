"""Workable, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.scraper.sources.base import Dropped, Request
from services.scraper.sources.workable import SOURCE
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
JOB = {"shortcode": "3F0A61C2D1", "title": "IoT Engineer", "city": "Singapore", "state": "", "country": "Singapore"}
V3 = "https://apply.workable.com/api/v3/accounts/palmhouse/jobs"


def body(*jobs: object) -> bytes:
    return json.dumps({"name": "Palmhouse", "description": None, "jobs": jobs}).encode()


def page(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"total": len(jobs), "results": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return SOURCE.parse(body({**JOB, **fields}), "palmhouse").postings[0]


def place(city: str, country: str, **fields: object) -> dict[str, object]:
    return {"city": city, "region": "", "country": country, "countryCode": country[:2].upper(), "hidden": False, **fields}


def test_the_widget_is_asked_for_with_texts() -> None:
    assert SOURCE.first("palmhouse").url == "https://apply.workable.com/api/v1/widget/accounts/palmhouse?details=true"


def test_the_plain_facts() -> None:
    found = job(
        description="<p>Fish &amp; basil</p>",
        code="PH-1",
        employment_type="Full-time",
        department="Engineering",
        url="https://apply.workable.com/j/3F0A61C2D1",
        published_on="2026-06-15",
        created_at="2026-05-05",
    )
    assert (found.company, found.department, found.requisition_id) == ("Palmhouse", "Engineering", "PH-1")
    assert (found.description, found.employment) == ("Fish & basil", Employment.FULL_TIME)
    assert found.posted_at == datetime(2026, 6, 15, tzinfo=UTC)
    assert found.url == "https://apply.workable.com/j/3F0A61C2D1"


def test_one_posting_for_all_rows_of_a_shortcode() -> None:
    rows = [{**JOB, "city": city} for city in ("Singapore", "Jurong", "Singapore")]
    answer = SOURCE.parse(body(*rows, {**JOB, "shortcode": "OTHER"}), "palmhouse")
    assert [found.external_id for found in answer.postings] == ["3F0A61C2D1", "OTHER"]
    assert answer.postings[0].locations == ("Singapore, Singapore", "Jurong, Singapore")
    assert answer.postings[0].location == "Singapore, Singapore; Jurong, Singapore"
    assert (answer.repeated, answer.complete) == (0, True)


def test_a_row_tells_all_its_places_and_hidden_ones_are_not_for_readers() -> None:
    places = [place("London", "United Kingdom"), place("Leeds", "United Kingdom", hidden=True), place("", "Ireland")]
    assert job(locations=places).locations == ("London, United Kingdom", "Ireland")


def test_a_department_may_be_a_list() -> None:
    assert job(department=["Research", "Engineering"]).department == "Research"
    assert job(department=[]).department is None


def test_telecommuting_is_remote_and_its_absence_tells_nothing() -> None:
    assert job(telecommuting=True).workplace is Workplace.REMOTE
    assert job(telecommuting=False).workplace is None


def test_a_row_without_a_shortcode_costs_that_row() -> None:
    answer = SOURCE.parse(body(JOB, {"title": "No code"}, "odd"), "palmhouse")
    assert [found.external_id for found in answer.postings] == ["3F0A61C2D1"]
    assert len(answer.unreadable) == 2


def test_the_widget_also_says_whose_board_it_is() -> None:
    assert SOURCE.identity is not None
    assert SOURCE.identity("palmhouse").url == "https://apply.workable.com/api/v1/widget/accounts/palmhouse"
    assert SOURCE.company(body()) == "Palmhouse"


# -------------------------------------------------------------------------------------------------- the careers site's list

ROW = {
    "id": 5190031, "shortcode": "3F0A61C2D1", "title": "IoT Engineer", "remote": False, "isInternal": False,
    "location": place("Rotterdam", "Netherlands"), "locations": [place("Rotterdam", "Netherlands")], "type": "part",
    "state": "published", "published": "2026-11-14T00:00:00.000Z", "department": ["Engineering"], "workplace": "on_site",
    "language": "en",
}  # fmt: skip


def test_a_page_of_the_careers_site_is_read_too() -> None:
    (found,) = SOURCE.parse(page(ROW), "palmhouse").postings
    assert (found.locations, found.workplace) == (("Rotterdam, Netherlands",), Workplace.ONSITE)
    assert (found.employment, found.language, found.company) == (Employment.PART_TIME, "en", "palmhouse")
    assert found.url == "https://apply.workable.com/palmhouse/j/3F0A61C2D1"
    assert found.posted_at == datetime(2026, 11, 14, tzinfo=UTC)


def test_an_internal_job_is_withdrawn() -> None:
    answer = SOURCE.parse(page({**ROW, "isInternal": True}), "palmhouse")
    assert answer.dropped == (Dropped("3F0A61C2D1", "internal", withdrawn=True),)


def test_its_pages_are_joined_by_a_token() -> None:
    assert not SOURCE.parse(page(ROW, total=2, nextPage="abc"), "palmhouse").complete
    second = SOURCE.next_request(Request(V3, method="POST", json={}), page(ROW, nextPage="abc"))
    assert second == Request(V3, method="POST", json={"token": "abc"})


def test_pages_do_not_turn_in_a_circle() -> None:
    again = Request(V3, method="POST", json={"token": "abc"})
    assert SOURCE.next_request(again, page(ROW, nextPage="abc")) is None
    assert SOURCE.next_request(again, page(nextPage="def")) is None
    assert SOURCE.next_request(again, page(ROW, nextPage=None)) is None
    assert SOURCE.next_request(SOURCE.first("palmhouse"), body(JOB)) is None


# -------------------------------------------------------------------------------------------------------------- details


def test_a_job_is_asked_for_on_the_host_of_its_list() -> None:
    assert SOURCE.detail_request is not None
    url = "https://apply.workable.com/api/v2/accounts/palmhouse/jobs/3F0A61C2D1"
    assert SOURCE.detail_request(job(), SOURCE.first("palmhouse")) == Request(url)


def test_the_details_put_the_text_together() -> None:
    listed = job(url="https://apply.workable.com/j/3F0A61C2D1")
    found = SOURCE.with_detail((RECORDINGS / "workable.detail.json").read_bytes(), listed)
    assert [line for line in found.description.splitlines() if line in ("Requirements", "Benefits")] == [
        "Requirements",
        "Benefits",
    ]
    assert found.description.endswith("A box of vegetables every Friday")
    assert (found.company, found.url, found.workplace) == ("Palmhouse", listed.url, Workplace.HYBRID)
    assert found.locations == ("Singapore, Singapore", "Rotterdam, South Holland, Netherlands")


@pytest.mark.parametrize("answer", [b"{}", b'{"error": "Not found"}', b"[]", b"<html>", b'{"shortcode": "X"}', b'{"jobs": []}'])
def test_an_answer_that_is_no_job_is_our_own_error(answer: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"^workable:palmhouse: "):
        SOURCE.with_detail(answer, job())


# ------------------------------------------------------------------------------------------------- recordings, and recorded


def test_the_recording_has_fewer_jobs_than_rows() -> None:
    saved = json.loads((RECORDINGS / "workable.json").read_bytes())
    answer = SOURCE.parse((RECORDINGS / "workable.json").read_bytes(), "palmhouse")
    assert (len(saved["jobs"]), len(answer.postings)) == (8, 6)
    assert [len(found.locations) for found in answer.postings] == [2, 1, 1, 2, 1, 1]
    assert all(700 <= len(found.description) <= 2500 for found in answer.postings)


@pytest.mark.recorded
def test_every_recorded_answer(shared_data: Path) -> None:
    for file in sorted((shared_data / "data/feeds/workable").iterdir()):
        saved = json.loads(file.read_bytes())
        expected = {(row["shortcode"], row["title"]) for row in saved.get("widget", saved)["jobs"]}
        answer = SOURCE.parse(file.read_bytes(), "acme")
        assert {(found.external_id, found.title) for found in answer.postings} == expected, file.name
        assert not answer.dropped, file.name
        for found in answer.postings:
            assert found.company, file.name
            assert found.url, file.name
            assert found.location, file.name
            assert found.posted_at, file.name
            assert found.description, file.name
