"""Every recorded answer of the four sources, counted a second way: no job that stands in a file is lost."""

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.scraper.sources import source, sources
from services.scraper.sources.base import Parsed
from shared.errors import UnreadableInput

pytestmark = pytest.mark.recorded

KEYS = {"greenhouse": ("id", "title"), "lever": ("id", "text"), "ashby": ("id", "title"), "themuse": ("id", "name")}
BOARDS, JOBS = 211, 4767


def jobs_in(document: Any, id_key: str, title_key: str) -> Iterator[tuple[str, str]]:
    """(id, title) of whatever looks like a job anywhere in a document. Written without a look at the adapters."""
    if isinstance(document, dict) and id_key in document and title_key in document:
        yield str(document[id_key]), " ".join(document[title_key].split())
    elif isinstance(document, dict | list):
        for inner in document.values() if isinstance(document, dict) else document:
            yield from jobs_in(inner, id_key, title_key)


def lost(name: str, body: bytes, answer: Parsed) -> set[tuple[str, str]]:
    return set(jobs_in(json.loads(body), *KEYS[name])) - {(job.external_id, job.title) for job in answer.postings}


def unpacked(archive: Path) -> Iterator[tuple[str, bytes]]:
    if not shutil.which("zstd"):
        pytest.skip("zstd is not installed, and the boards are packed with it")
    packed = subprocess.run(["zstd", "-dc", "--long=27", str(archive)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        for member in files:
            if member.name.endswith(".json") and (content := files.extractfile(member)):
                yield member.name, content.read()


@pytest.mark.parametrize("name", sorted(KEYS))
def test_no_job_of_a_recorded_answer_is_lost(name: str, shared_data: Path) -> None:
    files = sorted((shared_data / "data" / "feeds" / name).iterdir())
    assert files
    for file in files:
        body = file.read_bytes()
        answer = source(name).parse(body, "acme")
        assert not lost(name, body, answer), file.name
        assert answer.postings, file.name
        assert not answer.dropped, file.name


def test_recorded_answers_have_text_dates_and_links(shared_data: Path) -> None:
    files = [file for name in KEYS for file in sorted((shared_data / "data" / "feeds" / name).iterdir())]
    for file in files:
        if file.name.startswith("departments_"):
            continue
        for job in source(file.parent.name).parse(file.read_bytes(), "acme").postings:
            assert job.company, file
            assert job.url, file
            assert job.posted_at, file
            assert job.description or file.name in {"anthropic_sakshambhatla.json", "ehddd.json"}, (file, job.title)
            assert "</" not in job.description, (file, job.title)


def test_a_tree_of_departments_gives_every_job(shared_data: Path) -> None:
    body = (shared_data / "data/feeds/greenhouse/departments_ehddd.json").read_bytes()
    expected = {str(job["id"]) for department in json.loads(body)["departments"] for job in department["jobs"]}
    assert {job.external_id for job in source("greenhouse").parse(body, "acme").postings} == expected
    assert len(expected) > 100


def test_every_whole_ashby_board(shared_data: Path) -> None:
    boards = jobs = 0
    for name, body in unpacked(shared_data / "data/bulk/ashby_boards_dev.tar.zst"):
        answer = source("ashby").parse(body, Path(name).stem)
        assert not lost("ashby", body, answer), name
        assert not answer.dropped, name
        assert len(answer.postings) == len(json.loads(body)["jobs"]), name
        assert all(job.description and job.locations and job.posted_at and job.url for job in answer.postings), name
        boards, jobs = boards + 1, jobs + len(answer.postings)
    assert (boards, jobs) == (BOARDS, JOBS)


def test_two_weeks_of_polls(shared_data: Path) -> None:
    polls = 0
    for path, body in unpacked(shared_data / "data/bulk/timeline_dev.tar.zst"):
        name, board = Path(path).parts[-3:-1]
        answer = source(name).parse(body, board)
        assert not lost(name, body, answer), path
        assert answer.complete, path
        polls += 1
    assert polls > 40


@pytest.mark.parametrize("name", sorted(sources()))
def test_a_page_without_structured_data_is_a_clear_error(name: str, shared_data: Path) -> None:
    (seed,) = (shared_data / "seeds").glob("002*")
    with pytest.raises(UnreadableInput, match=f"{name}:acme: got plain text where JSON was expected: no structured data"):
        source(name).parse(seed.read_bytes(), "acme")
