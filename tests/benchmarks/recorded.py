"""The recorded boards beside the repository, as the benchmarks ask for them."""

import gzip
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from services.scraper.sources import source
from shared.posting import RawPosting

BULK = Path(__file__).parents[2].parent / "shared" / "data" / "bulk"


def ashby_boards() -> list[tuple[str, bytes]]:
    """Name and answer of each recorded Ashby board. Ends the benchmark where there are none."""
    packed = _there(BULK / "ashby_boards_dev.tar.zst")
    with tempfile.TemporaryDirectory() as folder:
        tar = subprocess.run(["zstd", "-dc", "--long=27", packed], check=True, capture_output=True).stdout
        subprocess.run(["tar", "x", "-C", folder], input=tar, check=True)
        return [(file.stem, file.read_bytes()) for file in sorted(Path(folder).rglob("*.json"))]


def ashby_postings() -> list[RawPosting]:
    """Every recorded Ashby posting, as its adapter reads it."""
    return [raw for board, body in ashby_boards() for raw in source("ashby").parse(body, board).postings]


def daily_titles() -> list[tuple[str, str, str]]:
    """Title, location and company of each posting of the first recorded daily list."""
    (file, *_) = sorted(BULK.glob("greenhouse_112k/*.json.gz")) or [_there(BULK / "greenhouse_112k")]
    return [(job["title"], job["location"] or "", job["company"]) for job in json.loads(gzip.decompress(file.read_bytes()))]


def daily_lists() -> list[dict[str, bytes]]:
    """For each recorded day, every Greenhouse board's answer by its name, in the shape of the API."""
    return [_daily_list(_there(file)) for file in sorted(BULK.glob("greenhouse_112k/*.json.gz")) or [BULK / "greenhouse_112k"]]


def _daily_list(file: Path) -> dict[str, bytes]:
    boards = defaultdict(list)
    for job in json.loads(gzip.decompress(file.read_bytes())):
        wire = {name: job[name] for name in ("id", "title", "absolute_url", "updated_at")}
        boards[job["company_slug"]].append({**wire, "location": {"name": job["location"]}})
    return {board: json.dumps({"jobs": jobs}).encode() for board, jobs in boards.items()}


def _there(path: Path) -> Path:
    if not path.is_file():
        sys.exit(f"needs {path.name} of the recorded feeds beside the repository")
    return path
