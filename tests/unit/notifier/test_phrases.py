"""Facts in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.notifier.phrases import age_words, listed, pay_words, period_words, place_words, when_words, work_words
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
