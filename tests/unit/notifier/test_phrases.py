"""Facts in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.phrases import (
    age_words,
    dotted,
    joined,
    listed,
    pay_words,
    period_words,
    place_words,
    sentence,
    span_words,
    when_words,
    work_words,
    wrapped,
)
from shared.posting import Level, Pay, Place, Role

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(minutes=4), "today"),
        (timedelta(hours=8), "today"),
        (timedelta(hours=9), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=20), "2 weeks ago"),
        (timedelta(days=100), "3 months ago"),
        (timedelta(days=729), "24 months ago"),
        (timedelta(days=800), "2 years ago"),
        (timedelta(days=-1), "today"),
    ],
)
def test_age_in_the_readers_calendar_days(ago: timedelta, words: str) -> None:
    assert age_words(NOW - ago, NOW, ZoneInfo("Asia/Singapore")) == words


def test_phrases() -> None:
    assert pay_words(None) == ""
    assert pay_words(Pay(low=90_000, high=90_000, currency="SGD")) == "SGD 90,000 a year"
    assert pay_words(Pay(low=90_000, currency="SGD")) == "from SGD 90,000 a year"
    assert pay_words(Pay(high=90_000, currency="SGD")) == "up to SGD 90,000 a year"
    assert [period_words(p) for p in ("2026-W47", "2026-11-21", "2026-11")] == [
        "Week of 16 November 2026", "Saturday, 21 November 2026", "November 2026",
    ]  # fmt: skip
    assert listed([], 3) == ""
    assert [listed("abcd"[:n], 3) for n in (1, 2, 3, 4)] == ["a", "a and b", "a, b and c", "a, b, c and 1 more"]
    assert when_words("monthly", 0, 8) == "on the first Monday of each month at 08:00"
    assert when_words("daily", 0, 18) == "every day at 18:00"
    assert work_words(None, Level.STAFF) == "staff"
    assert work_words(Role.OTHER, None) == ""
    assert [place_words(Place(city=name)) for name in ("St. John's", "www.evil.example", "a@b")] == ["St. John's", "", ""]
    assert [joined("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert (dotted("a", "", "b"), dotted("", ""), sentence("from 9"), sentence("")) == ("a · b", "", "From 9", "")
    assert [span_words(days) for days in (0, 1, 13, 14, 60, 61, 730)] == [
        "0 days", "1 day", "13 days", "2 weeks", "8 weeks", "2 months", "2 years",
    ]  # fmt: skip


def test_text_in_lines() -> None:
    assert wrapped("one two three four", "   Why: ", 16) == "   Why: one two\n        three\n        four"
    assert wrapped("see https://jobs.example.com/very/long now", width=10) == "see\nhttps://jobs.example.com/very/long\nnow"
    assert wrapped("", "   ") == "   "


@given(st.text(alphabet="ab \n", max_size=200), st.sampled_from(["", "   ", "   Also in: "]), st.integers(20, 80))
def test_lines_keep_every_word_and_stay_in_their_width(text: str, lead: str, width: int) -> None:
    lines = wrapped(text, lead, width)

    assert lines.startswith(lead)
    assert lines[len(lead) :].split() == text.split()
    longest = max((len(word) for word in text.split()), default=0)
    assert all(len(line) <= max(width, len(lead) + longest) for line in lines.splitlines())
