"""The index gives exactly what scoring every subscription one by one would give, and asking every rule."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matcher.index import Index
from services.matcher.index.skills import SMALL, Plain
from services.matcher.shortlists import cut
from services.matcher.snapshot import load, save
from shared import scoring
from shared.posting import Employment, Level, Pay, Posting, Role, Workplace
from shared.profile import Profile
from shared.rule import PostingView, RuleError, admits, parse
from shared.scoring import Offer, Wish, offer_of, wish_of
from shared.scoring.weights import PARTS, STEPS
from tests.factories import BERLIN, SINGAPORE, facts, posting, profile
from tests.strategies import LARGE_RULE, PAYS, PLACES, RARELY, RULES, WORDS, alike, fitting, postings, profiles, tunings

THRESHOLD = 40.0
NOW = datetime(2026, 11, 21, tzinfo=UTC)
IDS = st.integers(1, 6)
LEVELS = (0.0, 25.0, 40.0, 60.5, 90.0, 100.0)
"""Thresholds and bars; and each score that came up, to the point, and the hundredth above it."""
RULED = st.just(("", True)) | st.tuples(st.sampled_from(RULES), st.booleans())
Step: TypeAlias = tuple[Any, ...]
Held = tuple[Wish, float, tuple[str, bool]]


class Asked(NamedTuple):
    """A posting as the index is asked about it, seen first and asked now."""

    posting: Posting
    offer: Offer
    view: PostingView


def asked(wanted: Posting) -> Asked:
    return Asked(wanted, offer_of(wanted, NOW), PostingView(wanted, NOW, NOW))


class Scene(NamedTuple):
    """What happened to an index, and what it is asked."""

    threshold: float
    steps: list[Step]
    asked: list[Asked]


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """People who have much in common, and postings for such people. Thresholds and bars are where it matters."""
    who = draw(profiles())
    people = [who, *draw(st.lists(st.one_of(alike(who), alike(who), profiles()), max_size=4))]
    wishes = [wish_of(person, draw(tunings())) for person in people]
    wanted = [asked(draw(postings() if draw(RARELY) else fitting(who))) for _ in range(draw(st.integers(1, 3)))]
    scores = {hundredths(one, wish) for one in wanted for wish in wishes}
    levels = st.sampled_from([*LEVELS, *sorted(score / 100 for score in scores | {score + 1 for score in scores})])
    step = st.one_of(
        st.tuples(st.just("put"), IDS, st.sampled_from(wishes), levels, RULED),
        st.tuples(st.just("put"), IDS, st.sampled_from(wishes), st.just(0.0), RULED),
        st.tuples(st.just("remove"), IDS),
        st.tuples(st.just("bar"), IDS, levels),
        st.tuples(st.just("compact")),
    )
    threshold = draw(levels | st.sampled_from((0.0, 25.0, 40.0)))
    return Scene(threshold, draw(st.lists(step, min_size=1, max_size=12)), wanted)


def hundredths(one: Asked, wish: Wish) -> int:
    return round(scoring.match(one.posting, one.offer, wish).score * 100)


class Everyone:
    """The obvious way to do it."""

    def __init__(self, threshold: float = THRESHOLD) -> None:
        self.threshold = threshold
        self.held: dict[int, Held] = {}

    def take(self, index: Index, step: Step) -> None:
        """Do one step to the index and to this."""
        match step:
            case ["put", int(id_), Wish() as wish, float(bar), (str(text), bool(keep))]:
                index.put(id_, 1, wish, bar, text, keep)
                self.held[id_] = wish, bar, (text, keep)
            case ["remove", int(id_)]:
                index.remove(id_)
                self.held.pop(id_, None)
            case ["bar", int(id_), float(bar)]:
                index.set_bar(id_, bar)
                if id_ in self.held:
                    self.held[id_] = self.held[id_][0], bar, self.held[id_][2]
            case ["compact"]:
                index.compact()

    def screen(self, one: Asked) -> dict[int, int]:
        """Scores in hundredths by subscription."""
        scores = {id_: hundredths(one, wish) for id_, (wish, _, _) in self.held.items()}
        bars = {id_: round(max(self.threshold, bar) * 100) for id_, (_, bar, _) in self.held.items()}
        return {id_: value for id_, value in scores.items() if value >= bars[id_] and self.admits(id_, one)}

    def admits(self, id_: int, one: Asked) -> bool:
        text, keep = self.held[id_][2]
        return admits(parse(text), one.view, keep)


def screened(index: Index, one: Asked) -> dict[int, int]:
    found = index.screen(one.offer, one.view)
    assert found.ids.tolist() == sorted(found.ids.tolist())
    return dict(zip(found.ids.tolist(), found.scores.tolist(), strict=True))


def index_of(threshold: float, who: Sequence[tuple[int, Profile]]) -> Index:
    index = Index(threshold)
    for id_, person in who:
        index.put(id_, 1, wish_of(person))
    return index


def test_the_index_is_exact_whatever_came_and_went() -> None:
    """And there was something to find: for every fifth posting somebody, and somebody whom a score or a rule keeps from it."""
    seen: Counter[str] = Counter()

    @settings(max_examples=120)
    @given(scenes())
    def exact(scene: Scene) -> None:
        index, everyone = Index(scene.threshold), Everyone(scene.threshold)
        for step in scene.steps:
            everyone.take(index, step)
            assert screened(index, scene.asked[0]) == everyone.screen(scene.asked[0])
        assert len(index) == len(everyone.held)
        for one in scene.asked:
            found = everyone.screen(one)
            assert screened(index, one) == found
            seen.update(asked=bool(everyone.held), found=bool(found), kept_off=bool(found.keys() ^ everyone.held.keys()))

    exact()
    assert min(seen["found"], seen["kept_off"]) * 5 > seen["asked"]


@settings(max_examples=20)
@given(scenes())
def test_it_stays_exact_when_dead_rows_are_cleared_away(scene: Scene) -> None:
    index, everyone = Index(scene.threshold), Everyone(scene.threshold)
    puts = [step for step in scene.steps if step[0] == "put"] or [("put", 1, wish_of(profile()), 0.0, ("", True))]
    for number in range(1100):
        kind, _, *rest = puts[number % len(puts)]
        everyone.take(index, (kind, number % 40, *rest))
    assert len(index.rows) < 1100, "this test is about clearing away"
    for one in scene.asked:
        assert screened(index, one) == everyone.screen(one)


def test_it_is_exact_when_many_have_a_skill_and_few_another() -> None:
    """So many rows that the common skill is kept as a plain column."""
    index, everyone = Index(THRESHOLD), Everyone()
    for number in range(9_000):
        skills = ("go", "postgresql", *(["kafka"] if number % 1_000 == 7 else []))
        everyone.take(index, ("put", number, wish_of(profile(*skills)), 0.0, ("", True)))
    wanted = asked(posting("1", "go", "kafka", "rust"))
    assert screened(index, wanted) == everyone.screen(wanted)
    for number in range(0, 9_000, 3):
        everyone.take(index, ("remove", number))
    index.compact()
    assert screened(index, wanted) == everyone.screen(wanted)


def varied(**values: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Each value of each field alone."""
    return ({name: value} for name, several in values.items() for value in several)


def test_every_value_of_a_field_is_compared_with_every_other_as_the_scorer_does() -> None:
    kinds = {"role": (None, *Role), "level": (None, *Level)}
    wishes = varied(
        **kinds,
        places=[(), *((place,) for place in PLACES), PLACES],
        pay_floor=(None, *PAYS),
        workplaces=[(kind,) for kind in Workplace],
        employments=[(kind,) for kind in Employment],
    )
    offers = varied(**kinds, pay=(None, *PAYS), workplace=(None, *Workplace), employment=(None, *Employment))
    places = [(), *((place,) for place in PLACES), PLACES]
    offices = ({"places": some, "workplace": workplace} for some in places for workplace in (None, *Workplace))
    index, everyone = Index(0.0), Everyone(0.0)
    for number, wanted in enumerate(wishes):
        everyone.take(index, ("put", number, wish_of(profile(**wanted)), 0.0, ("", True)))
    for offered in (*offers, *offices):
        one = asked(posting(facts=facts("go", "postgresql", **offered)))
        found = screened(index, one)
        assert found == everyone.screen(one), offered
        assert len(found) == len(everyone.held)


def test_every_rule_is_asked_of_every_kind_of_posting() -> None:
    index, everyone = Index(0.0), Everyone(0.0)
    for number, (rule, keep) in enumerate(product(RULES, (True, False))):
        everyone.take(index, ("put", number, wish_of(profile()), 0.0, (rule, keep)))
    skills, levels, workplaces = ("go", "python", "rust"), (None, Level.SENIOR), (None, Workplace.REMOTE)
    for skill, level, workplace, place, words in product(skills, levels, workplaces, (SINGAPORE, BERLIN), WORDS):
        said = facts(skill, level=level, workplace=workplace, places=(place,), pay=PAYS[-2] if level else None)
        one = asked(posting(facts=said, description=words, posted_at=NOW if level else None))
        assert screened(index, one) == everyone.screen(one), one.posting


POOR: dict[str, dict[str, Any]] = {
    "skills": {"skills": facts("go", "cuda", "verilog").skills},
    "role": {"role": Role.ML},
    "level": {"level": Level.STAFF},
    "place": {"places": (BERLIN,)},
    "pay": {"pay": Pay(high=95_000, currency="SGD")},
}


@pytest.mark.parametrize("steps", [-STEPS, STEPS])
@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("poor", POOR)
def test_who_is_just_in_reach_by_their_own_weights_is_found(tmp_path: Path, part: str, steps: int, poor: str) -> None:
    """Beside one who weighs as the table does, and one who weighs all else the other way."""
    skills = ("go", "rust", "kafka", "terraform")  # full marks
    who = profile(*skills, pay_floor=Pay(low=100_000, currency="SGD"))
    opposite = {name: -steps for name in PARTS if name != part}
    wishes = dict(enumerate(wish_of(who, tuning) for tuning in ({}, {part: steps}, opposite | {part: steps}, opposite)))
    one = asked(posting(facts=facts(*skills).model_copy(update=POOR[poor])))
    scores = {id_: hundredths(one, wish) for id_, wish in wishes.items()}
    for threshold in sorted(set(scores.values()), reverse=True):
        index = Index(threshold / 100)
        for id_, wish in wishes.items():
            index.put(id_, 1, wish)
        assert screened(index, one) == {id_: score for id_, score in scores.items() if score >= threshold}
    index.put(9, 1, wish_of(profile(level=Level.INTERN), {"pay": 1}))
    index.remove(9)
    index.compact()
    assert screened(index, one) == scores
    save(index, tmp_path / "index", NOW)
    assert screened(load(tmp_path / "index", index.threshold / 100)[0], one) == screened(index, one)


def test_a_broken_deal_may_still_be_a_match_where_the_threshold_is_low() -> None:
    one = asked(posting(facts=facts("go", "postgresql", role=Role.OTHER)))
    score = hundredths(one, wish_of(profile()))
    assert 2_000 < score < 4_000
    assert screened(index_of(score / 100, [(1, profile())]), one) == {1: score}
    assert screened(index_of((score + 1) / 100, [(1, profile())]), one) == {}


def test_rows_that_came_out_of_order_are_put_in_order_while_more_come() -> None:
    index = index_of(THRESHOLD, [])
    ordered = []
    for id_ in range(3_000, 0, -1):
        index.put(id_, 1, wish_of(profile()))
        ordered.append(index.rows.in_order)
    assert any(ordered[1_000:])
    assert list(screened(index, asked(posting()))) == list(range(1, 3_001))


def test_it_is_exact_while_a_list_of_rows_becomes_a_column() -> None:
    index, wanted = Index(THRESHOLD), asked(posting())
    for number in range(SMALL + 20):
        index.put(number, 1, wish_of(profile()))
        if number >= SMALL - 5:
            assert len(screened(index, wanted)) == number + 1
    assert isinstance(index.skills._columns["go"], Plain)


def test_a_rule_that_is_none_changes_nothing_not_even_the_number_of_the_next() -> None:
    index = index_of(THRESHOLD, [(1, profile())])
    for id_ in (1, 2):
        with pytest.raises(RuleError):
            index.put(id_, 2, wish_of(profile()), rule="skill:nonsense")
    index.put(3, 1, wish_of(profile()), rule="skill:go")
    index.put(4, 1, wish_of(profile()), rule="not skill:go")
    assert list(screened(index, asked(posting()))) == [1, 3]
    assert (len(index), index.revision(1)) == (3, 1)


def test_a_large_rule_is_asked_whatever_rules_before_it_are_gone() -> None:
    index = Index(THRESHOLD)
    for id_, rule in enumerate(("skill:go", "title:engineer", LARGE_RULE, "skill:postgresql"), start=1):
        index.put(id_, 1, wish_of(profile()), rule=rule)
    index.remove(1)
    index.compact()
    assert list(screened(index, asked(posting(description="w3 u3")))) == [2, 3, 4]
    assert list(screened(index, asked(posting(description="w3 u4", facts=facts("go", workplace=Workplace.ONSITE))))) == [2]


def test_one_rule_with_another_choice_for_what_is_unknown_is_another_rule() -> None:
    index = Index(THRESHOLD)
    for id_, keep in enumerate((True, False, True, False), start=1):
        index.put(id_, 1, wish_of(profile()), rule="pay >= 90000 SGD", keep_unknown=keep)
    assert list(screened(index, asked(posting()))) == [1, 3]


def test_an_empty_index_has_no_candidates() -> None:
    index = Index(THRESHOLD)
    assert screened(index, asked(posting())) == {}
    index.put(1, 1, wish_of(profile()))
    index.remove(1)
    index.remove(1)
    assert screened(index, asked(posting())) == {}
    assert len(index) == 0


def test_candidates_come_by_subscription_id() -> None:
    index = index_of(THRESHOLD, [(id_, profile()) for id_ in (5, 2, 9)])
    assert index.screen(offer_of(posting()), PostingView(posting())).ids.tolist() == [2, 5, 9]


def test_a_new_revision_replaces_the_old_one() -> None:
    index = index_of(THRESHOLD, [(1, profile())])
    index.put(1, 2, wish_of(profile("cuda", "verilog")))
    assert (len(index), index.revision(1), index.revision(2)) == (1, 2, None)
    assert screened(index, asked(posting())) == {}


def test_a_bar_is_never_below_the_threshold() -> None:
    poor, index = asked(posting("1", "go", "kafka", "rust", "terraform", "java")), index_of(90.0, [(1, profile())])
    index.set_bar(1, 0.0)
    index.set_bar(99, 0.0)
    assert hundredths(poor, wish_of(profile())) < 9_000
    assert screened(index, poor) == {}


# ----------------------------------------------------------------------------------------------------------- on the disk


@settings(max_examples=40)
@given(scenes())
def test_what_was_saved_and_loaded_is_the_same_index(tmp_path_factory: pytest.TempPathFactory, scene: Scene) -> None:
    index, everyone = Index(scene.threshold), Everyone(scene.threshold)
    path = tmp_path_factory.mktemp("index") / "matcher.index"
    for step in scene.steps:
        everyone.take(index, step)
    save(index, path, NOW)
    loaded, at = load(path, scene.threshold)
    assert at == NOW
    assert [screened(loaded, one) for one in scene.asked] == [everyone.screen(one) for one in scene.asked]
    everyone.take(loaded, ("put", 3, wish_of(profile()), 0.0, ("not skill:go", True)))
    everyone.take(loaded, ("remove", 4))
    assert [screened(loaded, one) for one in scene.asked] == [everyone.screen(one) for one in scene.asked]


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
