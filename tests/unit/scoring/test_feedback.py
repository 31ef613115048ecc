"""What an answer to a job teaches."""

from hypothesis import given
from hypothesis import strategies as st

from shared.scoring.feedback import learned
from shared.scoring.weights import PARTS, STEPS

FITS = st.dictionaries(st.sampled_from(PARTS), st.none() | st.floats(0, 1))
TUNING = st.dictionaries(st.sampled_from(PARTS), st.integers(-STEPS, STEPS).filter(bool))


def test_what_was_wrong_weighs_more_from_then_on() -> None:
    parts = {"skills": 0.9, "role": 1.0, "level": 0.25, "place": 0.6}
    once = learned({}, parts, liked=False)
    assert once == {"level": 1}
    assert learned(once, parts, liked=False) == {"level": 2}


def test_what_somebody_overlooks_weighs_less() -> None:
    assert learned({}, {"skills": 0.9, "place": 0.0, "level": None}, liked=True) == {"place": -1}


def test_an_answer_may_be_taken_back_by_its_opposite() -> None:
    parts = {"level": 0.25}
    assert learned(learned({}, parts, liked=False), parts, liked=True) == {}


def test_a_job_that_fits_in_everything_teaches_nothing() -> None:
    assert learned({"place": 2}, {"skills": 0.8, "place": 1.0, "pay": None}, liked=False) == {"place": 2}


@given(TUNING, st.lists(st.tuples(FITS, st.booleans()), max_size=20))
def test_no_number_of_answers_goes_beyond_the_limits(
    tuning: dict[str, int], answers: list[tuple[dict[str, float | None], bool]]
) -> None:
    for parts, liked in answers:
        before, tuning = tuning, learned(tuning, parts, liked=liked)
        assert sum(abs(tuning.get(part, 0) - before.get(part, 0)) for part in PARTS) <= 1
        assert all(0 < abs(steps) <= STEPS for steps in tuning.values())
