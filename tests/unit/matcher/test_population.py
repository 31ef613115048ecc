"""The invented subscriptions that the matcher is measured with."""

from itertools import islice

from services.matcher.population import ANSWERS, TUNED, population, tunings
from shared.scoring.weights import PARTS, STEPS


def test_the_same_seed_invents_the_same_people() -> None:
    assert list(islice(population(7), 50)) == list(islice(population(7), 50)) != list(islice(population(8), 50))
    assert list(islice(tunings(7), 500)) == list(islice(tunings(7), 500)) != list(islice(tunings(8), 500))


def test_few_have_weights_of_their_own_a_few_steps_from_the_others() -> None:
    drawn = list(islice(tunings(), 20_000))
    moved = [tuning for tuning in drawn if tuning]
    assert 0.8 * TUNED < len(moved) / len(drawn) <= 1.2 * TUNED
    assert {part for tuning in moved for part in tuning} == set(PARTS)
    assert all(1 <= sum(map(abs, tuning.values())) <= ANSWERS for tuning in moved)
    assert all(abs(steps) <= STEPS for tuning in moved for steps in tuning.values())
