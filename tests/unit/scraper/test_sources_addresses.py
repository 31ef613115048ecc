"""Which board of which source an address belongs to, and whom the board belongs to."""

import csv
import re
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources.base import Source
from shared.errors import UnreadableInput

NAMES = ("ashby", "bamboohr", "greenhouse", "lever", "smartrecruiters", "themuse", "workable", "workday")
SOURCES: dict[str, Source] = {name: import_module(f"services.scraper.sources.{name}").SOURCE for name in NAMES}


def boards(address: str) -> dict[str, str]:
    """The board that each source takes an address for."""
    found = {name: source.board_of(urlsplit(address)) for name, source in SOURCES.items()}
    return {name: board for name, board in found.items() if board is not None}


@pytest.mark.parametrize(
    ("address", "name", "board"),
    [
        ("https://boards.greenhouse.io/lumenworks", "greenhouse", "lumenworks"),
        ("https://boards.greenhouse.io/lumenworks/jobs/7100104?gh_src=x", "greenhouse", "lumenworks"),
        ("https://job-boards.greenhouse.io/lumenworks/", "greenhouse", "lumenworks"),
        ("https://job-boards.eu.greenhouse.io/lumenworks/jobs/1", "greenhouse", "lumenworks"),
        ("https://boards.eu.greenhouse.io/lumenworks", "greenhouse", "lumenworks"),
        ("https://boards.greenhouse.io/embed/job_board/js?for=lumenworks", "greenhouse", "lumenworks"),
        ("https://boards.greenhouse.io/embed/job_app?token=1&for=lumenworks", "greenhouse", "lumenworks"),
        ("https://boards-api.greenhouse.io/v1/boards/lumenworks/jobs?content=true", "greenhouse", "lumenworks"),
        ("https://jobs.lever.co/KestrelBank/5b0e-11", "lever", "KestrelBank"),
        ("https://jobs.lever.co/fish%26chips", "lever", "fish&chips"),
        ("https://jobs.eu.lever.co/kestrel", "lever", "eu/kestrel"),
        ("https://api.lever.co/v0/postings/kestrel?mode=json", "lever", "kestrel"),
        ("https://api.eu.lever.co/v0/postings/kestrel/5b0e", "lever", "eu/kestrel"),
        ("https://jobs.ashbyhq.com/Harbour%20Light/0b8c/application", "ashby", "Harbour Light"),
        ("https://api.ashbyhq.com/posting-api/job-board/harbourlight?includeCompensation=true", "ashby", "harbourlight"),
        ("https://jobs.smartrecruiters.com/TidewaterRail/744000200000101-engineer", "smartrecruiters", "TidewaterRail"),
        ("https://careers.smartrecruiters.com/TidewaterRail", "smartrecruiters", "TidewaterRail"),
        (
            "https://jobs.smartrecruiters.com/oneclick-ui/company/TidewaterRail/publication/1",
            "smartrecruiters",
            "TidewaterRail",
        ),
        ("https://api.smartrecruiters.com/v1/companies/TidewaterRail/postings", "smartrecruiters", "TidewaterRail"),
        ("https://apply.workable.com/palmhouse/", "workable", "palmhouse"),
        ("https://apply.workable.com/palmhouse/j/3F0A61C2D1/", "workable", "palmhouse"),
        ("https://apply.workable.com/api/v1/widget/accounts/palmhouse?details=true", "workable", "palmhouse"),
        ("https://palmhouse.workable.com/jobs/1", "workable", "palmhouse"),
        ("https://northreef.wd3.myworkdayjobs.com/Careers", "workday", "northreef.wd3/Careers"),
        ("https://northreef.wd3.myworkdayjobs.com/en-US/Careers/job/London/X_JR-1?q=1", "workday", "northreef.wd3/Careers"),
        ("https://northreef.wd103.myworkdayjobs.com/es/Careers/login", "workday", "northreef.wd103/Careers"),
        ("https://osv-reef.wd1.myworkdayjobs.com/wday/cxs/osv_reef/Careers/jobs", "workday", "osv-reef.wd1/Careers"),
        ("https://wd3.myworkdaysite.com/en-US/recruiting/reef/Jobs/job/X", "workday", "reef.wd3.myworkdaysite/Jobs"),
        ("https://wd3.myworkdaysite.com/wday/cxs/reef/Jobs/jobs", "workday", "reef.wd3.myworkdaysite/Jobs"),
        ("https://northreef.wd3.myworkdayjobs.com/recruiting", "workday", "northreef.wd3/recruiting"),
        ("https://copperkettle.bamboohr.com/careers/41", "bamboohr", "copperkettle"),
        ("https://CopperKettle.bamboohr.com/jobs/", "bamboohr", "copperkettle"),
        ("https://www.themuse.com/companies/monsoon-games/jobs", "themuse", "Monsoon Games"),
        ("https://themuse.com/profiles/monsoongames", "themuse", "Monsoongames"),
        (
            "https://www.themuse.com/api/public/jobs?page=3&location=Flexible+%2F+Remote",
            "themuse",
            "location=Flexible / Remote",
        ),
    ],
)
def test_a_board_is_recognised_in_its_addresses_and_by_one_source(address: str, name: str, board: str) -> None:
    assert boards(address) == {name: board}
    assert SOURCES[name].first(board).url.startswith("https://")


@pytest.mark.parametrize(
    "address",
    [
        "https://boards.greenhouse.io/",
        "https://boards.greenhouse.io/embed/job_board",
        "https://www.greenhouse.io/lumenworks",
        "https://boards.greenhouse.io.evil.example/lumenworks",
        "https://boards-api.greenhouse.io/v1/",
        "https://www.lever.co/customers",
        "https://hire.lever.co/kestrel",
        "https://api.lever.co/v1/opportunities",
        "https://jobs.ashbyhq.com/api/non-user-graphql",
        "https://www.ashbyhq.com/customers",
        "https://www.smartrecruiters.com/resources",
        "https://api.smartrecruiters.com/v1/",
        "https://apply.workable.com/j/3F0A61C2D1",
        "https://www.workable.com/pricing",
        "https://jobs.workable.com/company/x",
        "https://northreef.wd3.myworkdayjobs.com/",
        "https://northreef.wd3.myworkdayjobs.com/en-US",
        "https://northreef.wd3.myworkdayjobs.com/es",
        "https://wd3.myworkdaysite.com/recruiting/reef",
        "https://northreef.wd3.myworkdayjobs.com/wday/authgwy/reef/login",
        "https://www.workday.com/en-us/company/careers.html",
        "https://www.bamboohr.com/careers/",
        "https://a.b.bamboohr.com/careers/",
        "https://www.themuse.com/advice/x",
        "https://www.themuse.com/api/public/jobs?page=1",
        "https://acme.example/careers",
        "mailto:jobs@acme.example",
        "",
    ],
)
def test_other_addresses_are_nobodys(address: str) -> None:
    assert boards(address) == {}


def test_europe_is_another_host_under_the_same_name() -> None:
    lever = SOURCES["lever"]
    assert lever.first("eu/kestrel").url == "https://api.eu.lever.co/v0/postings/kestrel?mode=json"
    assert lever.first("eu").url == "https://api.lever.co/v0/postings/eu?mode=json"
    assert lever.first("eu/kestrel", "http://127.0.0.1:8080/{board}.json").url == "http://127.0.0.1:8080/kestrel.json"
    (found,) = lever.parse(b'[{"id": "1", "text": "Engineer"}]', "eu/kestrel").postings
    assert (found.board, found.company) == ("eu/kestrel", "kestrel")


def test_one_job_asked_for_by_its_id_is_read_too() -> None:
    assert len(SOURCES["lever"].parse(b'{"id": "1", "text": "Engineer"}', "kestrel").postings) == 1
    answer = b'{"id": 1, "title": "Engineer", "absolute_url": "https://job-boards.greenhouse.io/lumenworks/jobs/1"}'
    assert len(SOURCES["greenhouse"].parse(answer, "lumenworks").postings) == 1


def test_greenhouse_knows_its_companies_by_name() -> None:
    greenhouse = SOURCES["greenhouse"]
    assert greenhouse.identity is not None
    assert greenhouse.identity("lumen works").url == "https://boards-api.greenhouse.io/v1/boards/lumen%20works"
    assert greenhouse.company(b'{"name": "Lumenworks", "content": "<p>Hi</p>"}') == "Lumenworks"
    with pytest.raises(UnreadableInput, match=r"^greenhouse: "):
        greenhouse.company(b"[]")


def test_the_muse_names_the_company_of_a_board_that_has_only_one() -> None:
    muse = SOURCES["themuse"]
    assert muse.identity is not None
    assert muse.identity("Monsoon Games").url == "https://www.themuse.com/api/public/jobs?page=0&company=Monsoon+Games"
    job = '{"id": 1, "name": "Engineer", "company": {"name": "%s"}}'
    assert muse.company(f'{{"results": [{job % "Monsoon Games"}, {job % "Monsoon Games"}]}}'.encode()) == "Monsoon Games"
    assert muse.company(f'{{"results": [{job % "Monsoon Games"}, {job % "Paperlane"}]}}'.encode()) is None
    assert muse.company(b'{"results": []}') is None


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["ashby", "greenhouse", "lever", "smartrecruiters", "workable", "workday"])
def test_thousands_of_boards_are_recognised(name: str, shared_data: Path) -> None:
    """All but a few leftovers of scraping (`/embed`, `/j`, `/wday`) and the tenants of Workday given without a site."""
    with (shared_data / f"data/bulk/boards/{name}_companies.csv").open(newline="") as file:
        addresses = [row["url"] for row in csv.DictReader(file)]
    lost = [address for address in addresses if name not in boards(address)]
    assert len(addresses) > 1000
    assert all(set(boards(address)) <= {name} for address in addresses)
    assert [address for address in lost if not re.fullmatch(r".*/(embed|j|wday|[a-z]{2}(-[a-z]{2})?)", address)] == []
    assert name == "workday" or len(lost) <= 1
