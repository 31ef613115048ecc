"""The week's numbers: openings at each place measured on real databases, and all of it asked for by mails in the making."""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from services.matcher import place_weeks
from services.matcher.handlers import Matcher
from services.matcher.place_weeks import EVERYWHERE, PlaceWeeks, first_places, to_measure, weeks_until
from services.notifier.digest import Market
from services.notifier.week import SECONDS, market_of, week_of
from shared.audit import AUDIT, Audit, Audits, AuditsAsked, Openings
from shared.database import Database
from shared.errors import NotReady
from shared.match import Cause
from shared.models import MailRow, PlaceWeekRow, PostingRow
from shared.posting import Place
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.questions import MOST_WAITING
from tests.factories import BERLIN, NOW, SINGAPORE, board_row, facts, mail_row, posting, posting_row, profile, subscription_row

DAY, WEEK = timedelta(days=1), timedelta(days=7)
MONDAY = datetime(2026, 11, 16, tzinfo=UTC)
"""The week of `NOW` began."""
HAMBURG = Place(city="Hamburg", country="DE")


class World:
    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.now, self.last = database, NOW, 0
        self.matcher = Matcher(database, settings, now=lambda: self.now)

    async def add(self, at: datetime, *places: Place, opening: str = "", **given: object) -> PostingRow:
        self.last += 1
        mailable = bool(given.pop("mailable", True))
        what = posting(str(self.last), facts=facts("go", "postgresql", places=places or (SINGAPORE,)), mailable=mailable)
        key = opening or f"opening {self.last}"
        row = posting_row(self.last, what, external_id=str(self.last), first_seen_at=at, opening_key=key, **given)
        async with self.database.begin() as session:
            session.add(row)
        return row

    async def counted(self, week: datetime) -> dict[str, int]:
        async with self.database.read() as session:
            rows = await session.exec(select(PlaceWeekRow).where(PlaceWeekRow.week == week.date().isoformat()))
            return {row.place: row.openings for row in rows}

    async def measured(self, week: datetime = MONDAY) -> dict[str, int]:
        await PlaceWeeks(self.database)(self.now)
        return await self.counted(week)

    async def asked(self, *mails: MailRow) -> dict[int, tuple[Audit | None, Market | None]]:
        async def ask(name: str, question: AuditsAsked, kind: type[Audits], seconds: float) -> Audits:
            assert (name, kind, seconds) == (AUDIT, Audits, SECONDS)
            return await self.matcher.on_audits_asked(question)

        return await week_of(ask, mails)


@pytest.fixture
async def world(database: Database, settings: Callable[..., Settings]) -> World:
    async with database.begin() as session:
        session.add(board_row(id=1))
        session.add(subscription_row(1))
    return World(database, settings())


# ------------------------------------------------------------------------------------------------------------- measuring


async def test_an_opening_counts_in_each_of_its_places_once(world: World) -> None:
    await world.add(MONDAY, SINGAPORE, opening="two cities")
    await world.add(MONDAY + DAY, BERLIN, HAMBURG, opening="two cities")
    await world.add(MONDAY + DAY, BERLIN, opening="two cities")
    await world.add(MONDAY + DAY, Place(country="DE"))
    await world.add(MONDAY + DAY, Place(region="EMEA"))
    assert await world.measured() == {EVERYWHERE: 3, "SG": 1, "SG:Singapore": 1, "DE": 2, "DE:Berlin": 1, "DE:Hamburg": 1}


async def test_a_repost_is_no_opening_of_its_own_however_long_ago_the_first_was(world: World) -> None:
    await world.add(MONDAY - 200 * DAY, opening="again", closed_at=MONDAY - 190 * DAY)
    await world.add(MONDAY + DAY, opening="again")
    await world.add(MONDAY + 2 * DAY, opening="twice this week", closed_at=MONDAY + 3 * DAY)
    await world.add(MONDAY + 4 * DAY, opening="twice this week")
    assert (await world.measured())["SG"] == 1


async def test_the_week_begins_on_monday_and_its_end_is_the_next(world: World) -> None:
    instant = timedelta(microseconds=1)
    for at in (MONDAY - instant, MONDAY, MONDAY + WEEK - instant, MONDAY + WEEK):
        await world.add(at)
    world.now = MONDAY + WEEK + DAY
    assert (await world.measured())["SG"] == 2
    assert (await world.counted(MONDAY - WEEK))["SG"] == 1


async def test_what_may_not_be_mailed_is_not_counted_and_what_closed_is(world: World) -> None:
    await world.add(MONDAY, mailable=False)
    await world.add(MONDAY, closed_at=MONDAY + DAY)
    assert (await world.measured())["SG"] == 1


async def test_a_week_that_is_over_is_not_measured_again_and_one_that_was_not_is(world: World) -> None:
    world.now = MONDAY + DAY
    await world.add(MONDAY)
    await world.add(MONDAY - WEEK)
    await world.measured()
    async with world.database.begin() as session:  # to be seen by it if the last week is looked at again
        (await session.get_one(PlaceWeekRow, ("SG", (MONDAY - WEEK).date().isoformat()))).openings = 77
    await world.add(MONDAY + 2 * DAY)
    await world.add(MONDAY + WEEK)
    world.now = MONDAY + WEEK + DAY
    assert (await world.measured())["SG"] == 2, "it was not over when it was measured last"
    assert (await world.counted(MONDAY - WEEK))["SG"] == 77
    assert (await world.counted(MONDAY + WEEK))["SG"] == 1


async def test_a_place_that_an_edit_took_away_is_forgotten_and_so_are_weeks_long_past(world: World) -> None:
    row = await world.add(MONDAY, BERLIN)
    await world.add(MONDAY - 20 * WEEK)
    async with world.database.begin() as session:
        session.add(PlaceWeekRow(place="SG", week=(MONDAY - 20 * WEEK).date().isoformat(), openings=1))
    assert (await world.measured())["DE:Berlin"] == 1
    async with world.database.begin() as session:
        held = await session.get_one(PostingRow, row.id)
        held.posting = {**held.posting, "facts": {"places": [{"country": "SG"}]}}
    assert await world.measured() == {EVERYWHERE: 1, "SG": 1}
    assert await world.counted(MONDAY - 20 * WEEK) == {}


async def test_the_matcher_measures_at_most_once_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    measured: list[date] = []
    real = place_weeks.count

    async def noted(session: object, week: date) -> object:
        measured.append(week)
        return await real(session, week)  # type: ignore[arg-type]

    monkeypatch.setattr(place_weeks, "count", noted)
    for minutes, more in ((0, 9), (10, 0), (59, 0), (60, 1), (70, 0)):
        measured.clear()
        await world.matcher.tick(MONDAY + DAY + timedelta(minutes=minutes))
        assert len(measured) == more


@given(st.lists(st.integers(0, 30), max_size=5), st.integers(0, 300))
def test_every_week_is_measured_after_it_ended(hours: list[int], last: int) -> None:
    """Whenever matchers run, each of the kept weeks was measured when it was over, the current one just now."""
    known: dict[str, datetime] = {}
    for days in [*sorted(days * 5 for days in hours), 150 + last]:
        now = MONDAY + days * DAY + timedelta(hours=3)
        known |= {week.isoformat(): now for week in to_measure(known, now)}
    for week in weeks_until(now)[:-1]:
        assert known[week.isoformat()].date() >= week + WEEK
    assert known[weeks_until(now)[-1].isoformat()] == now


# ------------------------------------------------------------------------------------------------------------------ asking


async def test_a_mail_gets_its_audit_and_the_openings_of_the_weeks_before_it(world: World) -> None:
    for back, openings in ((3, 2), (2, 0), (1, 3)):
        for _ in range(openings):
            await world.add(MONDAY - back * WEEK + DAY)
    await world.add(MONDAY - 3 * WEEK + DAY, BERLIN)
    world.now = MONDAY + DAY
    await world.matcher.tick(world.now)
    mail = mail_row(7, since=MONDAY - WEEK, until=MONDAY, opened_at=MONDAY)
    assert await world.asked(mail) == {7: (Audit(considered=3, matched=3), Market(place="Singapore", weeks=(2, 0, 3)))}


async def test_weeks_go_back_from_the_end_of_a_mails_window_and_eight_of_them_at_most(world: World) -> None:
    for back in range(9):
        await world.add(MONDAY - back * WEEK + DAY)
    await world.measured()
    mails = [mail_row(1, since=MONDAY - WEEK, until=MONDAY + DAY), mail_row(2, since=MONDAY - 2 * WEEK, until=MONDAY - WEEK)]
    found = await world.asked(*mails)
    assert [len(market.weeks) for _, market in found.values() if market] == [8, 7]


async def test_places_of_several_countries_are_summed_and_named(world: World) -> None:
    async with world.database.begin() as session:
        session.add(subscription_row(2, profile(places=(SINGAPORE, Place(country="DE"), BERLIN))))
        session.add(subscription_row(3, profile(places=(Place(region="EMEA"),))))
        session.add(subscription_row(4, profile(places=(Place(city="Lima", country="PE"),))))
    for back in (1, 2):
        for place in (SINGAPORE, BERLIN, HAMBURG, Place(city="Oslo", country="NO")):
            await world.add(MONDAY - back * WEEK, place)
    await world.measured()
    found = await world.asked(*(mail_row(who, who, until=MONDAY, since=MONDAY - WEEK) for who in (2, 3, 4)))
    assert [market for _, market in found.values()] == [Market(place="Singapore and DE", weeks=(3, 3)), None, None]


def test_a_city_is_not_counted_beside_its_whole_country() -> None:
    assert first_places(profile(places=(BERLIN, Place(country="DE"), SINGAPORE, SINGAPORE))) == (
        Place(country="DE"),
        SINGAPORE,
    )


async def test_a_mail_without_a_window_gets_the_weeks_alone(world: World) -> None:
    for back in (1, 2):
        await world.add(MONDAY - back * WEEK)
    await world.measured()
    found = await world.asked(mail_row(1, opened_at=NOW))
    assert found == {1: (None, Market(place="Singapore", weeks=(1, 1)))}


async def test_before_anything_was_measured_there_are_no_weeks(world: World) -> None:
    await world.add(NOW - DAY)
    assert (await world.asked(mail_row(1, since=NOW - WEEK, until=NOW)))[1] == (Audit(considered=1, matched=1), None)


def test_one_week_or_a_place_that_no_mail_can_name_is_no_market() -> None:
    assert market_of(Openings(places=(SINGAPORE,), weeks=(4,))) is None
    assert market_of(Openings(places=(Place(city="evil.example", country="SG"),), weeks=(4, 5))) is None
    assert market_of(None) is None


async def test_very_many_mails_are_several_questions_and_an_answer_of_the_wrong_length_is_none() -> None:
    asked: list[int] = []

    async def ask(name: str, question: AuditsAsked, kind: type[Audits], seconds: float) -> Audits:
        asked.append(len(question.asked))
        return Audits(audits=(Audit(considered=1, matched=1),) * 500, openings=(None,) * 500)

    mails = [mail_row(id_, since=NOW - WEEK, until=NOW) for id_ in range(1, 702)]
    found = await week_of(ask, mails)
    assert asked == [500, 201]
    assert [found[id_] for id_ in (500, 501)] == [(Audit(considered=1, matched=1), None), (None, None)]
    assert await week_of(ask, []) == {}


async def test_without_a_matcher_no_mail_waits(settings: Callable[..., Settings], redis_url: str) -> None:
    """The first few wait a second; with many questions unanswered nobody waits at all, until a matcher takes them."""
    mails = [mail_row(1, since=NOW - WEEK, until=NOW)]
    streams = Streams(settings(redis_url=redis_url))
    async with streams.connected():
        found = await asyncio.gather(*(week_of(streams.ask, mails) for _ in range(MOST_WAITING)))
        assert found == [{1: (None, None)}] * MOST_WAITING
        with pytest.raises(NotReady, match="wait for 'audit' already"):
            await streams.ask(AUDIT, AuditsAsked(asked=()), Audits, 60)
        assert await week_of(streams.ask, mails) == {1: (None, None)}
        assert await streams.client.llen(AUDIT) == MOST_WAITING
        assert 0 < await streams.client.ttl(AUDIT) <= 60


async def test_it_goes_over_the_broker(world: World, settings: Callable[..., Settings], valkey_url: str) -> None:
    await world.add(NOW - DAY)
    await world.add(NOW - DAY, BERLIN, closed_at=NOW - DAY / 2)
    answering, asking = (Streams(settings(redis_url=valkey_url)) for _ in range(2))
    answering.answer(AUDIT, AuditsAsked, world.matcher.on_audits_asked)
    async with asking.running(), answering.running():
        [(audit, _)] = (await week_of(asking.ask, [mail_row(1, since=NOW - WEEK, until=NOW)])).values()
    assert audit is not None
    assert (audit.considered, audit.matched + audit.dropped.get(Cause.PLACE, 0) + audit.dropped.get(Cause.CLOSED, 0)) == (2, 2)
