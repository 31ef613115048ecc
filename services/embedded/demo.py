"""The main job from feed to inbox on recorded boards: real HTTP, real streams, real SMTP, nothing but this machine."""

import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlmodel import col, func, select

from services.embedded.app import running
from services.embedded.boards import Answers, serving_boards
from services.embedded.catcher import catching_mail
from services.embedded.line import send_now, until_idle
from services.scraper import repository as boards
from services.web import repository as subscriptions
from shared import migrations
from shared.arrivals import arrived
from shared.database import Database
from shared.models import BoardRow, MailRow, MatchRow, PostingRow
from shared.profile import Profile
from shared.reading.profile import read_profile_file
from shared.settings import Settings
from shared.streams import Streams

if TYPE_CHECKING:
    from rich.progress import Progress

SECONDS = 120.0
"""Longest wait for each half of the line; the sample boards take two seconds."""
People = Mapping[str, Profile]


@dataclass
class Report:
    """What the demo did. `mails` are the paths of the `.eml` files, by subscription."""

    boards: list[dict[str, Any]] = field(default_factory=list)
    people: list[dict[str, Any]] = field(default_factory=list)
    mails: list[Path] = field(default_factory=list)
    undelivered: int = 0


def sample_boards() -> dict[tuple[str, str], bytes]:
    """The invented boards that come with Joblark: files named `SOURCE.BOARD.json`."""
    found = (file for file in (files("services.embedded") / "samples" / "boards").iterdir() if file.name.endswith(".json"))
    return {(name[0], name[1]): file.read_bytes() for file in found if (name := file.name.split("."))}


def sample_people() -> dict[str, Profile]:
    """The invented engineers that come with Joblark."""
    folder = files("services.embedded") / "samples" / "people"
    found, today = sorted(folder.iterdir(), key=lambda file: file.name), datetime.now(UTC).date()
    return {file.name.removesuffix(".txt"): read_profile_file(file.name, file.read_bytes(), today=today) for file in found}


async def demo(answers: Answers, people: People, out: Path, bar: "Progress") -> Report:
    """Run the line once in `out`: poll `answers`, match for `people`, mail each a digest into `out/mails`."""
    state = out / "state"
    shutil.rmtree(state, ignore_errors=True)
    async with AsyncExitStack() as stack:
        keeper, smtp_port = await stack.enter_async_context(catching_mail(out / "mails"))
        url = await stack.enter_async_context(serving_boards(answers))
        settings = demo_settings(state, smtp_port)
        database = await stack.enter_async_context(Database.opened(settings.database))
        await migrations.upgrade(database)
        ids = await _subscribe(database, people)
        await _watch(database, answers, url)
        await stack.enter_async_context(running(settings))
        streams = await stack.enter_async_context(Streams(settings).connected())
        await until_idle(database, streams, SECONDS, bar)
        matches = await shortlisted(database, list(ids))
        mails = await send_now(database, streams, list(ids), SECONDS, bar)
        people_rows = [_person_row(ids[mail.subscription_id], mail, matches) for mail in mails]
        undelivered = sum(mail.state not in ("sent", "skipped") for mail in mails)
        return Report(await _boards(database), people_rows, sorted(keeper.kept), undelivered)


def demo_settings(state: Path, smtp_port: int) -> Settings:
    """Settings that ignore the environment: a demo does the same everywhere."""
    return Settings(
        _env_file=None,
        environment="development",
        data_dir=state,
        database_url="",
        redis_url="",
        secret="",
        fetch_allow_networks="127.0.0.0/8",
        fetch_gap_seconds=0.02,
        poll_checks=0,
        smtp_host="127.0.0.1",
        smtp_port=smtp_port,
        smtp_security="none",
        smtp_user="",
        mail_from="Joblark <digest@joblark.example>",
        mail_postal="Joblark demo, 1 Example Street, Singapore",
        tick_seconds=0.2,
    )


async def _subscribe(database: Database, people: People) -> dict[int, str]:
    async with database.begin() as session:
        rows = {
            name: await subscriptions.create(
                session,
                email=f"{name}@engineers.example",
                profile=profile,
                timezone="Asia/Singapore",
                state=subscriptions.ACTIVE,
                now=datetime.now(UTC),
            )
            for name, profile in people.items()
        }
    return {row.id: name for name, row in rows.items()}


async def _watch(database: Database, answers: Answers, url: str) -> None:
    async with database.begin() as session:
        for source, board in answers:
            await boards.add_board(session, source, board, f"{url}/{source}/{quote(board, safe='')}", datetime.now(UTC))


async def shortlisted(database: Database, subscription_ids: Sequence[int]) -> Counter[int]:
    """How many postings each of these subscriptions has on its list, those that wait to be entered with them."""
    lists = select(MatchRow.subscription_id, MatchRow.posting_id).where(col(MatchRow.subscription_id).in_(subscription_ids))
    async with database.read() as session:
        waiting = {(id_, posting_id) for id_, posting_id, _ in await arrived(session, subscription_ids)}
        listed = set((await session.exec(lists)).all())
    return Counter(id_ for id_, _ in waiting | listed)


async def _boards(database: Database) -> list[dict[str, Any]]:
    rows = []
    async with database.read() as session:
        for board in await boards.list_boards(session):
            count = select(func.count()).where(PostingRow.board_id == board.id)
            rows.append(_board_row(board, (await session.exec(count)).one()))
    return rows


def _board_row(board: BoardRow, postings: int) -> dict[str, Any]:
    problem = board.last_error
    return {"board": f"{board.source}:{board.name}", "postings": postings, "dropped": board.dropped_now, "problem": problem}


def _person_row(name: str, mail: MailRow, matches: Mapping[int, int]) -> dict[str, Any]:
    jobs = len((mail.content or {}).get("entries", []))
    return {"engineer": name, "matches": matches.get(mail.subscription_id, 0), "in_the_mail": jobs, "mail": mail.state}
