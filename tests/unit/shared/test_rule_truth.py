"""What each predicate says of a posting: yes, no, or that the posting does not say."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.posting import Employment, Facts, Level, Pay, Place, Posting, Workplace
from shared.reading.money import TIMES_A_YEAR
from shared.rule import FIELDS, PostingView, admits, keys_of, parse
from tests.factories import mention, posting

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YES, NO, UNKNOWN = True, False, None
SINGAPORE = Place(city="Singapore", country="SG")
BERLIN = Place(city="Berlin", region="Berlin", country="DE")
APAC = Place(region="APAC")
REMOTE = Workplace.REMOTE


def silent(**facts: Any) -> Posting:
    """A job that says nothing but its title and what is given."""
    given = {name: facts.pop(name) for name in list(facts) if name in Posting.model_fields and name not in Facts.model_fields}
    bare = {"title": "Engineer", "company": None, "location": None, "description": "", "facts": Facts(**facts)}
    return posting("1", **{**bare, **given})


def truth(text: str, job: Posting, **view: Any) -> bool | None:
    seen = PostingView(job, **{"now": NOW, **view})
    return parse(text).evaluate(lambda predicate: predicate.evaluate(seen))


@pytest.mark.parametrize("field", [field for field in FIELDS.values() if field.name != "title"], ids=lambda field: field.name)
def test_what_a_posting_does_not_say_is_unknown(field: Any) -> None:
    assert truth(field.example, silent()) is UNKNOWN
    assert truth(f"not {field.example}", silent()) is UNKNOWN


def test_unknown_is_kept_or_dropped_as_asked_and_what_is_known_is_not_touched() -> None:
    rule = parse("country:SG and pay >= 90000 SGD")
    here, there = (PostingView(silent(places=(place,))) for place in (SINGAPORE, BERLIN))
    assert [admits(rule, here, keep) for keep in (True, False)] == [True, False]
    assert [admits(rule, there, keep) for keep in (True, False)] == [False, False]


def test_no_rule_admits_everything() -> None:
    assert admits(parse(""), PostingView(silent()), keep_unknown=False)


# ------------------------------------------------------------------------------------------------------------- places


@pytest.mark.parametrize(
    ("rule", "places", "workplace", "expected"),
    [
        ("country:SG", [SINGAPORE], None, YES),
        ("country:SG", [BERLIN, SINGAPORE], None, YES),
        ("country:SG", [BERLIN], None, NO),
        ("country:SG", [], REMOTE, UNKNOWN),
        ("country:SG", [APAC], REMOTE, YES),
        ("country:SG", [APAC], None, UNKNOWN),
        ("country:SG", [APAC], Workplace.ONSITE, UNKNOWN),
        ("country:DE", [APAC], REMOTE, NO),
        ("country:DE", [APAC], None, NO),
        ("country:SG", [BERLIN, APAC], None, UNKNOWN),
        ("country:SG", [Place(region="Worldwide")], REMOTE, YES),
        ("country:SG", [Place(region="Worldwide")], None, UNKNOWN),
        ("country:SG", [Place(region="Georgia")], REMOTE, UNKNOWN),
        ("country:APAC", [SINGAPORE], None, YES),
        ("country:APAC", [BERLIN], None, NO),
        ("country:APAC", [APAC], None, YES),
        ('country:"Southeast Asia"', [APAC], None, UNKNOWN),
        ('country:"Southeast Asia"', [APAC], REMOTE, YES),
        ("country:Europe", [APAC], REMOTE, NO),
        ("city:Berlin", [BERLIN], None, YES),
        ("city:Berlin", [Place(city="berlin", country="DE")], None, YES),
        ("city:Berlin", [SINGAPORE, BERLIN], None, YES),
        ("city:Berlin", [SINGAPORE], None, NO),
        ("city:Berlin", [Place(country="DE")], None, UNKNOWN),
        ("city:Berlin", [Place(country="FR")], None, NO),
        ("city:Berlin", [Place(region="Europe")], REMOTE, UNKNOWN),
        ("city:Berlin", [APAC], REMOTE, NO),
        ("city:Berlin", [Place(city="Berlin", region="Connecticut", country="US")], None, NO),
        ("city:NYC", [Place(city="New York", region="New York", country="US")], None, YES),
        ("city:NYC", [Place(region="California", country="US")], None, NO),
        ("city:London", [Place(city="London", region="Ontario", country="CA")], None, NO),
        ('city:"London, Ontario"', [Place(city="London", region="Ontario", country="CA")], None, YES),
    ],
)
def test_places(rule: str, places: list[Place], workplace: Workplace | None, expected: bool | None) -> None:
    assert truth(rule, silent(places=tuple(places), workplace=workplace)) is expected


# --------------------------------------------------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("title:engineer", YES),
        ("title:ENGINEER", YES),
        ('title:"staff engineer"', YES),
        ('title:"staff backend"', NO),
        ("title:engin", NO),
        ("title:c++", YES),
        ("title:c", NO),
        ("title:cafe", YES),
        ("title:工程師", YES),
        ("title:程師", YES),
        ("title:師工", NO),
        ("text:blockchain", YES),
        ("text:Engineer", YES),
        ('text:"block chain"', NO),
        ('text:"on blockchain things"', YES),
        ('text:"café wallets"', NO),
        ("text:blockchains", NO),
        ('text:"工程師 wallets"', NO),
        ("skill:java", YES),
        ("skill:jvm", YES),
        ("skill:go", NO),
        ('company:"The Acme Company"', YES),
        ("company:Acme", YES),
        ("company:Akme", NO),
    ],
)
def test_words(rule: str, expected: bool | None) -> None:
    job = silent(
        title="Staff Engineer, C++ (Café) 資深工程師",
        description="Wallets on\nblockchain  things, with Spring Boot.",
        company="ACME, Inc.",
        skills=(mention("spring boot"),),
    )
    assert truth(rule, job) is expected


def test_a_title_alone_says_what_it_says() -> None:
    job = silent(title="Go Engineer", skills=(mention("go"),))
    assert [truth(rule, job) for rule in ("skill:go", "skill:rust", "text:go", "text:rust")] == [YES, UNKNOWN, YES, UNKNOWN]


# ------------------------------------------------------------------------------------------------------------ the rest


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        ("level >= senior", {"level": Level.STAFF}, YES),
        ("level >= senior", {"level": Level.SENIOR}, YES),
        ("level > senior", {"level": Level.SENIOR}, NO),
        ("level < senior", {"level": Level.INTERN}, YES),
        ("level >= senior", {"level": Level.MANAGER}, YES),
        ("level:lead", {"level": Level.STAFF}, YES),
        ("remote:yes", {"workplace": REMOTE}, YES),
        ("remote:no", {"workplace": Workplace.HYBRID}, NO),
        ("remote:hybrid", {"workplace": Workplace.HYBRID}, YES),
        ("employment:permanent", {"employment": Employment.FULL_TIME}, YES),
        ("employment:contract", {"employment": Employment.FULL_TIME}, NO),
        ("language:english", {"language": "en"}, YES),
        ("language:en", {"language": "de"}, NO),
        ("agency:no", {"agency": False}, YES),
        ("agency:no", {"agency": True}, NO),
        ("pay >= 90000 SGD", {"pay": Pay(low=80_000, high=100_000, currency="SGD")}, YES),
        ("pay >= 90000 SGD", {"pay": Pay(low=60_000, high=80_000, currency="SGD")}, NO),
        ("pay < 90000 SGD", {"pay": Pay(low=60_000, high=80_000, currency="SGD")}, YES),
        ("pay >= 7k SGD monthly", {"pay": Pay(high=84_000, currency="SGD")}, YES),
        ("pay > 7k SGD monthly", {"pay": Pay(high=84_000, currency="SGD")}, NO),
        ("pay >= 90000 SGD", {"pay": Pay(low=95_000, currency="SGD")}, YES),
        ("pay >= 90000 SGD", {"pay": Pay(low=60_000, currency="SGD")}, UNKNOWN),
        ("pay < 90000 SGD", {"pay": Pay(low=95_000, currency="SGD")}, NO),
        ("pay < 90000 SGD", {"pay": Pay(low=60_000, currency="SGD")}, UNKNOWN),
        ("pay >= 90000 SGD", {"pay": Pay(high=200_000, currency="USD")}, UNKNOWN),
        ("pay >= (90k SGD, 60k EUR)", {"pay": Pay(high=61_000, currency="EUR")}, YES),
        ("pay >= (90k SGD, 60k EUR)", {"pay": Pay(high=59_000, currency="EUR")}, NO),
        ("pay >= (90k SGD, 60k EUR)", {"pay": Pay(high=59_000, currency="USD")}, UNKNOWN),
    ],
)
def test_facts(rule: str, facts: dict[str, Any], expected: bool | None) -> None:
    assert truth(rule, silent(**facts)) is expected


DAY = timedelta(days=1)
EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("rule", "posted", "first_seen", "expected"),
    [
        ("posted < 14 days", NOW - 13 * DAY, None, YES),
        ("posted < 14 days", NOW - 14 * DAY, None, NO),
        ("posted <= 14 days", NOW - 14 * DAY, None, YES),
        ("posted > 14 days", NOW - 15 * DAY, None, YES),
        ("posted >= 2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), None, YES),
        ("posted <= 2026-11-01", datetime(2026, 11, 1, 23, 59, tzinfo=UTC), None, YES),
        ("posted < 2026-11-01", datetime(2026, 11, 1, tzinfo=UTC), None, NO),
        ("posted >= 2026-11-01", datetime(2026, 11, 1), None, YES),
        ("posted >= 2026-11-01", datetime(2026, 11, 1, 2, tzinfo=EAST), None, NO),
        ("posted < 2026-11-01", datetime(2026, 11, 1, 2, tzinfo=EAST), None, YES),
        ("posted < 2026-11-01", None, datetime(2026, 11, 1, 2, tzinfo=EAST), YES),
        ("posted > 14 days", (NOW - 14 * DAY).replace(tzinfo=EAST), None, YES),
        ("posted > 14 days", (NOW - 14 * DAY).astimezone(EAST), None, NO),
        ("posted < 14 days", None, NOW - 20 * DAY, NO),
        ("posted > 14 days", None, NOW - 20 * DAY, YES),
        ("posted < 14 days", None, NOW - 2 * DAY, UNKNOWN),
        ("posted < 2026-11-01", None, datetime(2026, 10, 1, tzinfo=UTC), YES),
        ("posted >= 2026-11-01", None, datetime(2026, 10, 1, tzinfo=UTC), NO),
        ("posted < 2026-11-01", None, datetime(2026, 11, 5, tzinfo=UTC), UNKNOWN),
        ("posted < 99999 months", NOW - DAY, None, YES),
    ],
)
def test_age(rule: str, posted: datetime | None, first_seen: datetime | None, expected: bool | None) -> None:
    assert truth(rule, silent(posted_at=posted), first_seen_at=first_seen) is expected


def test_an_age_is_unknown_without_a_clock_and_a_date_is_not() -> None:
    job = silent(posted_at=NOW)
    assert truth("posted < 14 days", job, now=None) is UNKNOWN
    assert truth(f"posted >= {date(2026, 11, 21)}", job, now=None) is YES


def test_keys_find_what_may_be_true() -> None:
    view = PostingView(silent(places=(SINGAPORE,), skills=(mention("spring boot"),), description="On Blockchain."))
    assert keys_of(view, "country") == {"SG", "APAC", "Asia", "Southeast Asia"}
    assert {"spring boot", "java"} <= (keys_of(view, "skill") or set())
    assert keys_of(view, "text") == {"engineer", "on", "blockchain"}
    assert keys_of(view, "company") is None
    vague = PostingView(silent(places=(BERLIN, APAC)))
    assert (keys_of(vague, "country"), keys_of(vague, "city")) == (None, None)
    assert parse('text:"the blockchain"').predicates[0].key == "blockchain"
    assert parse("pay > 1 SGD").predicates[0].key is None


def test_pay_counts_a_year_as_the_reader_of_pay_does() -> None:
    for period, times in TIMES_A_YEAR.items():
        assert str(parse(f"pay > 10 SGD per {period}")) == f"pay > {10 * times} SGD"
