"""Two recorded weeks of real boards, replayed: what became of each posting, and what digests show of it, is derived anew from
the raw files and agrees."""

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest
from sqlmodel import col, select

from services.notifier.calendar import period
from services.notifier.digest import Digest
from services.notifier.post import Post
from services.scraper.replay import Replay, Tally, recorded_boards, time_of
from shared.database import Database, upsert
from shared.links import Links
from shared.models import MailRow, MatchRow, PostingRow, SubscriptionRow
from shared.settings import Settings
from tests.factories import match_row, subscription_row
from tests.fakes import FakeSender
from tests.notifying import open_mail, when

CLOSED_AFTER = 2
Openings = frozenset[Any]
"""What a posting is known by. Two that share one of these are one job."""


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


# ------------------------------------------------------------------------------------------------------------- digests


@dataclass
class Reader:
    """Somebody whom everything fits. `shown` are the jobs of their digests as a person would know them again."""

    row: SubscriptionRow
    due: datetime
    shown: list[Openings] = field(default_factory=list)
    digests: int = 0


class Digests:
    """Digests of readers over a replayed past, chosen and noted as the notifier does it."""

    def __init__(self, past: Replay, settings: Settings, readers: list[Reader]) -> None:
        links = Links("https://joblark.example.org", "thirty-two characters, none secret")
        self.post = Post(past.database, FakeSender(), links, settings, now=lambda: past.clock)
        self.past, self.readers = past, readers
        self.boards: dict[str, dict[str, Openings]] = {}

    async def send_due(self, at: datetime) -> None:
        """Send each digest that is due before `at`, at its own time."""
        for reader in self.readers:
            while reader.due <= at:
                self.past.clock = reader.due
                await self._send(reader)
                reader.due = when(reader.row, reader.due)

    async def _send(self, reader: Reader) -> None:
        row = reader.row
        async with self.past.database.begin() as session:
            still_open = (await session.exec(select(PostingRow.id).where(col(PostingRow.closed_at).is_(None)))).all()
            matches = [match_row(row.id, id_).model_dump() for id_ in still_open]
            await upsert(session, MatchRow, matches)
            occasion = period(row.cadence, row.timezone, self.past.clock)
            mail = await open_mail(session, row.id, "digest", occasion, self.past.clock)
        if await self.post.send(mail.id) == "sent":
            reader.digests += 1
            reader.shown += await self._entries(mail.id)

    async def _entries(self, mail_id: int) -> list[Openings]:
        """For each job of a digest what its postings are known by, in the words that their boards list now."""
        async with self.past.database.read() as session:
            content = (await session.exec(select(MailRow.content).where(MailRow.id == mail_id))).one()
            rows = (await session.exec(select(PostingRow.id, PostingRow.posting))).all()
        entries = Digest.model_validate(content).entries
        known = {id_: self.boards[posting["board"]][posting["external_id"]] for id_, posting in rows}
        return [frozenset().union(*(known[id_] for id_ in entry.posting_ids)) for entry in entries]


def known_by(source: str, board: str, body: bytes) -> dict[str, Openings]:
    """By its id, what tells each listed job of a board from others: its number there, its title and text in its team."""
    document = json.loads(body)
    words = {id_: tuple(map(str, said)) for id_, said in listed(source, body).items()}
    found = {}
    for job in document["jobs"] if source == "greenhouse" else document:
        id_, title = str(job["id"]), " ".join((job.get("title") or job["text"]).lower().split())
        team = [part["name"] for part in job.get("departments") or ()] or job.get("categories", {}).get("team")
        number = job.get("requisition_id")
        same_words = (board, title, str(team), words[id_][3:6])
        found[id_] = frozenset({id_, same_words} | ({(board, title, number)} if number else set()))
    return found


def posted_anew(timeline: Path, folder: Path) -> Path:
    """The timeline with another id, and so another address, for every job from its second week on."""
    for source, board, files in recorded_boards(timeline):
        (place := folder / source / board).mkdir(parents=True)
        for file in files:
            text = file.read_text()
            if time_of(file) > time_of(files[0]) + timedelta(days=7) and text:
                jobs = json.loads(text)
                for job in jobs["jobs"] if source == "greenhouse" else jobs:
                    old = str(job["id"])
                    text = text.replace(old, str(int(old) + 1) if old.isdigit() else str(uuid5(NAMESPACE_URL, old)))
            (place / file.name).write_text(text)
    return folder


@pytest.mark.recorded
@pytest.mark.parametrize("anew", [False, True], ids=["as it was", "posted anew"])
async def test_no_digest_repeats_an_opening(
    timeline: Path, tmp_path: Path, database: Database, settings: Callable[..., Settings], anew: bool
) -> None:
    """Seven people, each with another day for the weekly digest, and all that is open on every shortlist each time."""
    config = settings(closed_after_polls=CLOSED_AFTER, digest_size=1_000, digest_per_company=1_000)
    past = Replay(database, config)
    answers = recorded_boards(posted_anew(timeline, tmp_path / "anew") if anew else timeline)
    polls = sorted((time_of(file), source, board, file) for source, board, files in answers for file in files)
    people = [subscription_row(day + 1, weekday=day, timezone="UTC") for day in range(7)]
    digests = Digests(past, config, [Reader(row, when(row, polls[0][0])) for row in people])
    async with database.begin() as session:
        session.add_all([subscription_row(row.id, weekday=row.weekday, timezone="UTC") for row in people])
    for source, board, files in answers:
        await past.watch(source, board, files[0])
    for at, source, board, file in polls:
        await digests.send_due(at)
        if file.suffix != ".304":
            digests.boards[board] = digests.boards.get(board, {}) | known_by(source, board, file.read_bytes())
        await past.poll(source, board, file)
    await digests.send_due(polls[-1][0] + timedelta(days=7))

    for reader in digests.readers:
        assert reader.digests >= 2
        assert all(one.isdisjoint(other) for one, other in combinations(reader.shown, 2))
