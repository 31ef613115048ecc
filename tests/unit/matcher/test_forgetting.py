"""The index holds no more than what its live rows need, and people's own weights cost only them."""

from collections.abc import Iterable

from hypothesis import given, settings, target
from hypothesis import strategies as st

from services.matcher.index import Index
from services.matcher.index.cohorts import CELLS
from shared import scoring
from shared.posting import Level, Pay, Place, Posting, Role
from shared.profile import Profile
from shared.rule import PostingView, admits, parse
from shared.scoring import offer_of, wish_of
from shared.scoring.weights import PARTS, STEPS
from tests.factories import BERLIN, facts, posting, profile
from tests.strategies import postings, profiles

TUNINGS = st.just({}) | st.dictionaries(st.sampled_from(PARTS), st.integers(-STEPS, STEPS))
TEXTS = ("", "not text:words", "skill:go or remote:yes", "(skill:go and not country:SG) or level >= senior")
PUTS = st.tuples(st.integers(1, 12), profiles(), TUNINGS, st.sampled_from(TEXTS), st.booleans())
Put = tuple[int, Profile, dict[str, int], str, bool]


def screened(index: Index, wanted: Posting) -> dict[int, float]:
    found = index.screen(offer_of(wanted), PostingView(wanted))
    return {id_: hundredths / 100 for id_, hundredths in zip(found.ids.tolist(), found.scores.tolist(), strict=True)}


def expected(held: Iterable[Put], wanted: Posting, threshold: float) -> dict[int, float]:
    found = {}
    for id_, who, tuning, text, keep_unknown in held:
        value = scoring.score(wanted, who, tuning=tuning).score
        if value >= threshold and admits(parse(text), PostingView(wanted), keep_unknown):
            found[id_] = value
    return found


def sizes(index: Index) -> dict[str, int]:
    """How much of everything is held."""
    cohorts, rules = index.cohorts, index.rules
    return {
        "cohorts": len(cohorts),
        "trades": len(cohorts.trades.trades),
        "areas": len(cohorts.areas.areas),
        "places": len(cohorts.areas.places),
        "floors": len(cohorts.floors.floors),
        "weighings": len(cohorts.weighings.weighings),
        "rules": len(rules),
        "predicates": len(rules._predicates.predicates),
        "skills": len(list(index.skills.columns())),
    }


@settings(max_examples=150)
@given(
    st.lists(PUTS, min_size=1, max_size=25), st.sets(st.integers(1, 12)), postings(), st.sampled_from([0.0, 25.0, 40.0, 70.0])
)
def test_it_is_exact_and_no_larger_than_a_new_one_when_what_is_gone_was_left_behind(
    puts: list[Put], gone: set[int], wanted: Posting, threshold: float
) -> None:
    index, fresh = Index(threshold), Index(threshold)
    for id_, who, tuning, text, keep_unknown in puts:
        index.put(id_, 1, wish_of(who, tuning), 0.0, text, keep_unknown)
    for id_ in gone:
        index.remove(id_)
    held = {one[0]: one for one in puts if one[0] not in gone}
    scores = expected(held.values(), wanted, threshold)
    assert screened(index, wanted) == scores
    index.compact()
    assert screened(index, wanted) == scores
    for id_, who, tuning, text, keep_unknown in held.values():
        fresh.put(id_, 1, wish_of(who, tuning), 0.0, text, keep_unknown)
    assert sizes(index) == sizes(fresh)
    target(len(scores))


def test_one_that_was_cleared_takes_what_comes_after() -> None:
    wanted = posting("1", "go", "kafka")
    puts = [
        (
            number % 7,
            profile(*("go", "kafka")[: number % 2 + 1]),
            {"skills": number % 9 - 4},
            TEXTS[number % 4],
            number % 3 == 0,
        )
        for number in range(100)
    ]
    index = Index(0.0)
    for id_, who, tuning, text, keep_unknown in puts:
        index.put(id_, 1, wish_of(who, tuning), 0.0, text, keep_unknown)
        if id_ == 3:
            index.compact()
    held = {one[0]: one for one in puts}
    assert screened(index, wanted) == expected(held.values(), wanted, 0.0)
    assert len(held) == 7


def test_own_weights_make_no_trade_and_are_put_only_to_what_is_in_reach() -> None:
    index = Index(60.0)
    for number in range(500):
        tuning = {part: (number // 9**place) % 9 - 4 for place, part in enumerate(PARTS)}
        index.put(number, 1, wish_of(profile(), tuning))
    assert (sizes(index)["trades"], sizes(index)["weighings"]) == (1, 501)
    broken = posting("1", facts=facts("go", "postgresql", level=Level.INTERN))
    elsewhere = posting("2", facts=facts("go", "postgresql", role=Role.DATA, level=Level.JUNIOR, places=(BERLIN,)))
    assert index.cohorts.reaching(offer_of(broken), 0.6) is None
    assert [cells_of_their_own(index, posting_) for posting_ in (elsewhere, posting())] == [0, 500]


def cells_of_their_own(index: Index, wanted: Posting) -> int:
    """How many cohorts' own weights are put to a posting where 75 are needed."""
    reached = index.cohorts.reaching(offer_of(wanted), 0.75)
    return len(reached[0].base) - CELLS if reached else 0


def test_a_place_and_a_floor_nobody_wants_any_more_are_forgotten() -> None:
    index = Index(0.0)
    for number in range(50):
        where = Place(city=f"City {number}", country="DE")
        index.put(1, number, wish_of(profile(places=(where, BERLIN), pay_floor=Pay(low=50_000 + number, currency="EUR"))))
    index.compact()
    assert {name: sizes(index)[name] for name in ("places", "areas", "floors")} == {"places": 3, "areas": 1, "floors": 2}
