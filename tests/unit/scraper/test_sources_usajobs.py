"""USAJobs, quirk by quirk."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.errors import UnreadableInput
from shared.posting import Employment, Pay, RawPosting, Workplace

KEYS = {"usajobs_key": "s3cret", "usajobs_email": "jobs@example.org"}
RANGE = {"MinimumRange": "106437", "MaximumRange": "158322.0", "RateIntervalCode": "PA", "Description": "Per Year"}


def item(number: int = 1, details: object = None, **fields: Any) -> dict[str, Any]:
    descriptor = {"PositionID": "RS-26-1", "PositionTitle": "IT Specialist", "UserArea": {"Details": details}, **fields}
    return {"MatchedObjectId": str(number), "MatchedObjectDescriptor": descriptor}


def page(*items: object, total: object = None) -> bytes:
    counts = {"SearchResultCount": len(items)} | ({} if total is None else {"SearchResultCountAll": total})
    return json.dumps({"LanguageCode": "EN", "SearchResult": {**counts, "SearchResultItems": items}}).encode()


def job(details: object = None, **fields: Any) -> RawPosting:
    return source("usajobs").parse(page(item(details=details, **fields)), "x").postings[0]


def test_the_key_and_whom_it_was_given_to_are_headers() -> None:
    request = source("usajobs").first("software engineer", keys=KEYS)
    assert request.url == "https://data.usajobs.gov/api/search?ResultsPerPage=250&Page=1&Keyword=software+engineer"
    assert dict(request.headers) == {
        "Accept": "application/json", "Authorization-Key": "s3cret", "User-Agent": "jobs@example.org",
    }  # fmt: skip
    with pytest.raises(UnreadableInput, match="set usajobs_key, usajobs_email in"):
        source("usajobs").first("engineer")


def test_a_board_may_be_a_query() -> None:
    request = source("usajobs").first("Keyword=R+D&LocationName=Denver, Colorado", keys=KEYS)
    assert request.url.endswith("&Page=1&Keyword=R%2BD&LocationName=Denver%2C+Colorado")


def test_pages_are_counted_from_our_own_request() -> None:
    usajobs = source("usajobs")
    first = usajobs.first("engineer", keys=KEYS)
    second = usajobs.next_request(first, page(item(), total=500))
    assert second is not None
    assert "Page=2" in second.url
    assert second.headers == first.headers
    assert usajobs.next_request(second, page(item(), total=500)) is None
    assert usajobs.next_request(first, page(total=500)) is None
    assert usajobs.next_request(first, page(item())) is None


def test_all_that_match_are_claimed() -> None:
    assert source("usajobs").parse(page(item(), total="500"), "x").stated == 500
    assert source("usajobs").parse(page(item()), "x").complete


def test_the_plain_facts() -> None:
    found = job(
        OrganizationName="Bureau of Tides", DepartmentName="Department of Small Waters",
        PositionURI="https://www.usajobs.gov:443/job/870000001", PublicationStartDate="2026-07-06T00:00:00.0000",
        ApplicationCloseDate="2026-08-06T23:59:59.9970",
    )  # fmt: skip
    assert (found.external_id, found.title, found.requisition_id) == ("1", "IT Specialist", "RS-26-1")
    assert (found.company, found.department) == ("Bureau of Tides", "Department of Small Waters")
    assert found.url == "https://www.usajobs.gov/job/870000001"
    assert found.posted_at == datetime(2026, 7, 6, tzinfo=UTC)
    assert found.valid_through == date(2026, 8, 6)


def test_multiple_locations_are_listed() -> None:
    places = [{"LocationName": "Denver, Colorado", "CountryCode": "United States"}, {"LocationName": "Duluth, Minnesota"}]
    found = job(PositionLocationDisplay="Multiple Locations", PositionLocation=places)
    assert (found.location, found.locations) == ("Multiple Locations", ("Denver, Colorado, United States", "Duluth, Minnesota"))
    assert job(PositionLocationDisplay="Boise, Idaho").locations == ("Boise, Idaho",)


@pytest.mark.parametrize(
    ("ranges", "expected"),
    [
        ([RANGE], Pay(low=106_437, high=158_322, currency="USD")),
        ([{**RANGE, "MinimumRange": "50.5", "MaximumRange": "60", "RateIntervalCode": "PH"}],
         Pay(low=105_040, high=124_800, currency="USD")),
        ([{**RANGE, "RateIntervalCode": "WC"}], None),
        ([{**RANGE, "RateIntervalCode": "SY"}], None),
        ([RANGE, {**RANGE, "MinimumRange": "90000"}], None),
        ([], None),
        (None, None),
    ],
)  # fmt: skip
def test_pay_has_a_code_for_its_period(ranges: object, expected: Pay | None) -> None:
    assert job(PositionRemuneration=ranges).pay == expected


def test_only_true_says_remote() -> None:
    assert job({"RemoteIndicator": True}).workplace is Workplace.REMOTE
    assert job({"RemoteIndicator": False}).workplace is None
    assert job().workplace is None


def test_the_text_is_put_together_in_reading_order() -> None:
    found = job(
        {"JobSummary": "Buoys & lights.", "MajorDuties": ["One", "Two"], "Education": "<p>A degree</p>"},
        QualificationSummary="SQL\nGo",
    )
    assert found.description == "Buoys & lights.\n\nOne\nTwo\n\nSQL\nGo\n\nA degree"


@pytest.mark.parametrize(
    ("offering", "schedule", "meaning"),
    [
        ("Permanent", "Full-time", Employment.FULL_TIME),
        ("Permanent", "Part-time", Employment.PART_TIME),
        ("Temporary", "Full-time", Employment.TEMPORARY),
        ("Internships", "Full-time", Employment.INTERNSHIP),
        ("Permanent", "Multiple Schedules", None),
    ],
)
def test_the_employment(offering: str, schedule: str, meaning: Employment | None) -> None:
    assert job(PositionOfferingType=[{"Name": offering}], PositionSchedule=[{"Name": schedule}]).employment is meaning


def test_an_item_without_a_descriptor_costs_one_job() -> None:
    answer = source("usajobs").parse(page({"MatchedObjectId": "9"}, None, item()), "x")
    assert [found.external_id for found in answer.postings] == ["1"]
    assert len(answer.dropped) == 2


def test_an_answer_without_a_result_is_named() -> None:
    with pytest.raises(UnreadableInput, match="usajobs:x: no list of jobs under 'SearchResultItems'"):
        source("usajobs").parse(b'{"error": "no"}', "x")


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://www.usajobs.gov/search/results?k=software%20engineer&p=1", "software engineer"),
        ("https://www.usajobs.gov/Search/Results?k=go", "go"),
        ("https://data.usajobs.gov/api/search?Keyword=go", "go"),
        ("https://www.usajobs.gov/search/results", None),
        ("https://www.usajobs.gov/job/1?k=x", None),
    ],
)
def test_a_search_is_recognised(address: str, board: str | None) -> None:
    assert source("usajobs").board_of(urlsplit(address)) == board


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/usajobs").iterdir())
    assert files
    for file in files:
        items = json.loads(file.read_bytes())["SearchResult"]["SearchResultItems"]
        answer = source("usajobs").parse(file.read_bytes(), "engineer")
        assert {found.external_id for found in answer.postings} == {found["MatchedObjectId"] for found in items}, file.name
        assert not answer.dropped
        for found, raw in zip(answer.postings, items, strict=True):
            told = raw["MatchedObjectDescriptor"]
            assert found.title == told["PositionTitle"]
            assert found.pay
            assert found.pay.low == float(told["PositionRemuneration"][0]["MinimumRange"])
            assert (found.workplace is Workplace.REMOTE) == told["UserArea"]["Details"]["RemoteIndicator"]
            assert found.description.startswith(told["UserArea"]["Details"]["JobSummary"][:60])
            assert found.posted_at
