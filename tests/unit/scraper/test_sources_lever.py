"""Lever, quirk by quirk."""

import json
from datetime import UTC, datetime

import pytest

from services.scraper.sources import source
from shared.posting import Employment, Pay, RawPosting, Workplace

JOB = {"id": "5b0e", "text": "iOS Engineer", "categories": {"location": "London", "allLocations": ["London"]}}


def job(**fields: object) -> RawPosting:
    return source("lever").parse(json.dumps([{**JOB, **fields}]).encode(), "KestrelBank").postings[0]


def test_the_name_in_the_address_keeps_its_case_and_europe_is_another_host() -> None:
    lever = source("lever")
    assert lever.first("KestrelBank").url == "https://api.lever.co/v0/postings/KestrelBank?mode=json"
    assert (
        lever.first("kestrel", "https://api.eu.lever.co/v0/postings/{board}").url
        == "https://api.eu.lever.co/v0/postings/kestrel"
    )
    assert ("Accept", "application/json") in lever.first("kestrel").headers


def test_the_plain_facts() -> None:
    found = job(
        hostedUrl="https://jobs.lever.co/kestrelbank/5b0e",
        createdAt=1711403416463,
        workplaceType="hybrid",
        reqCode="K-7",
        categories={"commitment": "Permanent, Full-time", "team": "Mobile", "location": "London"},
    )
    assert (found.title, found.company, found.department, found.requisition_id) == (
        "iOS Engineer",
        "KestrelBank",
        "Mobile",
        "K-7",
    )
    assert found.posted_at == datetime(2024, 3, 25, 21, 50, 16, 463000, tzinfo=UTC)
    assert (found.workplace, found.employment) == (Workplace.HYBRID, Employment.FULL_TIME)


def test_the_department_goes_before_the_team() -> None:
    assert job(categories={"department": "Engineering", "team": "Mobile"}).department == "Engineering"


def test_the_text_is_put_together_in_reading_order() -> None:
    lists = [
        {"text": "Responsibilities", "content": "<li>Swift &amp; care</li>"},
        {"text": "Know <b>HTML</b>", "content": "<li>Two</li>"},
    ]
    found = job(
        description="<div>The role</div>", descriptionPlain="never read", lists=lists, additional="<p>Benefits</p>",
        additionalPlain="never read", salaryDescription="<div>GBP 70k</div>",
    )  # fmt: skip
    assert (
        found.description
        == "The role\n\nResponsibilities\n\n- Swift & care\n\nKnow <b>HTML</b>\n\n- Two\n\nBenefits\n\nGBP 70k"
    )


def test_plain_pieces_stand_in_for_missing_html_line_by_line() -> None:
    found = job(descriptionPlain="R&D <now>\nSecond line", additionalPlain="Benefits\n")
    assert found.description == "R&D <now>\nSecond line\n\nBenefits"


def test_every_office_is_a_place() -> None:
    found = job(categories={"location": "London", "allLocations": ["London", "Edinburgh"]}, country="GB")
    assert (found.location, found.locations) == ("London", ("London", "Edinburgh"))


def test_the_country_helps_a_single_office() -> None:
    assert job(country="GB").locations == ("London, GB",)
    assert job(country="GB", categories={}).locations == ("GB",)
    assert job(country=None, categories={}).locations == ()


@pytest.mark.parametrize(
    ("said", "meaning"), [("onsite", Workplace.ONSITE), ("remote", Workplace.REMOTE), ("unspecified", None)]
)
def test_the_workplace(said: str, meaning: Workplace | None) -> None:
    assert job(workplaceType=said).workplace is meaning


def test_pay_is_made_annual() -> None:
    monthly = {"min": 7500, "max": 11000, "currency": "SGD", "interval": "per-month-salary"}
    assert job(salaryRange=monthly).pay == Pay(low=90_000, high=132_000, currency="SGD")
    assert job(salaryRange={**monthly, "interval": "one-time"}).pay is None
    assert job(salaryRange=None).pay is None
