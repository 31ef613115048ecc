"""What a "more like this" or "not for me" teaches: which part of the score weighs more, or less, for this person.

One answer moves one weight by one step, within `weights.STEPS` either way. People see their steps and may take them back.
"""

from collections.abc import Mapping

from shared.scoring.weights import PARTS, STEPS

FITS_WELL = 0.75
"""A part from here on is not what was wrong with a job, nor what somebody overlooked."""


def learned(tuning: Mapping[str, int], parts: Mapping[str, float | None], *, liked: bool) -> dict[str, int]:
    """The steps after one answer about a job with these parts.

    The part that fits worst is what the person minds (it weighs more from now on) or does not mind (less). Where every part
    fits well there is nothing to learn: the steps stay.
    """
    poor = [(part, name) for name in PARTS if (part := parts.get(name)) is not None and part < FITS_WELL]
    if not poor:
        return dict(tuning)
    _, worst = min(poor, key=lambda item: (item[0], PARTS.index(item[1])))
    steps = max(-STEPS, min(STEPS, tuning.get(worst, 0) + (-1 if liked else 1)))
    moved = {**tuning, worst: steps}
    return {name: moved[name] for name in PARTS if moved.get(name)}
