"""MyCareersFuture, quirk by quirk."""

import gzip
import html
import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.posting import Employment, Pay, Place, RawPosting
from shared.reading.places import read_places

UUID = "03c9772125f5d5737a8576c031b3f911"
PAGE = "https://www.mycareersfuture.gov.sg/job/it/data-engineer-kelong-" + UUID
JOB = {"uuid": UUID, "title": "Data Engineer"}
SALARY = {"minimum": 6500, "maximum": 9000, "type": {"id": 4, "salaryType": "Monthly"}}


def job(**fields: object) -> RawPosting:
    body = json.dumps({"total": 1, "results": [{**JOB, **fields}]}).encode()
    return source("mycareersfuture").parse(body, "data engineer").postings[0]


def test_the_request_searches_from_the_first_page_newest_first() -> None:
    first = source("mycareersfuture").first
    base = "https://api.mycareersfuture.gov.sg/v2/jobs?limit=100&page=0&sortBy=new_posting_date&"
    assert first("R&D engineer").url == base + "search=R%26D+engineer"
    assert first("all").url == base


def test_pages_are_counted_from_our_own_request() -> None:
    board, full = source("mycareersfuture"), json.dumps({"total": 205, "page": 0, "results": [JOB] * 100}).encode()
    first = board.first("go")
    second = board.next_request(first, full)
    assert second is not None
    assert "page=1" in second.url
    assert "limit=100" in second.url
    assert "search=go" in second.url
    third = board.next_request(second, full)
    assert third is not None
    assert "page=2" in third.url
    assert board.next_request(third, full) is None
    assert board.next_request(first, b'{"total": 205, "results": []}') is None


def test_a_page_of_many_is_not_the_board() -> None:
    body = json.dumps({"total": 205, "results": [JOB]}).encode()
    assert not source("mycareersfuture").parse(body, "go").complete


def test_the_plain_facts() -> None:
    found = job(
        description="<p>Fish &amp; feed</p>", categories=[{"category": "Information Technology"}, {"category": "Other"}],
        metadata={"newPostingDate": "2026-08-26", "expiryDate": "2026-09-09", "jobDetailsUrl": PAGE},
    )  # fmt: skip
    assert (found.external_id, found.department, found.url) == (UUID, "Information Technology", PAGE)
    assert found.description == "Fish & feed"
    assert found.posted_at == datetime(2026, 8, 26, tzinfo=UTC)
    assert found.valid_through == date(2026, 9, 9)


def test_without_a_new_date_the_first_one_counts() -> None:
    assert job(metadata={"createdAt": "2026-09-14T07:02:07.000Z"}).posted_at == datetime(2026, 9, 14, 7, 2, 7, tzinfo=UTC)


def test_the_employer_is_the_one_who_hires_and_not_the_agency() -> None:
    agency = {"name": "BRIGHT TALENT SEARCH PTE. LTD."}
    assert job(postedCompany=agency, hiringCompany={"name": "TELOK CLINICS"}).company == "TELOK CLINICS"
    assert job(postedCompany=agency, hiringCompany=None).company == "BRIGHT TALENT SEARCH PTE. LTD."


@pytest.mark.parametrize(
    ("salary", "metadata", "expected"),
    [
        (SALARY, {}, Pay(low=78_000, high=108_000, currency="SGD")),
        ({**SALARY, "type": {"salaryType": "Annually"}}, {}, Pay(low=6_500, high=9_000, currency="SGD")),
        ({**SALARY, "minimum": None}, {}, Pay(high=108_000, currency="SGD")),
        (SALARY, {"isHideSalary": True}, None),
        ({**SALARY, "type": None}, {}, None),
        (None, {}, None),
    ],
)
def test_pay_is_made_annual(salary: object, metadata: object, expected: Pay | None) -> None:
    assert job(salary=salary, metadata=metadata).pay == expected


def test_districts_are_in_singapore() -> None:
    found = job(address={"isOverseas": False, "districts": [{"location": "D01 Marina"}, {"location": "Islandwide"}]})
    assert found.locations == ("D01 Marina, Singapore", "Islandwide, Singapore")
    assert read_places(found.locations) == (Place(city="Singapore", country="SG"),)
    assert job(address={"districts": []}).locations == job().locations == ("Singapore",)


def test_a_job_overseas_is_in_its_country() -> None:
    found = job(address={"isOverseas": True, "overseasCountry": "Malaysia", "districts": []})
    assert (found.location, found.locations) == ("Malaysia", ("Malaysia",))


@pytest.mark.parametrize(
    ("kinds", "meaning"),
    [
        (["Permanent", "Full Time"], Employment.FULL_TIME),
        (["Contract", "Full Time"], Employment.CONTRACT),
        (["Permanent", "Contract"], None),
        (["Internship/Attachment"], Employment.INTERNSHIP),
        ([None], None),
    ],
)
def test_the_employment(kinds: list[str | None], meaning: Employment | None) -> None:
    assert job(employmentTypes=[{"employmentType": kind} for kind in kinds]).employment is meaning


def test_years_and_skills_stand_beside_the_text() -> None:
    skills = [{"skill": "Node.js", "isKeySkill": True}, {"skill": "Terraform"}]
    found = job(description="<p>Text</p>", minimumYearsExperience=8, skills=skills)
    assert found.description == "Text\n\n8 years of experience\n\nSkills: Node.js, Terraform"
    assert job(minimumYearsExperience=1).description == "1 year of experience"
    assert job(minimumYearsExperience=0, skills=[]).description == job(minimumYearsExperience=None).description == ""


@pytest.mark.parametrize(
    "page", ["https://evil.example/job/1", "https://www.mycareersfuture.gov.sg.evil.example/", "http://www.mycareersfuture.gov.sg/x",
             "https://a@www.mycareersfuture.gov.sg/x", "javascript:alert(1)", "https://[", None]
)  # fmt: skip
def test_only_the_sites_own_pages_become_links(page: str | None) -> None:
    if page == "https://[":
        body = json.dumps([JOB, {**JOB, "uuid": "x", "metadata": {"jobDetailsUrl": page}}]).encode()
        assert len(source("mycareersfuture").parse(body, "go").postings) == 1
        return
    assert job(metadata={"jobDetailsUrl": page}).url == f"https://www.mycareersfuture.gov.sg/job/{UUID}"


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://www.mycareersfuture.gov.sg/search?search=software%20engineer&sortBy=relevancy", "software engineer"),
        ("https://www.mycareersfuture.gov.sg/", "all"),
        ("https://api.mycareersfuture.gov.sg/v2/jobs?search=go&limit=100", "go"),
        (PAGE, None),
        ("https://mycareersfuture.gov.sg.evil.example/search?search=go", None),
    ],
)
def test_a_search_is_recognised(address: str, board: str | None) -> None:
    assert source("mycareersfuture").board_of(urlsplit(address)) == board


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/mycareersfuture").iterdir())
    assert files
    for file in files:
        document = json.loads(file.read_bytes())
        told = document["results"] if isinstance(document, dict) else document
        answer = source("mycareersfuture").parse(file.read_bytes(), "software")
        assert [(found.external_id, found.title) for found in answer.postings] == [(job["uuid"], job["title"]) for job in told]
        for found, raw in zip(answer.postings, told, strict=True):
            assert found.pay == Pay(low=raw["salary"]["minimum"] * 12, high=raw["salary"]["maximum"] * 12, currency="SGD")
            assert found.company == raw["postedCompany"]["name"]
            assert found.url == raw["metadata"]["jobDetailsUrl"]
            assert found.posted_at
            assert read_places(found.locations) == (Place(city="Singapore", country="SG"),)
            assert all(skill["skill"] in found.description for skill in raw["skills"])


@pytest.mark.recorded
def test_real_texts_pay_and_places_survive_in_the_apis_shape(shared_data: Path) -> None:
    """The 261 jobs were read off web pages; here each is put into the shape of the API."""
    rows = json.loads(gzip.decompress((shared_data / "data/bulk/mcf_jobs.json.gz").read_bytes()))
    jobs = [
        {
            "uuid": str(number), "title": row["title"] or "Untitled", "postedCompany": {"name": row["company"]},
            "description": "".join(f"<p>{html.escape(line)}</p>" for line in row["job_description"].splitlines()),
            "salary": {"minimum": row["salary_low"], "maximum": row["salary_high"], "type": {"salaryType": "Monthly"}},
            "address": {"districts": [{"location": row["location"]}]}, "employmentTypes": [{"employmentType": row["job_type"]}],
            "metadata": {"newPostingDate": row["post_date"], "jobDetailsUrl": row["url"]},
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip
    answer = source("mycareersfuture").parse(json.dumps({"total": len(jobs), "results": jobs}).encode(), "all")
    assert len(answer.postings) == len(rows) == 261
    assert answer.complete
    for found, row in zip(answer.postings, rows, strict=True):
        letters = [letter for letter in html.unescape(row["job_description"]) if letter.isalnum()]
        assert [letter for letter in found.description if letter.isalnum()] == letters
        stated = row["salary_low"] or row["salary_high"]
        assert found.pay == (Pay(low=row["salary_low"] * 12, high=row["salary_high"] * 12, currency="SGD") if stated else None)
        assert (found.company, found.url) == (row["company"], row["url"])
        assert found.employment is Employment.FULL_TIME
        assert read_places(found.locations) == (Place(city="Singapore", country="SG"),), found.locations
