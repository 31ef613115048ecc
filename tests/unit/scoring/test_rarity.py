"""How rare a skill is, by the shipped table and by what was measured since."""

import pytest

from shared import scoring
from shared.reading.skills import frequency
from shared.scoring import SHIPPED, Rarities, offer_of
from shared.scoring.rarity import LEAST_RARITY, PRIOR, SCARCEST, blended
from tests.factories import NOW, posting, profile


@pytest.mark.parametrize(("share", "rarity"), [(1 / SCARCEST, 1.0), (0.0, 1.0), (1.0, LEAST_RARITY), (SCARCEST**-0.5, 0.5)])
def test_the_fewer_name_it_the_more_it_says(share: float, rarity: float) -> None:
    assert Rarities({"go": share}, NOW)["go"] == pytest.approx(rarity)


def test_what_everybody_names_says_nothing_however_rarely_it_was_found() -> None:
    assert Rarities({"git": 1e-6}, NOW)["git"] == 0.0


def test_what_was_not_measured_is_as_rare_as_the_shipped_table_says() -> None:
    assert Rarities({"go": 0.5}, NOW)["kafka"] == SHIPPED["kafka"]


def test_a_few_openings_hardly_move_the_shipped_share_and_very_many_replace_it() -> None:
    shipped = frequency("go")
    assert blended(0, 0, "go") == shipped
    assert blended(PRIOR, PRIOR, "go") == pytest.approx((1 + shipped) / 2)
    assert blended(100, 100, "go") < shipped + 0.05
    assert blended(900_000, 1_000_000, "go") == pytest.approx(0.9, abs=0.002)


def test_an_offer_is_worth_what_the_measured_shares_say() -> None:
    wanted, common = posting("1", "go", "kafka"), Rarities({"kafka": 0.9}, NOW)
    assert offer_of(wanted, rarities=common).asked["kafka"] < offer_of(wanted).asked["kafka"]
    assert offer_of(wanted, rarities=common).asked["go"] == offer_of(wanted).asked["go"]
    who = profile("kafka")
    assert scoring.score(wanted, who, rarities=common).score < scoring.score(wanted, who).score
