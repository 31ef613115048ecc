"""SmartRecruiters, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from services.scraper.sources.base import Dropped, Parsed, Request, joined
from services.scraper.sources.smartrecruiters import SOURCE
from shared.errors import UnreadableInput
from shared.posting import Employment, Pay, RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
JOB = {
    "id": "744000140252429",
    "name": "Analytics Engineer",
    "company": {"identifier": "TidewaterRail", "name": "Tidewater Rail"},
}
FIRST = SOURCE.first("TidewaterRail")


def body(*jobs: object, **envelope: object) -> bytes:
    return json.dumps({"offset": 0, "limit": 100, "totalFound": len(jobs), "content": jobs, **envelope}).encode()


def job(**fields: object) -> RawPosting:
    return SOURCE.parse(body({**JOB, **fields}), "TidewaterRail").postings[0]


def location(**fields: object) -> RawPosting:
    return job(location={"country": "de", "remote": False, "hybrid": False, **fields})


def test_the_name_in_the_address_keeps_its_case() -> None:
    assert FIRST.url == "https://api.smartrecruiters.com/v1/companies/TidewaterRail/postings?limit=100&offset=0"


def test_the_plain_facts() -> None:
    found = job(
        releasedDate="2026-07-28T14:02:33.326Z",
        refNumber="REF1",
        department={"label": "Data"},
        typeOfEmployment={"id": "permanent", "label": "Full-time"},
        language={"code": "es-MX"},
    )
    assert (found.company, found.department, found.requisition_id) == ("Tidewater Rail", "Data", "REF1")
    assert found.posted_at == datetime(2026, 7, 28, 14, 2, 33, 326000, tzinfo=UTC)
    assert (found.employment, found.language, found.description) == (Employment.FULL_TIME, "es-MX", "")


def test_the_address_of_the_api_is_no_page_for_readers() -> None:
    found = job(ref="https://api.smartrecruiters.com/v1/companies/TidewaterRail/postings/744000140252429")
    assert found.url == "https://jobs.smartrecruiters.com/TidewaterRail/744000140252429"


def test_what_is_missing_in_a_place_leaves_no_gap() -> None:
    assert location(city="Munich", fullLocation="Munich, , Germany").locations == ("Munich, Germany",)


def test_a_country_alone_is_a_code_in_capitals() -> None:
    assert location(city="Munich").location == "Munich, DE"
    assert job(location={}).location is None


def test_remote_and_hybrid_are_said_and_an_office_is_not() -> None:
    assert location(remote=True).workplace is Workplace.REMOTE
    assert location(hybrid=True).workplace is Workplace.HYBRID
    assert location().workplace is None


def test_an_empty_department_leaves_the_function() -> None:
    assert job(department={}, function={"id": "it", "label": "Engineering"}).department == "Engineering"


def test_a_job_that_is_not_public_is_withdrawn() -> None:
    answer = SOURCE.parse(body({**JOB, "visibility": "INTERNAL"}), "TidewaterRail")
    assert answer.dropped == (Dropped("744000140252429", "not public", withdrawn=True),)


# ---------------------------------------------------------------------------------------------------------------- pages


def pages(total: int, size: int) -> tuple[list[str], Parsed]:
    """Follow the pages of a board of `total` jobs that answers `size` at a time."""
    asked: Request | None = FIRST
    urls, answers, start = [], [], 0
    while asked is not None:
        found = [{**JOB, "id": str(number)} for number in range(start, min(total, start + size))]
        answer = body(*found, totalFound=total)
        urls.append(asked.url)
        answers.append(SOURCE.parse(answer, "TidewaterRail"))
        asked, start = SOURCE.next_request(asked, answer), start + size
    return urls, joined(answers)


def test_pages_are_counted_by_the_jobs_that_came() -> None:
    urls, whole = pages(total=230, size=100)
    assert [url.partition("?")[2] for url in urls] == ["limit=100&offset=0", "limit=100&offset=100", "limit=100&offset=200"]
    assert whole.complete
    assert len(whole.postings) == 230
    assert len(pages(total=120, size=50)[0]) == 3


def test_no_page_follows_the_last_job() -> None:
    assert pages(total=200, size=100)[0][-1].endswith("offset=100")
    assert SOURCE.next_request(FIRST, body(totalFound=300)) is None


def test_one_page_of_several_is_not_complete() -> None:
    assert not SOURCE.parse(body(JOB, totalFound=3), "TidewaterRail").complete


def test_an_unknown_company_is_an_empty_board_so_its_name_is_asked_for() -> None:
    assert SOURCE.parse(body(), "NoSuchFirm").postings == ()
    assert SOURCE.identity is not None
    assert SOURCE.identity("No Such/Firm").url == "https://api.smartrecruiters.com/v1/companies/No%20Such%2FFirm"
    assert SOURCE.company(b'{"identifier": "TidewaterRail", "name": "Tidewater Rail"}') == "Tidewater Rail"
    assert SOURCE.company(b'{"message": "Not found"}') is None


# -------------------------------------------------------------------------------------------------------------- details


def detailed(**changes: object) -> RawPosting:
    told = json.loads((RECORDINGS / "smartrecruiters.detail.json").read_bytes())
    listed = SOURCE.parse((RECORDINGS / "smartrecruiters.json").read_bytes(), "TidewaterRail").postings[0]
    return SOURCE.with_detail(json.dumps({**told, **changes}).encode(), listed)


def test_a_job_is_asked_for_beside_its_list() -> None:
    assert SOURCE.detail_request is not None
    assert SOURCE.detail_request(job(), FIRST).url == (
        "https://api.smartrecruiters.com/v1/companies/TidewaterRail/postings/744000140252429"
    )
    local = Request("http://127.0.0.1:8080/v1/companies/x/postings?offset=300")
    assert SOURCE.detail_request(job(), local).url == "http://127.0.0.1:8080/v1/companies/x/postings/744000140252429"


def test_the_text_is_the_sections_under_their_headings() -> None:
    text = detailed().description
    headings = ["Company Description", "Job Description", "Qualifications", "Additional Information"]
    assert [line for line in text.splitlines() if line in headings] == headings
    assert "Java or Rust & an honest view" in text
    assert 700 <= len(text) <= 2500
    only = {
        "sections": {
            "qualifications": {"title": "R&D <b>", "text": "<p>Go</p>"},
            "jobDescription": {"title": "Empty", "text": ""},
        }
    }
    assert detailed(jobAd=only).description == "R&D <b>\n\nGo"


def test_the_details_keep_what_the_list_said_and_add_pay_and_the_page() -> None:
    found = detailed(id="another id")
    assert (found.external_id, found.location, found.workplace) == ("744000200000101", "Singapore, Singapore", Workplace.HYBRID)
    assert found.url == "https://jobs.smartrecruiters.com/TidewaterRail/744000200000101-senior-backend-engineer-timetables"
    assert found.pay == Pay(low=108_000, high=150_000, currency="SGD")


@pytest.mark.parametrize("answer", [b"{}", b"[]", b"<html>", b'{"message": "gone"}', b'{"id": "1", "name": "\\n"}'])
def test_an_answer_that_is_no_job_is_our_own_error(answer: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"^smartrecruiters:TidewaterRail: "):
        SOURCE.with_detail(answer, job())


# ------------------------------------------------------------------------------------------------------------- recorded


def counted(document: Any) -> set[tuple[str, str]]:
    """(id, title) of everything that has both, wherever it stands. Written without a look at the adapter."""
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    here = {(document["id"], document["name"])} if isinstance(document, dict) and "releasedDate" in document else set()
    return here.union(*(counted(value) for value in inner))


@pytest.mark.recorded
def test_every_recorded_answer(shared_data: Path) -> None:
    yields = {}
    for file in sorted((shared_data / "data/feeds/smartrecruiters").iterdir()):
        answer = SOURCE.parse(file.read_bytes(), "acme")
        expected = {(id_, " ".join(title.split())) for id_, title in counted(json.loads(file.read_bytes()))}
        assert {(found.external_id, found.title) for found in answer.postings} == expected, file.name
        assert not answer.dropped, file.name
        assert all(found.company and found.url and found.location and found.posted_at for found in answer.postings), file.name
        yields[file.name] = len(answer.postings), answer.complete
    assert yields.items() >= {("bosch_list_and_detail_manwithaplandy.json", (3, True)), ("knight_omoji.json", (1, True))}


@pytest.mark.recorded
def test_recorded_details_are_told_in_full(shared_data: Path) -> None:
    file = shared_data / "data/feeds/smartrecruiters/bosch_list_and_detail_manwithaplandy.json"
    saved = json.loads(file.read_bytes())
    for page in saved["list_pages"]:
        for listed in SOURCE.parse(json.dumps(page).encode(), "BoschGroup").postings:
            told = saved["details"][listed.external_id]
            found = SOURCE.with_detail(json.dumps(told).encode(), listed)
            assert found.external_id == listed.external_id
            assert bool(found.description) == bool(told["jobAd"]["sections"])
            assert SOURCE.parse(json.dumps(told).encode(), "BoschGroup").postings == (found,)
