"""What it costs to read one posting: processor milliseconds, beside the least anybody could do.

The least is selectolax's own text of the markup and one regular expression of all skill names. The postings are the 4,767
recorded ones of `ashby_boards_dev.tar.zst`. Bar: a posting of 5 KB of text is read completely, from markup to facts, in 1 ms.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from statistics import median

from selectolax.lexbor import LexborHTMLParser

from services.scraper.sources import source
from shared.posting import RawPosting
from shared.reading.html import plain_text
from shared.reading.posting import read_posting
from shared.reading.skills import find_skills
from shared.reading.vocabulary import skills
from tests.benchmarks.recorded import ashby_boards

ROUNDS = 5
BAR = 1.0
LONG = (4_500, 5_500)
"""Characters of a description that counts as one of 5 KB."""

NAIVE = re.compile(rf"\b(?:{'|'.join(re.escape(skill.name) for skill in skills().values())})\b", re.IGNORECASE)


def naive_text(markup: str) -> str:
    return LexborHTMLParser(markup).text(separator="\n")


def cost(step: Callable[[str], object] | Callable[[RawPosting], object], inputs: Sequence[object]) -> float:
    """Processor milliseconds per input: the median of some rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        for each in inputs:
            step(each)  # type: ignore[arg-type]
        times.append(time.process_time() - began)
    return median(times) * 1000 / len(inputs)


def main() -> None:
    boards = ashby_boards()
    raws = [raw for name, body in boards for raw in source("ashby").parse(body, name).postings]
    markup = [job["descriptionHtml"] for _, body in boards for job in json.loads(body)["jobs"]]
    texts = [raw.description for raw in raws]
    print(f"{len(raws)} postings, {sum(map(len, texts)) // len(texts)} characters of text each; CPU ms per posting")
    rows = (
        ("markup to text", cost(plain_text, markup), "selectolax .text()", cost(naive_text, markup)),
        ("skills of the text", cost(find_skills, texts), "one regular expression", cost(NAIVE.findall, texts[::20])),
    )
    for what, ours, theirs, least in rows:
        print(f"  {what:20} {ours:6.3f}   {theirs:22} {least:6.3f}   ratio {ours / least:5.2f}")
    print(f"  {'all facts':20} {cost(read_posting, raws):6.3f}")
    whole(raws, markup)


def whole(raws: Sequence[RawPosting], markup: Sequence[str]) -> None:
    """From markup to facts, for postings of 5 KB: with the bar."""
    pages = [page for page in markup if LONG[0] <= len(plain_text(page)) <= LONG[1]]
    long = [raw for raw in raws if LONG[0] <= len(raw.description) <= LONG[1]]
    taken = cost(plain_text, pages) + cost(read_posting, long)
    print(f"one posting of 5 KB, markup to facts: {taken:.3f} ms (bar {BAR:.0f} ms): {'met' if taken <= BAR else 'MISSED'}")


if __name__ == "__main__":
    main()
