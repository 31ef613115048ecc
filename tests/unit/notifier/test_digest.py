"""What goes into a digest, and what does not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.digest import Candidate, Digest, choose
from shared.match import Match
from shared.posting import Facts, Pay, Place, Posting

Make = Callable[..., Candidate]
SEEN = datetime(2026, 11, 18, tzinfo=UTC)


def titles(digest: Digest) -> list[str]:
    return [entry.title for entry in digest.entries]


def test_best_first_and_no_more_than_asked_for(candidate: Make) -> None:
    scores = [61.0, 95.0, 70.0, 88.0]
    chosen = choose([candidate(i, score=s, company=f"C{chr(65 + i)}") for i, s in enumerate(scores)], set(), 3, 2)

    assert [entry.score for entry in chosen.entries] == [95.0, 88.0, 70.0]


def test_of_equals_the_newest_comes_first_and_then_the_one_found_first(candidate: Make) -> None:
    given_ = [candidate(1, days=3, title="old"), candidate(3, days=1, title="late"), candidate(2, days=1, title="early")]

    assert titles(choose(given_, set(), 10, 9)) == ["early", "late", "old"]


def test_closed_postings_and_openings_shown_before_are_left_out(candidate: Make) -> None:
    given_ = [
        candidate(1, title="open"),
        candidate(2, title="closed", closed=True),
        candidate(3, title="seen", opening_key="x"),
    ]
    chosen = choose(given_, {"x"}, 10, 9)

    assert titles(chosen) == ["open"]
    assert chosen.shown_before == (3,)
    assert chosen.posting_ids == (1, 3)


def test_an_opening_is_one_entry_that_uses_up_all_its_postings(candidate: Make) -> None:
    twins = [
        candidate(1, score=70, opening_key="k", location="Kuala Lumpur"),
        candidate(2, score=90, opening_key="k", location="Singapore"),
        candidate(3, score=60, opening_key="k", locations=("Penang", "singapore")),
        candidate(4, score=50, opening_key="k", location="Jakarta", closed=True),
    ]
    (entry,) = choose(twins, set(), 10, 2).entries

    assert (entry.place, entry.score) == ("Singapore", 90)
    assert entry.also_in == ("Kuala Lumpur", "Penang")
    assert entry.posting_ids == (1, 2, 3)


def test_the_employers_own_posting_leads_its_opening_and_then_the_best_score(candidate: Make) -> None:
    opening = [
        candidate(1, score=95, opening_key="k", url="https://collector.example/9", aggregator=True),
        candidate(2, score=70, opening_key="k", url="https://acme.example/jobs/2", location="Penang"),
        candidate(3, score=80, opening_key="k", url="https://acme.example/jobs/3"),
    ]
    digest = choose([*opening, candidate(4, score=85, title="Other", company="Quillstone")], set(), 10, 2)

    assert [(entry.score, entry.url) for entry in digest.entries] == [(85, None), (80, "https://acme.example/jobs/3")]
    assert (digest.entries[1].also_in, digest.entries[1].posting_ids) == (("Penang",), (1, 2, 3))


def test_one_company_does_not_fill_the_digest(candidate: Make) -> None:
    names = ["Acme, Inc.", "ACME Inc", "acme inc", "Acme Inc.", "Beta"]
    chosen = choose([candidate(i, score=90 - i, company=name) for i, name in enumerate(names)], set(), 10, 2)

    assert [entry.company for entry in chosen.entries] == ["Acme, Inc.", "ACME Inc", "Beta"]
    assert [(more.company_key, more.count) for more in chosen.more] == [("acme", 2)]
    assert chosen.posting_ids == (0, 1, 4), "what waits is not used up"


def test_companies_that_are_not_named_are_told_apart_by_their_board(candidate: Make) -> None:
    given_ = [candidate(i, company=None, board=board) for i, board in enumerate(["a", "a", "b"])]

    assert len(choose(given_, set(), 10, 1).entries) == 2


def test_nothing_to_say_is_an_empty_digest() -> None:
    assert choose([], {"x"}, 10, 2) == Digest()


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://jobs.example.com/1?a=b&c=d", True),
        ("http://jobs.example.com/1", True),
        ("javascript:alert(1)", False),
        ("data:text/html,hi", False),
        ("//jobs.example.com/1", False),
        ("https://", False),
        ("https://[broken", False),
        ("https://a.example/\r\nBcc: x", False),
        ("https://a.example/ b", False),
        ("https://a.example/" + "x" * 1_000, False),
        (None, False),
    ],
)
def test_only_a_plain_web_address_is_linked_to(candidate: Make, url: str | None, kept: bool) -> None:
    (entry,) = choose([candidate(1, url=url)], set(), 1, 1).entries

    assert entry.url == (url if kept else None)


def test_texts_become_single_lines_of_bounded_length(candidate: Make) -> None:
    hostile = "Engineer\r\nBcc: eve@example.org\x00\u202e" + "x" * 400
    (entry,) = choose([candidate(1, title=hostile, location="a\n" * 90_000, matched=("s" * 99,) * 99)], set(), 1, 1).entries

    assert entry.title.startswith("Engineer Bcc: eve@example.org x")
    assert len(entry.title) <= 160
    assert len(entry.place) <= 80
    assert entry.matched == ("s" * 39 + "…",)


@pytest.mark.parametrize(
    ("pay", "kept"),
    [
        (Pay(low=1.0, high=2.0, currency="SGD"), True),
        (Pay(low=float("nan"), high=float("inf"), currency="SGD"), False),
        (Pay(low=1.0, currency="<b>"), False),
        (Pay(low=-5.0, currency="SGD"), False),
        (None, False),
    ],
)
def test_only_pay_that_can_be_printed_is_kept(candidate: Make, pay: Pay | None, kept: bool) -> None:
    (entry,) = choose([candidate(1, pay=pay)], set(), 1, 1).entries

    assert entry.pay == (pay if kept else None)


def test_a_place_read_from_the_text_stands_in_for_one_not_stated(candidate: Make) -> None:
    (entry,) = choose([candidate(1, location=None, places=(Place(city="Hanoi", country="VN"),))], set(), 1, 1).entries

    assert entry.place == "Hanoi"


@st.composite
def shortlists(draw: st.DrawFn) -> list[Candidate]:
    rows = draw(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("KLMNOP"), st.integers(0, 100), st.booleans()), max_size=14)
    )
    return [
        Candidate(
            posting_id=i,
            posting=Posting(source="s", board="b", external_id=str(i), title=f"Job {i}", company=company, facts=Facts()),
            match=Match(score=score),
            opening_key=company + key,
            first_seen_at=SEEN,
            closed=closed,
        )
        for i, (company, key, score, closed) in enumerate(rows)
    ]


@given(shortlists(), st.sets(st.sampled_from(["aK", "bL", "cM"])), st.integers(1, 6), st.integers(1, 3), st.randoms())
def test_whatever_is_on_the_shortlist(
    candidates: list[Candidate], sent: set[str], size: int, per_company: int, random: object
) -> None:
    digest = choose(candidates, sent, size, per_company)
    keys = [entry.opening_key for entry in digest.entries]
    companies = [entry.company_key for entry in digest.entries]

    assert len(keys) == len(set(keys)) <= size
    assert not sent & set(keys)
    assert all(companies.count(company) <= per_company for company in companies)
    assert [entry.score for entry in digest.entries] == sorted((entry.score for entry in digest.entries), reverse=True)
    assert not {c.posting_id for c in candidates if c.closed and c.opening_key not in sent} & set(digest.posting_ids)
    shuffled = candidates[:]
    random.shuffle(shuffled)
    assert choose(shuffled, sent, size, per_company) == digest
    assert Digest.model_validate(json.loads(json.dumps(digest.model_dump(mode="json")))) == digest
