"""What a real spam filter says of our mails: SpamAssassin's local rules, where it is installed; no network, no learning."""

import re
import shutil
import subprocess
from functools import cache

import pytest

from services.notifier.compose import compose
from services.notifier.dkim import Signer, new_key, sign
from services.notifier.mail import to_bytes
from tests.letters import samples

pytestmark = pytest.mark.skipif(shutil.which("spamassassin") is None, reason="needs Debian's package spamassassin")
HARMLESS = {"HTML_MESSAGE", "NO_RECEIVED", "NO_RELAYS", "LOTS_OF_MONEY", "DKIM_SIGNED", "DKIM_INVALID"}
"""It has HTML, has not travelled yet, names yearly pay; and without a network nobody can ask for our public key."""
SEPARATOR = b"From joblark@example.org Sat Nov 21 00:05:00 2026\n"
NAMES = [name for name, _ in samples()]


@cache
def verdicts() -> dict[str, set[str]]:
    """The rules that each mail hits. The filter takes seconds to start, so it gets all of them at once."""
    signer = Signer("joblark.example.org", "test", new_key())
    wires = [sign(to_bytes(compose(letter), letter.now), [signer], letter.now) for _, letter in samples()]
    box = b"".join(SEPARATOR + wire.replace(b"\r\n", b"\n") + b"\n" for wire in wires)
    command = ["spamassassin", "--local", "--mbox", "--cf", "use_bayes 0", "--cf", "use_auto_whitelist 0"]
    done = subprocess.run(command, input=box, capture_output=True, check=True, timeout=110)
    found = re.findall(r"^X-Spam-Status: (.*(?:\n\s.*)*)", done.stdout.decode(errors="replace"), re.MULTILINE)
    assert len(found) == len(NAMES), done.stderr.decode()[-500:]
    return {name: _hits(status) for name, status in zip(NAMES, found, strict=True)}


def _hits(status: str) -> set[str]:
    tests = re.search(r"tests=([A-Z0-9_,\s]*?)(?:\s+[a-z]|$)", status)
    return set(re.sub(r"\s", "", tests[1]).split(",")) - {"none", ""} if tests else set()


@pytest.mark.parametrize("name", NAMES)
def test_a_spam_filter_finds_nothing_to_say(name: str) -> None:
    assert verdicts()[name] - HARMLESS == set()


def test_it_would_say_something_of_spam() -> None:
    spam = b"From: x@example.org\nSubject: VIAGRA!!!\n\nXJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X\n"
    done = subprocess.run(["spamassassin", "--local"], input=spam, capture_output=True, check=True, timeout=110)

    assert b"X-Spam-Flag: YES" in done.stdout
