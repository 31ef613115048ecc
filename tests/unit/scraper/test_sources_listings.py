"""Community lists, quirk by quirk."""

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from services.scraper.sources import source
from shared.posting import Employment, RawPosting

JOB = {"id": "0b82dc72", "title": "Software Intern", "company_name": "Quillmark", "active": True, "is_visible": True}
LISTINGS = source("listings")
LIST = "https://raw.githubusercontent.com/acme/First-Jobs"


def body(*jobs: object) -> bytes:
    return json.dumps(jobs).encode()


def job(**fields: object) -> RawPosting:
    return LISTINGS.parse(body({**JOB, **fields}), "acme/First-Jobs").postings[0]


def test_the_plain_facts() -> None:
    found = job(locations=["Boston, MA", "Remote in USA"], url="https://jobs.quillmark.example/7300", date_posted=1795132800)
    assert (found.external_id, found.title, found.company) == ("0b82dc72", "Software Intern", "Quillmark")
    assert (found.location, found.locations) == ("Boston, MA; Remote in USA", ("Boston, MA", "Remote in USA"))
    assert (found.url, found.posted_at) == ("https://jobs.quillmark.example/7300", datetime(2026, 11, 20, tzinfo=UTC))


@pytest.mark.parametrize("fields", [{"active": False}, {"is_visible": False}, {"active": False, "is_visible": False}])
def test_what_has_ended_or_is_hidden_is_withdrawn_and_not_lost(fields: dict[str, bool]) -> None:
    answer = LISTINGS.parse(body({**JOB, **fields}), "acme/First-Jobs")
    assert not answer.postings
    assert [(drop.external_id, drop.withdrawn) for drop in answer.dropped] == [("0b82dc72", True)]
    assert answer.complete


def test_the_columns_stand_in_for_a_text() -> None:
    found = job(terms=["Summer 2027", "Fall 2027"], sponsorship="Does Not Offer Sponsorship", degrees=["Master's"])
    assert found.description == "Season: Summer 2027, Fall 2027\nDegrees: Master's\nVisa: Does Not Offer Sponsorship"
    assert job(sponsorship="Other").description == ""


@pytest.mark.parametrize(
    ("fields", "employment"),
    [
        ({"title": "Analyst", "terms": ["Summer 2027"]}, Employment.INTERNSHIP),
        ({"title": "Analyst", "season": "Summer"}, Employment.INTERNSHIP),
        ({"title": "Software Engineer I"}, None),
        ({"title": "Data Co-op"}, Employment.INTERNSHIP),
    ],
)
def test_a_season_makes_an_internship(fields: dict[str, object], employment: Employment | None) -> None:
    assert job(**fields).employment is employment


@pytest.mark.parametrize(
    ("board", "url"),
    [
        ("acme/First-Jobs", f"{LIST}/HEAD/.github/scripts/listings.json"),
        ("acme/First-Jobs/dev/data/listings.json", f"{LIST}/dev/data/listings.json"),
    ],
)
def test_a_board_is_a_repository_or_a_file_in_one(board: str, url: str) -> None:
    assert LISTINGS.first(board).url == url
    assert LISTINGS.board_of(urlsplit(url)) == board


@pytest.mark.parametrize(
    ("address", "board"),
    [
        (
            "https://github.com/acme/First-Jobs/blob/dev/.github/scripts/listings.json",
            "acme/First-Jobs/dev/.github/scripts/listings.json",
        ),
        ("https://github.com/acme/First-Jobs", None),
        ("https://acme.example/listings.json", None),
    ],
)
def test_its_addresses(address: str, board: str | None) -> None:
    assert LISTINGS.board_of(urlsplit(address)) == board


def snapshots(archive: Path) -> Iterator[tuple[str, bytes]]:
    if not shutil.which("zstd"):
        pytest.skip("zstd is not installed, and the lists are packed with it")
    packed = subprocess.run(["zstd", "-dc", "--long=27", str(archive)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        for member in files:
            if member.name.endswith(".json") and (content := files.extractfile(member)):
                yield member.name, content.read()


@pytest.mark.recorded
def test_a_year_of_weekly_lists(shared_data: Path) -> None:
    weeks = 0
    for name, content in snapshots(shared_data / "data/bulk/simplify_intern_weekly.tar.zst"):
        weeks += 1
        if weeks % 10:
            continue
        rows = json.loads(content)
        expected = {row["id"] for row in rows if row["active"] and row["is_visible"]}
        answer = LISTINGS.parse(content, "acme/First-Jobs")
        assert {job.external_id for job in answer.postings} == expected, name
        assert {drop.external_id for drop in answer.dropped} == {row["id"] for row in rows} - expected, name
        assert not answer.unreadable, name
        assert all(job.company and job.url and job.posted_at for job in answer.postings), name
    assert weeks == 60
