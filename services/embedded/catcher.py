"""A mail server that keeps what it is given as files: nothing leaves the machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

MAX_MAIL = 32 * 1024 * 1024


class Keeper:
    """Writes each mail as `NAME.eml`, named after its recipient, and its HTML as `NAME.html` beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Path] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        raw = envelope.original_content
        name = "".join(c if c.isalnum() else "-" for c in envelope.rcpt_tos[0].partition("@")[0])
        again = sum(path.stem.startswith(name) for path in self.kept)
        path = self.folder / (f"{name}-{again + 1}.eml" if again else f"{name}.eml")
        path.write_bytes(raw)
        html = message_from_bytes(raw, policy=default).get_body(("html",))
        if html is not None:
            path.with_suffix(".html").write_text(html.get_content())
        self.kept.append(path)
        return "250 kept"


@asynccontextmanager
async def catching_mail(folder: Path) -> AsyncIterator[tuple[Keeper, int]]:
    """Listen on a free port of the loopback address; gives the keeper and the port. Empties `folder` of mails first."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob("*.eml"), *folder.glob("*.html")]:
        old.unlink()
    keeper = Keeper(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, data_size_limit=MAX_MAIL, loop=loop), "127.0.0.1", 0)
    async with server:
        yield keeper, server.sockets[0].getsockname()[1]
