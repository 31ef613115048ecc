"""Every recorded answer, counted a second way: no job that stands in a file is lost, and no file is forgotten."""

import io
import json
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.scraper.sources import source, sources
from services.scraper.sources.base import Parsed
from shared.errors import UnreadableInput
from shared.reading.edges import parsed_edges, simple_edges
from shared.reading.html import _lines
from tests.answers import board_of
from tests.feeds import KEYS, NO_JOBS, Feed, counted, feeds, jobs_in, known_files
from tests.fields import OUT_OF_DATE, PAGE, filled_table

pytestmark = pytest.mark.recorded

WORD_FOR_WORD = ["ashby", "greenhouse", "lever", "themuse"]
BOARDS, JOBS = 211, 4767
TALK = 11
"""Direct answers of the recorded thread that offer no job; `test_sources_hackernews.py` names them."""
CUT_SHORT = {"anthropic_sakshambhatla.json", "ehddd.json"}
"""Saved without texts."""


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


# ------------------------------------------------------------------------------------------------------------- every file


def test_every_file_is_in_the_table(shared_data: Path) -> None:
    folder = shared_data / "data" / "feeds"
    there = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert there - known_files() == set(), "recorded answers that no test knows: add them to tests/feeds.py"
    assert known_files() - there == set(), "tests/feeds.py names files that are gone"


@pytest.mark.parametrize("feed", feeds(), ids=lambda feed: feed.file)
def test_no_job_of_a_recorded_answer_is_lost(feed: Feed, shared_data: Path) -> None:
    body = (shared_data / "data" / "feeds" / feed.file).read_bytes()
    answer = source(feed.source).parse(body, board_of(feed.source))
    talk = sum(drop.withdrawn for drop in answer.dropped)
    assert len(answer.postings) == feed.jobs
    assert feed.jobs + talk == counted(feed.source, body)
    assert talk == (TALK if feed.file == "hn/hn_2025-12_kbariotis.json" else 0)
    assert not answer.unreadable
    assert all(job.title and job.company for job in answer.postings if feed.source != "hackernews")
    if feed.source in WORD_FOR_WORD:
        assert not lost(feed.source, body, answer)


@pytest.mark.parametrize("file", NO_JOBS)
def test_what_holds_no_job_is_refused_with_the_reason(file: str, shared_data: Path) -> None:
    name, words, _ = NO_JOBS[file]
    body = (shared_data / "data" / "feeds" / file).read_bytes()
    assert name != "jsonld" or counted(name, body) == 0
    with pytest.raises(UnreadableInput, match=f"^{name}:acme: .*{words}"):
        source(name).parse(body, "acme")


def test_the_table_of_filled_fields_is_true(shared_data: Path) -> None:
    assert filled_table(shared_data / "data" / "feeds") in PAGE.read_text(), OUT_OF_DATE


# ----------------------------------------------------------------------------------------------------- the first four sources


def test_recorded_answers_have_text_dates_and_links(shared_data: Path) -> None:
    files = [file for name in WORD_FOR_WORD for file in sorted((shared_data / "data" / "feeds" / name).iterdir())]
    for file in files:
        if file.name.startswith("departments_"):
            continue
        for job in source(file.parent.name).parse(file.read_bytes(), "acme").postings:
            assert job.company, file
            assert job.url, file
            assert job.posted_at, file
            assert job.description or file.name in CUT_SHORT, (file, job.title)
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


@pytest.mark.parametrize("name", sources())
def test_a_page_without_structured_data_is_a_clear_error(name: str, shared_data: Path) -> None:
    (seed,) = (shared_data / "seeds").glob("002*")
    words = f"^{name}:acme: got plain text where (JSON|XML|a web page) was expected: no structured data in it$"
    with pytest.raises(UnreadableInput, match=words):
        source(name).parse(seed.read_bytes(), "acme")


def test_markup_read_tag_by_tag_is_the_text_that_a_parser_finds(shared_data: Path) -> None:
    read = 0
    for _, body in unpacked(shared_data / "data/bulk/ashby_boards_dev.tar.zst"):
        markup = [job["descriptionHtml"] for job in json.loads(body)["jobs"]]
        simple = [(page, edges) for page in markup if (edges := simple_edges(page)) is not None]
        assert all(_lines(edges) == _lines(parsed_edges(page)) for page, edges in simple)
        read += len(simple)
    assert read > 4_700
