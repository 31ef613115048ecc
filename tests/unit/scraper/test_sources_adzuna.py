"""Adzuna, quirk by quirk."""

import json
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.errors import UnreadableInput
from shared.posting import Employment, Pay, RawPosting

KEYS = {"adzuna_app_id": "our id", "adzuna_app_key": "k&y"}
JOB = {"id": "5801", "title": "Data Engineer", "salary_min": 90000, "salary_max": 120000.5, "salary_is_predicted": "0"}


def job(board: str = "sg/engineer", **fields: object) -> RawPosting:
    return source("adzuna").parse(json.dumps({"count": 1, "results": [{**JOB, **fields}]}).encode(), board).postings[0]


def test_the_request_has_the_search_and_the_keys() -> None:
    base = "https://api.adzuna.com/v1/api/jobs/"
    keys = "&app_id=our%20id&app_key=k%26y"
    first = source("adzuna").first
    assert (
        first("sg/R&D engineer", keys=KEYS).url
        == f"{base}sg/search/1?what=R%26D+engineer&results_per_page=50&sort_by=date{keys}"
    )
    assert (
        first("gb/go/London", keys=KEYS).url == f"{base}gb/search/1?what=go&where=London&results_per_page=50&sort_by=date{keys}"
    )
    assert first("SG", keys=KEYS).url == f"{base}sg/search/1?results_per_page=50&sort_by=date{keys}"


def test_without_keys_or_with_a_foreign_country_it_says_what_to_do() -> None:
    with pytest.raises(UnreadableInput, match="adzuna needs an access key: set adzuna_app_key in") as caught:
        source("adzuna").first("sg/engineer", keys={"adzuna_app_id": "x"})
    assert caught.value.code == "source_key_missing"
    with pytest.raises(UnreadableInput, match=r"adzuna: a board is COUNTRY/WORDS, e\.g\. 'sg/engineer'; countries: at, au"):
        source("adzuna").first("engineer", keys=KEYS)


def test_the_page_is_a_part_of_the_path_and_counted_by_us() -> None:
    adzuna, body = source("adzuna"), json.dumps({"count": 1000, "results": [JOB] * 50}).encode()
    request = adzuna.first("sg/engineer", keys=KEYS)
    pages = 1
    while following := adzuna.next_request(request, body):
        pages += 1
        assert following.url == request.url.replace(f"/search/{pages - 1}?", f"/search/{pages}?")
        request = following
    assert pages == 5
    first = adzuna.first("sg/engineer", keys=KEYS)
    assert adzuna.next_request(first, json.dumps({"count": 50, "results": [JOB] * 50}).encode()) is None
    assert adzuna.next_request(first, b'{"count": 1000, "results": []}') is None


def test_a_wide_search_is_never_complete() -> None:
    assert not source("adzuna").parse(json.dumps({"count": 1000, "results": [JOB]}).encode(), "sg/x").complete
    assert source("adzuna").parse(json.dumps({"count": 1, "results": [JOB]}).encode(), "sg/x").complete


def test_the_plain_facts() -> None:
    found = job(
        title="<strong>Data</strong> Engineer", company={"display_name": "Pandan Pay"}, category={"label": "IT Jobs"},
        redirect_url="https://www.adzuna.sg/details/5801?utm_source=x", created="2026-07-15T08:33:45Z",
        description="A <strong>data</strong> snippet &amp; no more…",
    )  # fmt: skip
    assert (found.title, found.company, found.department) == ("Data Engineer", "Pandan Pay", "IT Jobs")
    assert found.url == "https://www.adzuna.sg/details/5801?utm_source=x"
    assert found.posted_at == datetime(2026, 7, 15, 8, 33, 45, tzinfo=UTC)
    assert found.description == "A data snippet & no more…"


def test_the_area_is_written_from_small_to_large() -> None:
    area = ["US", "Virginia", "Arlington County"]
    assert job(location={"display_name": "Arlington", "area": area}).locations == ("Arlington County, Virginia, US",)
    assert job(location={"display_name": "Arlington"}).locations == ("Arlington",)
    assert job(location=None).locations == ()


@pytest.mark.parametrize(
    ("board", "fields", "expected"),
    [
        ("sg/x", {}, Pay(low=90_000, high=120_000.5, currency="SGD")),
        ("GB/x", {}, Pay(low=90_000, high=120_000.5, currency="GBP")),
        ("mars/x", {}, None),
        ("sg/x", {"salary_is_predicted": "1"}, None),
        ("sg/x", {"salary_is_predicted": 1}, None),
        ("sg/x", {"salary_min": 22, "salary_max": 25}, None),
        ("sg/x", {"salary_min": None, "salary_max": None}, None),
    ],
)
def test_a_guess_is_not_stated_pay(board: str, fields: dict[str, object], expected: Pay | None) -> None:
    assert job(board, **fields).pay == expected


@pytest.mark.parametrize(
    ("time", "kind", "meaning"),
    [
        ("full_time", "permanent", Employment.FULL_TIME),
        ("full_time", "contract", Employment.CONTRACT),
        ("part_time", None, Employment.PART_TIME),
        (None, "permanent", None),
    ],
)
def test_the_employment(time: str | None, kind: str | None, meaning: Employment | None) -> None:
    assert job(contract_time=time, contract_type=kind).employment is meaning


def test_its_terms_ask_for_its_name_and_a_link_back() -> None:
    assert source("adzuna").terms.link_back
    assert (job().attribution, job().mailable) == ("Adzuna", True)


@pytest.mark.parametrize(
    ("address", "board"),
    [
        ("https://www.adzuna.sg/search?q=data%20engineer", "sg/data engineer"),
        ("https://www.adzuna.co.uk/jobs/search?q=go&w=London", "gb/go/London"),
        ("https://www.adzuna.com/search?loc=1", "us"),
        ("https://www.adzuna.sg/details/5801", None),
        ("https://www.adzuna.example/search?q=go", None),
        ("https://api.adzuna.com/v1/api/jobs/sg/search/1", None),
    ],
)
def test_a_search_is_recognised(address: str, board: str | None) -> None:
    assert source("adzuna").board_of(urlsplit(address)) == board


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/adzuna").iterdir())
    assert files
    for file in files:
        document = json.loads(file.read_bytes())
        told = {str(job["id"]): job for job in (document["results"] if isinstance(document, dict) else document)}
        answer = source("adzuna").parse(file.read_bytes(), f"{file.name[:2]}/x")
        assert {found.external_id for found in answer.postings} == told.keys(), file.name
        for found in answer.postings:
            raw = told[found.external_id]
            assert found.posted_at
            assert found.url == raw["redirect_url"]
            assert found.description
            assert found.location
            if str(raw.get("salary_is_predicted")) == "1":
                assert found.pay is None
            elif "salary_min" in raw:
                assert found.pay
                assert found.pay.low == raw["salary_min"]
