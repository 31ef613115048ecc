"""Ashby, quirk by quirk."""

import json
from datetime import UTC, datetime

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Dropped
from shared.posting import Employment, Pay, RawPosting, Workplace

JOB = {"id": "4c57", "title": " Data Engineer", "location": "Singapore"}
SALARY = {"compensationType": "Salary", "interval": "1 YEAR", "currencyCode": "SGD", "minValue": 96000, "maxValue": 138000}
EQUITY = {"compensationType": "EquityCashValue", "interval": "1 YEAR", "currencyCode": "SGD", "minValue": 1, "maxValue": 2}


def job(**fields: object) -> RawPosting:
    return source("ashby").parse(json.dumps({"jobs": [{**JOB, **fields}]}).encode(), "harbourlight").postings[0]


def office(name: str | None, **address: str | None) -> dict[str, object]:
    keys = {"city": "addressLocality", "region": "addressRegion", "country": "addressCountry"}
    return {"location": name, "address": {"postalAddress": {keys[key]: value for key, value in address.items()}}}


def paid(*tiers: list[dict[str, object]], summary: list[dict[str, object]] | None = None) -> Pay | None:
    compensation = {"compensationTiers": [{"components": tier} for tier in tiers], "summaryComponents": summary or []}
    return job(compensation=compensation).pay


def test_the_request_asks_for_pay() -> None:
    url = source("ashby").first("harbourlight").url
    assert url == "https://api.ashbyhq.com/posting-api/job-board/harbourlight?includeCompensation=true"


def test_the_plain_facts() -> None:
    found = job(
        department="Engineering", employmentType="FullTime", publishedAt="2026-04-07T17:12:35.753+00:00",
        jobUrl="https://jobs.ashbyhq.com/harbourlight/4c57",
        descriptionHtml="<h2>Role</h2><p>Ships &amp; data</p>", descriptionPlain="no",
    )  # fmt: skip
    assert (found.title, found.company, found.department) == ("Data Engineer", "harbourlight", "Engineering")
    assert found.posted_at == datetime(2026, 4, 7, 17, 12, 35, 753000, tzinfo=UTC)
    assert found.employment is Employment.FULL_TIME
    assert found.description == "Role\n\nShips & data"
    assert found.url == "https://jobs.ashbyhq.com/harbourlight/4c57"


def test_plain_text_stands_in_for_missing_html() -> None:
    assert job(descriptionPlain="ROLE\n\n - Ships").description == "ROLE\n\n - Ships"


def test_what_is_not_listed_is_not_for_readers() -> None:
    body = json.dumps({"jobs": [JOB, {**JOB, "id": "2", "isListed": False}]}).encode()
    answer = source("ashby").parse(body, "harbourlight")
    assert [found.external_id for found in answer.postings] == ["4c57"]
    assert answer.dropped == (Dropped("2", "not listed", withdrawn=True),)


@pytest.mark.parametrize(
    ("kind", "remote", "meaning"),
    [
        ("Hybrid", True, Workplace.HYBRID),
        ("OnSite", True, Workplace.ONSITE),
        ("Remote", False, Workplace.REMOTE),
        (None, True, Workplace.REMOTE),
        (None, False, None),
        (None, None, None),
    ],
)
def test_the_workplace_type_beats_is_remote(kind: str | None, remote: bool | None, meaning: Workplace | None) -> None:
    assert job(workplaceType=kind, isRemote=remote).workplace is meaning


@pytest.mark.parametrize(
    ("place", "read"),
    [
        (office("Singapore", city="Singapore", region="Singapore", country="Singapore"), "Singapore"),
        (
            office("SF Office", city="San Francisco", region="California", country="USA"),
            "SF Office, San Francisco, California, USA",
        ),
        (office("Boston", city="Boston", region="MA", country="USA"), "Boston, MA, USA"),
        (office("Paris", city="Paris", region="France", country="France"), "Paris, France"),
        (office("Remote (Canada)", country="Canada"), "Remote (Canada)"),
        (office("Remote in EMEA", city="Dubai", country="United Arab Emirates"), "Remote in EMEA"),
        (office("LatAm", country="Panama"), "LatAm"),
        (office("Remote", country="United States"), "Remote, United States"),
        (office("Remote", city="Sunnyvale", country="United States"), "Remote"),
        (office("HQ"), "HQ"),
        ({"location": "HQ", "address": None}, "HQ"),
        ({"location": "HQ", "address": "1 Raffles Place"}, "HQ"),
    ],
)
def test_an_address_adds_what_the_name_lacks_unless_it_is_only_the_head_office(place: dict[str, object], read: str) -> None:
    found = job(**place)
    assert (found.location, found.locations) == (place["location"], (read,))


def test_every_secondary_location_is_a_place() -> None:
    found = job(
        secondaryLocations=[office("Miami", region="Florida"), office(None, city="Oslo", country="Norway"), office(None)]
    )
    assert found.locations == ("Singapore", "Miami, Florida", "Oslo, Norway")


def test_only_a_salary_is_pay() -> None:
    assert paid([EQUITY, SALARY], summary=[SALARY, EQUITY]) == Pay(low=96_000, high=138_000, currency="SGD")
    assert paid([EQUITY], summary=[EQUITY]) is None
    assert paid(summary=[SALARY]) == Pay(low=96_000, high=138_000, currency="SGD")
    assert job(compensation=None).pay is None


@pytest.mark.parametrize(("interval", "low"), [("1 YEAR", 40.0), ("1 MONTH", 480.0), ("1 WEEK", 2_080.0), ("1 HOUR", 83_200.0)])
def test_pay_is_made_annual(interval: str, low: float) -> None:
    found = paid([{**SALARY, "interval": interval, "minValue": 40, "maxValue": None}])
    assert found == Pay(low=low, high=None, currency="SGD")


def test_tiers_are_not_melted_into_one_range() -> None:
    lower, higher = {**SALARY, "maxValue": 110_000}, {**SALARY, "minValue": 111_000}
    assert paid([lower, EQUITY], [higher, EQUITY], summary=[SALARY]) is None
    assert paid([SALARY, EQUITY], [SALARY], summary=[SALARY]) == Pay(low=96_000, high=138_000, currency="SGD")
