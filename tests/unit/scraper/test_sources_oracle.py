"""Oracle Recruiting Cloud, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

RECORDINGS = Path(__file__).parents[2] / "recordings"
BOARD = "eabc.fa.us2/CX_1"
API = "https://eabc.fa.us2.oraclecloud.com/hcmRestApi/resources/latest"
LIST = (
    f"{API}/recruitingCEJobRequisitions?onlyData=true&expand=requisitionList.secondaryLocations"
    "&finder=findReqs;siteNumber=CX_1,limit=200,offset={},sortBy=POSTING_DATES_DESC"
)
JOB = {"Id": "210700118", "Title": "Backend Engineer", "PrimaryLocation": "London, United Kingdom"}


def page(*jobs: object, total: int | None = None) -> bytes:
    return json.dumps({"items": [{"TotalJobsCount": total or len(jobs), "requisitionList": jobs}], "count": 1}).encode()


def job(**fields: object) -> RawPosting:
    return source("oracle").parse(page({**JOB, **fields}), BOARD).postings[0]


def test_the_grammar_of_the_finder_stays_as_it_is() -> None:
    assert source("oracle").first(BOARD).url == LIST.format(0)
    assert source("oracle").first("jpmc.fa/CX_1001").url.startswith("https://jpmc.fa.oraclecloud.com/hcmRestApi/")


@pytest.mark.parametrize(
    "board", ["eabc", "eabc.fa.us2/", "eabc.fa.us2/CX_1,limit=9", "evil.example#/CX_1", "a/b/CX_1", "eabc.fa/jobs"]
)
def test_a_board_is_a_host_and_a_site(board: str) -> None:
    with pytest.raises(UnreadableInput, match="oracle: a board is called HOST/SITE"):
        source("oracle").first(board)


def test_the_plain_facts() -> None:
    found = job(PostedDate="2026-07-28", PostingEndDate="2026-09-01", JobFunction="Technology", LegalEmployer="Hallmere Mutual")
    assert (found.external_id, found.title, found.company) == ("210700118", "Backend Engineer", "Hallmere Mutual")
    assert (found.requisition_id, found.department) == ("210700118", "Technology")
    assert found.url == "https://eabc.fa.us2.oraclecloud.com/hcmUI/CandidateExperience/en/sites/CX_1/job/210700118"
    assert (found.posted_at, found.valid_through) == (datetime(2026, 7, 28, tzinfo=UTC), date(2026, 9, 1))
    assert job().company == "eabc"


def test_an_id_is_a_text() -> None:
    assert job(Id="R3326-2").external_id == "R3326-2"
    assert job(Id=77).external_id == "77"


def test_a_posting_that_never_ends_has_no_last_day() -> None:
    assert job(PostingEndDate="4712-12-31").valid_through is None


def test_every_location_is_a_place() -> None:
    found = job(secondaryLocations=[{"Name": "Glasgow, United Kingdom"}, {"Name": None}])
    assert (found.location, found.locations) == (JOB["PrimaryLocation"], (JOB["PrimaryLocation"], "Glasgow, United Kingdom"))
    assert job(secondaryLocations=None).locations == (JOB["PrimaryLocation"],)


@pytest.mark.parametrize(
    ("code", "name", "meaning"),
    [
        ("ORA_REMOTE", "Remote", Workplace.REMOTE),
        ("ORA_ON_SITE", "On-site with Flexibility", Workplace.ONSITE),
        ("ORA_HYBRID", None, Workplace.HYBRID),
        (None, "Hybrid", Workplace.HYBRID),
        (None, "", None),
    ],
)
def test_the_workplace(code: str | None, name: str | None, meaning: Workplace | None) -> None:
    assert job(WorkplaceTypeCode=code, WorkplaceType=name).workplace is meaning


def test_the_schedule_is_the_employment() -> None:
    assert job(JobSchedule="Part time").employment is Employment.PART_TIME
    assert job(JobSchedule="Full time", ContractType="Fixed term").employment is Employment.CONTRACT
    assert job().employment is None


def test_the_next_offset_counts_the_jobs_that_came() -> None:
    oracle, jobs = source("oracle"), [{**JOB, "Id": str(n)} for n in range(25)]
    first = oracle.first(BOARD)
    second = oracle.next_request(first, page(*jobs, total=60))
    assert second is not None
    assert second.url == LIST.format(25)
    third = oracle.next_request(second, page(*jobs, total=60))
    assert third is not None
    assert third.url == LIST.format(50)
    assert oracle.next_request(third, page(*jobs[:10], total=60)) is None
    assert oracle.next_request(second, page(total=60)) is None


def test_a_page_of_many_is_not_the_board() -> None:
    assert not source("oracle").parse(page(JOB, total=60), BOARD).complete
    assert source("oracle").parse(page(JOB), BOARD).complete


def test_an_answer_that_leaves_the_jobs_out_is_no_empty_board() -> None:
    with pytest.raises(UnreadableInput, match="no list of jobs under 'requisitionList'"):
        source("oracle").parse(b'{"items": [{"TotalJobsCount": 7, "categoriesFacet": []}]}', BOARD)
    assert source("oracle").parse(b'{"items": [{"TotalJobsCount": 0, "requisitionList": []}]}', BOARD).postings == ()
    assert source("oracle").parse(b'{"items": []}', BOARD).postings == ()


def test_one_job_is_asked_for_by_its_id_on_its_site() -> None:
    oracle = source("oracle")
    assert oracle.detail_request is not None
    request = oracle.detail_request(job(Id="R 1"), oracle.first(BOARD))
    assert request.url == (
        f"{API}/recruitingCEJobRequisitionDetails?expand=all&onlyData=true&finder=ById;Id=%22R%201%22,siteNumber=CX_1"
    )


def test_the_details_tell_the_whole_and_the_list_fills_in() -> None:
    oracle = source("oracle")
    listed = next(
        found
        for found in oracle.parse((RECORDINGS / "oracle.json").read_bytes(), BOARD).postings
        if found.external_id == "210700126"
    )
    whole = oracle.with_detail((RECORDINGS / "oracle.detail.json").read_bytes(), listed)
    assert (whole.external_id, whole.board, whole.url) == (listed.external_id, BOARD, listed.url)
    assert whole.company == "Hallmere Mutual Insurance Company"
    assert whole.locations == listed.locations
    assert (whole.valid_through, whole.department) == (None, "Data & Analytics")
    assert (
        whole.description.index("Responsibilities")
        < whole.description.index("Qualifications")
        < whole.description.index("1871")
    )
    bare = oracle.with_detail(b'{"items": [{"Id": "210700126", "Title": "Data Engineer"}]}', listed)
    assert (bare.description, bare.posted_at, bare.location) == (listed.description, listed.posted_at, listed.location)


def test_a_detail_is_read_as_a_list_of_one() -> None:
    body = (RECORDINGS / "oracle.detail.json").read_bytes()
    (found,) = source("oracle").parse(body, BOARD).postings
    assert found.posted_at == datetime(2026, 7, 7, 12, 5, 33, tzinfo=UTC)
    assert source("oracle").parse(json.dumps(json.loads(body)["items"][0]).encode(), BOARD).postings == (found,)


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://eabc.fa.us2.oraclecloud.com/hcmUI/CandidateExperience/en/sites/CX_1/job/9", BOARD),
        ("https://jpmc.fa.oraclecloud.com/hcmUI/CandidateExperience/en/sites/CX_1001", "jpmc.fa/CX_1001"),
        ("https://fa-x1.fa.ocs.oraclecloud.com/hcmUI/CandidateExperience/en/sites/CX/requisitions", "fa-x1.fa.ocs/CX"),
        (LIST.format(0), BOARD),
        ("https://eabc.fa.us2.oraclecloud.com/hcmUI/CandidateExperience/en/sites/careers/jobs", None),
        ("https://eabc.fa.us2.oraclecloud.com/", None),
        ("https://oraclecloud.com.evil.example/sites/CX_1/", None),
    ],
)
def test_a_site_is_recognised(address: str, board: str | None) -> None:
    assert source("oracle").board_of(urlsplit(address)) == board


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds").glob("*/oracle*.json")) + sorted((shared_data / "data/feeds").glob("oracle/*"))
    if not files:
        pytest.skip("no recorded answer of Oracle")
    for file in files:
        document = json.loads(file.read_bytes())
        told = [job for part in document.get("items", [document]) for job in part.get("requisitionList", [part])]
        answer = source("oracle").parse(file.read_bytes(), BOARD)
        assert [found.external_id for found in answer.postings] == [str(job["Id"]) for job in told], file.name
