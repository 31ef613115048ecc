"""Reading on real input: recorded boards, real CVs. Broad facts only; none of it is copied here."""

import gzip
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.posting import Level, Place, Posting, RawPosting, Role
from shared.reading.places import read_places
from shared.reading.posting import read_posting
from shared.reading.profile import read_profile_file

pytestmark = pytest.mark.recorded
TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def ashby_jobs(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """Every job of the 211 recorded Ashby boards."""
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed: the recorded Ashby boards cannot be unpacked")
    folder = tmp_path_factory.mktemp("ashby")
    archive = shared_data / "data" / "bulk" / "ashby_boards_dev.tar.zst"
    unpacked = subprocess.run(["zstd", "-dc", "--long=27", str(archive)], check=True, capture_output=True)
    subprocess.run(["tar", "x", "-C", str(folder)], input=unpacked.stdout, check=True)
    return [job for board in sorted(folder.rglob("*.json")) for job in json.loads(board.read_bytes())["jobs"]]


@pytest.fixture(scope="module")
def ashby_postings(ashby_jobs: list[dict[str, Any]]) -> list[Posting]:
    return [read_posting(_raw(job)) for job in ashby_jobs]


def _raw(job: dict[str, Any]) -> RawPosting:
    return RawPosting(
        source="ashby",
        board="recorded",
        external_id=job["id"],
        title=job["title"],
        location=job["location"],
        locations=tuple(office["location"] for office in job["secondaryLocations"] or ()),
        department=job["department"],
        description=job["descriptionPlain"] or "",
    )


def _greenhouse_locations(shared_data: Path) -> Iterator[str]:
    for day in sorted((shared_data / "data" / "bulk" / "greenhouse_112k").glob("*.json.gz")):
        with gzip.open(day) as file:
            yield from (posting["location"] or "" for posting in json.load(file))


def test_every_string_that_names_singapore_is_there(shared_data: Path, ashby_jobs: list[dict[str, Any]]) -> None:
    strings = {*_greenhouse_locations(shared_data), *(job["location"] for job in ashby_jobs)}
    singapore = {string for string in strings if "singapore" in string.lower()}
    assert len(singapore) > 100
    assert [string for string in singapore if "SG" not in {place.country for place in read_places([string])}] == []


def test_nine_of_ten_location_strings_give_a_country(shared_data: Path) -> None:
    strings = list(_greenhouse_locations(shared_data))
    known = sum(any(place.country for place in read_places([string])) for string in strings)
    assert known / len(strings) > 0.9


def test_roles_of_a_real_mix_of_titles(ashby_postings: list[Posting]) -> None:
    engineering = [posting for posting in ashby_postings if posting.facts.role not in (None, Role.OTHER)]
    assert 0.25 < len(engineering) / len(ashby_postings) < 0.4
    selling = ("account executive", "recruiter", "customer success", "product manager", "sales ")
    assert [
        p.title for p in engineering if any(word in p.title.lower() for word in selling) and "engineer" not in p.title.lower()
    ] == []
    plainly = [p.title for p in ashby_postings if "backend engineer" in p.title.lower() and p.facts.role is not Role.BACKEND]
    assert len(plainly) <= 5


def test_every_engineering_posting_names_skills_where_it_says(ashby_postings: list[Posting]) -> None:
    for posting in ashby_postings:
        if posting.facts.role not in (None, Role.OTHER):
            assert posting.facts.skills, posting.title
        for mention in posting.facts.skills:
            source = posting.title if mention.in_title else posting.description
            assert source[mention.start : mention.end] == mention.text


@pytest.mark.parametrize(
    ("number", "level", "years", "skills"),
    [
        (
            "000",
            Level.SENIOR,
            (2, 3.5),
            {"go", "python", "mysql", "redis", "clickhouse", "grpc", "distributed systems", "observability"},
        ),
        (
            "001",
            Level.SENIOR,
            (7, 10),
            {"go", "redis", "elasticsearch", "websockets", "message queues", "distributed databases"},
        ),
        ("003", Level.MID, (4, 5), {"go", "kafka", "rocketmq", "distributed systems", "etl", "python"}),
    ],
)
def test_the_three_engineers(
    shared_data: Path, number: str, level: Level, years: tuple[float, float], skills: set[str]
) -> None:
    page = next((shared_data / "seeds").glob(f"{number}_*"))
    profile = read_profile_file(page.name, page.read_bytes(), today=TODAY)
    assert (profile.role, profile.level) == (Role.BACKEND, level)
    assert profile.places == (Place(city="Singapore", country="SG"),)
    assert years[0] <= (profile.years or 0) <= years[1]
    assert skills <= profile.skill_names


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "06", "07", "09", "10", "16"])
def test_a_resume_tells_the_same_as_text_and_as_json(shared_data: Path, number: str) -> None:
    folder = shared_data / "data" / "profiles" / "jsonresume"
    text, document = (
        read_profile_file(f"p{number}", (folder / f"p{number}.{kind}").read_bytes(), today=TODAY) for kind in ("txt", "json")
    )
    assert (text.role, text.level, text.places) == (document.role, document.level, document.places)
    assert text.role not in (None, Role.OTHER)
    assert len(text.skill_names & document.skill_names) >= 0.85 * len(text.skill_names | document.skill_names)
