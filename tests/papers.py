"""CVs of invented people as files: PDFs written by hand, in the shapes that real ones have, and Word files."""

import io
import zlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

PAGE = (612, 792)


class Run(NamedTuple):
    """A line of text at its place: points from the left and from the bottom of the page, and its size."""

    x: float
    y: float
    size: float
    text: str


def pdf(pages: Iterable[Sequence[Run]], *, packed: bool = True, extra: str = "") -> bytes:
    """A PDF of these pages. `extra` goes into each page's resources."""
    kids: list[int] = []
    objects: list[bytes] = [b"", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    for runs in pages:
        content = "\n".join(_shown(run) for run in runs).encode("cp1252", "replace")
        stream = zlib.compress(content) if packed else content
        kind = "/Filter /FlateDecode " if packed else ""
        objects.append(f"<< {kind}/Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream")
        resources = f"<< /Font << /F1 3 0 R >> {extra} >>"
        kids.append(len(objects) + 1)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE[0]} {PAGE[1]}] /Resources {resources} "
            f"/Contents {len(objects)} 0 R >>".encode()
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in kids)}] /Count {len(kids)} >>".encode()
    return assembled(objects)


def assembled(objects: Sequence[bytes], *, trailer: str = "/Root 1 0 R") -> bytes:
    """A PDF file of these objects, numbered from 1, with its table of where each is."""
    file = io.BytesIO()
    file.write(b"%PDF-1.7\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    table = file.tell()
    file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    file.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    file.write(f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{table}\n%%EOF\n".encode())
    return file.getvalue()


def _shown(run: Run) -> str:
    text = run.text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /F1 {run.size} Tf 1 0 0 1 {run.x} {run.y} Tm ({text}) Tj ET"


def column(lines: Iterable[str], *, x: float = 50, top: float = 740, size: float = 11) -> list[Run]:
    """Lines below each other; a line that starts with `# ` is large."""
    return [
        Run(x, top - 1.4 * size * n, size * (2 if line.startswith("# ") else 1), line.removeprefix("# "))
        for n, line in enumerate(lines)
        if line
    ]


def linkedin(side: Sequence[str], pages: Sequence[Sequence[str]]) -> bytes:
    """LinkedIn's *Save to PDF*: the narrow column's text comes first, and each page ends with its number."""
    drawn = []
    for number, lines in enumerate(pages, 1):
        narrow = column(side, x=22, size=10.5) if number == 1 else []
        foot = Run(450, 30, 9, f"Page {number} of {len(pages)}")
        drawn.append([*narrow, *column(lines, x=224, size=12), foot])
    return pdf(drawn)
