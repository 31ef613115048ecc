"""The boolean part of matching beside perq, an embedded percolator: which of a million queries does a posting answer?

A query is what a subscription wishes for without any grading: (one of its countries) and (its role) and (its level) and (any of
its skills, or what they rest on). perq gets it as clauses of terms, and a posting as its terms; our index holds the same
subscriptions and is asked the same question. Both must give the same ids. Bar: 30 times as fast at the median.

    python tests/benchmarks/bench_percolation.py [QUERIES]
"""

import gc
import random
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from statistics import median

import numpy as np
from perq import Document, MemoryStore, Query, QueryMatcher
from perq import index as perq_index

from services.matcher.index import Index
from services.matcher.index.areas import CLASS
from services.matcher.index.floors import PAY_FITS
from services.matcher.index.trades import PLACE_CLASSES
from services.matcher.population import population
from shared.posting import Role
from shared.reading.posting import read_posting
from shared.scoring import Offer, Wish, offer_of, wish_of
from shared.scoring.weights import OTHER_CITY, REMOTE_COUNTRY, SAME_CITY, SAME_COUNTRY, SAME_REGION
from tests.benchmarks.recorded import ashby_postings

QUERIES = 1_000_000
POSTINGS = 200
BAR = 30
IN_COUNTRY = [CLASS[fit] for fit in (SAME_CITY, SAME_COUNTRY, REMOTE_COUNTRY, SAME_REGION, OTHER_CITY)]


def wishes(count: int) -> Iterator[Wish]:
    """Wishes of which all four clauses can be asked."""
    whole = (wish_of(profile) for profile, _ in population() if profile.level and profile.places and profile.skills)
    return islice(whole, count)


def query_of(number: int, wish: Wish) -> Query:
    countries = tuple(f"country:{country}" for country in {place.country for place in wish.places})
    skills = tuple(f"skill:{skill}" for skill in wish.credit)
    return Query(number, [countries, (f"role:{wish.role}",), (f"level:{wish.level}",), skills])


def document_of(offer: Offer) -> Document:
    places = {f"country:{office.country}" for office in offer.offices if office.country}
    return Document([*places, f"role:{offer.role}", f"level:{offer.level}", *(f"skill:{skill}" for skill in offer.asked)])


def answered(index: Index, offer: Offer) -> np.ndarray:
    """The ids of the same queries, from the index: a table over trades and place classes, and who has any point at all."""
    trades = index.cohorts.trades
    same = np.array([trade.role is offer.role and trade.level is offer.level for trade in trades.trades.keys])
    table = np.zeros((len(same), len(PAY_FITS), len(PLACE_CLASSES)), np.bool_)
    table[:, :, IN_COUNTRY] = same[:, None, None]
    member = table.ravel()[index.cohorts.cells(offer)]
    rows = np.flatnonzero(np.take(member, index.rows["cohorts"]))
    if not offer.asked:
        return rows[:0]
    points = index.skills.points(offer.asked, len(index.rows))
    return index.rows["ids"][rows[points[rows] > 0]]


def timed(ask: Callable[[Offer], object], offers: list[Offer]) -> tuple[list[float], list[object]]:
    times, answers = [], []
    for offer in offers:
        began = time.perf_counter()
        answers.append(ask(offer))
        times.append(time.perf_counter() - began)
    return times, answers


def main(queries: int) -> None:
    raws = random.Random(3).sample(ashby_postings(), 3 * POSTINGS)
    read = [posting for posting in map(read_posting, raws) if posting.facts.role not in (None, Role.OTHER)]
    offers = [offer_of(posting) for posting in read][:POSTINGS]
    index, store = Index(50.0), MemoryStore()
    began = time.perf_counter()
    for number, wish in enumerate(wishes(queries), 1):
        index.put(number, 1, wish)
    ours = time.perf_counter()
    perq_index((query_of(number, wish) for number, wish in enumerate(wishes(queries), 1)), store)
    built = time.perf_counter()
    print(f"{queries:,} queries: built in {ours - began:.0f} s, perq {built - ours:.0f} s; {len(offers)} engineering postings")
    gc.collect()
    gc.freeze()
    matcher = QueryMatcher(store)
    our_times, our_answers = timed(lambda offer: answered(index, offer), offers)
    their_times, their_answers = timed(lambda offer: list(matcher.matches(document_of(offer))), offers)
    pairs = zip(our_answers, their_answers, strict=True)
    wrong = sum(set(a.tolist()) != set(b) for a, b in pairs)  # type: ignore[attr-defined]
    hits = median(len(answer) for answer in their_answers)  # type: ignore[arg-type]
    ratio = median(their_times) / median(our_times)
    ours_ms, theirs_ms = median(our_times) * 1000, median(their_times) * 1000
    print(f"  ours {ours_ms:.2f} ms, perq {theirs_ms:.1f} ms at the median; {hits:,} queries hit")
    print(f"  different answers: {wrong} of {len(offers)} (bar 0)")
    print(f"  {ratio:.0f} times as fast (bar {BAR}): {'met' if ratio >= BAR and not wrong else 'MISSED'}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else QUERIES)
