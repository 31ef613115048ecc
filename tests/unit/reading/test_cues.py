"""The words that tell a reader of a posting where to begin."""

from shared.reading.cues import cues


def test_a_cue_that_begins_with_a_blank_may_begin_a_line() -> None:
    assert cues("no Java\nno PHP, and no Perl").of("refusal") == [0, 7, 19]


def test_halves_of_characters_are_no_obstacle() -> None:
    found = cues("\udc80 Salary \ud800")
    assert found.of("pay") == [2]
    assert len(found.lower) == len("\udc80 Salary \ud800")
