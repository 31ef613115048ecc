"""How well postings are grouped into openings, on real boards: `python tests/benchmarks/openings.py`.

Reads the recorded boards beside the repository, groups them as a poll would, and compares a fixed sample of the groups with
what a person who read them wrote down (`openings_judged.tsv`: the postings of a group, `one` or `several` openings, and why).
With `--read` it prints the groups instead, for judging: all that differs between their postings.
"""

import ast
import csv
import gzip
import io
import random
import subprocess
import sys
import tarfile
import time
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from services.scraper.openings import Evidence, Member, assign, read_evidence  # noqa: E402
from services.scraper.openings.texts import likeness  # noqa: E402
from services.scraper.sources import source  # noqa: E402
from shared.posting import Facts, Posting, RawPosting, words  # noqa: E402
from shared.reading.places import read_places  # noqa: E402

BULK = ROOT.parent / "shared" / "data" / "bulk"
JUDGED = HERE / "openings_judged.tsv"
SEED, SAMPLED, HARDEST = 20261122, 50, 40
"""Of each data set: groups drawn at random, and those whose texts are least alike of all."""
Group = list[tuple[Posting, Evidence]]


def main(arguments: list[str]) -> int:
    judged = _judged()
    for name, boards in (("ashby", ashby()), ("three", three_boards())):
        began = time.process_time()
        groups = grouped(boards)
        spent = time.process_time() - began
        several = [group for group in groups if len(group) > 1]
        postings, inside = sum(map(len, groups)), sum(map(len, several))
        say(f"{name}: {postings:,} postings, {len(several)} groups of {inside:,}, {postings / spent:,.0f} postings/s")
        for kind, chosen in (("random", sampled(several)), ("hardest", hardest(several))):
            if "--read" in arguments:
                for group in chosen:
                    if ident(group) not in judged:
                        show(group)
            verdicts = [judged.get(ident(group), "not judged") for group in chosen]
            right, wrong = verdicts.count("one"), verdicts.count("several")
            say(f"  {kind}: {len(chosen)} groups, {right} right, {wrong} wrong, {len(chosen) - right - wrong} not judged")
    return 0


def ashby() -> list[list[RawPosting]]:
    """Each of 211 recorded boards."""
    unpack = ["zstd", "-dc", "--long=27", str(BULK / "ashby_boards_dev.tar.zst")]
    archive = subprocess.run(unpack, capture_output=True, check=True).stdout
    adapter = source("ashby")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        named = sorted((Path(file.name).stem, files.extractfile(file)) for file in files if file.isfile())
        return [list(adapter.parse(file.read(), name).postings) for name, file in named if file]


def three_boards() -> list[list[RawPosting]]:
    """One search on three boards of 2020; a posting's id is its row."""
    csv.field_size_limit(10**8)
    return [list(_rows(name)) for name in ("glassdoor", "linkedin", "indeed")]


def grouped(boards: list[list[RawPosting]]) -> list[Group]:
    """The postings by opening, the boards read one after the other."""
    openings: dict[str, Group] = defaultdict(list)
    known: list[Member] = []
    for board in boards:
        postings = [_with_places(raw) for raw in board]
        evidence = [read_evidence(posting) for posting in postings]
        keys = assign(evidence, known)
        for posting, found in zip(postings, evidence, strict=True):
            openings[keys[posting.external_id]].append((posting, found))
        known += [Member(found, keys[found.external_id], listed=True) for found in evidence]
    return list(openings.values())


def sampled(groups: list[Group]) -> list[Group]:
    """Of the search on three boards only groups that span two of them: the rest are mostly one posting listed twice."""
    wide = [group for group in groups if len({posting.source for posting, _ in group}) > 1]
    return random.Random(SEED).sample(sorted(wide or groups, key=ident), SAMPLED)


def hardest(groups: list[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: (_least_alike(group)[0], ident(group)))[:HARDEST]


def ident(group: Group) -> str:
    return " ".join(sorted(f"{posting.source}:{posting.board}:{posting.external_id}" for posting, _ in group))


def show(group: Group) -> None:
    """Prints the two postings of a group that are least alike."""
    alike, one, other = _least_alike(group)
    say(f"\n== {ident(group)}\n   {len(group)} postings, least alike {alike:.2f}")
    for posting, rest in ((one, other), (other, one)):
        lines = {" ".join(words(line).split()) for line in rest.description.splitlines()}
        own = [line for line in posting.description.splitlines() if " ".join(words(line).split()) not in lines]
        where = " / ".join(posting.locations) or posting.location
        say(f"   {posting.source} | {posting.company} | {posting.title} | {posting.department} | {where}"[:300])
        say("".join(f"      {line.strip()[:400]}\n" for line in own[:12] if line.strip()))


def _least_alike(group: Group) -> tuple[float, Posting, Posting]:
    pairs = ((likeness(f.signature, g.signature), p, q) for (p, f), (q, g) in combinations(group[:12], 2))
    return min(((text.alike if text else -1.0, p, q) for text, p, q in pairs), key=lambda pair: pair[0])


def _rows(name: str) -> Iterator[RawPosting]:
    with gzip.open(BULK / "same_search_three_boards" / f"{name}_data_scientist.csv.gz", "rt", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            text, title = row["Description"], row.get("Name") or row["Job Title"]
            if text.startswith(("['", '["')):
                text = "\n".join(ast.literal_eval(text))
            if title.strip():
                company, place, url = row["Company"] or None, row["Location"] or None, row.get("Url") or None
                yield RawPosting(
                    source=name,
                    board="search",
                    external_id=str(number),
                    title=title[:500],
                    company=company,
                    url=url,
                    location=place,
                    description=text[:100_000],
                )


def _with_places(raw: RawPosting) -> Posting:
    said = tuple(dict.fromkeys(place for place in (raw.location, *raw.locations) if place))
    return Posting(**dict(raw), facts=Facts(places=read_places(said)))


def _judged() -> dict[str, str]:
    if not JUDGED.exists():
        return {}
    with JUDGED.open(newline="") as file:
        return {row["postings"]: row["verdict"] for row in csv.DictReader(file, delimiter="\t")}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
