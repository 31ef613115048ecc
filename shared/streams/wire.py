"""How an event lies in Redis: one field of plain JSON."""

from typing import Any

Client = Any
"""A `redis.asyncio.Redis`. Its annotations mix both decoding modes and every server version, so they say nothing."""

DATA = b"__data__"
"""The one field of an entry, FastStream's own name for it. We put plain JSON there instead of FastStream's binary
envelope: any consumer can read it, non-ASCII text survives, and not parsing headers doubles the rate."""
