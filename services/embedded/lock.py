"""Who may write to a data directory: one joblark at a time, and its servers with it."""

import fcntl
import os
import time
from pathlib import Path

from shared.errors import Conflict

HANDOVER_SECONDS = 10.0
"""How long the servers of a joblark that was killed may take to write their last second to disk and leave."""


class DirectoryLock:
    """An advisory lock on `<directory>/.lock`. A child that inherits `descriptor` holds it too, until both are gone.

    The file carries the process id of its holder. It is never deleted: two processes could then lock two files.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._descriptor: int | None = None

    @property
    def descriptor(self) -> int:
        if self._descriptor is None:
            raise RuntimeError("the lock is not held")
        return self._descriptor

    def acquire(self) -> None:
        """At once, or `Conflict`. Only the orphans of a holder that died are waited for. Held already: nothing happens."""
        if self._descriptor is not None:
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._wait_for(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _wait_for(self, descriptor: int) -> None:
        deadline = time.monotonic() + HANDOVER_SECONDS
        while not _locked(descriptor):
            holder = _holder(descriptor)
            if _lives(holder) or time.monotonic() > deadline:
                raise Conflict(
                    f"another joblark is already running on {self.directory} (process {holder}); "
                    "stop it first, or give this one its own JOBLARK_DATA_DIR",
                    code="data_dir_in_use",
                )
            time.sleep(0.02)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(descriptor: int) -> int | None:
    written = os.pread(descriptor, 20, 0)
    return int(written) if written.isdigit() else None


def _lives(pid: int | None) -> bool:
    """Unknown is taken for dead: the holder has not written its id yet, so it is worth another look."""
    try:
        os.kill(pid or 0, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # as another user
        return True
    return pid is not None
