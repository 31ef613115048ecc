"""The last day to apply."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.reading.closing import LONGEST_OPEN, read_closing

POSTED = date(2026, 10, 16)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Applications close 30 November 2026", date(2026, 11, 30)),
        ("Apply by November 30, 2026.", date(2026, 11, 30)),
        ("Closing date: 2026-11-30", date(2026, 11, 30)),
        ("Closing date: 30.11.2026", date(2026, 11, 30)),
        ("Closing date: 30/11/2026", date(2026, 11, 30)),
        ("The deadline to apply for this role is Friday, October 31, at 5 pm.", date(2026, 10, 31)),
        ("applications will close automatically on November 9th at 11:59 pm", date(2026, 11, 9)),
        ("Apply by 11:59 pm ET on November 7th, 2026", date(2026, 11, 7)),
        ("Application deadline for CVs: Monday 20th October at 6pm", date(2026, 10, 20)),
        ("Posting close date:\nJanuary 5", date(2027, 1, 5)),
        ("accepted until 10/31/26 - applications received later", date(2026, 10, 31)),
        ("The application window is expected to close on: 12/15/2026", date(2026, 12, 15)),
        ("Closing on 05 Dec 2026", date(2026, 12, 5)),
        ("Bewerbungsfrist: 15. November 2026", date(2026, 11, 15)),
        ("Date limite de candidature : 3 décembre 2026", date(2026, 12, 3)),
    ],
)
def test_stated_days(text: str, day: date) -> None:
    assert read_closing(text, None, POSTED) == day


@pytest.mark.parametrize(
    ("country", "day"),
    [("US", date(2026, 12, 5)), ("PH", date(2026, 12, 5)), ("SG", date(2026, 5, 12)), ("GB", date(2026, 5, 12)), (None, None)],
)
def test_the_order_of_day_and_month_is_the_countrys(country: str | None, day: date | None) -> None:
    assert read_closing("Closing date: 12/05/2026", country) == day


def test_without_a_year_the_posting_date_tells_it() -> None:
    assert read_closing("Apply by 3 January", None, POSTED) == date(2027, 1, 3)
    assert read_closing("Apply by 3 January") is None


@pytest.mark.parametrize(
    "text",
    [
        "Closing date: 30 November 2025",
        "Closing date: 30 November 2030",
        "Closing date: 31 February 2027",
        "You meet tight deadlines. May 2026 saw our launch.",
        "deadlines and 10/20 splits",
        "The position is open until filled.",
        "by the closing date of this announcement. Males born after December 31, 1959 must register",
        "",
    ],
)
def test_other_dates_are_none(text: str) -> None:
    assert read_closing(text, None, POSTED) is None


@given(
    st.dates(POSTED, POSTED + LONGEST_OPEN), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y-%m-%d", "%d.%m.%Y", "%a, %d %b %Y"])
)
def test_a_written_day_is_read_back(day: date, form: str) -> None:
    assert read_closing(f"Application deadline: {day.strftime(form)}", None, POSTED) == day


@given(st.text(alphabet="deadlinc osgtap by0123456789/.-\njunemay", max_size=300))
def test_never_before_the_posting_nor_long_after(text: str) -> None:
    day = read_closing(text, "SG", POSTED)
    assert day is None or timedelta(0) <= day - POSTED <= LONGEST_OPEN


@pytest.mark.parametrize(
    "text", ["deadline " * 11_000, "apply by 1 " * 9_000, "closing date 1/1" * 6_000, "close on may " * 8_000]
)
@pytest.mark.timeout(20)
def test_bait_ends_soon(text: str) -> None:
    read_closing(text, "US", POSTED)


def test_a_posting_of_the_last_year_there_is_has_no_closing_date() -> None:
    assert read_closing("Apply by 5 December 2026", None, date(9999, 12, 1)) is None
