"""A mail server that goes wrong in every way that mail servers do, over TLS, and writes down what it did to whom.

Of all mails a share meets a fault, another one at each attempt: a 4xx or 5xx at each step, a lost line before or after the
message was taken, an answer that comes late or too late. A share of connections breaks in the TLS handshake.
"""

import asyncio
import datetime
import random
import re
import ssl
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

STEPS = ("MAIL", "RCPT", "DATA", "DOT")
FAULTS = (
    *(f"4xx at {step}" for step in STEPS),
    *(f"5xx at {step}" for step in STEPS),
    "drop before DATA",
    "drop at DATA",
    "drop after DATA, kept",
    "drop after DATA, not kept",
    "slow",
    "too slow, kept",
)
SILENT = ("drop at DATA", "drop after DATA, kept", "drop after DATA, not kept", "too slow, kept")
"""Those after which a client cannot know what became of its mail."""
FINAL = tuple(f"5xx at {step}" for step in STEPS)
REPLIES = {"MAIL": "sender", "RCPT": "recipient", "DATA": "message", "DOT": "message"}
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Kept:
    """A mail that the server took, whether or not its client heard of it."""

    recipient: str
    message_id: str
    at: float


class ChaosSmtp:
    """Runs in a thread of its own. `faults` and `tls_faults` are shares of mails and of connections that go wrong.

    `kept` are the mails taken, `suffered` the faults by recipient in their order. `patience` is the client's, in seconds.
    """

    def __init__(self, folder: Path, *, faults: float, tls_faults: float, patience: float, seed: int) -> None:
        self.faults, self.tls_faults, self.patience = faults, tls_faults, patience
        self.random = random.Random(seed)
        self.certificate = folder / "smtp.pem"
        self.kept: list[Kept] = []
        self.suffered: dict[str, list[str]] = defaultdict(list)
        self.tls_broken = self.connections = 0
        self.port = 0
        self._tls = _self_signed(self.certificate)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "ChaosSmtp":
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        talking = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)

    def said(self) -> Counter[str]:
        """How often each fault was met."""
        return Counter(fault for faults in self.suffered.values() for fault in faults)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=2**20))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await _Conversation(self, reader, writer).run()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError, ssl.SSLError):
            pass  # the client was killed, or did not like our handshake
        finally:
            writer.transport.abort()


class _Hangup(ConnectionError):
    """We end this conversation without a word."""


class _Conversation:
    def __init__(self, server: ChaosSmtp, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.server, self.reader, self.writer = server, reader, writer
        self.fault, self.recipient, self.safe = "", "", False

    async def run(self) -> None:
        self._say("220 chaos")
        while True:
            line = (await self.reader.readuntil(b"\r\n")).decode().strip()
            verb = line.split()[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            await getattr(self, f"_{verb.lower()}")(line)

    async def _ehlo(self, _: str) -> None:
        self._say("250-chaos\r\n250-PIPELINING\r\n250 8BITMIME" if self.safe else "250-chaos\r\n250 STARTTLS")

    async def _starttls(self, _: str) -> None:
        self._say("220 go ahead")
        if self.server.random.random() < self.server.tls_faults:
            self.server.tls_broken += 1
            self.writer.write(b"this is no handshake")
            raise _Hangup
        await self.writer.start_tls(self.server._tls)
        self.safe = True

    async def _rset(self, _: str) -> None:
        self._say("250 fresh")

    async def _mail(self, _: str) -> None:
        chance = self.server.random
        self.fault = chance.choice(FAULTS) if chance.random() < self.server.faults else ""
        self._pending_mail = self._refusal("MAIL")
        if not self._pending_mail:
            self._say("250 ok")

    async def _rcpt(self, line: str) -> None:
        self.recipient = line.partition("<")[2].rstrip(">")
        if self.fault:
            self.server.suffered[self.recipient].append(self.fault)
        if self._pending_mail:  # said only now that we know to whom it happened
            self._say(self._pending_mail)
            self._say("503 no sender")
        elif self.fault == "drop before DATA":
            raise _Hangup
        else:
            self._say(self._refusal("RCPT") or "250 ok")

    async def _data(self, _: str) -> None:
        if self.fault == "drop at DATA":
            raise _Hangup
        if refusal := self._refusal("DATA"):
            self._say(refusal)
            return
        self._say("354 go on")
        message = await self.reader.readuntil(b"\r\n.\r\n")
        await self._dot(message)

    async def _dot(self, message: bytes) -> None:
        if refusal := self._refusal("DOT"):
            self._say(refusal)
        elif self.fault == "drop after DATA, not kept":
            raise _Hangup
        else:
            found = MESSAGE_ID.search(message)
            assert found
            self.server.kept.append(Kept(self.recipient, found[1].decode(), time.time()))
            if self.fault == "drop after DATA, kept":
                raise _Hangup
            if self.fault == "slow":
                await asyncio.sleep(self.server.patience * 0.4)
            if self.fault == "too slow, kept":
                await asyncio.sleep(self.server.patience * 2)
            self._say("250 kept")

    def _refusal(self, step: str) -> str:
        if self.fault == f"4xx at {step}":
            return f"451 4.3.0 the {REPLIES[step]} later"
        return f"550 5.7.1 the {REPLIES[step]} never" if self.fault == f"5xx at {step}" else ""

    def _say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")


def _self_signed(path: Path) -> ssl.SSLContext:
    """A certificate for 127.0.0.1 that vouches for itself, written to `path`: trust it by `SSL_CERT_FILE`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "chaos")])
    now = datetime.datetime.now(datetime.UTC)
    day, address = datetime.timedelta(days=1), x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    whole = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(address, critical=False)
    )
    signed = whole.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
