"""How much each source says of a job: run `python -m tests.fields` and paste what it prints into `docs/sources.md`.

Reads every recorded answer beside the repository; counts jobs, and of those the share that fills a field.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from services.scraper.sources import source, sources
from shared.errors import UnreadableInput
from shared.posting import Posting
from shared.reading.posting import read_posting

FEEDS = Path(__file__).parents[2] / "shared" / "data" / "feeds"
FOLDERS = {"hackernews": "hn"}
FIELDS = ("company", "url", "location", "description", "posted_at", "department", "workplace", "employment", "pay")
READ = ("places", "skills", "role", "level")
ELSEWHERE = {"pinpoint": "misc/pinpoint_omoji.json", "rss": "misc/feed_michaeldinhmai.rss"}


def recorded(name: str) -> list[Path]:
    """The files of one source, synthetic ones left out."""
    if name in ELSEWHERE:
        return [FEEDS / ELSEWHERE[name]]
    folder = FEEDS / FOLDERS.get(name, name)
    return sorted(file for file in folder.glob("*") if not file.name.startswith("shape")) if folder.is_dir() else []


def postings(name: str) -> tuple[int, list[Posting]]:
    """How many files could be read, and what is in them."""
    found, files = [], 0
    for file in recorded(name):
        try:
            parsed = source(name).parse(file.read_bytes(), source(name).example or "acme")
        except UnreadableInput:
            continue  # negatives, and single jobs where a list is meant
        files += 1
        found += [read_posting(raw) for raw in parsed.postings]
    return files, found


def table() -> Iterator[str]:
    """Lines of a Markdown table."""
    yield f"| source | files | jobs | {' | '.join(FIELDS)} | {' | '.join(READ)} |"
    yield "|---|" + "---:|" * (2 + len(FIELDS) + len(READ))
    for name in sources():
        files, jobs = postings(name)
        said = [sum(bool(getattr(job, field)) for job in jobs) for field in FIELDS]
        read = [sum(bool(getattr(job.facts, field)) for job in jobs) for field in READ]
        shares = [f"{count / len(jobs):.0%}".rstrip("%") if jobs else "–" for count in said + read]
        yield f"| {name} | {files} | {len(jobs)} | {' | '.join(shares)} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(table()) + "\n")
