"""The life of a subscription: paused until a day, its link lost and found, still there or silent, ended, forgotten."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from selectolax.lexbor import LexborHTMLParser
from sqlalchemy import event, text
from sqlmodel import select
from structlog.testing import capture_logs

from services.notifier.copies import Copies
from services.notifier.digest import Digest, Entry
from services.web import repository
from services.web.app import build_routes, running
from services.web.lifecycle import Lifecycle
from services.web.outbox import Outbox
from services.web.repository.ageing import BATCH
from shared.address import address_hash
from shared.copy import COPY, Copy, CopyAsked
from shared.database import Database, upsert
from shared.events import SUBSCRIPTIONS, SubscriptionChanged, parse_event
from shared.links import CONFIRM, FEED, MANAGE, RENEW, UNSUBSCRIBE, Links
from shared.links import COPY as COPY_LINK
from shared.models import FeedbackRow, MailRow, PostingRow, SentRow, SubscriptionRow, SuppressionRow
from shared.profile import Profile, ProfileSkill
from shared.serving import Service, application
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.wire import DATA
from tests.factories import board_row, posting, posting_row

BASE = "http://joblark.example"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
LINKS = Links(BASE, "thirty-two characters, none secret")
EMAIL = "mei@example.org"
PROFILE = Profile(
    headline="Mei Tan, builder of ledgers",
    skills=(ProfileSkill(skill="python", years=6, evidence="six years of Python at Harbour Pay", start=10, end=16),),
    years=8,
)
ATOM = "{http://www.w3.org/2005/Atom}"
JOBLARK = Path(sys.executable).with_name("joblark")
Make = Callable[..., Awaitable[SubscriptionRow]]


class World:
    """What stands around the page: a clock that is set by hand, the copies that a notifier would give, a count of calls."""

    def __init__(self) -> None:
        self.now = NOW
        self.told = 0
        self.copies: Copies | None = None

    async def notify(self) -> None:
        self.told += 1

    async def ask_copy(self, asked: CopyAsked) -> Copy:
        assert self.copies
        return await self.copies.on_copy_asked(asked)


@pytest.fixture
def world(database: Database, settings: Callable[..., Settings]) -> World:
    world = World()
    world.copies = Copies(database, LINKS, settings(base_url=BASE))
    return world


@pytest.fixture
async def client(database: Database, world: World) -> AsyncIterator[AsyncClient]:
    routes = build_routes(database, LINKS, world.notify, lambda: world.now, None, world.ask_copy)
    transport = ASGITransport(application(Service("web", routes=routes)), client=("192.0.2.1", 4000))
    async with AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def lifecycle(database: Database, settings: Callable[..., Settings]) -> Lifecycle:
    return Lifecycle(database, settings(address_keep_days=28))


@pytest.fixture
def subscribed(database: Database) -> Make:
    """`await subscribed(email=…, state=…)`: one that stands already, its event published."""

    async def make(email: str = EMAIL, state: str = repository.ACTIVE, **columns: Any) -> SubscriptionRow:
        async with database.begin() as session:
            row = await repository.create(session, email=email, profile=PROFILE, state=state, now=NOW)
            for name, value in {"published_at": NOW, "published_ms": 1, **columns}.items():
                setattr(row, name, value)
        return row

    return make


async def current(database: Database, row: SubscriptionRow) -> SubscriptionRow:
    async with database.read() as session:
        return await repository.get(session, row.id)


async def stored(database: Database, *rows: Any) -> None:
    async with database.begin() as session:
        session.add_all(rows)


def path(link: str) -> str:
    return link.removeprefix(BASE)


def words(page: Response) -> str:
    return " ".join(LexborHTMLParser(page.text).css_first("main").text().split())


# ------------------------------------------------------------------------------------------------------ until a day


async def test_a_pause_until_a_day_ends_by_itself_when_that_day_begins_where_the_person_is(
    client: AsyncClient, database: Database, world: World, lifecycle: Lifecycle, subscribed: Make
) -> None:
    row = await subscribed(timezone="Asia/Singapore")
    link = path(LINKS.manage(row.id))
    assert 'type="date"' in (await client.get(link)).text
    assert (await client.post(link, data={"action": "pause", "until": "2026-12-24"})).status_code == 303
    paused = await current(database, row)
    midnight = datetime(2026, 12, 23, 16, tzinfo=UTC)
    assert (paused.state, paused.paused_until, paused.revision, world.told) == ("paused", midnight, 2, 1)
    page = await client.get(link)
    assert "before 24 December 2026; then it goes on by itself" in words(page)
    assert 'value="2026-12-24"' in page.text

    await lifecycle.tick(midnight - timedelta(seconds=1))
    assert (await current(database, row)).state == "paused"
    await lifecycle.tick(midnight + timedelta(minutes=1))
    resumed = await current(database, row)
    assert (resumed.state, resumed.paused_until, resumed.revision, resumed.published_at) == ("active", None, 3, None)


async def test_a_pause_may_get_another_day_or_none_and_leaving_ends_it(
    client: AsyncClient, database: Database, lifecycle: Lifecycle, subscribed: Make
) -> None:
    row = await subscribed()
    link = path(LINKS.manage(row.id))
    for until, expected in (("2026-12-24", 24), ("2026-12-25", 25), ("", None)):
        await client.post(link, data={"action": "pause", "until": until})
        then = (await current(database, row)).paused_until
        assert (then and then.day) == expected
    await lifecycle.tick(NOW + 300 * DAY)
    assert (await current(database, row)).state == "paused"
    await client.post(link, data={"action": "pause", "until": "2026-12-24"})
    await client.post(link, data={"action": "leave"})
    await lifecycle.tick(NOW + 400 * DAY)
    left = await current(database, row)
    assert (left.state, left.paused_until, left.ended_why) == ("ended", None, "asked")


@pytest.mark.parametrize("until", ["2026-11-20", "2026-11-19", "0001-01-01", "2028-01-01", "9999-12-31", "24.12.", "x" * 900])
async def test_a_day_that_cannot_be_is_refused_in_words(
    client: AsyncClient, database: Database, subscribed: Make, until: str
) -> None:
    row = await subscribed()
    page = await client.post(path(LINKS.manage(row.id)), data={"action": "pause", "until": until})
    assert page.status_code == 422
    assert LexborHTMLParser(page.text).css_first("[role=alert]").attributes["data-code"] == "until_invalid"
    assert (await current(database, row)).revision == 1


async def test_what_is_not_paused_is_left_alone_by_the_clock(
    database: Database, lifecycle: Lifecycle, subscribed: Make
) -> None:
    ended = await subscribed(state="ended", paused_until=NOW - DAY)
    active = await subscribed("ana@example.org", paused_until=NOW - DAY)
    await lifecycle.tick(NOW)
    assert [(await current(database, row)).revision for row in (ended, active)] == [1, 1]


async def test_the_line_for_quiet_months_is_ticked_and_unticked(
    client: AsyncClient, database: Database, subscribed: Make
) -> None:
    row = await subscribed()
    link = path(LINKS.manage(row.id))
    when = {"cadence": "weekly", "timezone": "UTC", "weekday": "0", "hour": "8"}
    for quiet, expected in ((["", "note"], True), (None, True), ([""], False), (None, False)):
        await client.post(link, data={**when, "quiet": quiet} if quiet else when)
        assert (await current(database, row)).quiet_note is expected
        assert ('value="note" checked' in (await client.get(link)).text) is expected


async def test_a_chat_in_place_of_mail_is_chosen_and_its_secret_is_shown_to_nobody(
    database: Database, world: World, subscribed: Make
) -> None:
    row = await subscribed()
    routes = build_routes(database, LINKS, world.notify, lambda: world.now, channels=("slack", "tgram"))
    async with AsyncClient(transport=ASGITransport(application(Service("web", routes=routes))), base_url=BASE) as client:
        link = path(LINKS.manage(row.id))
        for wrong in ("json://inside.example/", "slack://a b", "https://x", "slack://" + "x" * 600):
            with capture_logs() as logs:
                page = await client.post(link, data={"action": "channel", "channel": wrong})
            assert (page.status_code, wrong in page.text, wrong in str(logs)) == (422, False, False)
        assert (await current(database, row)).channel == ""
        assert (await client.post(link, data={"action": "channel", "channel": " slack://t/o/ken "})).status_code == 303
        chosen = await current(database, row)
        assert (chosen.channel, chosen.revision) == ("slack://t/o/ken", 2)
        page = await client.get(link)
        assert "slack://" in page.text
        assert "t/o/ken" not in page.text
        await client.post(link, data={"action": "channel", "channel": ""})
        assert (await current(database, row)).channel == ""


async def test_without_chats_there_is_no_such_choice(client: AsyncClient, subscribed: Make) -> None:
    row = await subscribed()
    link = path(LINKS.manage(row.id))
    assert 'name="channel"' not in (await client.get(link)).text
    assert (await client.post(link, data={"action": "channel", "channel": "slack://a"})).status_code == 422


# ------------------------------------------------------------------------------------------------------ the lost link


async def ask(client: AsyncClient, email: str = EMAIL, **more: str) -> Response:
    return await client.post("/link", data={"email": email, **more})


async def test_the_answer_is_the_same_for_every_address(
    client: AsyncClient, database: Database, world: World, subscribed: Make
) -> None:
    nobody = await ask(client)
    await subscribed(state="ended")
    ended = await ask(client)
    row = await subscribed()
    known = await ask(client)
    seen = {(page.status_code, page.text, tuple(sorted(page.headers.items()))) for page in (nobody, ended, known)}
    assert len(seen) == 1
    assert known.status_code == 200
    assert (await current(database, row)).link_asked_at == NOW
    assert world.told == 3  # also where nothing is owed: the time it takes must not tell either


async def test_the_newest_confirmed_subscription_owes_its_event_and_is_no_new_revision(
    client: AsyncClient, database: Database, world: World, subscribed: Make
) -> None:
    older = await subscribed(rule="skill:go")
    newer = await subscribed(rule="skill:rust", state="paused")
    pending = await subscribed(rule="skill:c", state="pending")
    ended = await subscribed(rule="skill:r", state="ended")
    foreign = await subscribed("ana@example.org")
    world.now += timedelta(hours=1)
    await ask(client, " MEI@Example.org")
    after = [await current(database, row) for row in (older, newer, pending, ended, foreign)]
    assert [row.link_asked_at for row in after] == [None, world.now, None, None, None]
    assert [row.published_at for row in after] == [NOW, None, NOW, NOW, NOW]
    assert {row.revision for row in after} == {1}
    assert {row.changed_at for row in after} == {NOW}


async def test_an_address_that_never_confirmed_is_asked_to_confirm_once_more_and_not_at_once(
    client: AsyncClient, database: Database, world: World, subscribed: Make
) -> None:
    row = await subscribed(state="pending")
    await ask(client)
    assert (await current(database, row)).revision == 1
    world.now += timedelta(hours=1)
    await ask(client)
    after = await current(database, row)
    assert (after.revision, after.published_at, after.link_asked_at) == (2, None, None)


async def test_the_event_goes_out_with_the_revision_that_it_had(
    database: Database, settings: Callable[..., Settings], valkey_url: str, subscribed: Make
) -> None:
    row = await subscribed()
    async with database.begin() as session:
        await repository.ask_for_links(session, EMAIL, NOW)
    async with Streams(settings(redis_url=valkey_url)).connected() as streams:
        await Outbox(database, streams).publish()
        entries = [parse_event(fields[DATA]) for _, fields in await streams.client.xrange(SUBSCRIPTIONS)]
    assert entries == [SubscriptionChanged(subscription_id=row.id, revision=1)]
    assert (await current(database, row)).published_at is not None


async def test_asking_for_links_is_limited_by_address_and_by_client(client: AsyncClient) -> None:
    assert [(await ask(client)).status_code for _ in range(4)] == [200, 200, 200, 429]
    others = [(await ask(client, f"ana{number}@example.org")).status_code for number in range(8)]
    assert others == [200] * 6 + [429] * 2


async def test_a_robot_and_a_wrong_address_get_nowhere(client: AsyncClient, database: Database, subscribed: Make) -> None:
    row = await subscribed()
    assert (await ask(client, website="http://spam.example")).text == (await ask(client, website="x")).text
    wrong = await ask(client, "<script>@@")
    assert wrong.status_code == 422
    assert "<script>@@" not in wrong.text
    assert (await current(database, row)).link_asked_at is None


async def test_the_address_is_in_no_log_line(client: AsyncClient, subscribed: Make) -> None:
    await subscribed()
    with capture_logs() as logs:
        await ask(client)
    assert [entry["event"] for entry in logs] == ["links_asked_for"]
    assert EMAIL not in str(logs)


# --------------------------------------------------------------------------------------------------------- still there?


async def test_a_look_changes_nothing_and_one_press_says_still_there(
    client: AsyncClient, database: Database, world: World, subscribed: Make
) -> None:
    row = await subscribed()
    link = path(LINKS.renew(row.id))
    for method in ("GET", "HEAD", "OPTIONS"):
        await client.request(method, link)
    assert (await current(database, row)).renewed_at is None
    assert 'method="post"' in (await client.get(link)).text
    for _ in range(2):
        world.now += DAY
        answer = await client.post(link)
        assert (answer.status_code, "goes on as it is" in answer.text) == (200, True)
        after = await current(database, row)
        assert (after.renewed_at, after.revision, after.published_at) == (world.now, 1, NOW)


@pytest.mark.parametrize("state", ["ended", "pending"])
async def test_who_has_left_is_not_brought_back(client: AsyncClient, database: Database, subscribed: Make, state: str) -> None:
    row = await subscribed(state=state)
    answer = await client.post(path(LINKS.renew(row.id)))
    after = await current(database, row)
    assert (answer.status_code, after.state, after.renewed_at) == (200, state, None)
    assert ("has ended" in answer.text) is (state == "ended")


def asked_row(row: SubscriptionRow, at: datetime, **given: Any) -> MailRow:
    usual = {"kind": "still-there", "occasion": f"{at:%Y-%m}", "state": "sent", "opened_at": at, "due_at": at}
    return MailRow(**{"subscription_id": row.id, "finished_at": at, "published_at": at, **usual, **given})


async def test_silence_for_thirty_days_ends_it_and_not_a_day_less(
    database: Database, lifecycle: Lifecycle, subscribed: Make
) -> None:
    active, paused = await subscribed(), await subscribed("ana@example.org", state="paused")
    asked = NOW + 365 * DAY
    await stored(database, asked_row(active, asked), asked_row(paused, asked))
    await lifecycle.tick(asked + 30 * DAY)
    assert {(await current(database, row)).state for row in (active, paused)} == {"active", "paused"}
    await lifecycle.tick(asked + 31 * DAY)
    for row in (active, paused):
        after = await current(database, row)
        assert (after.state, after.ended_why, after.revision, after.published_at) == ("ended", "silent", 2, None)


@pytest.mark.parametrize(
    "given",
    [{"state": "pending"}, {"state": "skipped"}, {"state": "failed"}, {"state": "unknown"}, {"kind": "digest"}],
    ids=lambda given: next(iter(given.values())),
)
async def test_only_who_was_really_asked_is_taken_for_silent(
    database: Database, lifecycle: Lifecycle, subscribed: Make, given: dict[str, str]
) -> None:
    row = await subscribed()
    await stored(database, asked_row(row, NOW + 365 * DAY, **given))
    await lifecycle.tick(NOW + 400 * DAY)
    assert (await current(database, row)).state == "active"


@pytest.mark.parametrize("sign", ["renewed_at", "confirmed_at", "changed_at", "link_asked_at", "feedback"])
async def test_any_sign_of_life_since_keeps_it(database: Database, lifecycle: Lifecycle, subscribed: Make, sign: str) -> None:
    asked = NOW + 365 * DAY
    row = await subscribed(**({} if sign == "feedback" else {sign: asked + DAY}))
    await stored(database, asked_row(row, asked))
    if sign == "feedback":
        answer = FeedbackRow(subscription_id=row.id, posting_id=1, opening_key="a", liked=True, given_at=asked + DAY)
        await stored(database, answer)
    await lifecycle.tick(asked + 31 * DAY)
    assert (await current(database, row)).state == "active"
    await stored(database, asked_row(row, asked + 400 * DAY))
    await lifecycle.tick(asked + 431 * DAY)
    assert (await current(database, row)).ended_why == "silent"


# ------------------------------------------------------------------------------------------------- what the clock does


async def test_what_nobody_confirms_ends_after_fourteen_days(
    client: AsyncClient, database: Database, lifecycle: Lifecycle, subscribed: Make
) -> None:
    row = await subscribed(state="pending")
    await lifecycle.tick(NOW + 14 * DAY - timedelta(seconds=1))
    assert (await current(database, row)).state == "pending"
    await lifecycle.tick(NOW + 14 * DAY + timedelta(hours=1))
    after = await current(database, row)
    assert (after.state, after.ended_why, after.published_at) == ("ended", "unconfirmed", None)
    for answer in (await client.get(path(LINKS.confirm(row.id))), await client.post(path(LINKS.confirm(row.id)))):
        assert "Nobody confirmed it in time" in words(answer)
    assert (await current(database, row)).state == "ended"


async def test_a_complaint_ends_every_subscription_of_the_address_and_no_other_cause_does(
    database: Database, lifecycle: Lifecycle, subscribed: Make
) -> None:
    theirs = [
        await subscribed(),
        await subscribed(rule="skill:go", state="paused"),
        await subscribed(rule="x", state="pending"),
    ]
    bounced, other = await subscribed("bo@example.org"), await subscribed("ana@example.org")
    causes = {EMAIL: "complaint", bounced.email: "hard", "gone@example.org": "complaint"}
    await stored(
        database,
        *(SuppressionRow(address_hash=address_hash(email), cause=cause, since=NOW) for email, cause in causes.items()),
    )
    await lifecycle.tick(NOW)
    after = [await current(database, row) for row in (*theirs, bounced, other)]
    assert [row.ended_why for row in after] == ["complaint"] * 3 + ["", ""]
    assert [row.published_at for row in after] == [None] * 3 + [NOW] * 2


async def test_more_than_one_batch_is_done_in_one_tick_and_events_are_owed_for_all(
    database: Database, lifecycle: Lifecycle
) -> None:
    count = 2 * BATCH + 1
    row = SubscriptionRow(email=EMAIL, state="pending", profile={}, created_at=NOW, changed_at=NOW).model_dump(exclude={"id"})
    async with database.begin() as session:
        await upsert(session, SubscriptionRow, [{**row, "id": number} for number in range(1, count + 1)])
    await lifecycle.tick(NOW + 15 * DAY)
    async with database.read() as session:
        ended = select(SubscriptionRow.published_at).where(SubscriptionRow.ended_why == "unconfirmed")
        assert list((await session.exec(ended)).all()) == [None] * count


async def test_each_step_finds_its_rows_by_an_index(database: Database, lifecycle: Lifecycle) -> None:
    asked: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])), named=False
    )
    await lifecycle.tick(NOW)
    selects = [query for query, _ in asked if query.startswith("SELECT")]
    silent = "(subscription_id=? AND kind=?)" if database.is_sqlite else "ix_mails_still_there"
    wanted = ("state_paused_until", "address_hash", "state_paused_until", silent, "ix_subscriptions_to_erase")
    assert len(selects) == len(wanted)
    for (query, given), index in zip(list(asked), wanted, strict=True):
        plan = await _plan(database, query, given)
        assert index in plan, f"{query}\n{plan}"


async def _plan(database: Database, query: str, given: Any) -> str:
    """How the engine would find the rows if there were many; with a handful Postgres rightly reads them all."""
    async with database.read() as session:
        connection = await session.connection()
        if database.is_sqlite:
            found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", given)
        else:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
            found = await connection.exec_driver_sql(f"EXPLAIN {query}", given)
        return "\n".join(str(row) for row in found.all())


# ---------------------------------------------------------------------------------------------------------- forgotten


async def test_four_weeks_after_the_end_the_address_and_the_words_of_the_cv_are_gone(
    client: AsyncClient, database: Database, world: World, lifecycle: Lifecycle, subscribed: Make
) -> None:
    left, stays = await subscribed(channel="slack://token"), await subscribed("ana@example.org")
    await client.post(path(LINKS.unsubscribe(left.id)))
    await lifecycle.tick(NOW + 28 * DAY - timedelta(hours=1))
    assert (await current(database, left)).email == EMAIL
    await lifecycle.tick(NOW + 28 * DAY)
    after = await current(database, left)
    assert (after.email, after.channel, after.address_hash) == ("", "", address_hash(EMAIL))
    assert (after.revision, "Mei" in str(after), "Harbour" in str(after)) == (2, False, False)
    assert Profile.model_validate(after.profile).skill_names == {"python"}
    assert (await current(database, stays)) == stays


@pytest.mark.parametrize("by", ["time", "wish"])
async def test_links_of_old_mails_say_so_for_ever_and_the_address_may_come_back(
    client: AsyncClient, database: Database, world: World, lifecycle: Lifecycle, subscribed: Make, by: str
) -> None:
    row = await subscribed()
    if by == "time":
        await client.post(path(LINKS.unsubscribe(row.id)))
        await lifecycle.tick(NOW + 400 * DAY)
    else:
        async with database.begin() as session:
            await repository.erase(session, row.id, NOW)
    assert (await current(database, row)).email == ""
    way_out = path(LINKS.unsubscribe(row.id))
    assert "You have left" in (await client.get(way_out)).text
    assert ((await client.post(way_out)).status_code, (await client.get(path(LINKS.manage(row.id)))).status_code) == (200, 200)
    assert (await client.get(path(LINKS.confirm(row.id)))).status_code == 200
    assert (await client.get(path(LINKS.feed(row.id)))).status_code == 410

    again = await subscribed()
    assert (again.id != row.id, again.state, again.email) == (True, "active", EMAIL)
    async with database.read() as session:
        assert [found.id for found in await repository.find_by_email(session, EMAIL)] == [again.id, row.id]


async def test_erasing_twice_changes_nothing_more(database: Database, subscribed: Make) -> None:
    row = await subscribed(rule="skill:go", tuning={"place": 1})
    await stored(database, FeedbackRow(subscription_id=row.id, posting_id=1, opening_key="a", liked=True, given_at=NOW))
    for _ in range(2):
        async with database.begin() as session:
            await repository.erase(session, row.id, NOW + DAY)
    after = await current(database, row)
    assert (after.state, after.ended_why, after.revision, after.published_at) == ("ended", "erased", 2, None)
    assert (after.profile, after.rule, after.tuning, after.ended_at) == ({}, "", {}, NOW + DAY)
    async with database.read() as session:
        assert (await session.exec(select(FeedbackRow))).all() == []


# ---------------------------------------------------------------------------------------------- a digest on the web


async def digest(database: Database, row: SubscriptionRow, **given: Any) -> MailRow:
    """A digest that was sent, of one job."""
    job: dict[str, Any] = dict.fromkeys(("url", "workplace", "pay"))
    job |= {"opening_key": "a", "posting_id": 1, "posting_ids": (1,), "title": "Ledger <b>Builder</b>", "company": "Lumenworks"}
    job |= {"company_key": "lumenworks", "place": "Singapore", "first_seen_at": NOW - DAY, "checked_at": NOW, "score": 80.0}
    content = Digest(entries=(Entry(**job, matched=("python",), missing=(), reasons=()),)).model_dump(mode="json")
    usual = {"kind": "digest", "occasion": "2026-W47", "state": "sent", "opened_at": NOW, "due_at": NOW, "finished_at": NOW}
    mail = MailRow(**{"subscription_id": row.id, "content": content, "published_at": NOW, **usual, **given})
    await stored(database, mail)
    return mail


async def test_a_digest_can_be_read_on_the_web_and_nothing_in_it_runs_or_loads(
    client: AsyncClient, database: Database, subscribed: Make
) -> None:
    mail = await digest(database, await subscribed())
    page = await client.get(path(LINKS.copy(mail.id)))
    assert page.status_code == 200
    assert "Ledger &lt;b&gt;Builder&lt;/b&gt;" in page.text
    policy = page.headers["content-security-policy"]
    assert {"default-src 'none'", "form-action 'none'", "base-uri 'none'"} <= set(policy.split("; "))
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert (page.headers["x-robots-tag"], page.headers["referrer-policy"]) == ("noindex", "no-referrer")
    assert page.headers["cache-control"] == "no-store"
    tree = LexborHTMLParser(page.text)
    assert tree.css("script, iframe, form, link[rel=stylesheet], img[src^=http]") == []


@pytest.mark.parametrize(
    "given",
    [{"content": None}, {"state": "pending"}, {"state": "skipped"}, {"kind": "manage", "content": {"subscription_ids": [1]}}],
    ids=["dropped", "not sent", "skipped", "another kind"],
)
async def test_what_was_not_sent_or_is_kept_no_more_is_a_friendly_page(
    client: AsyncClient, database: Database, subscribed: Make, given: dict[str, Any]
) -> None:
    mail = await digest(database, await subscribed(), **given)
    page = await client.get(path(LINKS.copy(mail.id)))
    assert (page.status_code, page.headers["x-robots-tag"]) == (410, "noindex")
    assert "No longer kept" in page.text
    assert (await client.get(path(LINKS.copy(10**12)))).status_code == 410


async def test_without_a_notifier_the_copy_is_to_be_asked_for_later(database: Database, world: World) -> None:
    routes = build_routes(database, LINKS, world.notify, lambda: world.now)
    async with AsyncClient(transport=ASGITransport(application(Service("web", routes=routes))), base_url=BASE) as client:
        assert (await client.get(path(LINKS.copy(1)))).status_code == 503


async def test_the_copy_is_asked_for_over_the_broker(
    settings: Callable[..., Settings], valkey_url: str, database: Database, subscribed: Make
) -> None:
    url = database.url.render_as_string(hide_password=False)
    config = settings(database_url=url, redis_url=valkey_url, base_url=BASE)
    links = Links(BASE, config.signing_secret)
    mail = await digest(database, await subscribed())
    answering = Streams(config)
    answering.answer(COPY, CopyAsked, Copies(database, links, config).on_copy_asked)
    async with (
        running(config) as service,
        answering.running(),
        AsyncClient(transport=ASGITransport(application(service)), base_url=BASE) as client,
    ):
        page = await client.get(path(links.copy(mail.id)))
    assert (page.status_code, "Ledger" in page.text) == (200, True)


# ------------------------------------------------------------------------------------------------------------ the feed


async def sent(database: Database, row: SubscriptionRow, *jobs: Any, at: datetime = NOW) -> None:
    """A digest with these jobs stands in the ledger of what was sent."""
    async with database.begin() as session:
        await session.merge(board_row(id=1))
        known, mails = [len((await session.exec(select(table.id))).all()) for table in (PostingRow, MailRow)]
        mail = MailRow(subscription_id=row.id, kind="digest", occasion=f"{mails}", state="sent", opened_at=at, due_at=at)
        session.add(mail)
        await session.flush()
        for number, (job, opening) in enumerate(jobs, known + 1):
            session.add(posting_row(number, job))
            await session.flush()
            key = {"subscription_id": row.id, "posting_id": number, "opening_key": opening}
            session.add(SentRow(**key, mail_id=mail.id, sent_at=at))


def entries(page: Response) -> list[dict[str, str]]:
    feed = ElementTree.fromstring(page.content)
    assert feed.tag == f"{ATOM}feed"
    found = []
    for entry in feed.iter(f"{ATOM}entry"):
        link = entry.find(f"{ATOM}link")
        texts = {name: entry.findtext(f"{ATOM}{name}", "") for name in ("id", "title", "updated", "content")}
        found.append({**texts, "link": "" if link is None else link.attrib["href"]})
    return found


BAD = "<script>alert(1)</script>&amp;\x00\x0b\x1b\ud83d]]>\N{PILE OF POO}\"'"


async def test_the_feed_tells_what_was_sent_newest_first_and_links_to_the_employer(
    client: AsyncClient, database: Database, subscribed: Make
) -> None:
    row, other = await subscribed(), await subscribed("ana@example.org")
    copy = posting("c", title="Copy", aggregator=True, url="https://board.example/c")
    await sent(database, row, (posting("1", title="First"), "one"))
    await sent(database, row, (copy, "two"), (posting("2", title="Second", company=None), "two"), at=NOW + DAY)
    await sent(database, other, (posting("3", title="Not yours"), "three"))
    page = await client.get(path(LINKS.feed(row.id)))
    assert (page.status_code, page.headers["content-type"]) == (200, "application/atom+xml; charset=utf-8")
    assert page.headers["x-robots-tag"] == "noindex"
    found = entries(page)
    assert [entry["title"] for entry in found] == ["Second", "First at Lumenworks"]
    assert [entry["link"] for entry in found] == [f"https://jobs.example.com/lumenworks/{n}" for n in (2, 1)]
    assert found[0]["updated"] == "2026-11-21T12:00:00Z"
    assert found[1]["content"] == "Lumenworks · Singapore"
    assert len({entry["id"] for entry in found}) == 2
    assert EMAIL not in page.text


async def test_a_feed_is_what_rfc_4287_asks_for_also_when_empty(
    client: AsyncClient, database: Database, subscribed: Make
) -> None:
    row = await subscribed()
    for count in (0, 60):
        await sent(database, row, *((posting(f"{n}"), f"{n}") for n in range(count)))
        feed = ElementTree.fromstring((await client.get(path(LINKS.feed(row.id)))).content)
        for node in (feed, *feed.iter(f"{ATOM}entry")):  # 4.1.1 and 4.1.2: exactly one of each
            assert [len(node.findall(f"{ATOM}{name}")) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert feed.findtext(f"{ATOM}author/{ATOM}name")
        assert [link.attrib["rel"] for link in feed.findall(f"{ATOM}link")] == ["self"]
        assert all(entry.find(f"{ATOM}content") is not None for entry in feed.iter(f"{ATOM}entry"))
        assert len(list(feed.iter(f"{ATOM}entry"))) == min(count, 50)


async def test_whatever_a_board_writes_the_feed_can_be_parsed(
    client: AsyncClient, database: Database, subscribed: Make
) -> None:
    row = await subscribed()
    bad = BAD.replace("\ud83d", "").replace("\x00", "")  # which no database would take
    hostile = posting("1", title=bad, company=bad, location=bad, url="javascript:alert(1)")
    await sent(database, row, (hostile, bad))
    [entry] = entries(await client.get(path(LINKS.feed(row.id))))
    assert "<script>alert(1)</script>" in entry["title"]
    assert entry["link"] == ""


async def test_a_reader_that_has_it_is_told_so(client: AsyncClient, database: Database, subscribed: Make) -> None:
    row = await subscribed()
    await sent(database, row, (posting("1"), "one"))
    link = path(LINKS.feed(row.id))
    first = await client.get(link)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    has = [{"If-None-Match": tag}, {"If-None-Match": f'"x", W/{tag}'}, {"If-None-Match": "*"}, {"If-Modified-Since": date}]
    for headers in has:
        answer = await client.get(link, headers=headers)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    lacks = [{"If-None-Match": '"x"', "If-Modified-Since": date}, {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}]
    for headers in (*lacks, {"If-Modified-Since": "gibberish"}, {"If-Modified-Since": "Fri, 99 Nov 9999 99:99:99 GMT"}):
        assert (await client.get(link, headers=headers)).content == first.content
    await sent(database, row, (posting("2"), "two"), at=NOW + DAY)
    for headers in has[:2] + has[3:]:
        assert (await client.get(link, headers=headers)).status_code == 200


async def test_a_feed_whose_subscription_has_ended_is_gone(client: AsyncClient, database: Database, subscribed: Make) -> None:
    row = await subscribed()
    await client.post(path(LINKS.unsubscribe(row.id)))
    assert (await client.get(path(LINKS.feed(row.id)))).status_code == 410


# --------------------------------------------------------------------------------------------------------------- links


async def test_each_token_opens_its_own_page_and_no_other(client: AsyncClient, database: Database, subscribed: Make) -> None:
    row = await subscribed()
    mail = await digest(database, row)
    assert mail.id == row.id  # so that a foreign purpose is the only thing wrong
    makers = {
        CONFIRM: LINKS.confirm,
        MANAGE: LINKS.manage,
        UNSUBSCRIBE: LINKS.unsubscribe,
        RENEW: LINKS.renew,
        FEED: LINKS.feed,
        COPY_LINK: LINKS.copy,
    }
    tokens = {name: make(row.id).rpartition("/")[2] for name, make in makers.items()}
    for name, make in makers.items():
        place = path(make(row.id)).rpartition("/")[0]
        foreign = [tokens[other] for other in makers if other != name]
        for token in (*foreign, tokens[name][:-1], tokens[name] + "x", "1", "é", "a" * 5000):
            methods = ("GET",) if name in (FEED, COPY_LINK) else ("GET", "POST")
            answers = [await client.request(method, f"{place}/{token}") for method in methods]
            assert {answer.status_code for answer in answers} == {404}, (name, token)
    assert (await current(database, row)) == row


async def test_feed_and_copy_only_read(client: AsyncClient, database: Database, subscribed: Make) -> None:
    row = await subscribed()
    mail = await digest(database, row)
    for link in (LINKS.feed(row.id), LINKS.copy(mail.id)):
        assert (await client.post(path(link), data={"action": "leave"})).status_code == 405
        await client.get(path(link))
    assert (await current(database, row)) == row


# --------------------------------------------------------------------------------------------------------- by command


async def test_an_operator_pauses_until_a_day(database: Database, subscribed: Make, tmp_path: Path) -> None:
    row = await subscribed(timezone="Asia/Singapore")
    day = datetime.now(UTC).date() + 30 * DAY
    said = await joblark(database, tmp_path, "subscriptions", "pause", str(row.id), "--until", f"{day}")
    assert (said[0], "paused" in said[1]) == (0, True)
    after = await current(database, row)
    assert after.paused_until == datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    refused = await joblark(database, tmp_path, "subscription", "pause", EMAIL, "--until", "2020-01-01")
    assert (refused[0], "within a year" in refused[2]) == (2, True)
    for url, code in (("slack://t/o/ken", 0), ("json://inside.example", 2), ("", 0)):
        said = await joblark(database, tmp_path, "subscriptions", "channel", EMAIL, url)
        assert (said[0], "ken" in said[1] + said[2]) == (code, False)
        if not code:
            assert (await current(database, row)).channel == url
    [listed] = (await joblark(database, tmp_path, "subscriptions", "list", "--json"))[1].splitlines()
    assert json.loads(listed)["paused_until"] == after.paused_until.isoformat()


async def joblark(database: Database, folder: Path, *given: str) -> tuple[int, str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    ours |= {"JOBLARK_DATABASE_URL": database.url.render_as_string(hide_password=False), "NO_COLOR": "1"}
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(JOBLARK, *given, env=ours, cwd=folder, stdout=pipe, stderr=pipe)
    out, err = await done.communicate()
    return done.returncode or 0, out.decode(), err.decode()
