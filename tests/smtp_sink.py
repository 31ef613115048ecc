"""The quickest mail server that a test can have: takes every mail, in a process of its own, and counts.

    python -m tests.smtp_sink [--keep FILE]      prints its port, then a line of JSON when its stdin is closed

It speaks as much SMTP as a client needs (RFC 5321, and pipelining as in RFC 2920) and keeps nothing but numbers; with
`--keep` also a line for each mail: recipient and Message-ID.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

GREETING = b"220 sink ready\r\n"
OK = b"250 ok\r\n"
REPLIES = {
    b"EHLO": b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n", b"HELO": OK, b"MAIL": OK, b"RCPT": OK, b"RSET": OK,
    b"NOOP": OK, b"QUIT": b"221 bye\r\n", b"DATA": b"354 go on\r\n",
}  # fmt: skip
END = b"\r\n.\r\n"
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Count:
    """What came: `times` of each mail (this machine's clock), how many bytes."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.bytes = 0

    def told(self) -> dict[str, Any]:
        return {
            "mails": len(self.times),
            "bytes": self.bytes,
            "first": min(self.times, default=0),
            "last": max(self.times, default=0),
        }


class Sink(asyncio.Protocol):
    def __init__(self, count: Count, keep: Any = None) -> None:
        self.count, self.keep = count, keep
        self.buffer = bytearray()
        self.in_data = False
        self.looked = 0
        self.to = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(GREETING)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        return self._message() if self.in_data else self._command()

    def _command(self) -> bool:
        end = self.buffer.find(b"\r\n")
        if end < 0:
            return False
        line = bytes(self.buffer[:end])
        del self.buffer[: end + 2]
        verb = line[:4].upper()
        if verb == b"RCPT":
            self.to = line[8:].strip(b"<> ")
        self.in_data, self.looked = verb == b"DATA", 0
        self.transport.write(REPLIES.get(verb, b"500 what?\r\n"))
        return True

    def _message(self) -> bool:
        end = self.buffer.find(END, max(0, self.looked - len(END)))
        if end < 0:
            self.looked = len(self.buffer)
            return False
        self.count.times.append(time.time())
        self.count.bytes += end
        if self.keep:
            found = MESSAGE_ID.search(self.buffer, 0, end)
            self.keep.write(self.to + b" " + (found[1] if found else b"-") + b"\n")
        del self.buffer[: end + len(END)]
        self.in_data = False
        self.transport.write(b"250 kept\r\n")
        return True


async def serve(keep: str = "") -> None:
    count = Count()
    file = open(keep, "ab", buffering=0) if keep else None  # noqa: ASYNC230, SIM115 - for as long as the process lives
    server = await asyncio.get_running_loop().create_server(lambda: Sink(count, file), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - whoever started us reads it
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(count.told()), flush=True)  # noqa: T201
        if line.strip() == "reset":
            count.__init__()  # type: ignore[misc]


class SinkProcess:
    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process, self.port = process, port

    def told(self, *, reset: bool = False) -> dict[str, Any]:
        """What came since the last reset: `mails`, `bytes`, `first`, `last`."""
        assert self.process.stdin
        assert self.process.stdout
        print("reset" if reset else "tell", file=self.process.stdin, flush=True)
        return dict(json.loads(self.process.stdout.readline()))


@contextmanager
def running(keep: str = "") -> Iterator[SinkProcess]:
    """A sink in a process of its own, until the block ends."""
    command = [sys.executable, "-m", "tests.smtp_sink", *((keep,) if keep else ())]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield SinkProcess(process, int(process.stdout.readline()))
        assert process.stdin
        process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve(*sys.argv[1:2]))
