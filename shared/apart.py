"""Files of strangers, read in a process apart: one that crawls, eats memory or kills its reader costs that process only.

    document = read_apart(body)        a few tenths of a second for PDF and Word files; the rest is read here at once

The child is this module (`python -m shared.apart`): it takes the file from standard input, answers in JSON, sees no
settings, and lives under limits of processor time, memory and files.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from shared.errors import UnreadableInput
from shared.reading.documents import MAX_BYTES, PASTE, Document, is_packed, read_document

SECONDS = 10
"""Of processor time. A real CV of ten pages takes less than one."""
PATIENCE = 2
"""Times as long may pass on a busy machine."""
MEMORY = 1_000_000_000
_INHERITED = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "SYSTEMROOT", "LANG")


def read_apart(body: bytes, *, seconds: int = SECONDS) -> Document:
    """What `read_document` makes of a file. Raises `UnreadableInput` as it does, and `profile_too_complex`."""
    if len(body) > MAX_BYTES or not is_packed(body):
        return read_document(body)
    try:
        done = _child(body, seconds)
        answer = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        answer = {}
    if "document" in answer:
        return str(answer["document"])
    words = f"this file takes too long or too much memory to read; print it to PDF again, or {PASTE}"
    raise UnreadableInput(answer.get("message", words), code=answer.get("code", "profile_too_complex"))


def _child(body: bytes, seconds: int) -> "subprocess.CompletedProcess[bytes]":
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-m", "shared.apart", str(seconds)],
        input=body,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=PATIENCE * seconds,
        cwd=Path(__file__).parents[1],
        env=environment,
        check=False,
    )


def main() -> None:
    """The child: read standard input under limits, write `{"document": …}` or `{"code": …, "message": …}`."""
    _limit(int(sys.argv[1]))
    try:
        answer = {"document": read_document(sys.stdin.buffer.read(MAX_BYTES))}
    except UnreadableInput as error:
        answer = {"code": error.code, "message": str(error)}
    sys.stdout.write(json.dumps(answer))


def _limit(seconds: int) -> None:
    """Where the system has such limits; a wall clock stands beside them in any case."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, most in ((resource.RLIMIT_CPU, seconds), (resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0)):
        _, ceiling = resource.getrlimit(kind)
        lowest = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(kind, (lowest, ceiling))


if __name__ == "__main__":
    main()
