"""A catalogue asked for one person: the causes it finds, and what it counts, are those of asking posting by posting."""

from collections import Counter
from datetime import datetime, timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.catalogue import Catalogue
from services.matcher.comparing import CAUSES, compared
from services.matcher.tally import Window, settled
from shared import scoring
from shared.match import Cause
from shared.posting import Posting, Role
from shared.profile import Profile
from shared.scoring import offer_of, wish_of
from tests.factories import BERLIN, NOW, facts, mention, posting, profile
from tests.strategies import postings, profiles

MOMENTS = st.integers(-10, 10).map(lambda hours: NOW + timedelta(hours=hours, microseconds=1))
PLAIN = profile()


@settings(max_examples=150)
def least(threshold: float) -> float:
    """Scores are in hundredths, and a threshold is taken to the nearest, as the index takes it."""
    return round(threshold * 100) / 100


@given(st.lists(postings(), max_size=12), profiles())
def test_score_and_cause_of_every_row_are_those_of_the_scorer(wanted: list[Posting], who: Profile) -> None:
    catalogue = Catalogue()
    for number, what in enumerate(wanted):
        catalogue.put(number, offer_of(what))
    found = compared(catalogue, wish_of(who))
    expected = [scoring.score(what, who) for what in wanted]
    assert [score / 100 for score in found.scores.tolist()] == [match.score for match in expected]
    assert [CAUSES[cause] for cause in found.causes.tolist()] == [match.cause for match in expected]


@settings(max_examples=150)
@given(
    st.lists(st.tuples(postings(), MOMENTS, st.none() | MOMENTS), max_size=12),
    profiles(),
    MOMENTS,
    MOMENTS,
    st.sampled_from([30.0, 40.0, 40.001, 50.0]),
)
def test_a_tally_counts_what_asking_one_by_one_counts(
    seen: list[tuple[Posting, datetime, datetime | None]], who: Profile, since: datetime, until: datetime, threshold: float
) -> None:
    catalogue = Catalogue()
    for number, (what, first_seen_at, closed_at) in enumerate(seen):
        catalogue.put(number, offer_of(what), None, first_seen_at, closed_at)
    found = Window.of([catalogue], since, until).tally(wish_of(who), threshold)
    inside = [(number, *one) for number, one in enumerate(seen) if since <= one[1] < until]
    matches = {number: scoring.score(what, who) for number, what, _, _ in inside}
    assert found.considered == len(inside) == found.dropped.total() + len(found.fit)
    assert found.fit == [number for number, match in matches.items() if match.score >= least(threshold)]
    assert found.dropped == Counter(match.cause for match in matches.values() if match.score < least(threshold))
    assert found.closed == {
        number for number, *_, closed_at in inside if number in found.fit and closed_at and closed_at < until
    }


def test_what_was_changed_or_removed_is_not_counted() -> None:
    catalogue = Catalogue()
    for id_ in (1, 2, 2, 3):
        catalogue.put(id_, offer_of(posting(str(id_))), None, NOW)
    catalogue.remove(3)
    assert Window.of([catalogue], NOW, NOW + timedelta(days=1)).tally(wish_of(PLAIN), 50.0).considered == 2


@settings(max_examples=100)
@given(st.lists(postings(), max_size=12), profiles(), st.sets(st.integers(0, 11)), st.integers(0, 11))
def test_a_part_of_a_catalogue_answers_as_the_whole_does(
    wanted: list[Posting], who: Profile, taken: set[int], removed: int
) -> None:
    whole = Catalogue()
    for number, what in enumerate(wanted):
        whole.put(number, offer_of(what))
    whole.remove(removed)
    rows = np.array(sorted(taken & set(range(len(wanted)))), np.int64)
    part, wish = whole.part(rows), wish_of(who)
    assert part["ids"].tolist() == whole["ids"][rows].tolist()
    for _ in range(2):  # the second time places are remembered
        for mine, theirs in zip(compared(part, wish), compared(whole, wish), strict=True):
            assert mine.tolist() == theirs[rows].tolist()


def test_a_part_stays_as_it_is_when_the_whole_changes() -> None:
    catalogue = Catalogue()
    catalogue.put(1, offer_of(posting("1")), None, NOW)
    window = Window.of([catalogue, Catalogue()], NOW, NOW + timedelta(days=1))
    before = window.tally(wish_of(PLAIN), 50.0)
    catalogue.put(1, offer_of(posting("1", "cobol", facts=facts("cobol", places=(BERLIN,)))), None, NOW)
    catalogue.put(2, offer_of(posting("2")), None, NOW)
    assert window.tally(wish_of(PLAIN), 50.0) == before
    assert before.fit == [1]


@given(
    st.lists(st.tuples(postings(), MOMENTS, st.none() | MOMENTS), max_size=12),
    profiles(),
    st.sets(st.integers(0, 11)),
    st.sets(st.integers(0, 11)),
    st.sampled_from([0.0, 30.0, 40.0, 40.001, 50.0]),
)
def test_the_numbers_of_an_audit_add_up_and_each_cause_is_the_first_there_is(
    found: list[tuple[Posting, datetime, datetime | None]],
    who: Profile,
    seen: set[int],
    admitted: set[int],
    threshold: float,
) -> None:
    held = Catalogue(), Catalogue()
    for number, (what, first_seen_at, closed_at) in enumerate(found):
        held[closed_at is not None].put(number, offer_of(what), None, first_seen_at, closed_at)
    since, until = NOW - timedelta(hours=5), NOW + timedelta(hours=5)
    audit = settled(Window.of(held, since, until).tally(wish_of(who), threshold), seen, admitted)
    expected = Counter[Cause | None]()
    for number, (what, first_seen_at, closed_at) in enumerate(found):
        if not since <= first_seen_at < until:
            continue
        match = scoring.score(what, who)
        causes = {
            match.cause: match.score < least(threshold),
            Cause.SENT: number in seen,
            Cause.RULE: number not in admitted,
            Cause.CLOSED: closed_at is not None and closed_at < until,
        }
        expected[next((cause for cause, holds in causes.items() if holds), None)] += 1
    assert audit.considered == audit.matched + sum(audit.dropped.values()) == expected.total()
    assert audit.matched == expected.pop(None, 0)
    assert audit.dropped == expected


def test_old_rows_are_forgotten() -> None:
    catalogue = Catalogue()
    for days in range(5):
        catalogue.put(days, offer_of(posting(str(days))), None, NOW - timedelta(days=days))
    catalogue.forget_before(NOW - timedelta(days=2))
    assert sorted(catalogue["ids"][catalogue["alive"]].tolist()) == [0, 1, 2]


def test_named_counts_openings_of_engineering_and_every_skill_they_name() -> None:
    many = tuple(f"skill {number}" for number in range(40))
    catalogue = Catalogue()
    catalogue.put(1, offer_of(posting("1", "go", "kafka")), "one job")
    catalogue.put(2, offer_of(posting("2", "go", "rust")), "one job")
    catalogue.put(3, offer_of(posting("3", "go")), "another job")
    catalogue.put(4, offer_of(posting("4", facts=facts("go", role=Role.OTHER))), "sales")
    catalogue.put(5, offer_of(posting("5", facts=facts("go", role=None))), "no telling")
    catalogue.put(6, offer_of(posting("6", "go")), "gone")
    catalogue.remove(6)
    wide = offer_of(posting("7", facts=facts(*map(mention, many))))
    catalogue.put(7, wide, "names forty", also=set(many) - wide.asked.keys())
    named, openings = catalogue.named()
    assert openings == 3
    assert named == {"go": 2, "kafka": 1, **dict.fromkeys(many, 1)}
    before = scoring.score(posting("7", facts=facts(*map(mention, many))), profile("skill 1")).score
    assert compared(catalogue, wish_of(profile("skill 1"))).scores[-1] / 100 == before, "what is only counted is worth nothing"


def test_which_posting_stands_for_an_opening_does_not_depend_on_the_order_they_came_in() -> None:
    what = {1: posting("1", "go"), 2: posting("2", "rust")}
    counts = []
    for order in ((1, 2), (2, 1)):
        catalogue = Catalogue()
        for id_ in order:
            catalogue.put(id_, offer_of(what[id_]), "one job")
        counts.append(catalogue.named())
    assert counts[0] == counts[1] == ({"go": 1}, 1)
