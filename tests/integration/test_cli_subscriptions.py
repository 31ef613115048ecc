"""`joblark subscriptions weights` and `audit`, each run as a process of its own beside a matcher that runs here."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.matcher import app as matcher
from services.web import repository
from shared.database import Database
from shared.migrations import upgrade
from shared.models import SubscriptionRow
from shared.scoring.weights import WEIGHTS
from shared.settings import Settings
from tests.factories import board_row, facts, posting, posting_row, subscription_row

JOBLARK = Path(sys.executable).with_name("joblark")
HOUR = timedelta(hours=1)
Run = Callable[..., Any]


@pytest.fixture
def config(settings: Callable[..., Settings], sqlite_url: str, valkey_url: str) -> Settings:
    return settings(database_url=sqlite_url, redis_url=valkey_url)


@pytest.fixture
async def run(config: Settings, tmp_path: Path) -> Run:
    async with Database.opened(config.database) as database:
        await upgrade(database)
        async with database.begin() as session:
            session.add(board_row(id=1))
            session.add(subscription_row(1, email="mei@example.org", tuning={"place": 2, "level": -1}))
            await session.flush()
            seen = datetime.now(UTC) - HOUR
            for number, what in enumerate((posting("1"), posting("2", facts=facts("verilog"))), 1):
                published = int(seen.timestamp() * 1000)
                session.add(posting_row(number, what, first_seen_at=seen, published_ms=published))
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    ours |= {"JOBLARK_DATABASE_URL": config.database, "JOBLARK_REDIS_URL": config.redis, "NO_COLOR": "1"}

    async def command(*words: str) -> tuple[int, str, str]:
        pipe = asyncio.subprocess.PIPE
        done = await asyncio.create_subprocess_exec(JOBLARK, *words, env=ours, cwd=tmp_path, stdout=pipe, stderr=pipe)
        out, err = await done.communicate()
        return done.returncode or 0, out.decode(), err.decode()

    return command


def rows(done: tuple[int, str, str]) -> list[dict[str, Any]]:
    assert done[0] == 0, done[2]
    return [json.loads(line) for line in done[1].splitlines()]


async def test_weights_are_shown_and_taken_back(run: Run, config: Settings) -> None:
    shown = {row["part"]: row for row in rows(await run("subscriptions", "weights", "mei@example.org", "--json"))}
    assert (shown["place"]["steps"], shown["place"]["for_everybody"]) == (2, WEIGHTS["place"])
    assert shown["place"]["weight"] == pytest.approx(WEIGHTS["place"] * 2**0.5, abs=0.001)
    assert shown["level"]["weight"] < shown["level"]["for_everybody"]
    assert (shown["skills"]["steps"], shown["skills"]["weight"]) == (0, shown["skills"]["for_everybody"])
    after = rows(await run("subscriptions", "weights", "1", "--reset", "--json"))
    assert {row["steps"] for row in after} == {0}
    async with Database.opened(config.database) as database, database.read() as session:
        row: SubscriptionRow = await repository.get(session, 1)
    assert (row.tuning, row.revision, row.published_at) == ({}, 2, None)


async def test_an_audit_adds_up(run: Run, config: Settings) -> None:
    async with matcher.running(config):
        found = {row["what"]: row["jobs"] for row in rows(await run("subscriptions", "audit", "1", "--json"))}
        assert (found.pop("considered"), found["matched"], found["score"]) == (2, 1, 1)
        assert sum(found.values()) == 2
        code, out, _ = await run(
            "subscriptions", "audit", "mei@example.org", "--until", f"{datetime.now(UTC) - 2 * HOUR:%FT%H:%M}"
        )
        assert code == 0
        assert "considered" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "yesterday"), "--since is no day"),
        (("--since", "2020-01-01"), "45 days ago at most"),
        (("--since", "2999-01-01"), "over before it begins"),
    ],
)
async def test_a_period_that_cannot_be_is_refused_in_words(run: Run, words: tuple[str, ...], said: str) -> None:
    code, out, err = await run("subscriptions", "audit", "1", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
