"""`joblark demo`, as a stranger runs it: on the boards that come with it, and on recorded ones."""

import io
import json
import os
import re
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from services.scraper.sources import source
from shared.posting import Posting
from shared.reading.posting import read_posting
from tests.e2e.line import JOBLARK

BATCH = 50
"""Boards in one run: the whole of the recorded set takes five."""
ENGINEERS = ("000", "001", "003")
"""The seeds that are people; 002 is a posting."""
OURS = re.compile(
    r"engineer|developer|devops|\bsre\b|reliability|infrastructure|platform|backend|back.end|software|architect|"
    r"programmer|systems|technical staff|data|cloud|distributed|full.?stack|\btech lead\b|site ops",
    re.IGNORECASE,
)
NOT_OURS = re.compile(
    r"\bsales\b|recruit|talent|marketing|account (manager|executive)|\bdesigner\b|\bintern(ship)?\b|customer success|"
    r"\blegal\b|counsel|accountant|payroll|\bHR\b|people partner|(solutions?|sales|success|support) engineer|"
    r"business development|front.?end|\bios\b|android|product manager|program manager|content|community|nurse",
    re.IGNORECASE,
)


class Run:
    """One demo in a folder of its own."""

    def __init__(self, folder: Path, *words: str, seconds: float = 300) -> None:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
        self.out = folder / "out"
        folder.mkdir(parents=True, exist_ok=True)
        self.done = subprocess.run(
            [JOBLARK, "demo", "--out", str(self.out), *words],
            capture_output=True,
            text=True,
            env={**ours, "COLUMNS": "200", "NO_COLOR": "1"},
            cwd=folder,
            timeout=seconds,
            check=False,
        )
        assert self.done.returncode == 0, f"{self.done.stdout[-2000:]}\n{self.done.stderr[-3000:]}"
        assert "Traceback" not in self.done.stderr

    @property
    def rows(self) -> list[dict[str, object]]:
        """With --json."""
        return [json.loads(line) for line in self.done.stdout.splitlines()]

    @property
    def boards(self) -> list[dict[str, object]]:
        return [row for row in self.rows if "board" in row]

    @property
    def people(self) -> list[dict[str, object]]:
        return [row for row in self.rows if "engineer" in row]

    def paths(self, ending: str) -> list[Path]:
        return sorted((self.out / "mails").glob(f"*.{ending}"))

    @property
    def mails(self) -> dict[str, EmailMessage]:
        """By the engineer's name."""
        found = (message_from_bytes(path.read_bytes(), policy=default) for path in self.paths("eml"))
        return {str(mail["To"]).partition("@")[0]: mail for mail in found}  # type: ignore[misc]


# ------------------------------------------------------------------------------------------------------ what comes with it


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Run:
    return Run(tmp_path_factory.mktemp("demo"))


def test_it_ends_with_a_table_and_the_path_of_every_mail(samples):
    text = samples.done.stdout
    assert re.search(r"\d+ boards, \d+ postings, \d+ matches, 3 mails", text)
    assert "[info" not in text
    assert "[debug" not in text
    mails = [path for ending in ("eml", "html") for path in samples.paths(ending)]
    assert len(mails) == 6
    assert all(str(path) in text for path in mails)
    assert all(path.stat().st_size > 1000 for path in mails)


def test_every_sample_engineer_gets_a_digest_with_jobs_that_say_why(samples):
    assert len(samples.mails) == 3
    for mail in samples.mails.values():
        assert mail["Message-ID"]
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
        assert "skills it names are yours" in text
        assert "https://" in html


def test_a_second_run_begins_afresh(tmp_path):
    first = Run(tmp_path)
    (first.out / "mails" / "9-left-over.eml").write_text("from another time")
    before = {path.name for path in first.paths("eml")} - {"9-left-over.eml"}
    second = Run(tmp_path)
    assert len(second.paths("eml")) == len(before) == 3
    assert {mail["Message-ID"] for mail in second.mails.values()} == {mail["Message-ID"] for mail in first.mails.values()}


def test_a_setting_of_the_shell_does_not_lead_it_astray(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("JOBLARK_REDIS_URL=redis://192.0.2.1:1/0\nJOBLARK_SMTP_PORT=1\nJOBLARK_PORT=nonsense\n")
    assert len(Run(tmp_path).paths("eml")) == 3


def test_a_file_that_is_not_there_is_one_line(tmp_path):
    words = [JOBLARK, "demo", "--out", str(tmp_path / "out"), "--recorded", "greenhouse:acme=nowhere.json"]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "nowhere.json" in done.stderr


# ------------------------------------------------------------------------------------------------------- on recorded input


@pytest.fixture(scope="session")
def ashby_boards(shared_data, tmp_path_factory) -> list[Path]:
    """211 whole boards, one file each."""
    folder = tmp_path_factory.mktemp("ashby")
    archive = shared_data / "data" / "bulk" / "ashby_boards_dev.tar.zst"
    try:
        unpacked = subprocess.run(["zstd", "-dc", "--long=27", archive], capture_output=True, check=True).stdout
    except FileNotFoundError:
        pytest.skip("zstd is not installed, so the recorded boards cannot be unpacked")
    with tarfile.open(fileobj=io.BytesIO(unpacked)) as files:
        files.extractall(folder, filter="data")
    return sorted(folder.rglob("*.json"))


@pytest.fixture(scope="session")
def cvs(shared_data) -> list[str]:
    found = [path for number in ENGINEERS for path in (shared_data / "seeds").glob(f"{number}_*.txt")]
    assert len(found) == len(ENGINEERS)
    return [word for path in found for word in ("--profile", str(path))]


def recorded(source_name: str, paths: Iterable[Path]) -> list[str]:
    return [word for path in paths for word in ("--recorded", f"{source_name}:{path.stem}={path}")]


@pytest.fixture(scope="session")
def ashby_runs(ashby_boards, cvs, tmp_path_factory) -> list[Run]:
    batches = [ashby_boards[start : start + BATCH] for start in range(0, len(ashby_boards), BATCH)]
    folder = tmp_path_factory.mktemp("runs")
    return [Run(folder / str(n), "--json", *recorded("ashby", batch), *cvs) for n, batch in enumerate(batches)]


@pytest.mark.recorded
@pytest.mark.timeout(600)
def test_every_recorded_ashby_board_is_read_whole(ashby_runs, ashby_boards):
    rows = [row for run in ashby_runs for row in run.boards]
    assert len(rows) == len(ashby_boards)
    assert [row for row in rows if row["problem"]] == []
    assert sum(row["postings"] for row in rows) > 4_500


@pytest.mark.recorded
@pytest.mark.timeout(600)
def test_digests_on_recorded_boards_hold_what_such_an_engineer_would_read(ashby_runs, ashby_boards, cvs):
    known = {url: posting for path in ashby_boards for url, posting in _postings("ashby", path)}
    for run in ashby_runs:
        assert all(row["mail"] == ("sent" if row["matches"] else "skipped") for row in run.people)
        for mail in run.mails.values():
            jobs = [known[url] for url in _links(mail) if url in known]
            assert 1 <= len(jobs) <= 10  # rather few than what does not fit
            titles = [job.title for job in jobs]
            assert [title for title in titles if not OURS.search(title) or NOT_OURS.search(title)] == []
            # Of one title a company may have two jobs, with words and a place of their own; never the same job twice.
            assert len({(job.company, job.title, job.location) for job in jobs}) == len(jobs)
            assert len({(job.company, job.description) for job in jobs}) == len(jobs)


@pytest.mark.recorded
@pytest.mark.timeout(600)
def test_what_is_in_singapore_stands_first(ashby_runs, ashby_boards):
    known = {url: posting for path in ashby_boards for url, posting in _postings("ashby", path)}
    seen = 0
    for run in ashby_runs:
        for mail in run.mails.values():
            here = [_in_singapore(known[url]) for url in _links(mail) if url in known]
            seen += sum(here)
            assert here == sorted(here, reverse=True), [(known[url].title, known[url].location) for url in _links(mail)]
    assert seen > 0


@pytest.mark.recorded
@pytest.mark.parametrize("name", ["greenhouse", "lever", "ashby", "themuse"])
def test_every_recorded_feed_works(shared_data, cvs, tmp_path, name):
    paths = sorted((shared_data / "data" / "feeds" / name).iterdir())
    run = Run(tmp_path, "--json", *recorded(name, paths), *cvs)
    assert len(run.boards) == len(paths)
    assert [row for row in run.boards if row["problem"]] == []
    assert all(row["mail"] in ("sent", "skipped") for row in run.people)


@pytest.mark.recorded
def test_each_recorded_feed_works_alone(shared_data, cvs, tmp_path):
    """Also one that has nothing for anybody: no mail is a result, not an error."""
    path = shared_data / "data" / "feeds" / "greenhouse" / "eyyx.json"
    run = Run(tmp_path, *recorded("greenhouse", [path]), *cvs)
    assert "1 boards" in run.done.stdout


def _postings(source_name: str, path: Path) -> Iterator[tuple[str, Posting]]:
    for raw in source(source_name).parse(path.read_bytes(), path.stem).postings:
        if raw.url:
            yield raw.url, read_posting(raw)


def _links(mail: EmailMessage) -> list[str]:
    """Addresses of the jobs, in the order they are shown, each once."""
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return list(dict.fromkeys(re.findall(r"https://\S+", text)))


def _in_singapore(posting: Posting) -> bool:
    return any(place.country == "SG" for place in posting.facts.places)
