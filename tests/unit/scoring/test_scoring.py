"""The score: what counts, what does not, and that it says why."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import scoring
from shared.match import Cause
from shared.posting import Employment, Facts, Level, Pay, Place, Posting, Role, Strength, Workplace
from shared.profile import Profile, ProfileSkill
from shared.reading.skills import skills
from shared.scoring import SHIPPED, offer_of, wish_of
from shared.scoring.offer import freshness
from shared.scoring.parts import broken, pay_fit, place_part, same_country_fit
from shared.scoring.weights import MOST_ASKED, OTHER_CITY, OWN, PARTS, RESTS_ON, SAME_CITY, SAME_COUNTRY, SAME_REGION, STEPS
from tests.factories import BERLIN, NOW, SINGAPORE, facts, mention, posting, profile
from tests.strategies import SKILLS, postings, profiles


@given(postings(), profiles())
def test_a_score_lies_between_0_and_100_and_is_the_same_every_time(wanted: Posting, who: Profile) -> None:
    match = scoring.score(wanted, who)
    assert 0 <= match.score <= 100
    assert all(part is None or 0 <= part <= 1 for part in match.parts.values())
    assert match == scoring.score(wanted, who)


@given(postings(), profiles(), st.sampled_from(SKILLS))
def test_another_skill_never_lowers_the_skills_part_nor_the_score(wanted: Posting, who: Profile, skill: str) -> None:
    more = who.model_copy(update={"skills": (*who.skills, ProfileSkill(skill=skill))})
    before, after = scoring.score(wanted, who), scoring.score(wanted, more)
    if before.parts["skills"] is not None:
        assert (after.parts["skills"] or 0) >= before.parts["skills"]
    assert after.score >= before.score


@given(postings(), profiles())
def test_every_skill_asked_for_is_matched_or_missing(wanted: Posting, who: Profile) -> None:
    match = scoring.score(wanted, who)
    named = [*match.matched, *match.missing, *match.perhaps]
    assert sorted(named) == sorted(offer_of(wanted).asked)
    assert match.reasons


def test_a_perfect_fit_is_100() -> None:
    skills = ("go", "rust", "kafka", "terraform")
    assert scoring.score(posting("1", *skills), profile(*skills)).score == 100


def test_what_is_unknown_leaves_the_mean() -> None:
    nothing = scoring.score(posting(facts=Facts()), profile())
    assert (nothing.score, set(nothing.parts.values())) == (0, {None})
    only_role = scoring.score(posting(facts=Facts(role=Role.BACKEND)), profile())
    assert only_role.score == 100


@pytest.mark.parametrize(
    ("what", "worse"),
    [
        ("skills", {"facts": facts("rust", "kafka", "go")}),
        ("role", {"facts": facts("go", "postgresql", role=Role.DATA)}),
        ("level", {"facts": facts("go", "postgresql", level=Level.STAFF)}),
        ("place", {"facts": facts("go", "postgresql", places=(BERLIN,))}),
    ],
)
def test_each_part_counts(what: str, worse: dict[str, Facts]) -> None:
    good, bad = scoring.score(posting(), profile()), scoring.score(posting(**worse), profile())
    assert bad.parts[what] < good.parts[what]
    assert bad.score < good.score


def test_a_wish_counts_less_than_a_demand() -> None:
    wished = posting(facts=facts(mention("go"), mention("rust", Strength.PREFERRED)))
    demanded = posting(facts=facts(mention("go"), mention("rust")))
    assert offer_of(wished).asked["rust"] < offer_of(demanded).asked["rust"]
    both = posting(facts=facts(mention("go", Strength.MENTIONED), mention("go"), mention("go", Strength.PREFERRED)))
    assert offer_of(both).asked == offer_of(posting(facts=facts("go"))).asked


def test_what_stands_in_the_title_counts_twice_but_for_words_that_say_the_role() -> None:
    def points(skill: str, **given: object) -> int:
        one = mention(skill, Strength.PREFERRED).model_copy(update=given)
        return offer_of(posting(facts=facts(one))).asked[skill]

    required = offer_of(posting(facts=facts("rust", "backend"))).asked
    assert points("rust", in_title=True) in range(2 * required["rust"] - 1, 2 * required["rust"] + 2)
    assert points("backend", in_title=True) == points("backend") < required["backend"]


def test_of_very_many_skills_the_heaviest_count_and_their_points_fit_into_16_bits() -> None:
    rare = [mention(skill).model_copy(update={"in_title": True}) for skill in skills() if SHIPPED[skill] == 1.0]
    light = [mention(skill, Strength.MENTIONED) for skill in SKILLS]
    asked = offer_of(posting(facts=facts(*light, *rare))).asked
    assert len(rare) > MOST_ASKED
    assert len(asked) == MOST_ASKED
    assert asked.keys() <= {one.skill for one in rare}
    assert OWN * sum(asked.values()) < 2**16


def test_skills_that_everybody_names_count_nothing_and_never_make_a_match() -> None:
    common = posting(facts=facts("git", "communication"))
    assert offer_of(common).asked == {}
    assert scoring.score(common, profile("git", "communication")).score < 50
    assert scoring.score(common, profile()).score < 50


def test_a_skill_is_some_credit_for_what_it_rests_on() -> None:
    assert wish_of(profile("typescript")).credit["javascript"] == RESTS_ON
    assert wish_of(profile("typescript", "javascript")).credit["javascript"] == OWN


@pytest.mark.parametrize(
    "broken",
    [
        facts("go", "postgresql", role=Role.OTHER),
        facts("go", "postgresql", level=Level.INTERN),
        facts("verilog", "cuda"),
    ],
    ids=["not engineering", "an internship", "no skill in common"],
)
def test_a_broken_deal_is_no_match_however_well_the_rest_fits(broken: Facts) -> None:
    match = scoring.score(posting(facts=broken), profile())
    assert match.score < 50
    assert match.score < scoring.score(posting(), profile()).score


def test_remote_work_counts_from_where_one_is() -> None:
    def part(*places: Place) -> float | None:
        remote = posting(facts=facts("go", places=places, workplace=Workplace.REMOTE))
        return place_part(offer_of(remote), wish_of(profile()))

    here, nowhere, abroad = part(SINGAPORE), part(), part(BERLIN)
    assert here is not None
    assert nowhere is not None
    assert here > nowhere > (abroad or 0)


def test_reasons_say_what_was_found() -> None:
    match = scoring.score(posting("1", "go", "kafka"), profile("go", "rust"))
    assert (match.matched, match.missing) == (("go",), ("kafka",))
    assert match.reasons == (
        "1 of 2 skills it names are yours",
        "backend work, like yours",
        "senior level, like yours",
        "in Singapore, where you are",
    )


@pytest.mark.parametrize(
    ("office", "wanted", "fit"),
    [
        (Place(city="Berlin", country="DE"), Place(city="Berlin", country="DE"), SAME_CITY),
        (Place(city="Berlin", country="DE"), Place(country="DE"), SAME_CITY),
        (Place(country="DE"), Place(city="Berlin", country="DE"), SAME_COUNTRY),
        (Place(city="Munich", country="DE"), Place(city="Berlin", country="DE"), OTHER_CITY),
        (
            Place(city="Oakland", region="California", country="US"),
            Place(city="Fresno", region="California", country="US"),
            SAME_REGION,
        ),
        (Place(city="Boston", region="Massachusetts", country="US"), Place(region="California", country="US"), OTHER_CITY),
        (
            Place(city="Portland", region="Maine", country="US"),
            Place(city="Portland", region="Oregon", country="US"),
            OTHER_CITY,
        ),
        (Place(city="Portland", country="US"), Place(city="Portland", region="Oregon", country="US"), SAME_CITY),
        (Place(region="California", country="US"), Place(region="California", country="US"), SAME_COUNTRY),
    ],
)
def test_how_near_two_places_of_one_country_are(office: Place, wanted: Place, fit: float) -> None:
    assert same_country_fit(office, wanted) == fit


@pytest.mark.parametrize(
    ("pay", "fit"),
    [
        (Pay(low=80_000, high=120_000, currency="SGD"), 1.0),
        (Pay(low=80_000, high=95_000, currency="SGD"), 0.4),
        (Pay(low=50_000, high=60_000, currency="SGD"), 0.0),
        (Pay(low=90_000, currency="SGD"), 0.4),
        (Pay(low=200_000, high=300_000, currency="USD"), None),
        (None, None),
    ],
)
def test_pay_is_compared_with_the_least_one_asks_for(pay: Pay | None, fit: float | None) -> None:
    assert pay_fit(pay, Pay(low=100_000, currency="SGD")) == fit


def test_work_of_a_kind_one_does_not_want_is_no_match() -> None:
    remote_only = profile().model_copy(update={"workplaces": (Workplace.REMOTE,)})
    permanent = profile().model_copy(update={"employments": (Employment.FULL_TIME,)})
    onsite = posting(facts=facts("go", "postgresql", workplace=Workplace.ONSITE))
    contract = posting(facts=facts("go", "postgresql", employment=Employment.CONTRACT))
    assert scoring.score(onsite, remote_only).score < 50 < scoring.score(onsite, profile()).score
    assert scoring.score(contract, permanent).score < 50 < scoring.score(contract, profile()).score


def test_what_is_left_of_a_score_when_the_job_means_moving_and_when_a_deal_is_broken_too() -> None:
    skills = ("go", "rust", "kafka", "terraform")
    elsewhere, another_trade = facts(*skills, places=(BERLIN,)), facts(*skills, places=(BERLIN,), role=Role.OTHER)
    assert scoring.score(posting(facts=elsewhere), profile(*skills)).score == 56  # 0.8 of all but the place
    assert scoring.score(posting(facts=another_trade), profile(*skills)).score == 15.36  # 0.4 × 0.8 of skills and level


def test_less_pay_than_one_asks_for_is_a_broken_deal_and_says_so() -> None:
    asks = profile(pay_floor=Pay(low=100_000, currency="SGD"))
    nearly, too_little = (posting(facts=facts("go", pay=Pay(high=top, currency="SGD"))) for top in (90_000, 89_999))
    assert scoring.score(nearly, asks).score > 70
    match = scoring.score(too_little, asks)
    assert (match.cause, match.reasons[0]) == (Cause.PAY, "pays less than you ask for")
    assert match.score < 50


@pytest.mark.parametrize(
    ("have", "asked", "cause"),
    [
        (Level.INTERN, Level.INTERN, None),
        (Level.INTERN, Level.JUNIOR, None),
        (Level.JUNIOR, Level.INTERN, None),
        (Level.MID, Level.INTERN, Cause.LEVEL),
        (Level.INTERN, Level.MID, Cause.LEVEL),
        (Level.SENIOR, Level.INTERN, Cause.LEVEL),
        (Level.JUNIOR, Level.STAFF, None),
        (Level.MANAGER, Level.SENIOR, None),
    ],
)
def test_what_is_out_of_reach(have: Level, asked: Level, cause: Cause | None) -> None:
    deal = broken(offer_of(posting(facts=facts("go", level=asked))), wish_of(profile(level=have)))
    assert (deal and deal[0]) == cause


@pytest.mark.parametrize(
    ("days", "fit"),
    [(-1, 1.0), (0, 1.0), (14, 1.0), (14.01, 0.7), (45, 0.7), (45.01, 0.3), (120, 0.3), (120.01, 0.0), (5_000, 0.0)],
)
def test_how_fresh_it_was_when_first_seen(days: float, fit: float) -> None:
    assert freshness(NOW - timedelta(days=days), NOW) == fit
    assert freshness(None, NOW) is None
    assert freshness(NOW, None) is None


def test_what_stood_for_months_before_we_saw_it_counts_a_little_less() -> None:
    old = posting(posted_at=NOW - timedelta(days=200))
    assert scoring.score(old, profile(), first_seen_at=NOW).score < scoring.score(old, profile()).score


@given(postings(), profiles(), st.dictionaries(st.sampled_from(PARTS), st.integers(-9, 9)))
def test_feedback_moves_weights_within_limits(wanted: Posting, who: Profile, tuning: dict[str, int]) -> None:
    limited = {part: max(-STEPS, min(STEPS, steps)) for part, steps in tuning.items()}
    moved = scoring.score(wanted, who, tuning=tuning)
    assert moved == scoring.score(wanted, who, tuning=limited)
    assert 0 <= moved.score <= 100
    assert moved.parts == scoring.score(wanted, who).parts


def test_feedback_on_a_part_makes_it_count_more() -> None:
    elsewhere = posting(facts=facts("go", "postgresql", places=(BERLIN,)))
    scores = [scoring.score(elsewhere, profile(), tuning={"place": steps}).score for steps in (-4, 0, 4)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3
