"""The line as an operator runs it: each service a process of its own, every command a process too."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from services.embedded.line import backlog
from shared.database import Database
from shared.settings import Settings
from shared.streams import Streams

JOBLARK = Path(sys.executable).with_name("joblark")
SERVICES = ("scraper", "matcher", "notifier", "web")
PATIENCE_SECONDS = 90.0
SECRET = "a secret that only these tests sign links with"
QUICK = {
    "host": "127.0.0.1",
    "fetch_allow_networks": "127.0.0.0/8",
    "fetch_gap_seconds": 0.001,
    "secret": SECRET,
    "tick_seconds": 0.2,
    "stream_min_idle_seconds": 2,
    "stream_backoff_seconds": 0.2,
    "mail_lease_seconds": 5,
    "mail_retry_seconds": 0.5,
    "poll_lease_seconds": 5,
    "poll_checks": 0,
    "log_format": "json",
}
"""Times that an operator counts in minutes, counted in seconds: a test does not want to wait for a lease to end."""
Found = TypeVar("Found")


class Line:
    """Services and commands that share one folder, one database and one Redis. `stop()` ends what still runs."""

    def __init__(
        self, folder: Path, *, redis_url: str = "", database_url: str = "", smtp_port: int = 9, **more: object
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        servers = {"data_dir": folder / "var", "database_url": database_url, "redis_url": redis_url, "smtp_port": smtp_port}
        self.given = {**QUICK, **servers, **more}
        self.settings = Settings(_env_file=None, **self.given)
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.ports: dict[str, int] = {}

    def environment(self, **more: object) -> dict[str, str]:
        """Nothing of this shell's own JOBLARK_*; settings that are empty are left out."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
        given = {f"JOBLARK_{name.upper()}": str(value) for name, value in {**self.given, **more}.items() if value != ""}
        return {**ours, **given, "COLUMNS": "200", "NO_COLOR": "1"}

    def start(self, *names: str, command: Iterable[str] = ()) -> None:
        """Start services, each on a port of its own; `command` replaces `joblark run NAME`."""
        for name in names:
            self.ports[name] = self.ports.get(name) or free_port()
            words = tuple(command) or (JOBLARK, *(("up",) if name == "up" else ("run", name)))
            with self.log(name).open("ab") as output:
                self.running[name] = subprocess.Popen(
                    words, env=self.environment(port=self.ports[name]), cwd=self.folder, stdout=output, stderr=output
                )

    async def started(self, *names: str, command: Iterable[str] = ()) -> None:
        """Start services and wait until each says that it is well."""
        self.start(*names, command=command)
        for name in names:
            await eventually(lambda name=name: self.is_well(name), f"{name} is not well:\n{self.tail(name)}")

    def kill(self, name: str) -> None:
        """SIGKILL, and gone when this returns."""
        process = self.running.pop(name)
        process.kill()
        process.wait()

    def stop(self) -> None:
        """Ask everything to end, as a supervisor does; what has not ended after 20 s is killed, and that is an error."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        stuck = [name for name, process in self.running.items() if not ended(process, 20)]
        self.running.clear()
        assert not stuck, f"did not stop within 20 s of SIGTERM: {stuck}"

    async def is_well(self, name: str) -> bool:
        process = self.running[name]
        assert process.poll() is None, f"{name} ended with {process.returncode}:\n{self.tail(name)}"
        return (await asyncio.to_thread(status, self.url(name, "/healthz"))) == 200

    def url(self, name: str, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.ports[name]}{path}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def tail(self, name: str, lines: int = 30) -> str:
        return "\n".join(self.log(name).read_text(errors="replace").splitlines()[-lines:])

    def cli(self, *words: str, given: bytes | str = b"", **settings: object) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, whatever its exit code."""
        done = subprocess.run(
            [JOBLARK, *words],
            input=given.encode() if isinstance(given, str) else given,
            capture_output=True,
            env=self.environment(**settings),
            cwd=self.folder,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())

    def ok(self, *words: str, given: bytes | str = b"", **settings: object) -> str:
        """Run one command that must succeed; gives what it prints."""
        done = self.cli(*words, given=given, **settings)
        assert done.returncode == 0, f"joblark {' '.join(words)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def rows(self, *words: str, **settings: object) -> list[dict[str, Any]]:
        """What a listing prints with --json."""
        return [json.loads(line) for line in self.ok(*words, "--json", **settings).splitlines()]

    @asynccontextmanager
    async def inside(self) -> AsyncIterator[tuple[Database, Streams]]:
        """The line's own database and streams, opened in this process."""
        async with Database.opened(self.settings.database) as database, Streams(self.settings).connected() as streams:
            yield database, streams


async def until_idle(database: Database, streams: Streams, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until every board is read, every event published and every event handled."""

    async def idle() -> bool:
        try:
            return not await backlog(database, streams)
        except (RedisError, DBAPIError, OSError):  # tests take servers away
            return False

    await eventually(idle, "the line is not idle", seconds)


async def eventually(
    find: Callable[[], Found | Awaitable[Found]], what: str, seconds: float = PATIENCE_SECONDS, every: float = 0.1
) -> Found:
    """The first true thing that `find` finds; fails with `what` when there is none in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = find()
        found = await found if isinstance(found, Awaitable) else found
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"{what} (after {seconds:g} s)"
        await asyncio.sleep(every)


def ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it ends by itself; killed otherwise."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def status(url: str) -> int | None:
    """The HTTP status that a GET gets; `None` where nobody answers."""
    try:
        with urlopen(url, timeout=5) as answer:
            return int(answer.status)
    except URLError as error:
        return getattr(error, "code", None)
    except OSError:
        return None


def one_line(done: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The one line that a command says on stderr when it fails; asserts the exit code and that there is no more."""
    lines = done.stderr.splitlines()
    assert done.returncode == exit_code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert len(lines) == 1, done.stderr
    return lines[0]
