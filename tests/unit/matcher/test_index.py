"""The index gives exactly what scoring every subscription one by one would give, and asking every rule."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.index import Index
from services.matcher.shortlists import cut
from services.matcher.snapshot import SnapshotUnusable, load, save
from shared import scoring
from shared.posting import Posting
from shared.profile import Profile
from shared.rule import PostingView, admits, parse
from shared.scoring import offer_of, wish_of
from tests.factories import posting, profile
from tests.strategies import RULES, postings, profiles

THRESHOLD = 40.0
NOW = datetime(2026, 11, 21, tzinfo=UTC)
IDS = st.integers(1, 6)
BARS = st.sampled_from([0.0, 40.0, 60.5, 80.0, 100.0])
RULED = st.tuples(st.sampled_from(RULES), st.booleans())
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), IDS, profiles(), BARS, RULED),
        st.tuples(st.just("remove"), IDS),
        st.tuples(st.just("bar"), IDS, BARS),
        st.tuples(st.just("compact")),
    ),
    max_size=20,
)
Held = tuple[Profile, float, tuple[str, bool]]


class Everyone:
    """The obvious way to do it."""

    def __init__(self) -> None:
        self.held: dict[int, Held] = {}

    def take(self, index: Index, step: Sequence[object]) -> None:
        """Do one step to the index and to this."""
        match step:
            case ["put", int(id_), Profile() as who, float(bar), (str(text), bool(keep))]:
                index.put(id_, 1, wish_of(who), bar, text, keep)
                self.held[id_] = who, bar, (text, keep)
            case ["remove", int(id_)]:
                index.remove(id_)
                self.held.pop(id_, None)
            case ["bar", int(id_), float(bar)]:
                index.set_bar(id_, bar)
                if id_ in self.held:
                    self.held[id_] = self.held[id_][0], bar, self.held[id_][2]
            case ["compact"]:
                index.compact()

    def screen(self, wanted: Posting) -> dict[int, float]:
        """Scores by subscription."""
        scores = {id_: scoring.score(wanted, who).score for id_, (who, _, _) in self.held.items()}
        above = {id_: value for id_, value in scores.items() if value >= max(THRESHOLD, self.held[id_][1])}
        return {id_: value for id_, value in above.items() if self.admits(id_, wanted)}

    def admits(self, id_: int, wanted: Posting) -> bool:
        text, keep = self.held[id_][2]
        return admits(parse(text), PostingView(wanted), keep)


def screened(index: Index, wanted: Posting) -> dict[int, float]:
    found = index.screen(offer_of(wanted), PostingView(wanted))
    scores = [score / 100 for score in found.scores.tolist()]
    return dict(zip(found.ids.tolist(), scores, strict=True))


def index_of(threshold: float, who: Sequence[tuple[int, Profile]]) -> Index:
    index = Index(threshold)
    for id_, person in who:
        index.put(id_, 1, wish_of(person))
    return index


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
        everyone.take(index, ("put", number % 40, who[number % len(who)], 0.0, ("", True)))
    assert len(index.rows) < 1100, "this test is about clearing away"
    assert screened(index, wanted) == everyone.screen(wanted)


def test_it_is_exact_when_many_have_a_skill_and_few_another() -> None:
    """So many rows that the common skill is kept as a plain column."""
    index, everyone = Index(THRESHOLD), Everyone()
    for number in range(9_000):
        skills = ("go", "postgresql", *(["kafka"] if number % 1_000 == 7 else []))
        everyone.take(index, ("put", number, profile(*skills), 0.0, ("", True)))
    wanted = posting("1", "go", "kafka", "rust")
    assert screened(index, wanted) == everyone.screen(wanted)
    for number in range(0, 9_000, 3):
        everyone.take(index, ("remove", number))
    index.compact()
    assert screened(index, wanted) == everyone.screen(wanted)


def test_an_empty_index_has_no_candidates() -> None:
    index = Index(THRESHOLD)
    assert screened(index, posting()) == {}
    index.put(1, 1, wish_of(profile()))
    index.remove(1)
    index.remove(1)
    assert screened(index, posting()) == {}
    assert len(index) == 0


def test_candidates_come_by_subscription_id() -> None:
    index = index_of(THRESHOLD, [(id_, profile()) for id_ in (5, 2, 9)])
    assert index.screen(offer_of(posting()), PostingView(posting())).ids.tolist() == [2, 5, 9]


def test_a_new_revision_replaces_the_old_one() -> None:
    index = index_of(THRESHOLD, [(1, profile())])
    index.put(1, 2, wish_of(profile("cuda", "verilog")))
    assert (len(index), index.revision(1), index.revision(2)) == (1, 2, None)
    assert screened(index, posting()) == {}


def test_a_bar_is_never_below_the_threshold() -> None:
    poor, index = posting("1", "go", "kafka", "rust", "terraform", "java"), index_of(90.0, [(1, profile())])
    index.set_bar(1, 0.0)
    index.set_bar(99, 0.0)
    assert scoring.score(poor, profile()).score < 90
    assert screened(index, poor) == {}


# ----------------------------------------------------------------------------------------------------------- on the disk


@settings(max_examples=30)
@given(STEPS, postings())
def test_what_was_saved_and_loaded_is_the_same_index(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Sequence[object]], wanted: Posting
) -> None:
    index, everyone, path = Index(THRESHOLD), Everyone(), tmp_path_factory.mktemp("index") / "matcher.index"
    for step in steps:
        everyone.take(index, step)
    save(index, path, NOW)
    loaded, at = load(path, THRESHOLD)
    assert at == NOW
    assert screened(loaded, wanted) == everyone.screen(wanted)
    everyone.take(loaded, ("put", 3, profile(), 0.0, ("not skill:go", True)))
    everyone.take(loaded, ("remove", 4))
    assert screened(loaded, wanted) == everyone.screen(wanted)


def test_a_higher_threshold_holds_for_what_was_saved_below_it(tmp_path: Path) -> None:
    index, wanted = index_of(40.0, [(1, profile())]), posting("1", "go", "kafka", "rust", "terraform", "java")
    save(index, tmp_path / "index", NOW)
    assert screened(index, wanted)
    assert screened(load(tmp_path / "index", 95.0)[0], wanted) == {}


@pytest.mark.parametrize("spoil", [lambda body: b"", lambda body: body[: len(body) // 2], lambda body: b"PK" + body[2:][::-1]])
def test_a_spoilt_file_is_refused(tmp_path: Path, spoil: object) -> None:
    path = tmp_path / "index"
    save(index_of(40.0, [(1, profile())]), path, NOW)
    path.write_bytes(spoil(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(SnapshotUnusable, match="index"):
        load(path, 40.0)


def test_there_may_be_none(tmp_path: Path) -> None:
    with pytest.raises(SnapshotUnusable):
        load(tmp_path / "index", 40.0)


def test_one_made_with_other_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(Index(40.0), tmp_path / "index", NOW)
    monkeypatch.setattr("services.matcher.snapshot.meaning", lambda: "another")
    with pytest.raises(SnapshotUnusable, match="weights"):
        load(tmp_path / "index", 40.0)


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
