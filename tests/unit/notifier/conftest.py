"""Invented candidates for the mails, as the notifier would find them on a shortlist."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifier.digest import Candidate, Digest, choose
from services.notifier.kinds.digest import digest_context
from services.notifier.render import Context
from shared.match import Match
from shared.posting import Facts, Pay, Place, Posting, Workplace

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
_POSTING = {"source", "board", "title", "company", "url", "location", "locations", "description", "aggregator"}
_MATCH = {"score", "matched", "missing", "reasons"}


def candidate(posting_id: int = 1, **given: Any) -> Candidate:
    """One open candidate; fields of posting, facts, match and candidate may all be given by name."""
    posting = {"source": "ashby", "board": "acme", "title": "Backend Engineer", "company": "Acme", "location": "Singapore"}
    posting |= {key: given[key] for key in given.keys() & _POSTING}
    facts = {key: given[key] for key in given.keys() & {"pay", "workplace", "places"}}
    match = {"score": 80.0} | {key: given[key] for key in given.keys() & _MATCH}
    return Candidate(
        posting_id=posting_id,
        posting=Posting(external_id=str(posting_id), facts=Facts(**facts), **posting),
        match=Match(**match),
        opening_key=given.get("opening_key", f"opening-{posting_id}"),
        first_seen_at=given.get("first_seen_at", NOW - timedelta(days=given.get("days", 3))),
        closed=given.get("closed", False),
    )


def week() -> list[Candidate]:
    """A believable week: pay and place in several shapes, an opening in two cities, more of one company than is shown."""
    go = ("Go", "PostgreSQL", "Kafka", "Kubernetes", "gRPC", "Redis", "AWS", "Terraform", "Linux")
    rows: list[dict[str, Any]] = [
        {
            "title": "Backend Engineer", "company": "Lumenworks", "score": 93.4, "matched": go, "missing": ("Rust",),
            "workplace": Workplace.HYBRID, "pay": Pay(low=108_000, high=150_000, currency="SGD"), "days": 1,
            "reasons": ("9 of the 10 skills it asks for", "senior, as you are", "in Singapore"), "opening_key": "lumen",
        },
        {
            "title": "Backend Engineer", "company": "Lumenworks", "score": 71, "location": "Kuala Lumpur", "days": 1,
            "opening_key": "lumen",
        },
        {
            "title": "Senior Platform Engineer, Developer Infrastructure", "company": "Quillstone", "score": 88.2, "days": 3,
            "matched": ("Kubernetes", "Terraform", "Go", "Linux"), "missing": ("Bazel", "Nix"),
            "reasons": ("4 of the 6 skills it asks for", "platform work, close to your last two roles"),
        },
        {
            "title": "Site Reliability Engineer", "company": "Tidewater Grid", "score": 84.0, "days": 5,
            "location": "Remote, APAC", "workplace": Workplace.REMOTE, "pay": Pay(low=96_000, currency="USD"),
            "matched": ("Kubernetes", "Linux", "Python"), "reasons": ("every skill it requires", "remote, open to Singapore"),
        },
        {
            "title": "Staff Engineer, Payments", "company": "Lumenworks", "score": 82.5, "days": 0,
            "workplace": Workplace.ONSITE, "matched": ("Go", "PostgreSQL"), "missing": ("Java", "ISO 8583", "HSM"),
            "reasons": ("2 of the 5 skills it asks for", "a step above your level"),
        },
        {"title": "Software Engineer, Ledger", "company": "Lumenworks", "score": 78.0},
        {"title": "Software Engineer, Risk", "company": "Lumenworks", "score": 77.0},
        {
            "title": "Data Platform Engineer", "company": "Harbour & Pine", "score": 76.1, "days": 16,
            "matched": ("Python", "Kafka", "PostgreSQL"), "missing": ("Spark", "Airflow"), "workplace": Workplace.HYBRID,
            "pay": Pay(high=132_000, currency="SGD"), "reasons": ("3 of the 5 skills it asks for", "in Singapore"),
        },
    ]  # fmt: skip
    links = [f"https://jobs.example.com/{row['company'].split()[0].lower()}/{i}" for i, row in enumerate(rows)]
    return [candidate(i, url=link, **row) for i, (row, link) in enumerate(zip(rows, links, strict=True), start=1)]


def context_of(digest: Digest, **given: Any) -> Context:
    values: dict[str, Any] = {
        "occasion": "2026-W47", "cadence": "weekly", "timezone": "Asia/Singapore",
        "places": (Place(city="Singapore", country="SG"),), "postal": "Joblark, 1 Example Street, Singapore 000000", "now": NOW,
        "manage_url": "https://joblark.example.org/subscription/NDI.c2lnbmVk",
        "unsubscribe_url": "https://joblark.example.org/unsubscribe/NDI.c2lnbmVk",
    }  # fmt: skip
    return digest_context(digest, **(values | given))


@pytest.fixture(name="candidate")
def candidate_fixture() -> Callable[..., Candidate]:
    return candidate


@pytest.fixture
def digest() -> Digest:
    return choose(week(), set(), size=10, per_company=2)


@pytest.fixture(name="context_of")
def context_fixture() -> Callable[..., Context]:
    return context_of
