"""The index gives exactly what scoring every subscription one by one would give."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher import scoring
from services.matcher.index import Index, index_of
from services.matcher.repository import cut
from shared.match import Match
from shared.posting import Posting
from shared.profile import Profile
from tests.factories import posting, profile
from tests.strategies import postings, profiles

THRESHOLD = 40.0
IDS = st.integers(1, 6)
BARS = st.sampled_from([0.0, 40.0, 60.5, 80.0, 100.0])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, profiles(), BARS),
        st.tuples(st.just("remove"), IDS),
        st.tuples(st.just("bar"), IDS, BARS),
    ),
    max_size=20,
)


class Everyone:
    """The obvious way to do it."""

    def __init__(self) -> None:
        self.held: dict[int, tuple[Profile, float]] = {}

    def take(self, index: Index, step: Sequence[object]) -> None:
        """Do one step to the index and to this."""
        match step:
            case ["put", int(id_), Profile() as who, float(bar)]:
                index.put(id_, 1, who, bar)
                self.held[id_] = who, bar
            case ["remove", int(id_)]:
                index.remove(id_)
                self.held.pop(id_, None)
            case ["bar", int(id_), float(bar)]:
                index.set_bar(id_, bar)
                if id_ in self.held:
                    self.held[id_] = self.held[id_][0], bar

    def screen(self, wanted: Posting) -> dict[int, Match]:
        found = {id_: scoring.score(wanted, who) for id_, (who, _) in self.held.items()}
        return {id_: match for id_, match in found.items() if match.score >= max(THRESHOLD, self.held[id_][1])}


def screened(index: Index, wanted: Posting) -> dict[int, Match]:
    return {candidate.subscription_id: candidate.match for candidate in index.screen(wanted)}


@settings(max_examples=150)
@given(STEPS, st.lists(postings(), min_size=1, max_size=4))
def test_the_index_is_exact_whatever_came_and_went(steps: list[Sequence[object]], wanted: list[Posting]) -> None:
    index, everyone = Index(THRESHOLD), Everyone()
    for step in steps:
        everyone.take(index, step)
        assert screened(index, wanted[0]) == everyone.screen(wanted[0])
    assert len(index) == len(everyone.held)
    for one in wanted:
        assert screened(index, one) == everyone.screen(one)


@settings(max_examples=20)
@given(st.lists(profiles(), min_size=1, max_size=8), postings())
def test_it_stays_exact_when_dead_rows_are_cleared_away(who: list[Profile], wanted: Posting) -> None:
    index, everyone = Index(THRESHOLD), Everyone()
    for number in range(1100):
        everyone.take(index, ("put", number % 40, who[number % len(who)], 0.0))
    assert len(index._ids) < 1100, "this test is about clearing away"
    assert screened(index, wanted) == everyone.screen(wanted)


def test_an_empty_index_has_no_candidates() -> None:
    index = Index(THRESHOLD)
    assert index.screen(posting()) == []
    index.put(1, 1, profile())
    index.remove(1)
    index.remove(1)
    assert index.screen(posting()) == []
    assert len(index) == 0


def test_candidates_come_by_subscription_id() -> None:
    index = index_of(THRESHOLD, [(id_, 1, profile()) for id_ in (5, 2, 9)])
    assert [candidate.subscription_id for candidate in index.screen(posting())] == [2, 5, 9]


def test_a_new_revision_replaces_the_old_one() -> None:
    index = index_of(THRESHOLD, [(1, 1, profile())])
    index.put(1, 2, profile("cuda", "verilog"))
    assert (len(index), index.revision(1), index.revision(2)) == (1, 2, None)
    assert index.screen(posting()) == []


def test_a_bar_is_never_below_the_threshold() -> None:
    poor, index = posting("1", "go", "kafka", "rust", "terraform", "java"), index_of(90.0, [(1, 1, profile())])
    index.set_bar(1, 0.0)
    index.set_bar(99, 0.0)
    assert scoring.score(poor, profile()).score < 90
    assert index.screen(poor) == []


SCORES = st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 20)), st.sampled_from([50.0, 60.0, 70.5]))


@given(SCORES, st.integers(1, 5))
def test_a_cut_keeps_the_best_and_sets_the_bar_at_the_last_one_in(scores: dict[tuple[int, int], float], size: int) -> None:
    rows = [(subscription, posting_id, value) for (subscription, posting_id), value in scores.items()]
    bars, beyond = cut([1, 2, 3], rows, size)
    for subscription in (1, 2, 3):
        mine = {pair: value for pair, value in scores.items() if pair[0] == subscription}
        kept = {pair: value for pair, value in mine.items() if pair not in beyond}
        out = [mine[pair] for pair in mine if pair in beyond]
        assert len(kept) == min(size, len(mine))
        assert bars[subscription] == (min(kept.values()) if len(mine) >= size else 0.0)
        assert all(value <= bars[subscription] for value in out)
