"""`joblark bounces` and `joblark suppressions`, each run as a process of its own on a database of its own."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.address import address_hash
from shared.database import Database
from shared.migrations import upgrade
from tests.factories import mail_row, subscription_row
from tests.imap_server import PASSWORD, imap_server
from tests.returned import SECRET, bounce, complaint, recording

JOBLARK = Path(sys.executable).with_name("joblark")
MEI, ARJUN = "mei.1@example.org", "mei.2@example.org"
Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """`run("bounces", "read", "-", given=…, NAME=…)` over a ledger in which mail 1 went to Mei and mail 101 to Arjun."""
    asyncio.run(_ledger(f"sqlite+aiosqlite:///{tmp_path / 'var' / 'joblark.db'}"))
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    fixed = {"JOBLARK_DATA_DIR": str(tmp_path / "var"), "JOBLARK_SECRET": SECRET, "COLUMNS": "160", "NO_COLOR": "1"}

    def command(*words: object, given: bytes = b"", **settings: str) -> Done:
        called = [str(JOBLARK), *map(str, words)]
        environment = {**ours, **fixed, **settings}
        done = subprocess.run(called, input=given, capture_output=True, env=environment, cwd=tmp_path, timeout=60, check=False)
        return Done(called, done.returncode, done.stdout.decode(), done.stderr.decode())

    return command


async def _ledger(url: str) -> None:
    async with Database.opened(url) as database:
        await upgrade(database)
        async with database.begin() as session:
            session.add_all([subscription_row(1), subscription_row(2)])
            session.add_all([mail_row(1, 1, state="sent"), mail_row(101, 2, state="sent", occasion="2026-W01")])


def rows(done: Done) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def causes(run: Run) -> dict[str, str]:
    return {row["address_hash"]: row["cause"] for row in rows(run("suppressions", "list", "--json"))}


def test_bounces_from_standard_input(run: Run) -> None:
    (told,) = rows(run("bounces", "read", "-", "--json", given=bounce(1)))
    assert told == {
        "read": 1,
        "hard": 1,
        "soft": 0,
        "complaint": 0,
        "taken": 0,
        "known": 0,
        "gone": 0,
        "ignored": 0,
        "unsigned": 0,
        "unrecognised": 0,
        "set_aside": 0,
        "left": [],
    }
    assert causes(run) == {address_hash(MEI): "hard"}
    (again,) = rows(run("bounces", "read", "-", "--json", given=bounce(1)))
    assert (again["hard"], again["known"]) == (0, 1)


def test_a_maildir_is_told_as_a_table_without_addresses(run: Run, tmp_path: Path) -> None:
    for name in ("new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    for number, mail in enumerate([bounce(1), complaint(101), recording("unsigned.eml"), b"\0" * 1_000_001]):
        (tmp_path / "box" / "new" / f"{number}.mx1").write_bytes(mail)
    done = run("bounces", "read", "box")
    assert done.returncode == 0, done.stderr
    assert "4 mails read" in done.stdout
    for outcome in ("hard", "complaint", "unsigned", "set_aside"):
        assert outcome in done.stdout
    assert "unsigned 2.mx1: dsn: hard 5.1.1" in done.stderr
    assert "set_aside 3.mx1: mail_too_large" in done.stderr
    assert "@" not in done.stdout + done.stderr
    assert causes(run) == {address_hash(MEI): "hard", address_hash(ARJUN): "complaint"}
    done = run("bounces", "read", "box")
    assert (done.returncode, done.stderr.strip()) == (0, "nothing new in this mailbox")


def test_the_imap_folder_of_the_settings(run: Run, tmp_path: Path) -> None:
    with imap_server(tmp_path) as (url, certificate, held):
        held.add(bounce(1))
        settings = {"JOBLARK_BOUNCES_IMAP_URL": url, "JOBLARK_BOUNCES_IMAP_PASSWORD": PASSWORD}
        (told,) = rows(run("bounces", "read", "--json", SSL_CERT_FILE=str(certificate), **settings))
        assert (told["read"], told["hard"]) == (1, 1)
        refused = run("bounces", "read", "--json", **settings)
    assert refused.returncode == 1
    assert "imap_failed" in refused.stderr


@pytest.mark.parametrize(
    ("source", "code"), [("nowhere", "mailbox_unknown"), ("var", "mailbox_unknown"), ("imap", "imap_url_invalid")]
)
def test_what_is_no_mailbox_exits_2(run: Run, source: str, code: str) -> None:
    done = run("bounces", "read", source)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert code in done.stderr


def test_a_database_that_is_away_exits_1_and_leaves_the_mail_new(run: Run, tmp_path: Path) -> None:
    for name in ("new", "cur"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box" / "new" / "1.mx1").write_bytes(bounce(1))
    done = run("bounces", "read", "box", JOBLARK_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    assert done.returncode == 1
    assert (tmp_path / "box" / "new" / "1.mx1").exists()


def test_suppressions_are_added_and_removed_and_name_nobody(run: Run) -> None:
    added = run("suppressions", "add", "Mei.1@Example.org", "--why", "mei.1@example.org asked by telephone")
    assert added.returncode == 0, added.stderr
    (row,) = rows(run("suppressions", "list", "--json", "--cause", "operator"))
    assert (row["address_hash"], row["cause"], row["until"]) == (address_hash(MEI), "operator", None)
    assert row["detail"] == "[address] asked by telephone"
    listed = run("suppressions", "list")
    assert address_hash(MEI) in listed.stdout
    removed = run("suppressions", "remove", address_hash(MEI))
    assert removed.returncode == 0, removed.stderr
    assert "@" not in added.stdout + listed.stdout + removed.stdout
    assert causes(run) == {}


def test_a_complaint_is_not_taken_back_by_accident(run: Run) -> None:
    run("bounces", "read", "-", given=complaint(1))
    assert "already, after a complaint" in run("suppressions", "add", MEI).stdout
    refused = run("suppressions", "remove", MEI)
    assert refused.returncode == 1
    assert "suppressed_by_complaint" in refused.stderr
    assert causes(run) == {address_hash(MEI): "complaint"}
    assert run("suppressions", "remove", MEI, "--yes").returncode == 0
    assert causes(run) == {}


@pytest.mark.parametrize(
    ("words", "exit_code"),
    [
        (("remove", MEI), 1),
        (("remove", "nobody"), 2),
        (("add", "@"), 2),
        (("list", "--cause", "boredom"), 2),
    ],
)
def test_what_cannot_be_done(run: Run, words: tuple[str, ...], exit_code: int) -> None:
    done = run("suppressions", *words)
    assert done.returncode == exit_code
    assert "mei" not in done.stderr
