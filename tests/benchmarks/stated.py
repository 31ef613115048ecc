"""Sponsorship and agency, as read from real texts, against what a person found there: `python -m tests.benchmarks.stated`.

`stated_judged.tsv` holds texts in which something was found (a digest of each, never the text), what a person says it says
(`yes`, `no`, or nothing), and a few words of it. Texts: the recorded Ashby boards, the MyCareersFuture and Singapore
postings, the Who-is-hiring thread and the same search on three boards.
"""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from services.scraper.sources import source
from shared.posting import digest_of
from shared.reading.agency import read_agency
from shared.reading.sponsorship import read_sponsorship
from tests.benchmarks.recorded import BULK, ashby_postings

JUDGED = Path(__file__).with_name("stated_judged.tsv")
FEEDS = BULK.parent / "feeds"
_SAID = {True: "yes", False: "no", None: ""}


def texts() -> Iterator[tuple[str | None, str]]:
    """Company and text of every recorded posting that has one."""
    yield from ((raw.company, raw.description) for raw in ashby_postings())
    for file in sorted((FEEDS / "hn").glob("*.json")):
        yield from ((raw.company, raw.description) for raw in source("hackernews").parse(file.read_bytes(), "hn").postings)
    with gzip.open(BULK / "mcf_jobs.json.gz", "rt", encoding="utf-8") as packed:
        yield from ((job["company"], job["job_description"] or "") for job in json.load(packed))
    with (BULK / "singapore_postings.jsonl").open(encoding="utf-8") as lines:
        yield from ((job["board"], job["text"]) for job in map(json.loads, lines) if job.get("text"))
    for file in sorted((BULK / "same_search_three_boards").glob("*.csv.gz")):
        with gzip.open(file, "rt", encoding="utf-8", newline="") as table:
            yield from ((row["Company"], row["Description"]) for row in csv.DictReader(table))


def key(company: str | None, text: str) -> str:
    """How the table names a posting without its text."""
    return digest_of(company or "", text)


def judged() -> dict[tuple[str, str], str]:
    """What a person says, by the fact (`sponsorship`, `agency`) and the posting's key."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        found = csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE, restval="")
        return {(row["fact"], row["posting"]): row["says"] for row in found}


def verdicts() -> Counter[tuple[str, bool]]:
    """By fact and whether the reading is what the person says."""
    by_hand = judged()
    found: Counter[tuple[str, bool]] = Counter()
    for company, text in dict.fromkeys(texts()):
        said = {"sponsorship": _SAID[read_sponsorship(text)], "agency": _SAID[read_agency(text, company)]}
        for fact, says in said.items():
            truth = by_hand.get((fact, key(company, text)))
            if truth is not None:
                found[fact, says == truth] += 1
    return found


def main() -> None:
    found = verdicts()
    for fact in ("sponsorship", "agency"):
        right, wrong = found[fact, True], found[fact, False]
        print(f"{fact}: {right} of {right + wrong} as judged by hand, {right / (right + wrong):.3f}")


if __name__ == "__main__":
    main()
