"""Pay, sponsorship, agency and employment on recorded postings, against fields beside the text and readings by hand."""

import shutil
from pathlib import Path

import pytest

from shared.posting import Employment, RawPosting
from shared.reading.closing import read_closing
from shared.reading.employment import read_employment
from shared.reading.language import read_language
from shared.reading.pay import read_pay
from tests.benchmarks import pay, stated

pytestmark = pytest.mark.recorded


@pytest.fixture(scope="module")
def postings(shared_data: Path) -> list[tuple[RawPosting, dict[str, object]]]:
    if shutil.which("zstd") is None:
        pytest.skip("zstd is not installed: the recorded Ashby boards cannot be unpacked")
    return list(pay.postings())


def test_pay_of_texts_that_state_it(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    counts = pay.verdicts(raw for raw, _ in postings)
    assert counts["field"] >= 410
    assert (counts["field"] + counts["judged"]) / (counts.total() - counts["silent"]) >= pay.BAR


def test_pay_of_the_boards_own_summaries(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    right, total = pay.summaries(postings)
    assert total > 1_500
    assert right / total >= pay.BAR


def test_sponsorship_and_agency_as_a_person_reads_them(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    found = stated.verdicts()
    for fact in ("sponsorship", "agency"):
        assert found[fact, True] >= 85
        assert found[fact, True] / (found[fact, True] + found[fact, False]) >= 0.97


def test_employment_that_the_board_states_too(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    """Full-time is what employers leave in the field for want of thought, so only the other kinds are compared."""
    kinds = [(raw.employment, read_employment(raw.title, raw.description)) for raw, _ in postings]
    other = [(field, read) for field, read in kinds if read and field not in (None, Employment.FULL_TIME)]
    assert len(other) > 200
    assert sum(field is read for field, read in other) / len(other) >= 0.9


def test_nearly_every_text_has_a_language(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    languages = [read_language(raw.description) for raw, _ in postings]
    assert sum(language is not None for language in languages) / len(languages) > 0.99
    assert {"en", "de", "fr", "it"} == {*languages} - {None}


def test_closing_days_are_rare_and_never_before_the_posting(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    found = [
        (raw.posted_at.date(), day)
        for raw, _ in postings
        if raw.posted_at and (day := read_closing(raw.description, "US", raw.posted_at.date()))
    ]
    assert 8 <= len(found) <= 40
    assert all(posted <= day for posted, day in found)


def test_no_text_states_pay_beyond_reason(postings: list[tuple[RawPosting, dict[str, object]]]) -> None:
    for raw, _ in postings:
        found = read_pay(raw.description, pay.country(raw))
        if found and found.currency == "USD":
            assert 5_000 <= (found.high or found.low or 0) <= 2_000_000
