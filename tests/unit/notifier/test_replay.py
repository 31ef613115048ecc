"""Digests of another time: the names of periods, what was there at an instant, and why a posting was not chosen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.calendar import CADENCES, next_digest, period, window
from services.notifier.replay import Shown, as_it_was, as_sent, parse_period, shortlisted, span
from services.notifier.why import ADVICE, Evidence, Showing, Verdict, verdict
from shared.errors import UnreadableInput
from shared.match import Cause, Match
from tests.week import NOW, WISH, candidate

DAY = timedelta(days=1)
ZONES = st.sampled_from(["UTC", "Asia/Singapore", "America/St_Johns", "Pacific/Apia", "America/Nuuk", "Pacific/Kiritimati"])
INSTANTS = st.datetimes(datetime(2001, 1, 1), datetime(2150, 1, 1), timezones=st.just(UTC))


@given(st.sampled_from(CADENCES), st.integers(0, 6), st.integers(0, 23), ZONES, INSTANTS)
def test_the_span_of_a_digests_period_is_that_of_the_digest(
    cadence: str, weekday: int, hour: int, timezone: str, after: datetime
) -> None:
    due = next_digest(cadence, weekday, hour, timezone, after)
    found = span(period(cadence, timezone, due), weekday, hour, timezone)
    assert (found.cadence, found.until) == (cadence, due)
    assert (found.since, found.until) == window(cadence, weekday, hour, timezone, due)


@pytest.mark.parametrize(
    "nonsense",
    ["", "last week", "2026", "2026-W0", "2026-W00", "2026-W54", "2025-W53", "2026-13", "2026-00", "2026-02-30", "2026-W46-1",
     "0001-01-01", "9999-W01", "٢٠٢٦-11", "2026-11\n", " 2026-11", "2026-W46; drop table mails", "x" * 10_000],
)  # fmt: skip
def test_nonsense_is_refused_with_what_to_write_instead(nonsense: str) -> None:
    with pytest.raises(UnreadableInput, match="2026-W46 for a week") as caught:
        parse_period(nonsense)
    assert caught.value.code == "period_invalid"
    assert len(str(caught.value)) < 250


def test_a_day_that_a_place_skipped_has_no_digest() -> None:
    """Samoa went over the date line: 30 December 2011 was no day there."""
    with pytest.raises(UnreadableInput) as caught:
        span("2011-12-30", 0, 8, "Pacific/Apia")
    assert caught.value.code == "period_empty"
    assert span("2011-12-31", 0, 8, "Pacific/Apia").until == datetime(2011, 12, 30, 18, tzinfo=UTC)


@given(st.text(max_size=12) | st.from_regex(r"\d{4}-W?\d\d(-\d\d)?", fullmatch=True))
def test_any_text_is_a_period_or_is_refused(text: str) -> None:
    try:
        cadence, first = parse_period(text)
    except UnreadableInput:
        return
    assert period(cadence, "UTC", datetime(first.year, first.month, first.day, tzinfo=UTC)) == text


def test_a_posting_is_known_from_when_it_was_seen_until_it_closed() -> None:
    one = candidate(1, days=5, closed_at=NOW - 2 * DAY, relisted_at=NOW - 3 * DAY).listing
    assert as_it_was(one, NOW - 5 * DAY) is None
    assert as_it_was(one, NOW - 2 * DAY) is None
    then = as_it_was(one, NOW - 4 * DAY)
    assert then is not None
    assert (then.seen.closed_at, then.seen.relisted_at, then.seen.last_seen_at) == (None, None, NOW - 4 * DAY)
    later = as_it_was(one, NOW - 2.5 * DAY)
    assert later is not None
    assert later.seen.relisted_at == NOW - 3 * DAY


def test_a_past_shortlist_has_the_best_of_what_was_there_and_not_shown() -> None:
    skills = ("go", "postgresql", "kafka", "kubernetes")
    listings = [
        candidate(1, skills=skills, days=5).listing,
        candidate(2, skills=skills[:2], days=5).listing,
        candidate(3, skills=skills, days=1).listing,
        candidate(4, skills=skills, days=5, closed_at=NOW - 4 * DAY).listing,
        candidate(5, skills=skills, days=5, mailable=False).listing,
        candidate(6, skills=skills, days=5).listing,
        candidate(7, skills=skills, days=5, opening_key="shown").listing,
        candidate(8, skills=("cobol", "fortran", "cuda"), days=5).listing,
    ]
    shown = Shown({"shown"}, {6})
    at = NOW - 3 * DAY
    found = shortlisted(listings, WISH, shown, at, threshold=50.0, size=10)
    assert {one.listing.seen.posting_id for one in found} == {1, 2}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert len(shortlisted(listings, WISH, shown, at, threshold=50.0, size=1)) == 1
    assert shortlisted(listings, WISH, shown, at, threshold=100.1, size=10) == []


def test_a_sent_mail_is_made_again_of_all_it_showed_whatever_became_of_it() -> None:
    one, two = candidate(1, closed_at=NOW), candidate(2, opening_key="opening-1", mailable=False)
    three = replace(candidate(3).listing, ends_on=(NOW - 30 * DAY).date())
    choice = as_sent([one.listing, two.listing, three], WISH, NOW)
    assert sorted(len(opening) for opening in choice.openings) == [1, 2]


# -------------------------------------------------------------------------------------------------------------------- why


FITS = Match(score=80.0, parts={"skills": 0.8, "place": 1.0}, reasons=("in Singapore, where you are",))


def evidence(**given: Any) -> Evidence:
    one = candidate(1)
    usual: dict[str, Any] = {
        "at": NOW,
        "listing": one.listing,
        "found": FITS,
        "state": "active",
        "rule": "",
        "admitted": True,
        "shortlist": [one],
        "threshold": 50.0,
        "shortlist_size": 50,
        "size": 10,
        "per_company": 2,
    }
    return Evidence(**{**usual, **given})


def showing(*, itself: bool = True) -> Showing:
    return Showing(12, "digest", "2026-W46", NOW - 5 * DAY, itself)


def others(number: int, **given: Any) -> list[Any]:
    return [candidate(100 + n, company=f"Company {'abcdefghijklmnop'[n]}", score=90.0, **given) for n in range(number)]


CASES: dict[str, dict[str, Any]] = {
    "inactive": {"state": "paused"},
    "later": {"at": NOW - 10 * DAY},
    "closed": {"listing": candidate(1, closed_at=NOW - DAY).listing},
    "forbidden": {"listing": candidate(1, mailable=False).listing},
    "rule": {"rule": "country:DE", "admitted": False},
    "refused": {"refused_at": NOW - DAY},
    "sent": {"shown": showing(itself=False)},
    "unscored": {"scored": False, "shortlist": []},
    "bar": {"shortlist": others(3)},
    "company": {"shortlist": [candidate(1), *(candidate(n, score=95.0) for n in (2, 3))]},
    "room": {"shortlist": [candidate(1), *others(10)]},
    **{
        cause.value: {"found": Match(score=12.0, cause=cause)}
        for cause in (Cause.PLACE, Cause.ROLE, Cause.LEVEL, Cause.EMPLOYMENT, Cause.PAY, Cause.SCORE)
    },
}


@pytest.mark.parametrize("cause", CASES)
def test_each_cause_is_found_and_says_what_to_change(cause: str) -> None:
    found = verdict(evidence(**CASES[cause]))
    assert found.cause == cause
    assert found.advice == ADVICE[cause]
    assert found.said
    after = [check.holds for check in found.checks]
    assert after.count(False) == 1
    assert set(after[after.index(False) + 1 :]) <= {None}, "what comes after the first failure is not looked at"


def test_every_cause_with_advice_is_one_that_can_be_found() -> None:
    assert CASES.keys() == ADVICE.keys()


def test_the_first_of_several_causes_is_the_one_named() -> None:
    assert verdict(evidence(**CASES["rule"], **CASES["closed"])).cause == "closed"
    assert verdict(evidence(**CASES["bar"], **CASES["place"])).cause == "place"


def test_what_was_shown_is_said_with_its_mail_and_when_whatever_became_of_it() -> None:
    found: Verdict = verdict(evidence(here=showing(), **CASES["closed"], **CASES["bar"]))
    assert (found.cause, found.said, found.advice) == ("shown", "it was in mail 12 (digest 2026-W46)", "")
    assert "on 2026-11-16" in found.checks[0].said
    assert verdict(evidence(here=showing(itself=False))).cause == "shown", "as part of another posting's entry"
    assert verdict(evidence(shown=showing())).cause == "sent", "in another digest than the one asked about"


def test_what_the_next_digest_has_needs_no_advice() -> None:
    found = verdict(evidence())
    assert (found.cause, found.advice) == ("next", "")
    assert all(check.holds for check in found.checks)
    also = candidate(2, opening_key="opening-1", score=10.0)
    assert verdict(evidence(listing=also.listing, shortlist=[candidate(1), also])).cause == "next"


def test_the_place_on_the_shortlist_and_in_the_digest_is_said() -> None:
    said = {check.cause: check.said for check in verdict(evidence(shortlist=[candidate(1), *others(4)])).checks}
    assert said["bar"] == "number 5 of 5 on the shortlist"
    assert said["room"].startswith("number 5; 10 in a digest at most")
    off = {check.cause: check.said for check in verdict(evidence(shortlist=others(4))).checks}
    assert off["bar"] == "not among the 4 on the shortlist, the last of which scores 90.0"


@given(st.lists(st.sampled_from(sorted(CASES)), max_size=4))
def test_there_is_always_exactly_one_verdict(causes: list[str]) -> None:
    found = verdict(evidence(**{name: value for cause in causes for name, value in CASES[cause].items()}))
    assert (found.cause == "next") == all(check.holds for check in found.checks)
    assert found.cause in {"next", *ADVICE}
