"""Digests a second: chosen, rendered, signed (RSA-2048) and handed to an SMTP server by notifiers as an operator runs them.

Shortlists are the matcher's, of recorded Ashby postings for invented engineers. Baseline, in the same run: a bare aiosmtplib
loop (`sendmail`, one connection) that sends the same bytes unsigned to the same server. Bars: half of its rate, and 200 a
second. Beside it, for fairness, the best such loop with several connections.

    python tests/benchmarks/bench_digests.py [DIGESTS] [PROCESSES] [CONNECTIONS]
"""

import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from aiosmtplib import SMTP
from sqlalchemy import insert, update
from sqlmodel import func, select

from services.embedded.valkey import ValkeyServer
from services.matcher.handlers import Matcher
from services.notifier.compose import compose
from services.notifier.dkim import new_key, pem_of
from services.notifier.kinds import Letter
from services.notifier.mail import to_bytes
from shared.database import Database
from shared.links import Links
from shared.migrations import upgrade
from shared.models import MailRow, SubscriptionRow
from shared.reading.posting import read_posting
from shared.settings import Settings
from tests import smtp_sink
from tests.benchmarks import bench_shortlists as shortlists
from tests.benchmarks.recorded import ashby_postings

DIGESTS, PROCESSES, CONNECTIONS, POSTINGS = 4_000, 2, 16, 2_000
BARE, BAR_SHARE, BAR_RATE = 1_500, 0.5, 200
JOBLARK = Path(sys.executable).with_name("joblark")
OURS = {
    "secret": "a secret that only this benchmark signs with",
    "base_url": "https://joblark.example.org",
    "mail_from": "Joblark <digest@joblark.example.org>",
    "mail_return_path": "bounces@joblark.example.org",
    "mail_postal": "Joblark, 1 Example Street, Singapore",
}


async def filled(database: Database, digests: int) -> None:
    """Subscriptions with the shortlists that the matcher would give them."""
    await upgrade(database)
    await shortlists.subscribed(database, digests)
    now = datetime.now(UTC)
    async with database.begin() as session:  # they are all still there, and nobody has to be asked
        await session.exec(update(SubscriptionRow).values(confirmed_at=now, renewed_at=now, created_at=now))
    postings = [read_posting(raw) for raw in random.Random(3).sample(ashby_postings(), POSTINGS)]
    events = [event async for event in shortlists.published(database, postings)]
    matcher = Matcher(database, Settings(_env_file=None), now=lambda: shortlists.NOW)
    async with database.begin() as session:
        await matcher.refresh(session, shortlists.NOW)
    listed = await shortlists.settled(database, matcher, events)
    print(f"  {digests:,} subscriptions, {listed / digests:.0f} postings listed each")


async def make_due(database: Database, digests: int) -> None:
    now = datetime.now(UTC)
    usual = {"kind": "digest", "occasion": "2026-W47", "since": now - timedelta(days=7), "until": now}
    rows = [MailRow(subscription_id=id_, opened_at=now, due_at=now, **usual) for id_ in range(1, digests + 1)]
    async with database.begin() as session:
        await session.exec(insert(MailRow), params=[row.model_dump(exclude={"id"}) for row in rows])


async def states(database: Database) -> dict[str, int]:
    async with database.read() as session:
        return dict((await session.exec(select(MailRow.state, func.count()).group_by(MailRow.state))).all())


async def composed(database: Database, settings: Settings) -> list[bytes]:
    """The bytes of digests that were sent, without their signatures."""
    links = Links(settings.base_url, settings.signing_secret)
    async with database.read() as session:
        mails = (await session.exec(select(MailRow).where(MailRow.state == "sent").limit(BARE))).all()
        letters = [
            Letter(mail, await session.get(SubscriptionRow, mail.subscription_id), links, settings, mail.opened_at)
            for mail in mails
        ]
    return [to_bytes(compose(letter), letter.now) for letter in letters]


async def bare(port: int, messages: Sequence[bytes], connections: int) -> float:
    """Mails a second of aiosmtplib alone."""

    async def lane(mine: Sequence[bytes]) -> None:
        client = SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await client.connect()
        for message in mine:
            await client.sendmail("digest@joblark.example.org", ["engineer@example.org"], message)
        await client.quit()

    began = time.perf_counter()
    await asyncio.gather(*(lane(messages[n::connections]) for n in range(connections)))
    return len(messages) / (time.perf_counter() - began)


@contextmanager
def notifiers(folder: Path, number: int, **given: Any) -> Iterator[None]:
    """So many processes, each well when the block begins."""
    ports = [free_port() for _ in range(number)]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    env = {**clean, **{f"JOBLARK_{name.upper()}": str(value) for name, value in {**OURS, **given}.items()}}
    running = []
    for port in ports:
        with (folder / f"notifier-{port}.log").open("wb") as output:
            command = [JOBLARK, "run", "notifier"]
            ours = {**env, "JOBLARK_PORT": str(port)}
            running.append(subprocess.Popen(command, env=ours, cwd=folder, stdout=output, stderr=output))
    try:
        for port, process in zip(ports, running, strict=True):
            while not is_well(port):
                assert process.poll() is None, (folder / f"notifier-{port}.log").read_text()[-2_000:]
                time.sleep(0.1)
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()


def is_well(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def measure(name: str, url: str, digests: int, processes: int, connections: int) -> None:
    print(name)
    with tempfile.TemporaryDirectory(prefix="bench") as temporary, smtp_sink.running() as sink:
        folder = Path(temporary)
        (folder / "dkim.pem").write_text(pem_of(new_key("rsa")))
        given = {
            "database_url": url, "smtp_port": sink.port, "mail_concurrency": connections,
            "dkim_key_file": folder / "dkim.pem", "log_format": "json", "data_dir": folder / "var",
        }  # fmt: skip
        async with Database.opened(url) as database:
            await filled(database, digests)
            with ValkeyServer(folder / "valkey") as valkey, notifiers(folder, processes, redis_url=valkey.url, **given):
                began = time.time()
                await make_due(database, digests)
                while (found := await states(database)).keys() & {"pending", "sending", "deferred"}:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            told = sink.told(reset=True)
            settings = Settings(_env_file=None, **OURS)
            messages = await composed(database, settings)
        rate = (told["mails"] - 1) / (told["last"] - told["first"])
        loop = await bare(sink.port, messages, 1)
        best = max([await bare(sink.port, messages, number) for number in (2, 4, 8)])
    size, first = told["bytes"] / told["mails"] / 1000, told["first"] - began
    print(f"  {told['mails']:,} mails of {size:.0f} kB, ledger {found}; the first {first:.1f} s after they were due")
    print(f"  {processes} notifiers, {connections} connections each: {rate:.0f} digests/s ({met(rate, BAR_RATE)})")
    print(f"  bare aiosmtplib loop: {loop:.0f}/s; ours is {rate / loop:.2f} of it ({met(rate / loop, BAR_SHARE)})")
    print(f"  the best of 2, 4, 8 bare loops: {best:.0f}/s; ours is {rate / best:.2f} of it")


def met(value: float, bar: float) -> str:
    return f"bar {bar:g} {'met' if value >= bar else 'MISSED'}"


async def main(digests: int = DIGESTS, processes: int = PROCESSES, connections: int = CONNECTIONS) -> None:
    with shortlists.urls() as found:
        for name, url in found:
            await measure(name, url, digests, processes, connections)


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
