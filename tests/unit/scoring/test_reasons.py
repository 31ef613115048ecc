"""What the reasons say of a place is what the posting says, and never what only the profile does."""

from itertools import product

import pytest

from shared import scoring
from shared.posting import Pay, Place, Workplace
from shared.reading.gazetteer import country_names
from tests.factories import BERLIN, facts, posting, profile
from tests.strategies import PLACES

GERMANY = Place(country="DE")
MUNICH = Place(city="Munich", country="DE")
HESSE = Place(region="Hesse", country="DE")
CALIFORNIA = Place(region="California", country="US")
LOS_ANGELES = Place(city="Los Angeles", region="California", country="US")
OAKLAND = Place(city="Oakland", region="California", country="US")
OREGON = Place(region="Oregon", country="US")
PORTLAND_OREGON = Place(city="Portland", region="Oregon", country="US")
PORTLAND_MAINE = Place(city="Portland", region="Maine", country="US")
UNITED_STATES = Place(country="US")


def said_of(offices: tuple[Place, ...], wanted: tuple[Place, ...], **given: object) -> str:
    """The last reason, which is about the place where nothing is said of pay."""
    return scoring.score(posting(facts=facts("go", places=offices, **given)), profile(places=wanted)).reasons[-1]


@pytest.mark.parametrize(
    ("office", "wanted", "words"),
    [
        (BERLIN, BERLIN, "in Berlin, where you are"),
        (GERMANY, BERLIN, "in your country: Germany"),
        (GERMANY, GERMANY, "in your country: Germany"),
        (BERLIN, GERMANY, "in your country: Berlin"),
        (MUNICH, HESSE, "in your country: Munich"),
        (HESSE, BERLIN, "in your country: Hesse"),
        (UNITED_STATES, CALIFORNIA, "in your country: United States"),
        (CALIFORNIA, LOS_ANGELES, "in California, where you are"),
        (OAKLAND, CALIFORNIA, "in California, where you are"),
        (CALIFORNIA, CALIFORNIA, "in California, where you are"),
        (MUNICH, BERLIN, "in Munich, another city of your country"),
        (OAKLAND, LOS_ANGELES, "in Oakland, another city of your country"),
        (OREGON, CALIFORNIA, "in Oregon, another part of your country"),
        (PORTLAND_OREGON, CALIFORNIA, "in Portland, another part of your country"),
        (PORTLAND_MAINE, PORTLAND_OREGON, "in Portland, another city of your country"),
        (MUNICH, LOS_ANGELES, "elsewhere: Singapore"),
    ],
)
def test_what_is_said_of_an_office(office: Place, wanted: Place, words: str) -> None:
    assert said_of((office,), (wanted,)) == words


def test_of_several_places_the_one_both_name_is_told() -> None:
    assert said_of((MUNICH, GERMANY, BERLIN), (GERMANY, BERLIN)) == "in Berlin, where you are"
    assert said_of((MUNICH, GERMANY), (LOS_ANGELES, BERLIN)) == "in your country: Germany"


@pytest.mark.parametrize(
    ("offices", "workplace", "words"),
    [
        ((BERLIN,), Workplace.REMOTE, "remote, from where you are"),
        ((Place(region="Worldwide"),), Workplace.REMOTE, "remote, from where you are"),
        ((Place(region="APAC"),), Workplace.REMOTE, "elsewhere: Singapore"),
        ((Place(region="Somewhere warm"),), Workplace.REMOTE, "remote; where from is not stated"),
        ((), Workplace.REMOTE, "remote; where from is not stated"),
        ((), Workplace.ONSITE, "not remote; where is not stated"),
        ((), None, "place not known"),
    ],
)
def test_what_is_said_of_remote_work_and_of_nowhere(
    offices: tuple[Place, ...], workplace: Workplace | None, words: str
) -> None:
    assert said_of(offices, (BERLIN,), workplace=workplace) == words


@pytest.mark.parametrize(
    ("pay", "words"),
    [
        (Pay(low=80_000, high=120_000, currency="SGD"), "SGD 80,000–120,000 a year, what you ask for or more"),
        (Pay(low=95_000, high=95_000, currency="SGD"), "SGD 95,000 a year, a little less than you ask for"),
    ],
)
def test_what_is_said_of_pay(pay: Pay, words: str) -> None:
    asks = profile(pay_floor=Pay(low=100_000, currency="SGD"))
    assert scoring.score(posting(facts=facts("go", pay=pay)), asks).reasons[-1] == words


def test_no_reason_names_a_place_that_the_posting_does_not() -> None:
    for office, wanted in product(PLACES, PLACES):
        said = said_of((office,), (wanted,)) if wanted.country else ""
        told = {office.city, office.region, country_names().get(office.country or "")}
        assert not [name for name in (wanted.city, wanted.region) if name and name not in told and f"in {name}" in said], said
