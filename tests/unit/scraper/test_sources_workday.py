"""Workday, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from services.scraper.sources.base import Dropped, Parsed, Request, joined
from services.scraper.sources.workday import CAP, SOURCE
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
BOARD = "northreef.wd3/Careers"
FIRST = SOURCE.first(BOARD)
JOB = {"title": "Data Engineer", "externalPath": "/job/Singapore/Data-Engineer_JR-7", "locationsText": "Singapore"}


def body(*jobs: object, total: object = None) -> bytes:
    return json.dumps(
        {"total": len(jobs) if total is None else total, "jobPostings": jobs, "userAuthenticated": False}
    ).encode()


def job(**fields: object) -> RawPosting:
    return SOURCE.parse(body({**JOB, **fields}), BOARD).postings[0]


def test_a_board_is_a_tenant_its_data_centre_and_a_site() -> None:
    assert FIRST.url == "https://northreef.wd3.myworkdayjobs.com/wday/cxs/northreef/Careers/jobs"
    assert (FIRST.method, FIRST.json) == ("POST", {"limit": 20, "offset": 0, "searchText": "", "appliedFacets": {}})


def test_an_underscore_of_the_tenant_is_a_hyphen_of_the_host() -> None:
    url = "https://osv-reef.wd1.myworkdayjobs.com/wday/cxs/osv_reef/Careers/jobs"
    assert SOURCE.first("osv-reef.wd1/Careers").url == SOURCE.first("osv_reef.wd1/Careers").url == url


def test_the_shared_host_has_the_tenant_in_its_paths() -> None:
    board = "northreef.wd3.myworkdaysite/Careers"
    assert SOURCE.first(board).url == "https://wd3.myworkdaysite.com/wday/cxs/northreef/Careers/jobs"
    (found,) = SOURCE.parse(body(JOB), board).postings
    assert found.url == "https://wd3.myworkdaysite.com/recruiting/northreef/Careers/job/Singapore/Data-Engineer_JR-7"


@pytest.mark.parametrize("name", ["northreef", "northreef.wd3", "northreef/Careers", "a@b.wd3/C", "a.wd3/C/../D", "a.wd3/C?x"])
def test_another_kind_of_name_is_told_how_it_should_be(name: str) -> None:
    with pytest.raises(UnreadableInput, match=r"^workday: a board is called TENANT\.wdN/SITE"):
        SOURCE.first(name)


def test_the_plain_facts() -> None:
    found = job(bulletFields=["Posted anew", "JR-7"], timeType="Full time", remoteType="Hybrid")
    assert (found.external_id, found.title, found.company) == ("Data-Engineer_JR-7", "Data Engineer", "northreef")
    assert found.url == "https://northreef.wd3.myworkdayjobs.com/Careers/job/Singapore/Data-Engineer_JR-7"
    assert (found.location, found.requisition_id) == ("Singapore", "JR-7")
    assert (found.employment, found.workplace) == (Employment.FULL_TIME, Workplace.HYBRID)


def test_bullets_that_are_not_in_the_path_are_no_requisition() -> None:
    assert job(bulletFields=["", "Singapore", "Full time"]).requisition_id is None


@pytest.mark.parametrize("said", ["Posted Today", "Posted Yesterday", "Posted 8 Days Ago", "Posted 30+ Days Ago"])
def test_a_relative_date_is_no_date(said: str) -> None:
    assert job(postedOn=said).posted_at is None


@pytest.mark.parametrize("counted", ["2 Locations", "13 Locations", "3 Standorte"])
def test_counted_places_are_unknown(counted: str) -> None:
    assert (job(locationsText=counted).location, job(locationsText=counted).locations) == (None, ())


def test_the_id_outlives_an_edit_of_the_title_and_a_move() -> None:
    moved = job(title="Data Platform Engineer", externalPath="/job/London/Data-Engineer_JR-7")
    assert moved.external_id == job().external_id


def test_a_row_without_a_path_has_just_been_taken_down() -> None:
    answer = SOURCE.parse(body(JOB, {"bulletFields": ["JR-8"], "title": "Gone"}), BOARD)
    assert answer.dropped == (Dropped(None, "taken down", withdrawn=True),)
    assert len(answer.postings) == 1
    assert answer.complete
    with pytest.raises(UnreadableInput, match="none of 1 jobs has an 'externalPath'"):
        SOURCE.parse(body({"title": "Renamed", "path": "/job/x"}), BOARD)


def test_a_row_that_cannot_be_read_is_named_by_the_id_it_would_have_had() -> None:
    answer = SOURCE.parse(body(JOB, {"externalPath": "/job/X/Odd_JR-9"}), BOARD)
    assert [drop.external_id for drop in answer.unreadable] == ["Odd_JR-9"]


# ---------------------------------------------------------------------------------------------------------------- pages


def pages(total: int, *, shown: int | None = None) -> tuple[list[int], Parsed]:
    """Follow the pages of a board of `total` jobs; as the API does, only the first page tells how many there are."""
    asked: Request | None = FIRST
    offsets, answers = [], []
    while asked is not None:
        start = asked.json["offset"]
        found = [{**JOB, "externalPath": f"/job/x/J_{n}"} for n in range(start, min(start + 20, total, shown or total))]
        answer = body(*found, total=0 if start else min(total, CAP))
        offsets.append(start)
        answers.append(SOURCE.parse(answer, BOARD))
        asked = SOURCE.next_request(asked, answer)
    return offsets, joined(answers)


def test_the_total_of_later_pages_is_not_believed() -> None:
    offsets, whole = pages(total=65)
    assert offsets == [0, 20, 40, 60]
    assert (len(whole.postings), whole.stated, whole.complete) == (65, 65, True)
    second = Request(FIRST.url, "POST", FIRST.headers, {**FIRST.json, "offset": 20})
    assert SOURCE.next_request(second, body(*[JOB] * 20, total=20)) is not None


def test_one_page_needs_no_second() -> None:
    assert pages(total=20)[0] == [0]
    assert pages(total=0)[0] == [0]


def test_a_page_that_comes_empty_leaves_the_board_incomplete() -> None:
    offsets, whole = pages(total=65, shown=40)
    assert offsets == [0, 20, 40]
    assert not whole.complete


def test_more_than_2000_jobs_are_never_complete() -> None:
    offsets, whole = pages(total=2_600)
    assert (len(offsets), offsets[-1], len(whole.postings)) == (100, 1_980, 2_000)
    assert not whole.complete


def test_the_next_page_is_asked_for_in_the_same_way() -> None:
    asked = Request(FIRST.url, "POST", FIRST.headers, {**FIRST.json, "searchText": "engineer"})
    following = SOURCE.next_request(asked, body(*[JOB] * 20, total=50))
    assert following == Request(FIRST.url, "POST", FIRST.headers, {**FIRST.json, "searchText": "engineer", "offset": 20})


# -------------------------------------------------------------------------------------------------------------- details


def listed(index: int = 1) -> RawPosting:
    return SOURCE.parse((RECORDINGS / "workday.json").read_bytes(), BOARD).postings[index]


def detailed(**changes: object) -> RawPosting:
    told = json.loads((RECORDINGS / "workday.detail.json").read_bytes())
    told["jobPostingInfo"].update({key: value for key, value in changes.items() if key != "hiringOrganization"})
    return SOURCE.with_detail(
        json.dumps({**told, **{k: v for k, v in changes.items() if k == "hiringOrganization"}}).encode(), listed()
    )


def test_a_job_is_asked_for_by_its_path() -> None:
    assert SOURCE.detail_request is not None
    assert SOURCE.detail_request(job(), FIRST) == Request(
        "https://northreef.wd3.myworkdayjobs.com/wday/cxs/northreef/Careers/job/Singapore/Data-Engineer_JR-7"
    )
    local = Request("http://127.0.0.1:8080/wday/cxs/northreef/Careers/jobs", "POST")
    assert SOURCE.detail_request(job(), local).url.startswith("http://127.0.0.1:8080/wday/cxs/northreef/Careers/job/Singapore/")


def test_the_details_tell_dates_places_and_text() -> None:
    assert (listed().location, listed().posted_at) == (None, None)
    found = detailed()
    assert found.locations == ("London Bridge House, United Kingdom", "Singapore, Marina One")
    assert (found.posted_at, found.valid_through) == (datetime(2026, 11, 16, tzinfo=UTC), date(2026, 12, 31))
    assert (found.requisition_id, found.workplace, found.employment) == ("JR-20598", Workplace.HYBRID, Employment.FULL_TIME)
    assert 700 <= len(found.description) <= 2500


def test_the_id_is_the_same_in_list_and_details() -> None:
    assert detailed().external_id == listed().external_id == "Staff-Engineer--Market-Data_JR-20598"
    assert detailed(jobPostingId="Other_JR-20598").external_id == listed().external_id
    (alone,) = SOURCE.parse((RECORDINGS / "workday.detail.json").read_bytes(), BOARD).postings
    assert alone == detailed()


@pytest.mark.parametrize(
    ("name", "company"),
    [
        ("2100 Northreef Ltd", "Northreef Ltd"),
        ("2100 - Northreef", "Northreef"),
        ("3M Company", "3M Company"),
        ("", "northreef"),
    ],
)
def test_the_number_of_a_hiring_organisation_is_left_out(name: str, company: str) -> None:
    assert detailed(hiringOrganization={"name": name}).company == company


@pytest.mark.parametrize("place", ["GB, London", "GBR London", "London, United Kingdom"])
def test_a_place_that_names_its_country_is_left_as_it_is(place: str) -> None:
    assert detailed(location=place, additionalLocations=[]).locations == (place,)


def test_details_without_an_address_keep_the_list_s() -> None:
    assert detailed(externalUrl=None).url == listed().url


@pytest.mark.parametrize(
    "answer", [b"{}", b'{"errorCode": "HTTP_404"}', b"[]", b"<html>", b'{"jobPostingInfo": {"title": " "}}']
)
def test_an_answer_that_is_no_job_is_our_own_error(answer: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"^workday:northreef\.wd3/Careers: "):
        SOURCE.with_detail(answer, job())


# ------------------------------------------------------------------------------------------------------------- recorded


def counted(document: Any) -> set[str]:
    """The end of every path of a listed job, and the id of every detailed one. Written without a look at the adapter."""
    inner = document.values() if isinstance(document, dict) else document if isinstance(document, list) else ()
    path = document.get("externalPath") or document.get("jobPostingId") if isinstance(document, dict) else None
    return {path.split("/")[-1]} if path else set().union(*(counted(value) for value in inner))


@pytest.mark.recorded
def test_every_recorded_answer(shared_data: Path) -> None:
    yields = {}
    for file in sorted((shared_data / "data/feeds/workday").iterdir()):
        if file.name.startswith("shape_large"):
            continue  # not an answer: an invention about splitting a board, put together from many
        answer = SOURCE.parse(file.read_bytes(), "acme.wd5/External")
        assert {found.external_id for found in answer.postings} == counted(json.loads(file.read_bytes())), file.name
        assert not answer.dropped, file.name
        assert all(found.title and found.url and found.requisition_id for found in answer.postings), file.name
        yields[file.name] = len(answer.postings)
    assert yields.items() >= {("list_clepine.json", 20), ("caci_search_lubobali.json", 4), ("caci_detail_lubobali.json", 1)}


@pytest.mark.recorded
def test_a_recorded_detail_belongs_to_the_recorded_list(shared_data: Path) -> None:
    folder = shared_data / "data/feeds/workday"
    first = SOURCE.parse((folder / "caci_search_lubobali.json").read_bytes(), "gdit.wd5/External_Career_Site").postings[0]
    found = SOURCE.with_detail((folder / "caci_detail_lubobali.json").read_bytes(), first)
    assert (found.external_id, found.url, found.requisition_id) == (first.external_id, first.url, first.requisition_id)
    assert len(found.description) > 5_000
