"""Headers that say when to ask again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from httpx2 import Headers

from services.scraper.freshness import fresh_for, retry_after, sendable

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def http_date(**later: float) -> str:
    return format_datetime(NOW + timedelta(**later), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public"}, None),
        ({"Cache-Control": "max-age=600"}, 600),
        ({"Cache-Control": 'public, MAX-AGE="600"'}, 600),
        ({"Cache-Control": "max-age=600, max-age=60"}, 60),
        ({"Cache-Control": "max-age=600", "Age": "200"}, 400),
        ({"Cache-Control": "max-age=600", "Age": "900"}, 0),
        ({"Cache-Control": "max-age=600", "Age": "old"}, 600),
        ({"Cache-Control": "max-age=31536000, immutable"}, 86_400),
        ({"Cache-Control": "max-age=600, no-cache"}, 0),
        ({"Cache-Control": "no-store", "Expires": http_date(hours=2)}, 0),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "max-age=-5"}, None),
        ({"Cache-Control": "max-age=soon"}, None),
        ({"Cache-Control": "max-age=0", "Expires": http_date(hours=2)}, 0),
        ({"Expires": http_date(hours=2)}, 7200),
        ({"Expires": http_date(hours=2), "Date": http_date(hours=1)}, 3600),
        ({"Expires": http_date(hours=-2)}, 0),
        ({"Expires": http_date(days=400)}, 86_400),
        ({"Expires": "0"}, 0),
        ({"Expires": "-1"}, 0),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: float | None) -> None:
    assert fresh_for(Headers(headers), NOW) == seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("120", 120), ("0", 0), ("9" * 40, 86_400), (http_date(hours=1), 3600), (http_date(hours=-1), 0)]
    + [(text, None) for text in ("soon", "-5", "²", "", "1.5", "Sat, 99 Foo 2026")],
)
def test_how_long_a_server_asks_to_be_left_alone(text: str, seconds: float | None) -> None:
    assert retry_after(Headers({"Retry-After": text.encode()}), NOW) == seconds


def test_a_value_is_kept_if_it_can_be_sent_back() -> None:
    assert sendable('W/"7"') == 'W/"7"'
    assert [sendable(value) for value in (None, "", "x" * 501, "früh", "a\tb")] == [None] * 5
