"""Where bounces and complaints come in by mail: a Maildir, an mbox, an IMAP folder, or standard input."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.notifier.mailboxes.base import Item, Mailbox
from services.notifier.mailboxes.imap import opened
from services.notifier.mailboxes.maildir import Maildir
from services.notifier.mailboxes.mbox import Mbox
from shared.errors import UnreadableInput
from shared.settings import Settings

__all__ = ["Item", "Mailbox", "open_mailbox"]
IMAP, STDIN = "imap", "-"


@contextmanager
def open_mailbox(source: str, settings: Settings) -> Iterator[Mailbox]:
    """The mailbox that `source` names: a path, `imap` (that of the settings) or `-`. Raises `UnreadableInput`, `NotReady`."""
    if source == STDIN:
        yield Mbox(sys.stdin.buffer, "standard input")
    elif source == IMAP:
        with opened(settings.bounces_imap_url, settings.bounces_imap_password.get_secret_value()) as folder:
            yield folder
    elif Maildir.is_one(path := Path(source)):
        yield Maildir(path)
    elif path.is_file():
        with path.open("rb") as file:
            yield Mbox(file, path.name)
    else:
        what = "is a folder, but no Maildir: it has no new/ and cur/" if path.is_dir() else "is not there"
        words = f"{source[:200]} {what}; give a Maildir, an mbox, {IMAP} or {STDIN}"
        raise UnreadableInput(words, code="mailbox_unknown")
