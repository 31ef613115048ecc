"""Two recorded weeks of real boards, replayed: what became of each posting is derived anew from the raw files and agrees."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.scraper.replay import Replay, Tally, recorded_boards
from shared.database import Database
from shared.settings import Settings

CLOSED_AFTER = 2


@pytest.fixture(scope="session")
def timeline(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    packed = shared_data / "data" / "bulk" / "timeline_dev.tar.zst"
    if not packed.exists() or not shutil.which("zstd"):
        pytest.skip("needs the recorded timeline beside the repository, and zstd to unpack it")
    folder = tmp_path_factory.mktemp("timeline")
    tar = subprocess.run(["zstd", "-dc", "--long=27", str(packed)], check=True, capture_output=True).stdout
    subprocess.run(["tar", "x", "-C", str(folder)], input=tar, check=True)
    return folder / "timeline"


@dataclass
class Past:
    """One posting as a person with the files would follow it."""

    words: Any = None
    absent: int = 0
    open: bool = True


@dataclass
class Expected:
    postings: dict[str, Past] = field(default_factory=dict)
    edited: int = 0
    relisted: int = 0
    closed: int = 0

    def poll(self, listed: dict[str, Any]) -> None:
        for id_, words in listed.items():
            past = self.postings.setdefault(id_, Past(words))
            if not past.open:
                self.relisted += 1
            elif past.words != words:
                self.edited += 1
            past.words, past.absent, past.open = words, 0, True
        for id_ in self.postings.keys() - listed.keys():
            self._miss(self.postings[id_])

    def _miss(self, past: Past) -> None:
        past.absent += 1
        if past.open and past.absent == CLOSED_AFTER:
            past.open, self.closed = False, self.closed + 1


def text(markup: str) -> list[str]:
    """Words of a description, without markup: no reader sees a `<p>` become a `<div>`."""
    return re.sub(r"<[^>]*>", " ", html.unescape(html.unescape(markup))).replace("\xa0", " ").split()


def listed(source: str, body: bytes) -> dict[str, Any]:
    document = json.loads(body)
    if source == "greenhouse":
        return {
            str(job["id"]): (
                job["title"].split(),
                (job.get("location") or {}).get("name"),
                sorted(office["name"] for office in job.get("offices") or []),
                text(job.get("content") or ""),
            )
            for job in document["jobs"]
        }
    return {
        job["id"]: (
            job["text"].split(),
            job["categories"].get("location"),
            job["categories"].get("allLocations"),
            text(job.get("description") or ""),
            [text(part["text"]) + text(part["content"]) for part in job.get("lists") or []],
            text(job.get("additional") or ""),
            job.get("salaryRange"),
        )
        for job in document
    }


def expected(source: str, files: list[Path]) -> Expected:
    derived, last = Expected(), {}
    for file in files:
        last = last if file.suffix == ".304" else listed(source, file.read_bytes())
        derived.poll(last)
    return derived


@pytest.mark.recorded
async def test_what_became_of_each_posting_agrees_with_the_files(
    timeline: Path, database: Database, settings: Callable[..., Settings]
) -> None:
    past = Replay(database, settings(closed_after_polls=CLOSED_AFTER))
    for source, board, files in recorded_boards(timeline):
        derived = expected(source, files)
        assert await past.board(source, board, files) == Tally(
            board=f"{source}:{board}",
            polls=len(files),
            announced=len(derived.postings),
            announced_twice=0,
            edited=derived.edited,
            relisted=derived.relisted,
            closed=derived.closed,
            open_at_end=sum(posting.open for posting in derived.postings.values()),
            failed=0,
        )
