"""`joblark dkim`, each command a process of its own: the key that is made signs, and the record that is printed verifies it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dkim as reader
import pytest

from services.notifier.dkim import Signer, key_from, sign
from tests.letters import NOW

JOBLARK = Path(sys.executable).with_name("joblark")
MAIL = b"From: a@joblark.example.org\r\nSubject: jobs\r\n\r\nhello\r\n"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    ours |= {"JOBLARK_DATA_DIR": str(tmp_path / "var"), "JOBLARK_MAIL_FROM": "Joblark <digest@joblark.example.org>"}

    def command(*words: object, **settings: object) -> subprocess.CompletedProcess[str]:
        environment = {**ours, "NO_COLOR": "1", **{name: str(value) for name, value in settings.items()}}
        line = [JOBLARK, "dkim", *map(str, words)]
        return subprocess.run(line, capture_output=True, text=True, env=environment, cwd=tmp_path, timeout=60, check=False)

    return command


def published(zone: str) -> tuple[str, str]:
    """Name and text of a TXT record as a name server reads it from a zone file."""
    found = re.fullmatch(r'(\S+)\.\s+IN TXT \(\s*((?:"[^"]*"\s*)+)\)\s*', zone)
    assert found, zone
    strings = re.findall(r'"([^"]*)"', found[2])
    assert max(map(len, strings)) <= 255
    return found[1], "".join(strings)


def test_a_key_is_made_and_its_record_verifies_what_it_signs(run: Run, tmp_path: Path) -> None:
    made = run("create", "joblark-2026")
    path = tmp_path / "var" / "dkim" / "joblark-2026.pem"
    name, record = published(made.stdout)
    signer = Signer("joblark.example.org", "joblark-2026", key_from(path.read_text(), "it"))

    assert made.returncode == 0
    assert (name, record) == (signer.name, signer.record)
    assert path.stat().st_mode & 0o777 == 0o600
    assert f"JOBLARK_DKIM_KEY_FILE={path}" in made.stderr
    assert "PRIVATE" not in made.stdout + made.stderr
    assert reader.verify(sign(MAIL, [signer], NOW), dnsfunc=lambda _, timeout=5: record.encode())


def test_what_was_set_is_shown(run: Run, tmp_path: Path) -> None:
    made = run("create", "now")
    shown = run("show", JOBLARK_DKIM_SELECTOR="now", JOBLARK_DKIM_KEY_FILE=tmp_path / "var" / "dkim" / "now.pem")

    assert shown.stdout == made.stdout
    assert "not signed" in run("show").stderr


def test_keys_of_a_folder_all_sign(run: Run, tmp_path: Path) -> None:
    folder = {"JOBLARK_DKIM_KEYS_DIR": tmp_path / "keys"}
    run("create", "old", **folder)
    made = run("create", "small", "--ed25519", "--json", **folder)
    shown = [json.loads(line) for line in run("show", "--json", **folder).stdout.splitlines()]

    assert [(row["selector"], row["kind"]) for row in shown] == [("old", "rsa"), ("small", "ed25519")]
    assert json.loads(made.stdout) == {**shown[1], "file": str(tmp_path / "keys" / "small.pem")}


@pytest.mark.parametrize(
    ("words", "settings", "exit_code", "code"),
    [
        (("create", "there"), {}, 1, "dkim_key_exists"),
        (("create", "../../etc/x"), {}, 2, "dkim_selector_invalid"),
        (("show",), {"JOBLARK_DKIM_KEY": "nonsense"}, 2, "dkim_key_invalid"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_a_stable_code(
    run: Run, tmp_path: Path, words: tuple[str, ...], settings: dict[str, str], exit_code: int, code: str
) -> None:
    run("create", "there")
    before = (tmp_path / "var" / "dkim" / "there.pem").read_text()

    done = run(*words, **settings)

    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (exit_code, "", 1)
    assert f"({code})" in done.stderr
    assert (tmp_path / "var" / "dkim" / "there.pem").read_text() == before
