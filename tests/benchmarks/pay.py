"""Is pay read right from a posting's text? Against the fields beside it, and against texts judged by hand.

The 4,767 recorded Ashby postings: 1,770 have one salary as fields. Where the text and the field disagree (employers change
one and forget the other) the text was read by hand: `pay_judged.tsv` holds what it says; an empty row says that the text
states no pay for this job. Bar: 0.99 of the texts that state a range are read right. Also the board's own one-line summary
(`£32K – £35K • Offers Equity`) against the fields.
"""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from services.scraper.sources import source
from shared.posting import Pay, RawPosting
from shared.reading.pay import read_pay
from shared.reading.places import read_places
from tests.benchmarks.recorded import ashby_boards

BAR = 0.99
JUDGED = Path(__file__).with_name("pay_judged.tsv")
ROUNDING = 0.006
"""`$92.9K` in a summary stands for 92,850."""


def judged() -> dict[str, Pay | None]:
    """What the text says, by hand, of postings whose field says another thing; by the posting's id."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        return {row["posting"]: _pay_of(row) for row in csv.DictReader(file, dialect="excel-tab", quoting=csv.QUOTE_NONE)}


def _pay_of(row: dict[str, str]) -> Pay | None:
    low, high = (float(row[end]) if row[end] else None for end in ("low", "high"))
    return Pay(low=low, high=high, currency=row["currency"]) if row["currency"] else None


def postings() -> Iterator[tuple[RawPosting, dict[str, Any]]]:
    """Each recorded posting with its job as the board sent it."""
    for name, body in ashby_boards():
        jobs = {job["id"]: job for job in json.loads(body)["jobs"]}
        yield from ((raw, jobs[raw.external_id]) for raw in source("ashby").parse(body, name).postings)


def same(read: Pay | None, stated: Pay | None) -> bool:
    """Whether both ends and the currency agree, to what a summary rounds away."""
    if read is None or stated is None:
        return read is stated
    ends = ((read.low, stated.low), (read.high, stated.high))
    return read.currency == stated.currency and all(_near(one, other) for one, other in ends)


def _near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= ROUNDING * max(one, other)


def country(raw: RawPosting) -> str | None:
    """The country of the posting's places if they are in one."""
    strings = tuple(dict.fromkeys(string for string in (raw.location, *raw.locations) if string))
    countries = {place.country for place in read_places(strings) if place.country}
    return countries.pop() if len(countries) == 1 else None


def verdicts(raws: Iterable[RawPosting]) -> Counter[str]:
    """Of the postings with a pay field: `silent` texts, those read as the `field`, as `judged`, and `wrong`ly."""
    by_hand = judged()
    found: Counter[str] = Counter()
    for raw in raws:
        if raw.pay is not None:
            found[_verdict(raw, read_pay(raw.description, country(raw)), by_hand)] += 1
    return found


def _verdict(raw: RawPosting, read: Pay | None, by_hand: dict[str, Pay | None]) -> str:
    if read is None:
        return "wrong" if by_hand.get(raw.external_id) else "silent"
    if same(read, raw.pay):
        return "field"
    return "judged" if raw.external_id in by_hand and same(read, by_hand[raw.external_id]) else "wrong"


def summaries(found: Iterable[tuple[RawPosting, dict[str, Any]]]) -> tuple[int, int]:
    """How many of the board's summaries that state one sum or range are read as the fields, and how many there are."""
    right = total = 0
    for raw, job in found:
        summary = (job.get("compensation") or {}).get("scrapeableCompensationSalarySummary")
        if raw.pay is not None and summary:
            period = job["compensation"]["compensationTierSummary"].partition("•")[0]
            total += 1
            right += same(read_pay(period), raw.pay)
    return right, total


def main() -> None:
    found = list(postings())
    counts = verdicts(raw for raw, _ in found)
    stated = counts.total() - counts["silent"]
    share = (counts["field"] + counts["judged"]) / stated
    print(f"{counts.total()} postings with a pay field; the text of {stated} states pay")
    print(f"  read as the field {counts['field']}, as judged by hand {counts['judged']}, wrong {counts['wrong']}")
    print(f"right: {share:.4f} (bar {BAR}): {'met' if share >= BAR else 'MISSED'}")
    right, total = summaries(found)
    print(f"summaries: {right} of {total} right, {right / total:.4f}")


if __name__ == "__main__":
    main()
