"""A catalogue asked for one person: the causes it finds, and what it counts, are those of asking posting by posting."""

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.audit import tally
from services.matcher.catalogue import Catalogue
from services.matcher.comparing import CAUSES, compared
from shared import scoring
from shared.audit import AuditAsked
from shared.posting import Posting, Role
from shared.profile import Profile
from shared.scoring import offer_of, wish_of
from tests.factories import NOW, facts, mention, posting, profile
from tests.strategies import postings, profiles

MOMENTS = st.integers(-10, 10).map(lambda hours: NOW + timedelta(hours=hours, microseconds=1))
PLAIN = profile()


@settings(max_examples=150)
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
    st.sampled_from([30.0, 50.0]),
)
def test_a_tally_counts_what_asking_one_by_one_counts(
    seen: list[tuple[Posting, datetime, datetime | None]], who: Profile, since: datetime, until: datetime, threshold: float
) -> None:
    catalogue = Catalogue()
    for number, (what, first_seen_at, closed_at) in enumerate(seen):
        catalogue.put(number, offer_of(what), None, first_seen_at, closed_at)
    asked = AuditAsked(subscription_id=1, since=since, until=until)
    found = tally(catalogue, wish_of(who), threshold, asked)
    inside = [(number, *one) for number, one in enumerate(seen) if since <= one[1] < until]
    matches = {number: scoring.score(what, who) for number, what, _, _ in inside}
    assert found.considered == len(inside) == found.dropped.total() + len(found.fit)
    assert found.fit == [number for number, match in matches.items() if match.score >= threshold]
    assert found.dropped == Counter(match.cause for match in matches.values() if match.score < threshold)
    assert found.closed == {
        number for number, *_, closed_at in inside if number in found.fit and closed_at and closed_at < until
    }


def test_what_was_changed_or_removed_is_not_counted() -> None:
    catalogue = Catalogue()
    for id_ in (1, 2, 2, 3):
        catalogue.put(id_, offer_of(posting(str(id_))), None, NOW)
    catalogue.remove(3)
    asked = AuditAsked(subscription_id=1, since=NOW, until=NOW + timedelta(days=1))
    assert tally(catalogue, wish_of(PLAIN), 50.0, asked).considered == 2


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
