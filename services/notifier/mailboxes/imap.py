"""A folder of an IMAP server (RFC 3501), over TLS with its certificate checked.

What was not seen is read without marking it (BODY.PEEK), no more of it than is looked at. Once what it says is committed it is
marked as seen, and flagged where somebody should look at it. Nothing is deleted.
"""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urlsplit

from services.notifier.mailboxes.base import MOST, Item
from shared.errors import NotReady, UnreadableInput

SECONDS = 30.0
FORM = "JOBLARK_BOUNCES_IMAP_URL is to look like imaps://user@imap.example.org/INBOX"


class ImapFolder:
    """A selected folder."""

    def __init__(self, connection: imaplib.IMAP4_SSL) -> None:
        self.connection = connection
        found = self._uid("SEARCH", "UNSEEN", "UNDELETED")
        self.uids = found[0].decode().split() if found and isinstance(found[0], bytes) else []
        self.total: int | None = len(self.uids)

    def __iter__(self) -> Iterator[Item]:
        for uid in self.uids:
            answer = self._uid("FETCH", uid, f"(BODY.PEEK[]<0.{MOST}>)")
            raw = next((part[1] for part in answer if isinstance(part, tuple)), None)
            if raw is not None:  # else it was deleted meanwhile
                yield Item(uid, raw[:MOST])

    def settle(self, item: Item, *, flag: bool) -> None:
        self._uid("STORE", item.name, "+FLAGS.SILENT", r"(\Seen \Flagged)" if flag else r"(\Seen)")

    def _uid(self, *command: str) -> list[bytes | tuple[bytes, bytes] | None]:
        with _talking(self.connection.host):
            status, answer = self.connection.uid(*command)
            if status != "OK":
                raise imaplib.IMAP4.error(f"{command[0]} answered {status}")
        return list(answer)


@contextmanager
def opened(url: str, password: str, tls: ssl.SSLContext | None = None) -> Iterator[ImapFolder]:
    """The folder that `url` names, until the block ends. Raises `UnreadableInput` for the URL and `NotReady` for the server."""
    host, port, user, folder = _parted(url)
    with _talking(f"{host}:{port}"):
        connection = imaplib.IMAP4_SSL(host, port, ssl_context=tls or ssl.create_default_context(), timeout=SECONDS)
    try:
        with _talking(host):
            _log_in(connection, host, user, password)
            _select(connection, folder)
        yield ImapFolder(connection)
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.logout()


@contextmanager
def _talking(host: str) -> Iterator[None]:
    """Whatever goes wrong between us and the server is one error that names the server and may pass."""
    try:
        yield
    except (OSError, imaplib.IMAP4.error) as error:
        raise NotReady(f"reading mail from {host} by IMAP over TLS failed: {_reason(error)}", code="imap_failed") from None


def _log_in(connection: imaplib.IMAP4_SSL, host: str, user: str, password: str) -> None:
    try:
        connection.login(user, password)
    except imaplib.IMAP4.error as error:
        if isinstance(error, imaplib.IMAP4.abort):
            raise
        words = f"{host} refuses the login of JOBLARK_BOUNCES_IMAP_URL with JOBLARK_BOUNCES_IMAP_PASSWORD"
        raise NotReady(words, code="imap_login_refused") from None


def _select(connection: imaplib.IMAP4_SSL, folder: str) -> None:
    quoted = folder.replace("\\", "\\\\").replace('"', '\\"')
    if connection.select(f'"{quoted}"')[0] != "OK":
        raise UnreadableInput(f"there is no folder {folder!r} in that mailbox; {FORM}", code="imap_folder_unknown")


def _parted(url: str) -> tuple[str, int, str, str]:
    """Host, port, user and folder."""
    try:
        parts = urlsplit(url)
        port = parts.port or 993
    except ValueError:
        parts, port = urlsplit(""), 0
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if parts.scheme != "imaps" or not parts.hostname or not parts.username or not port or not _plain(folder):
        raise UnreadableInput(FORM, code="imap_url_invalid")
    return parts.hostname, port, unquote(parts.username), folder


def _plain(folder: str) -> bool:
    return folder.isascii() and folder.isprintable()


def _reason(error: Exception) -> str:
    """What kind of trouble it is; the words of a server may name the user."""
    return f"{type(error).__name__} {getattr(error, 'verify_message', '') or getattr(error, 'strerror', '') or ''}".strip()
