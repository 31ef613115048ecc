"""The catalogue gives exactly what scoring every open posting one by one would give."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher import comparing
from services.matcher.catalogue import Catalogue
from shared import scoring
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import offer_of, wish_of
from tests.factories import posting, profile
from tests.strategies import postings, profiles

IDS = st.integers(1, 6)
STEPS = st.lists(st.one_of(st.tuples(st.just("put"), IDS, postings()), st.tuples(st.just("remove"), IDS)), max_size=15)


def suiting(catalogue: Catalogue, who: Profile, threshold: float) -> list[tuple[int, float]]:
    found = comparing.suiting(catalogue, wish_of(who), threshold)
    return [(id_, score / 100) for id_, score in zip(found.ids.tolist(), found.scores.tolist(), strict=True)]


def expected(held: dict[int, Posting], who: Profile, threshold: float) -> list[tuple[int, float]]:
    scores = [(id_, scoring.score(what, who).score) for id_, what in held.items()]
    return sorted(((id_, value) for id_, value in scores if value >= threshold), key=lambda pair: (-pair[1], pair[0]))


@settings(max_examples=150)
@given(STEPS, profiles(), st.sampled_from([0.0, 40.0, 60.0]))
def test_it_is_exact_whatever_came_and_went(steps: list[Sequence[object]], who: Profile, threshold: float) -> None:
    catalogue, held = Catalogue(), dict[int, Posting]()
    for step in steps:
        match step:
            case ["put", int(id_), Posting() as what]:
                catalogue.put(id_, offer_of(what))
                held[id_] = what
            case ["remove", int(id_)]:
                catalogue.remove(id_)
                held.pop(id_, None)
        assert suiting(catalogue, who, threshold) == expected(held, who, threshold)
    assert len(catalogue) == len(held)


@settings(max_examples=10)
@given(st.lists(postings(), min_size=1, max_size=5), profiles())
def test_it_stays_exact_when_dead_rows_are_cleared_away(what: list[Posting], who: Profile) -> None:
    catalogue, held = Catalogue(), dict[int, Posting]()
    for number in range(1_100):
        held[number % 7] = what[number % len(what)]
        catalogue.put(number % 7, offer_of(held[number % 7]))
    assert len(catalogue["ids"]) < 1_100, "this test is about clearing away"
    assert suiting(catalogue, who, 0.0) == expected(held, who, 0.0)


def test_of_equals_the_one_found_first_comes_first() -> None:
    catalogue = Catalogue()
    for id_ in (9, 3, 5):
        catalogue.put(id_, offer_of(posting(str(id_))))
    assert [id_ for id_, _ in suiting(catalogue, profile(), 50.0)] == [3, 5, 9]
