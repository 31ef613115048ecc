"""A small IMAP server over TLS on 127.0.0.1: one user, one folder, and as much of RFC 3501 as reading mail needs."""

import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tests.certificates import for_localhost

USER, PASSWORD, FOLDER = "bounces@joblark.example", 'pass "word" \\', "INBOX/Bounces"


@dataclass
class Folder:
    """Mails by UID, and their flags. `breaks_at` is a command at which the line is cut; `commands` is all that was said."""

    mails: dict[int, bytes] = field(default_factory=dict)
    flags: dict[int, set[str]] = field(default_factory=dict)
    breaks_at: str = ""
    commands: list[str] = field(default_factory=list)

    def add(self, *mails: bytes) -> None:
        for mail in mails:
            uid = 100 + len(self.mails)
            self.mails[uid], self.flags[uid] = mail, set()


@contextmanager
def imap_server(folder: Path) -> Iterator[tuple[str, Path, Folder]]:
    """Give the URL to read from, the certificate to trust, and the folder."""
    certificate, key = for_localhost(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    held = Folder()

    class Conversation(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with context.wrap_socket(self.request, server_side=True) as line, line.makefile("rwb") as file:
                _serve(file, held)

    with _Server(("127.0.0.1", 0), Conversation) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"imaps://bounces%40joblark.example@127.0.0.1:{server.server_address[1]}/INBOX/Bounces", certificate, held
        finally:
            server.shutdown()
            thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that does not trust us hangs up: no traceback on the test's screen."""


def _serve(file: BinaryIO, folder: Folder) -> None:
    _say(file, "* OK ready")
    while line := file.readline().decode().strip():
        tag, _, command = line.partition(" ")
        folder.commands.append(command)
        name = " ".join(command.split()[: 2 if command.startswith("UID") else 1]).upper()
        if name == folder.breaks_at:
            return
        _answer(file, folder, tag, name, command)
        if name == "LOGOUT":
            return


def _answer(file: BinaryIO, folder: Folder, tag: str, name: str, command: str) -> None:
    status = "OK done"
    if name == "CAPABILITY":
        _say(file, "* CAPABILITY IMAP4rev1")
    elif name == "LOGIN":
        quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
        status = status if command == f'LOGIN {USER} "{quoted}"' else f"NO no such user {USER}"
    elif name == "SELECT":
        _say(file, f"* {len(folder.mails)} EXISTS")
        status = "OK [READ-WRITE] done" if command == f'SELECT "{FOLDER}"' else "NO no such folder"
    elif name == "UID SEARCH":
        _say(file, " ".join(["* SEARCH", *(str(uid) for uid in folder.mails if "\\Seen" not in folder.flags[uid])]))
    elif name == "UID FETCH":
        _fetch(file, folder, *map(int, re.findall(r"\d+", command)))
    elif name == "UID STORE":
        folder.flags[int(command.split()[2])] |= set(re.findall(r"\\\w+", command))
    _say(file, f"{tag} {status}")


def _fetch(file: BinaryIO, folder: Folder, uid: int, start: int, count: int) -> None:
    if uid in folder.mails:
        part = folder.mails[uid][start : start + count]
        file.write(f"* 1 FETCH (UID {uid} BODY[]<{start}> {{{len(part)}}}\r\n".encode() + part + b")\r\n")


def _say(file: BinaryIO, line: str) -> None:
    file.write(line.encode() + b"\r\n")
    file.flush()
