"""Greenhouse, quirk by quirk."""

import html
import json
from datetime import UTC, date, datetime

from services.scraper.sources import source
from services.scraper.sources.base import Dropped, Parsed
from shared.posting import Pay, RawPosting, Workplace

JOB = {
    "id": 7100104,
    "internal_job_id": 41,
    "title": "Backend Engineer",
    "location": {"name": "Singapore"},
    "company_name": "Lumenworks ",
}


def parsed(document: object) -> Parsed:
    return source("greenhouse").parse(json.dumps(document).encode(), "lumenworks")


def job(**fields: object) -> RawPosting:
    return parsed({"jobs": [{**JOB, **fields}]}).postings[0]


def test_the_request_asks_for_text_and_pay() -> None:
    url = source("greenhouse").first("lumenworks").url
    assert url == "https://boards-api.greenhouse.io/v1/boards/lumenworks/jobs?content=true&pay_transparency=true"


def test_the_plain_facts() -> None:
    found = job(
        absolute_url="https://job-boards.greenhouse.io/lumenworks/jobs/7100104",
        first_published="2026-07-16T11:55:32-04:00",
        updated_at="2026-08-01T00:00:00-04:00",
        application_deadline="2026-12-31T23:59:00-05:00",
        departments=[{"name": "Payments"}],
        requisition_id="LW-1",
        language="en",
    )
    assert (found.external_id, found.company, found.department, found.requisition_id) == (
        "7100104",
        "Lumenworks",
        "Payments",
        "LW-1",
    )
    assert found.posted_at == datetime(2026, 7, 16, 15, 55, 32, tzinfo=UTC)
    assert found.valid_through == date(2027, 1, 1)
    assert (found.location, found.locations, found.language) == ("Singapore", ("Singapore",), "en")


def test_without_a_first_publication_the_last_change_dates_it_and_the_board_names_the_company() -> None:
    found = job(updated_at="2026-08-01T00:00:00Z", company_name=None)
    assert found.posted_at == datetime(2026, 8, 1, tzinfo=UTC)
    assert found.company == "lumenworks"


def test_content_is_escaped_twice() -> None:
    content = html.escape("<h3>R&amp;D</h3><ul><li>Write C++ &amp; Go</li><li>Compare &lt;T&gt; with generics</li></ul>")
    assert job(content=content).description == "R&D\n\n- Write C++ & Go\n- Compare <T> with generics"
    assert job(content="<p>Fish &amp; chips</p>").description == "Fish & chips"
    assert job(content="Fish &amp;amp; chips").description == "Fish & chips"


def test_scripts_do_not_reach_the_description() -> None:
    assert job(content=html.escape("<p>Hello</p><script>steal()</script>")).description == "Hello"


def test_a_job_without_an_opening_behind_it_is_a_prospect_post() -> None:
    answer = parsed({"jobs": [JOB, {**JOB, "id": 8, "internal_job_id": None}], "meta": {"total": 2}})
    assert answer.dropped == (Dropped("8", "prospect", withdrawn=True),)
    assert answer.complete


def test_a_job_whose_opening_is_not_told_is_kept() -> None:
    told = {key: value for key, value in JOB.items() if key != "internal_job_id"}
    assert len(parsed({"jobs": [told]}).postings) == 1


def test_a_location_that_is_no_place_gives_way_to_the_offices() -> None:
    offices = [{"name": "SG", "location": "Singapore"}, {"name": "Jakarta", "location": None}]
    found = job(location={"name": "Hybrid"}, offices=offices)
    assert (found.location, found.locations) == ("Singapore; Jakarta", ("Singapore", "Jakarta"))
    assert found.workplace is Workplace.HYBRID


def test_a_location_that_is_no_place_stays_when_there_is_no_office() -> None:
    found = job(location={"name": "Remote"})
    assert (found.location, found.locations, found.workplace) == ("Remote", ("Remote",), Workplace.REMOTE)


def test_offices_do_not_widen_a_location_that_names_a_place() -> None:
    assert job(offices=[{"name": "EMEA"}, {"name": "APAC"}]).locations == ("Singapore",)


def test_one_line_may_name_several_places() -> None:
    found = job(location={"name": "Remote | London, UK; New York City, NY | Seattle, WA"})
    assert found.locations == ("London, UK", "New York City, NY", "Seattle, WA")
    assert found.location == "Remote | London, UK; New York City, NY | Seattle, WA"
    assert found.workplace is Workplace.REMOTE


def test_the_workplace_may_stand_in_a_field_of_the_company() -> None:
    assert job(metadata=[{"name": "Location Type", "value": "On-Site"}]).workplace is Workplace.ONSITE
    assert job(metadata=[{"name": "Location Type", "value": None}, {"name": "Team", "value": "Remote"}]).workplace is None
    assert job(metadata=None).workplace is None


def test_pay_is_in_cents_a_year_unless_its_heading_says_otherwise() -> None:
    band = {"min_cents": 9600000, "max_cents": 14400000, "currency_type": "SGD", "title": "Base salary"}
    assert job(pay_input_ranges=[band]).pay == Pay(low=96_000, high=144_000, currency="SGD")
    hourly = {**band, "min_cents": 2500, "max_cents": 3000, "title": "Hourly rate"}
    assert job(pay_input_ranges=[hourly]).pay == Pay(low=52_000, high=62_400, currency="SGD")


def test_several_pay_ranges_are_not_one() -> None:
    band = {"min_cents": 9600000, "max_cents": 14400000, "currency_type": "SGD"}
    assert job(pay_input_ranges=[band, {**band, "title": "Jakarta"}]).pay is None


def test_a_tree_of_departments_is_read_to_its_leaves_and_each_job_once() -> None:
    leaf = {"name": "Ledger", "jobs": [{**JOB, "id": 2}, {**JOB, "id": 3}], "children": []}
    tree = [
        {"name": "Payments", "jobs": [JOB], "children": [leaf]},
        {"name": "Empty", "jobs": []},
        {"name": "All", "jobs": [JOB]},
    ]
    answer = parsed({"departments": tree})
    assert [found.external_id for found in answer.postings] == ["7100104", "2", "3"]
    assert answer.repeated == 1
    assert len(parsed({"offices": [{"name": "SG", "departments": tree}]}).postings) == 3


def test_a_claim_of_more_jobs_than_were_sent_is_an_incomplete_answer() -> None:
    assert not parsed({"jobs": [JOB], "meta": {"total": 37}}).complete
    assert parsed({"jobs": [JOB], "meta": {"total": 1}}).complete
    assert parsed({"jobs": [JOB], "meta": {"total": "many"}}).complete
    assert parsed({"jobs": [JOB], "meta": None}).complete
