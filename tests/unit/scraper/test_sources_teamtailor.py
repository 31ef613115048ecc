"""Teamtailor, quirk by quirk: its RSS, and the JSON feed of the same site."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.scraper.sources import source
from services.scraper.sources.base import Request
from shared.errors import UnreadableInput
from shared.posting import Employment, RawPosting, Workplace

LINK = "https://talgoxe.teamtailor.com/jobs/8800101-backend-engineer"
ITEM = f"<title>Backend &amp; Data Engineer</title><link>{LINK}</link><guid>0b7e-51f3</guid>"
PLACE = "<tt:location><tt:name>Head office</tt:name><tt:city>{}</tt:city><tt:country>{}</tt:country></tt:location>"


def rss(*items: str) -> bytes:
    inner = "".join(f"<item>{item}</item>" for item in items)
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:tt="https://teamtailor.com/locations">'
    return f"{head}<channel><title>Talgoxe</title>{inner}</channel></rss>".encode()


def job(told: str = "") -> RawPosting:
    return source("teamtailor").parse(rss(ITEM + told), "talgoxe").postings[0]


def feed_job(**told: object) -> RawPosting:
    item = {"id": "20fafb7d", "title": "Backend Engineer", "url": LINK, "_jobposting": told}
    return source("teamtailor").parse(json.dumps({"title": "Talgoxe", "items": [item]}).encode(), "talgoxe").postings[0]


def test_the_plain_facts() -> None:
    found = job(
        "<pubDate>Wed, 24 Dec 2025 12:13:31 +0100</pubDate><company_name>Talgoxe AB</company_name>"
        "<description>&lt;p&gt;Bills &amp;amp; births&lt;/p&gt;</description><tt:department>Product</tt:department>"
    )
    assert (found.title, found.company, found.department) == ("Backend & Data Engineer", "Talgoxe AB", "Product")
    assert (found.url, found.description) == (LINK, "Bills & births")
    assert found.posted_at == datetime(2025, 12, 24, 11, 13, 31, tzinfo=UTC)


def test_the_site_has_the_name_of_the_company_where_an_item_has_none() -> None:
    assert job().company == "Talgoxe"


def test_the_address_gives_the_id_which_both_feeds_have_in_common() -> None:
    assert job().external_id == feed_job().external_id == "8800101"
    body = rss("<title>Spontaneous application</title><guid>0b7e-51f3</guid>")
    assert source("teamtailor").parse(body, "talgoxe").postings[0].external_id == "0b7e-51f3"


def test_every_location_is_a_place_by_its_city_and_country() -> None:
    found = job(
        f"<tt:locations>{PLACE.format('Stockholm', 'Sweden')}{PLACE.format('', 'Finland')}{PLACE.format('', '')}</tt:locations>"
    )
    assert found.locations == ("Stockholm, Sweden", "Finland", "Head office")
    assert found.location == "Stockholm, Sweden; Finland; Head office"
    assert job("<tt:locations></tt:locations>").locations == ()


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("fully", Workplace.REMOTE),
        ("fully-remote", Workplace.REMOTE),
        ("hybrid", Workplace.HYBRID),
        ("none", Workplace.ONSITE),
        ("temporary", None),
        ("", None),
    ],
)
def test_the_remote_status(status: str, meaning: Workplace | None) -> None:
    assert job(f"<remoteStatus>{status}</remoteStatus>").workplace is meaning


def test_a_full_page_is_not_the_last() -> None:
    teamtailor = source("teamtailor")
    first = teamtailor.first("talgoxe")
    second = teamtailor.next_request(first, rss(*[ITEM] * 100))
    assert second is not None
    assert second.url == "https://talgoxe.teamtailor.com/jobs.rss?per_page=100&offset=100"
    assert second.headers == first.headers
    third = teamtailor.next_request(second, rss(*[ITEM] * 100))
    assert third is not None
    assert "offset=200" in third.url
    assert teamtailor.next_request(third, rss(*[ITEM] * 99)) is None
    assert teamtailor.next_request(first, rss()) is None


def test_the_json_feed_is_one_page() -> None:
    items = [{"id": str(n), "title": "Engineer"} for n in range(100)]
    assert (
        source("teamtailor").next_request(Request("https://t.example/jobs.json"), json.dumps({"items": items}).encode()) is None
    )


def test_the_json_feed_carries_schema_org_postings() -> None:
    address = {"addressLocality": "Stockholm", "addressRegion": "Europe", "addressCountry": "SE"}
    found = feed_job(
        description="<p>Bills</p>",
        employmentType="FULL_TIME",
        jobLocationType="TELECOMMUTE",
        jobLocation=[{"address": address}],
    )
    assert (found.company, found.description) == ("Talgoxe", "Bills")
    assert found.locations == ("Stockholm, SE",)
    assert (found.workplace, found.employment) == (Workplace.REMOTE, Employment.FULL_TIME)
    assert feed_job(jobLocation=None).locations == ()


def test_what_is_neither_is_named() -> None:
    with pytest.raises(UnreadableInput, match="teamtailor:acme: no list of jobs: the answer is <feed>, not RSS"):
        source("teamtailor").parse(b"<feed/>", "acme")
    with pytest.raises(UnreadableInput, match="teamtailor:acme: no list of jobs under 'items'"):
        source("teamtailor").parse(b'{"jobs": []}', "acme")
    with pytest.raises(UnreadableInput, match="teamtailor:acme: got an HTML page"):
        source("teamtailor").parse(b"<!doctype html><html>", "acme")


def test_the_company_tells_its_name() -> None:
    teamtailor = source("teamtailor")
    assert teamtailor.identity is not None
    assert teamtailor.identity("talgoxe").url == "https://talgoxe.teamtailor.com/jobs.rss?per_page=1"
    assert teamtailor.company(rss()) == teamtailor.company(b'{"title": "Talgoxe", "items": []}') == "Talgoxe"


@pytest.mark.recorded
def test_recorded_answers(shared_data: Path) -> None:
    files = sorted((shared_data / "data/feeds/teamtailor").iterdir())
    assert files
    for file in files:
        items = json.loads(file.read_bytes())["items"]
        answer = source("teamtailor").parse(file.read_bytes(), "acme")
        assert [(found.external_id, found.title) for found in answer.postings] == [
            (str(item["_jobposting"]["identifier"]["value"]), item["title"]) for item in items
        ], file.name
        for found, item in zip(answer.postings, items, strict=True):
            assert len(found.locations) == len(item["_jobposting"]["jobLocation"])
            assert found.posted_at == datetime.fromisoformat(item["date_published"])
            assert (found.company, found.url) == ("Teamtailor", item["url"])
