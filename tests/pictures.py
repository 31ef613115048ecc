"""How mails look: `python -m tests.pictures digest welcome` draws each at 360 and 700 px, light and dark, into `docs/pictures`.

Needs Chromium. `--into FOLDER` puts them elsewhere; without names, every mail is drawn.
"""

import argparse
import base64
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from services.notifier.compose import compose
from tests.browser.chromium import Chromium, find_chromium
from tests.notices import notices
from tests.week import pictured

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
WIDTHS = (360, 700)
COLOURS = 64
PIXELS = """
(() => {
  const image = document.images[0], canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const bytes = context.getImageData(0, 0, canvas.width, canvas.height).data;
  let text = "";
  for (let i = 0; i < bytes.length; i += 30000) text += String.fromCharCode(...bytes.subarray(i, i + 30000));
  return btoa(text);
})()
"""
"""The pixels of the page's picture, four bytes each."""


def draw(browser: Chromium, html: str, width: int, path: Path, *, dark: bool) -> None:
    """Save one page, whole, as a PNG of few colours."""
    browser.show(width, dark=dark)
    _open(browser, html)
    browser.screenshot(path)
    path.write_bytes(_of_few_colours(browser, path.read_bytes()))


def _open(browser: Chromium, html: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html)
        browser.open(page.as_uri())


def _of_few_colours(browser: Chromium, png: bytes) -> bytes:
    """The picture with a palette: mails are text on plain ground, and look the same at a third of the size."""
    _open(browser, f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}">')
    width, height = struct.unpack(">II", png[16:24])
    pixels = np.frombuffer(base64.b64decode(browser.evaluate(PIXELS)), np.uint8)
    coarse = pixels.reshape(-1, 4)[:, :3]
    colours, which, counts = np.unique(coarse, axis=0, return_inverse=True, return_counts=True)
    vivid = 1 + colours.max(1).astype(int) - colours.min(1)  # a green word has few pixels, and must stay green
    palette = colours[np.argsort(-counts * vivid)[:COLOURS]]
    distance = ((colours[:, None].astype(int) - palette[None].astype(int)) ** 2).sum(2)
    rows = distance.argmin(1).astype(np.uint8)[which.reshape(-1)].reshape(height, width)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = {b"IHDR": header, b"PLTE": palette.tobytes(), b"IDAT": zlib.compress(raw, 9), b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks.items())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _mails(names: list[str]) -> Iterator[tuple[str, str]]:
    """Name and page of each mail."""
    pages = {**notices(), **pictured()}
    for name in names or sorted(pages):
        yield name, compose(pages[name]).html


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("names", nargs="*")
    arguments.add_argument("--into", type=Path, default=PICTURES)
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as profile, Chromium(find_chromium() or "chromium", Path(profile)) as browser:
        for name, html in _mails(asked.names):
            for width in WIDTHS:
                for dark in (False, True):
                    path = asked.into / f"{name}-{'dark' if dark else 'light'}-{width}.png"
                    draw(browser, html, width, path, dark=dark)


if __name__ == "__main__":
    main()
