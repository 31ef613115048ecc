"""What subscriptions are drawn from: `python -m tests.benchmarks.measure_population > services/matcher/data/population.tsv`.

Shares measured on recorded postings, since people look for the jobs there are: places, roles and levels of 112,000 Greenhouse
postings, skills by role and pay by country of the Ashby postings. Counts of words only; no text of anybody is kept.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

from shared.posting import Posting, Role
from shared.reading.places import read_places
from shared.reading.posting import read_posting
from shared.reading.roles import read_level, read_role
from tests.benchmarks.recorded import ashby_postings, daily_titles

MOST_PLACES, MOST_SKILLS, MOST_COMPANIES = 600, 250, 300
NOT_ENGINEERING = (None, Role.OTHER)


def rows() -> Iterator[tuple[str, str, str, float]]:
    """Kind, what it is given (a role or country, or nothing), value, share."""
    places, roles, levels, companies = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for title, location, company in daily_titles():
        role = read_role(title)
        if role in NOT_ENGINEERING:
            continue
        roles[str(role)] += 1
        levels[str(read_level(title) or "")] += 1
        companies[company] += 1
        places.update(
            f"{place.city or ''}|{place.region or ''}|{place.country}" for place in read_places([location]) if place.country
        )
    for kind, counts, most in (
        ("place", places, MOST_PLACES),
        ("role", roles, 99),
        ("level", levels, 99),
        ("company", companies, MOST_COMPANIES),
    ):
        yield from shares(kind, "", counts, most)
    yield from of_texts([read_posting(raw) for raw in ashby_postings()])


def of_texts(postings: list[Posting]) -> Iterator[tuple[str, str, str, float]]:
    skills: defaultdict[str, Counter[str]] = defaultdict(Counter)
    pay: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for posting in postings:
        if posting.facts.role not in NOT_ENGINEERING:
            skills[str(posting.facts.role)].update({mention.skill for mention in posting.facts.skills})
            if posting.facts.pay and posting.facts.pay.low:
                pay[posting.facts.pay.currency][str(round(posting.facts.pay.low, -3))] += 1
    for role, counts in skills.items():
        yield from shares("skill", role, counts, MOST_SKILLS)
    for currency, counts in pay.items():
        yield from shares("pay", currency, counts, 40)


def shares(kind: str, given: str, counts: Counter[str], most: int) -> Iterator[tuple[str, str, str, float]]:
    kept = counts.most_common(most)
    total = sum(count for _, count in kept)
    for value, count in kept:
        yield kind, given, value, count / total


def main() -> None:
    sys.stdout.write("kind\tgiven\tvalue\tshare\n")
    for kind, given, value, share in rows():
        sys.stdout.write(f"{kind}\t{given}\t{value}\t{share:.6f}\n")


if __name__ == "__main__":
    main()
