"""What goes into a digest, and what does not."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.notifier.digest import Candidate, Digest, Fate, Market, choose, used_ids
from services.notifier.entries import explained
from services.notifier.listing import Sighting
from shared.posting import Pay, Place
from shared.scoring import wish_of
from tests.factories import profile
from tests.week import NOW, WISH, digest_from
from tests.week import candidate as make

Make = Callable[..., Candidate]
DAY = timedelta(days=1)


def titles(digest: Digest) -> list[str]:
    return [entry.title for entry in digest.entries]


def fates(*candidates: Candidate, size: int = 10, per_company: int = 2, sent: frozenset[str] = frozenset()) -> dict[int, Fate]:
    return dict(choose(candidates, NOW, size, per_company, sent).fates)


def chosen(*candidates: Candidate, size: int = 10, per_company: int = 2) -> list[int]:
    """The posting that leads each chosen opening, in order."""
    return [opening[0].listing.seen.posting_id for opening in choose(candidates, NOW, size, per_company).openings]


# ---------------------------------------------------------------------------------------------------------- what is shown


def test_best_first_and_no_more_than_asked_for(candidate: Make) -> None:
    scores = [61.0, 95.0, 70.0, 88.0]
    given_ = [candidate(i, score=s, company=f"C{chr(65 + i)}") for i, s in enumerate(scores)]

    assert chosen(*given_, size=3) == [1, 3, 2]
    assert fates(*given_, size=3)[0] is Fate.ROOM


def test_jobs_where_the_person_is_come_before_better_ones_elsewhere(candidate: Make) -> None:
    assert chosen(candidate(1, score=99, is_local=False), candidate(2, score=60, company="Beta")) == [2, 1]


def test_of_equals_the_newest_comes_first_and_then_the_one_found_first(candidate: Make) -> None:
    assert chosen(candidate(1, days=3), candidate(3, days=1), candidate(2, days=1), per_company=9) == [2, 3, 1]


def test_closed_postings_and_openings_shown_before_are_left_out(candidate: Make) -> None:
    given_ = [
        candidate(1, title="open"),
        candidate(2, title="closed", closed_at=NOW),
        candidate(3, title="seen", opening_key="x", shown=True),
        candidate(4, title="another posting of what was seen", opening_key="x"),
        candidate(5, title="listed by another mail on its way", opening_key="y"),
    ]
    choice = choose(given_, NOW, 10, 9, {"y"})
    digest = explained(choice, WISH)

    assert titles(digest) == ["open"]
    assert digest.shown_before == (3, 4, 5)
    assert used_ids(digest.model_dump(mode="json")) == (1, 3, 4, 5)
    assert choice.fates == {1: Fate.SHOWN, 2: Fate.CLOSED, 3: Fate.SENT, 4: Fate.SENT, 5: Fate.SENT}


@pytest.mark.parametrize(
    ("ends_on", "fate"), [(date(2026, 11, 18), Fate.CLOSED), (date(2026, 11, 20), Fate.SHOWN), (None, Fate.SHOWN)]
)
def test_a_job_whose_board_says_that_applications_are_over_is_closed(candidate: Make, ends_on: date | None, fate: Fate) -> None:
    """Five past midnight of the 21st in Greenwich it is still the 20th in Honolulu."""
    assert fates(candidate(1, valid_through=ends_on)) == {1: fate}


def test_a_source_that_forbids_mail_is_left_out(candidate: Make) -> None:
    assert fates(candidate(1, mailable=False), candidate(2, opening_key="opening-1")) == {1: Fate.FORBIDDEN, 2: Fate.SHOWN}


def test_an_opening_is_one_entry_that_uses_up_all_its_postings(candidate: Make) -> None:
    twins = [
        candidate(1, score=70, opening_key="k", location="Kuala Lumpur"),
        candidate(2, score=90, opening_key="k", location="Singapore", days=1),
        candidate(3, score=60, opening_key="k", locations=("Penang", "singapore"), days=8),
        candidate(4, score=50, opening_key="k", location="Jakarta", closed_at=NOW),
    ]
    (entry,) = digest_from(*twins).entries

    assert (entry.place, entry.posting_id) == ("Singapore", 2)
    assert entry.also_in == ("Kuala Lumpur", "Penang")
    assert entry.posting_ids == (1, 2, 3)
    assert entry.first_seen_at == NOW - 8 * DAY
    assert fates(*twins) == {2: Fate.SHOWN, 1: Fate.ALSO, 3: Fate.ALSO, 4: Fate.CLOSED}


def test_the_employers_own_posting_leads_then_an_agencys_then_a_copy_and_of_equals_the_best_score(candidate: Make) -> None:
    opening = [
        candidate(1, score=95, opening_key="k", aggregator=True),
        candidate(2, score=90, opening_key="k", agency=True),
        candidate(3, score=70, opening_key="k", location="Penang"),
        candidate(4, score=80, opening_key="k"),
    ]

    assert chosen(*opening) == [4]
    assert chosen(*opening[:3]) == [3]
    assert chosen(*opening[:2]) == [2]
    assert chosen(*opening, candidate(5, score=85, company="Quillstone")) == [5, 4], "an opening ranks by who leads it"
    (entry,) = digest_from(*opening[:2]).entries
    assert (entry.agency, entry.posting_ids) == (True, (1, 2))


def test_one_company_does_not_fill_the_digest(candidate: Make) -> None:
    names = ["Acme, Inc.", "ACME Inc", "acme inc", "Acme Inc.", "Beta"]
    given_ = [candidate(i, score=90 - i, company=name) for i, name in enumerate(names)]
    digest = digest_from(*given_)

    assert [entry.company for entry in digest.entries] == ["Acme, Inc.", "ACME Inc", "Beta"]
    assert [(more.company_key, more.count) for more in digest.more] == [("acme", 2)]
    assert used_ids(digest.model_dump(mode="json")) == (0, 1, 4), "what waits is not used up"
    assert digest.waiting == 2
    assert [fates(*given_)[i] for i in (2, 3)] == [Fate.COMPANY, Fate.COMPANY]


def test_companies_that_are_not_named_are_told_apart_by_their_board(candidate: Make) -> None:
    given_ = [candidate(i, company=None, board=board) for i, board in enumerate(["a", "a", "b"])]

    assert len(chosen(*given_, per_company=1)) == 2


def test_nothing_to_say_is_an_empty_digest() -> None:
    assert digest_from() == Digest()


def test_why_it_fits_is_worked_out_for_this_person_and_the_order_with_it(candidate: Make) -> None:
    noted_long_ago = [
        candidate(1, score=99, skills=("rust", "bazel", "nix", "go"), title="was best"),
        candidate(2, score=60, skills=("go", "kafka"), wants=("java",), title="is best", company="Beta"),
    ]
    digest = explained(choose(noted_long_ago, NOW, 10, 2), wish_of(profile("go", "kafka")))

    assert titles(digest) == ["is best", "was best"]
    assert (digest.entries[0].matched, digest.entries[0].missing) == (("kafka", "go"), ("java",))
    assert "2 of 3 skills it names are yours" in digest.entries[0].reasons
    assert digest.entries[0].score > 60


# -------------------------------------------------------------------------------------------------------- how fresh it is


def test_a_posting_that_came_back_is_a_re_post(candidate: Make) -> None:
    (back,) = digest_from(candidate(1, days=40, relisted_at=NOW - 2 * DAY)).entries
    (never_gone,) = digest_from(candidate(1, days=40)).entries

    assert (back.first_seen_at, back.again_at) == (NOW - 40 * DAY, NOW - 2 * DAY)
    assert never_gone.again_at is None


@pytest.mark.parametrize(
    ("board_id", "last_seen", "again"),
    [
        (1, 5 * DAY, True),
        (1, 2 * DAY, False),  # stood beside it: another city of the same job, which is filled
        (2, 5 * DAY, False),  # another board's copy
    ],
)
def test_a_posting_under_a_new_id_is_a_re_post_of_one_that_had_gone(
    candidate: Make, board_id: int, last_seen: timedelta, again: bool
) -> None:
    seen, gone = NOW - 80 * DAY, NOW - last_seen
    past = [
        Sighting(77, board_id, "k", seen, gone, closed_at=NOW - DAY),
        Sighting(78, 1, "another", seen, gone, closed_at=gone),
    ]
    (entry,) = explained(choose([candidate(1, opening_key="k", days=3)], NOW, 10, 2), WISH, past).entries

    assert entry.again_at == (NOW - 3 * DAY if again else None)
    assert entry.first_seen_at == (seen if again else NOW - 3 * DAY)
    assert entry.posting_ids == (1,)


@pytest.mark.parametrize(
    ("posted_at", "kept"),
    [
        (NOW - 30 * DAY, True),
        (NOW + DAY, False),
        (datetime(1970, 1, 1, tzinfo=UTC), False),
        (None, False),
    ],
)
def test_the_boards_own_date_is_kept_where_it_can_be_one(candidate: Make, posted_at: datetime | None, kept: bool) -> None:
    (entry,) = digest_from(candidate(1, posted_at=posted_at)).entries

    assert entry.posted_at == (posted_at if kept else None)


# ----------------------------------------------------------------------------------------------------------- hostile words


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
        ("https://a.example/" + "x" * 900, False),
        ("https://a.example/?" + "&" * 200, False),
        (None, False),
    ],
)
def test_only_a_plain_web_address_is_linked_to(candidate: Make, url: str | None, kept: bool) -> None:
    (entry,) = digest_from(candidate(1, url=url)).entries

    assert entry.url == (url if kept else None)


def test_texts_become_single_lines_of_bounded_length(candidate: Make) -> None:
    hostile = "Engineer\r\nBcc: eve@example.org\x00\u202e" + "x" * 400
    (entry,) = digest_from(candidate(1, title=hostile, location="a\n" * 90_000, company="&" * 400)).entries

    assert entry.title.startswith("Engineer Bcc: eve@example.org x")
    assert len(entry.title) <= 160
    assert len(entry.place) <= 80
    assert entry.company == "&" * 62 + "…", "five bytes of HTML each"


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
    (entry,) = digest_from(candidate(1, pay=pay)).entries

    assert entry.pay == (pay if kept else None)


def test_a_place_read_from_the_text_stands_in_for_one_not_stated(candidate: Make) -> None:
    (entry,) = digest_from(candidate(1, location=None, places=(Place(city="Hanoi", country="VN"),))).entries

    assert entry.place == "Hanoi"


@pytest.mark.parametrize("weeks", [(), (3,), (1, -1), tuple(range(9))])
def test_a_market_is_a_few_counted_weeks(weeks: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        Market(place="Singapore", weeks=weeks)


# ---------------------------------------------------------------------------------------------------------- whatever comes


@st.composite
def shortlists(draw: st.DrawFn) -> list[Candidate]:
    flags = st.fixed_dictionaries({name: st.booleans() for name in ("aggregator", "agency", "mailable", "is_local", "shown")})
    row = st.tuples(st.sampled_from("abcd"), st.sampled_from("KLMNOP"), st.integers(0, 100), st.booleans(), flags)
    rows: list[tuple[str, str, int, bool, dict[str, Any]]] = draw(st.lists(row, max_size=14))
    return [
        make(
            i,
            title=f"Job {i}",
            company=company,
            opening_key=company + key,
            score=score,
            closed_at=NOW if closed else None,
            **flags,
        )
        for i, (company, key, score, closed, flags) in enumerate(rows)
    ]


@given(shortlists(), st.sets(st.sampled_from(["aK", "bL", "cM"])), st.integers(1, 6), st.integers(1, 3), st.randoms())
def test_whatever_is_on_the_shortlist(
    candidates: list[Candidate], sent: set[str], size: int, per_company: int, random: Random
) -> None:
    choice = choose(candidates, NOW, size, per_company, sent)
    leads = [opening[0] for opening in choice.openings]
    keys = [lead.listing.seen.opening_key for lead in leads]
    companies = Counter(lead.listing.company_key for lead in leads)
    ranks = [(not lead.is_local, -lead.score) for lead in leads]

    assert len(keys) == len(set(keys)) <= size
    assert not sent & set(keys)
    assert max(companies.values(), default=0) <= per_company
    assert ranks == sorted(ranks)

    shuffled = candidates[:]
    random.shuffle(shuffled)
    assert choose(shuffled, NOW, size, per_company, sent) == choice
    digest = explained(choice, WISH)
    assert Digest.model_validate(json.loads(json.dumps(digest.model_dump(mode="json")))) == digest


@given(shortlists(), st.integers(1, 6), st.integers(1, 3))
def test_nothing_is_lost_without_a_cause(candidates: list[Candidate], size: int, per_company: int) -> None:
    choice = choose(candidates, NOW, size, per_company)
    digest = explained(choice, WISH)
    by_id = {one.listing.seen.posting_id: one for one in candidates}
    of = {fate: {id_ for id_, found in choice.fates.items() if found is fate} for fate in Fate}
    keys_sent = {one.listing.seen.opening_key for one in candidates if one.shown}

    assert choice.fates.keys() == by_id.keys()
    assert of[Fate.SHOWN] == {entry.posting_id for entry in digest.entries}
    assert of[Fate.SHOWN] | of[Fate.ALSO] == {id_ for entry in digest.entries for id_ in entry.posting_ids}
    assert of[Fate.SENT] == set(digest.shown_before) == {i for i, c in by_id.items() if c.listing.seen.opening_key in keys_sent}
    assert all(by_id[id_].listing.seen.closed_at for id_ in of[Fate.CLOSED])
    assert not any(by_id[id_].listing.mailable for id_ in of[Fate.FORBIDDEN])
    assert len({by_id[id_].listing.seen.opening_key for id_ in of[Fate.COMPANY] | of[Fate.ROOM]}) == digest.waiting
    held = Counter(entry.company_key for entry in digest.entries)
    assert {by_id[id_].listing.company_key for id_ in of[Fate.COMPANY]} == {more.company_key for more in digest.more}
    assert all(held[more.company_key] == per_company for more in digest.more)
    assert not of[Fate.ROOM] or len(digest.entries) == size
