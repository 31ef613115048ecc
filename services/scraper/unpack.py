"""A body as it comes in: bounded as sent and as unpacked, so that a bomb costs no more than the limit."""

import zlib
from collections.abc import AsyncIterator


class Unpacker:
    """Collects a body, unpacking gzip chunk by chunk. Raises `OverflowError` at the first byte too many.

    With `cut` it keeps the first `limit` bytes instead and is `full` then. Raises `zlib.error` for other packings.
    """

    def __init__(self, encoding: str, limit: int, *, cut: bool = False) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            raise zlib.error(f"encoding {encoding[:40]!r}, where gzip or none was asked for")
        self._gzip = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in encoding else None
        self._limit, self._cut, self._sent, self._body = limit, cut, 0, bytearray()

    @property
    def full(self) -> bool:
        return self._cut and max(self._sent, len(self._body)) > self._limit

    def expect(self, size: int) -> None:
        if size > self._limit and not self._cut:
            raise OverflowError

    def feed(self, chunk: bytes) -> None:
        if self.full:
            return
        self._sent += len(chunk)
        self.expect(self._sent)
        self._body += self._gzip.decompress(chunk, self._limit - len(self._body) + 1) if self._gzip else chunk
        self.expect(len(self._body))

    def finished(self) -> bytes:
        if self._gzip and self._sent and not self._gzip.eof and not self.full:
            raise zlib.error("it ends in the middle")
        return bytes(self._body[: self._limit])


async def unpacked(chunks: AsyncIterator[bytes], encoding: str, announced: str, limit: int, *, cut: bool = False) -> bytes:
    """A whole body from its chunks; `announced` is its `Content-Length`, believed only if it is too large."""
    unpacker = Unpacker(encoding, limit, cut=cut)
    unpacker.expect(int(announced[:20]) if announced.isascii() and announced.isdigit() else 0)
    async for chunk in chunks:
        unpacker.feed(chunk)
        if unpacker.full:
            break
    return unpacker.finished()
