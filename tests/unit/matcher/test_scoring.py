"""The score: what counts, what does not, and that it says why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.matcher import scoring
from shared.posting import Facts, Level, Place, Posting, Role, Strength, Workplace
from shared.profile import Profile, ProfileSkill
from tests.factories import BERLIN, SINGAPORE, facts, mention, posting, profile
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
    assert {*match.matched, *match.missing} == set(scoring.asked_for(wanted))
    assert not {*match.matched} & {*match.missing}
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
    assert scoring.asked_for(wished)["rust"] < scoring.asked_for(demanded)["rust"]
    both = posting(facts=facts(mention("go", Strength.MENTIONED), mention("go"), mention("go", Strength.PREFERRED)))
    assert scoring.asked_for(both) == scoring.asked_for(posting(facts=facts("go")))


def test_skills_that_everybody_names_count_nothing() -> None:
    assert scoring.asked_for(posting(facts=facts("git", "communication"))) == {}


def test_a_skill_is_some_credit_for_what_it_rests_on() -> None:
    assert scoring.brought(profile("typescript"))["javascript"] == 0.8
    assert scoring.brought(profile("typescript", "javascript"))["javascript"] == 1.0


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
    def place_part(*places: Place) -> float | None:
        return scoring.place_part(profile(), posting(facts=facts("go", places=places, workplace=Workplace.REMOTE)))

    here, nowhere, abroad = place_part(SINGAPORE), place_part(), place_part(BERLIN)
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
