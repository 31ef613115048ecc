"""A process of its own that consumes postings, for tests that kill it: `stream_worker.py LOG [deadly=ID] [hang=ID]`.

It writes `try ID` before and `done ID` after each event. `deadly` makes it kill itself over that event, `hang` stand still.
"""

import asyncio
import os
import signal
import sys

from shared.events import POSTINGS, PostingFound
from shared.settings import Settings
from shared.streams import Streams

LOG = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
TOLD = {name: int(value) for name, _, value in (word.partition("=") for word in sys.argv[2:])}


async def handle(events: list[PostingFound]) -> None:
    ids = [event.posting_id for event in events]
    for id_ in ids:
        os.write(LOG, f"try {id_}\n".encode())
        if id_ == TOLD.get("deadly"):
            os.kill(os.getpid(), signal.SIGKILL)
        if id_ == TOLD.get("hang"):
            await asyncio.Event().wait()
    os.write(LOG, "".join(f"done {id_}\n" for id_ in ids).encode())


async def main() -> None:
    streams = Streams(Settings(_env_file=None))
    streams.consume(POSTINGS, "matcher", {PostingFound: handle})
    async with streams.running():
        await asyncio.Event().wait()


asyncio.run(main())
