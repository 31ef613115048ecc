"""What is kept of a person: how long, how they get to see all of it, how it ends, and that no log ever tells of them."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from selectolax.lexbor import LexborHTMLParser
from sqlmodel import SQLModel, select

from services.notifier.repository import retention
from shared.address import address_hash
from shared.database import Database
from shared.events import STREAMS, SUBSCRIPTIONS
from shared.links import Links
from shared.models import DeliveryRow, FeedbackRow, MailRow, ReturnRow, ScheduleRow, SentRow, SubscriptionRow, SuppressionRow
from shared.settings import Settings
from shared.streams.dead_letters import dead_stream
from shared.streams.wire import DATA
from tests.e2e.line import Line
from tests.eventually import eventually
from tests.factories import mail_row, profile, subscription_row
from tests.smtp import SmtpCatcher

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EMAIL = "mei.quartzfinch@example.org"
JOBLARK = Path(sys.executable).with_name("joblark")
CONTENT = {"entries": []}


async def stored(database: Database, *rows: Any) -> None:
    """Rows, each kind after those it refers to."""
    async with database.begin() as session:
        for row in rows:
            session.add(row)
            await session.flush()


async def every(database: Database, table: Any) -> Sequence[Any]:
    async with database.read() as session:
        return (await session.exec(select(table))).all()


def mail(id_: int, subscription_id: int = 1, state: str = "sent", **given: Any) -> MailRow:
    usual = {"state": state, "content": CONTENT, "finished_at": NOW, "published_at": NOW, "reason": "250 OK"}
    return mail_row(id_, subscription_id, **{**usual, **given})


def attempt(mail_id: int) -> DeliveryRow:
    return DeliveryRow(mail_id=mail_id, attempt=1, started_at=NOW, finished_at=NOW, outcome="sent", reply="250 OK")


@pytest.fixture
def config(settings: Callable[..., Settings]) -> Settings:
    return settings(mail_keep_days=7)


# ------------------------------------------------------------------------------------------------------ what time does


async def test_what_was_in_a_mail_is_kept_for_a_week_and_that_there_was_one_stays(database: Database, config: Settings) -> None:
    await stored(database, subscription_row(1), mail(1), attempt(1), mail(2, finished_at=NOW + DAY), attempt(2))
    await retention.sweep(database, config, NOW + 7 * DAY - timedelta(seconds=1))
    assert [row.content for row in await every(database, MailRow)] == [CONTENT, CONTENT]
    await retention.sweep(database, config, NOW + 7 * DAY)
    old, new = sorted(await every(database, MailRow), key=lambda row: row.id)
    assert (old.content, old.state, old.finished_at, new.content) == (None, "sent", NOW, CONTENT)
    kept = {row.mail_id: (row.reply, row.outcome) for row in await every(database, DeliveryRow)}
    assert kept == {1: (None, "sent"), 2: ("250 OK", "sent")}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"state": "sent", "published_at": None}, True),
        ({"state": "unknown", "published_at": None}, True),
        ({"state": "pending", "published_at": None}, True),
        ({"state": "deferred"}, True),
        ({"state": "sending"}, True),
        ({"state": "held"}, True),
        ({"state": "unknown"}, False),
        ({"state": "failed", "published_at": None}, False),
        ({"state": "skipped", "published_at": None}, False),
        ({"state": "sent", "kind": "manage", "published_at": None}, False),
    ],
    ids=str,
)
async def test_a_mail_that_is_still_to_be_sent_or_told_of_keeps_its_content(
    database: Database, config: Settings, given: dict[str, Any], kept: bool
) -> None:
    await stored(database, subscription_row(1), mail(1, **given))
    await retention.sweep(database, config, NOW + 300 * DAY)
    [row] = await every(database, MailRow)
    assert row.content == (CONTENT if kept else None)


async def test_more_than_one_batch_goes_in_one_sweep(database: Database, config: Settings) -> None:
    count = 2 * retention.BATCH + 1
    await stored(database, subscription_row(1), *(mail(number) for number in range(1, count + 1)))
    await retention.sweep(database, config, NOW + 8 * DAY)
    assert {row.content is None for row in await every(database, MailRow)} == {True}


async def test_a_year_after_somebody_left_nothing_of_them_is_in_the_ledger_and_who_stays_is_never_shown_a_job_twice(
    database: Database, config: Settings
) -> None:
    left = [subscription_row(number, state="ended", ended_at=NOW) for number in range(1, retention.LEFT_BATCH + 3)]
    later, stays = subscription_row(901, state="ended", ended_at=NOW + DAY), subscription_row(902)
    people = [*left, later, stays]
    for who in people:
        sent = SentRow(subscription_id=who.id, posting_id=1, opening_key="a", mail_id=who.id, sent_at=NOW)
        back = ReturnRow(key=f"k{who.id}", kind="soft", address_hash="h", mail_id=who.id, source="x", returned_at=NOW + DAY)
        await stored(database, who, mail(who.id, who.id), attempt(who.id), sent, back)
    await retention.sweep(database, config, NOW + 365 * DAY)
    for table, column in ((MailRow, "subscription_id"), (DeliveryRow, "mail_id"), (SentRow, "mail_id"), (ReturnRow, "mail_id")):
        assert {getattr(row, column) for row in await every(database, table)} == {901, 902}
    assert len(await every(database, SubscriptionRow)) == len(people)


async def test_what_came_back_is_kept_for_a_year(database: Database, config: Settings) -> None:
    given = {"kind": "soft", "address_hash": "h", "source": "x"}
    await stored(database, *(ReturnRow(key=f"{day}", returned_at=NOW + day * DAY, **given) for day in (0, 1)))
    await retention.sweep(database, config, NOW + 365 * DAY)
    assert [row.key for row in await every(database, ReturnRow)] == ["1"]


async def test_the_ledger_of_who_left_is_gone_through_once_a_day_by_one_of_all(database: Database, config: Settings) -> None:
    await retention.sweep(database, config, NOW + 365 * DAY)
    await stored(database, subscription_row(1, state="ended", ended_at=NOW), mail(1))
    await retention.sweep(database, config, NOW + 365 * DAY + timedelta(hours=11))
    assert len(await every(database, MailRow)) == 1
    await retention.sweep(database, config, NOW + 365 * DAY + timedelta(hours=12))
    assert await every(database, MailRow) == []


# ------------------------------------------------------------------------------------------------------ all of it


@pytest.fixture
async def person(database: Database) -> SubscriptionRow:
    """Somebody of whom there is something in every table, beside somebody else."""
    who = profile().model_copy(update={"headline": "Mei Quartzfinch, builder of ledgers"})
    row = subscription_row(1, who, email=EMAIL, rule="not company:Quayside", tuning={"place": 1}, channel="slack://hook")
    second = subscription_row(2, who, email=EMAIL, state="ended", ended_at=NOW, ended_why="asked")
    hash_ = address_hash(EMAIL)
    await stored(
        database,
        row,
        second,
        subscription_row(3, email="ana@example.org"),
        mail(1, content={"entries": [], "shown_before": [7]}),
        mail(2, state="pending", finished_at=None, published_at=None),
        mail(3, 3),
        attempt(1),
        attempt(3),
        SentRow(subscription_id=1, posting_id=1, opening_key="a", mail_id=1, sent_at=NOW),
        SentRow(subscription_id=3, posting_id=1, opening_key="a", mail_id=3, sent_at=NOW),
        ScheduleRow(subscription_id=1, next_digest_at=NOW, revision=1),
        FeedbackRow(subscription_id=1, posting_id=1, opening_key="a", liked=True, given_at=NOW),
        FeedbackRow(subscription_id=3, posting_id=1, opening_key="a", liked=True, given_at=NOW),
        ReturnRow(key="1", kind="soft", address_hash=hash_, source="dsn", detail="mailbox full", returned_at=NOW),
        ReturnRow(key="2", kind="soft", address_hash="of another", mail_id=1, source="dsn", returned_at=NOW),
        ReturnRow(key="3", kind="soft", address_hash=address_hash("ana@example.org"), mail_id=3, source="x", returned_at=NOW),
        SuppressionRow(address_hash=hash_, cause="soft", since=NOW),
    )
    return row


async def joblark(database: Database, folder: Path, *given: str, typed: str = "") -> tuple[int, str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("JOBLARK_")}
    ours |= {"JOBLARK_DATABASE_URL": database.url.render_as_string(hide_password=False), "NO_COLOR": "1", "COLUMNS": "200"}
    pipe = asyncio.subprocess.PIPE
    done = await asyncio.create_subprocess_exec(JOBLARK, *given, env=ours, cwd=folder, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await done.communicate(typed.encode())
    return done.returncode or 0, out.decode(), err.decode()


async def test_everything_we_hold_about_a_person_is_one_json(
    database: Database, person: SubscriptionRow, tmp_path: Path
) -> None:
    code, out, err = await joblark(database, tmp_path, "subscription", "export", EMAIL.upper())
    assert (code, err, len(out.splitlines())) == (0, "", 1)
    held = json.loads(out)
    counts = {name: len(rows) for name, rows in held.items() if isinstance(rows, list)}
    about = {"subscriptions": 2, "mails": 2, "deliveries": 1, "sent_openings": 1, "digest_schedules": 1, "feedback": 1}
    assert {name: count for name, count in counts.items() if count} == {**about, "returns": 2, "suppressions": 1}
    assert held["subscriptions"][0]["email"] == EMAIL
    assert held["subscriptions"][0]["profile"]["headline"] == "Mei Quartzfinch, builder of ledgers"
    assert held["mails"][0]["content"]["shown_before"] == [7]
    assert "ana@example.org" not in out
    one = json.loads((await joblark(database, tmp_path, "subscriptions", "export", "2"))[1])
    assert ([row["id"] for row in one["subscriptions"]], one["mails"], len(one["suppressions"])) == ([2], [], 1)


async def test_no_table_about_people_is_left_out(database: Database, person: SubscriptionRow, tmp_path: Path) -> None:
    about = {"subscription_id", "address_hash", "mail_id", "email"}
    held = json.loads((await joblark(database, tmp_path, "subscription", "export", "1"))[1])
    tables = {name for name, table in SQLModel.metadata.tables.items() if about & set(table.columns.keys())}
    assert tables == set(held) - {"exported_at"}


async def test_erasing_ends_it_forgets_the_person_and_says_what_it_keeps_and_why(
    database: Database, person: SubscriptionRow, tmp_path: Path
) -> None:
    refused = await joblark(database, tmp_path, "subscription", "erase", EMAIL, typed="n\n")
    assert (refused[0], (await every(database, FeedbackRow))[0].subscription_id) == (1, 1)
    code, out, err = await joblark(database, tmp_path, "subscription", "erase", EMAIL, "--yes")
    assert (code, err) == (0, "")
    for name in ("subscriptions", "mails", "deliveries", "sent openings", "suppressions"):
        assert re.search(rf"^kept: \d of {name}: ", out, re.MULTILINE), out
    left = await joblark(database, tmp_path, "subscription", "export", EMAIL)
    assert not any(word in left[1] for word in ("Quartzfinch", "quartzfinch", "Quayside", "slack", "mailbox full", "250 OK"))

    rows = {row.id: row for row in await every(database, SubscriptionRow)}
    assert (rows[1].state, rows[1].ended_why, rows[1].published_at, rows[1].profile) == ("ended", "erased", None, {})
    assert (rows[2].email, rows[2].ended_why, rows[3].email) == ("", "asked", "ana@example.org")
    mails = {row.id: row for row in await every(database, MailRow)}
    assert (mails[1].content, mails[1].state, mails[2].state, mails[3].content) == (None, "sent", "skipped", CONTENT)
    assert {row.subscription_id for row in await every(database, FeedbackRow)} == {3}
    assert {row.subscription_id for row in await every(database, SentRow)} == {1, 3}
    assert [row.key for row in await every(database, ReturnRow)] == ["3"]
    assert await every(database, ScheduleRow) == []
    assert [row.address_hash for row in await every(database, SuppressionRow)] == [address_hash(EMAIL)]


async def test_erasing_one_subscription_leaves_the_persons_others(
    database: Database, person: SubscriptionRow, tmp_path: Path
) -> None:
    await stored(database, subscription_row(4, email=EMAIL))
    assert (await joblark(database, tmp_path, "subscriptions", "erase", "1", "--yes"))[0] == 0
    rows = {row.id: row for row in await every(database, SubscriptionRow)}
    assert (rows[1].email, rows[2].email, rows[4].email, rows[4].state) == ("", EMAIL, EMAIL, "active")
    assert {row.key for row in await every(database, ReturnRow)} == {"1", "3"}


@pytest.mark.parametrize(("who", "expected"), [("nobody@example.org", 1), ("77", 1), ("nonsense", 2)])
@pytest.mark.parametrize("command", ["export", "erase"])
async def test_who_is_not_there_is_said_in_one_line(
    database: Database, tmp_path: Path, command: str, who: str, expected: int
) -> None:
    code, out, err = await joblark(database, tmp_path, "subscription", command, who)
    assert (code, out, len(err.splitlines())) == (expected, "", 1)


# --------------------------------------------------------------------------------------------------- in no log


class Grudging(SmtpCatcher):
    """Names the address in every answer, and refuses each mail the first time."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.refusals < 1:
            self.refusals += 1
            return f"450 4.2.1 <{address}>: no room for user {address.partition('@')[0]} just now"
        if "refused" in address:
            return f"550 5.1.1 <{address}>: no such user {address.partition('@')[0]}"
        envelope.rcpt_tos.append(address)
        return f"250 {address} will do"


@pytest.fixture
def grudging() -> Iterator[Grudging]:
    catcher = Grudging()
    catcher.start()
    yield catcher
    catcher.stop(no_assert=True)


CV = f"Mei Quartzfinch\nSenior Backend Engineer, Singapore\n8 years of Python, Go, PostgreSQL and Kafka.\n{EMAIL}"
WHO = ("quartzfinch", "example.org")
"""What would give the person away: both names and the address."""


def fields(page: str) -> dict[str, list[str]]:
    """The fields of a page's last form, as a browser would send them."""
    found: dict[str, list[str]] = {}
    form = LexborHTMLParser(page).css("form")[-1]
    for node in form.css("input[name], textarea[name]"):
        if node.attributes.get("type") != "checkbox" or "checked" in node.attributes:
            found.setdefault(node.attributes["name"] or "", []).append(node.attributes.get("value") or node.text().strip())
    for node in form.css("select"):
        chosen = node.css_first("option[selected]") or node.css_first("option")
        found[node.attributes["name"] or ""] = [chosen.attributes.get("value") or ""]
    return found


async def subscribe(client: AsyncClient, email: str) -> None:
    given = {"email": email, "cadence": "weekly", "timezone": "Asia/Singapore", "weekday": "1", "hour": "9"}
    preview = await client.post("/preview", data=given, files={"cv": (None, CV)})
    assert (await client.post("/subscribe", data=fields(preview.text))).status_code == 200


async def test_the_whole_line_at_debug_level_names_nobody(tmp_path: Path, grudging: Grudging) -> None:
    """Subscribe, be refused, confirm, lose the link, leave, be refused for good, and send what no service can handle."""
    line = Line(tmp_path / "line", smtp_port=grudging.port, log_level="debug")
    try:
        await line.started("up")
        links = Links(line.settings.base_url, line.settings.signing_secret)
        async with AsyncClient(base_url=line.url("up").rstrip("/")) as client, line.inside() as (database, streams):
            await subscribe(client, EMAIL)
            await subscribe(client, f"refused.{EMAIL}")
            await eventually(lambda: grudging.messages, 60)
            [row] = [row for row in await every(database, SubscriptionRow) if row.email == EMAIL]
            tokens = [make(row.id) for make in (links.confirm, links.manage, links.unsubscribe, links.feed, links.renew)]
            confirm, manage, leave, _, renew = (token.removeprefix(line.settings.base_url) for token in tokens)
            await streams.client.xadd(SUBSCRIPTIONS, {DATA: b'{"kind":"subscription_changed","subscription_id":"x"}'})
            for step in (confirm, renew):
                assert (await client.post(step)).status_code == 200
            assert (await client.post("/link", data={"email": EMAIL})).status_code == 200
            assert (await client.post("/link", data={"email": f"{EMAIL}\x00@"})).status_code == 422
            assert (await client.post(manage, data={"action": "pause", "until": "nonsense"})).status_code == 422
            assert (await client.post(leave)).status_code == 200

            async def refused() -> Sequence[MailRow]:
                return [mail for mail in await every(database, MailRow) if mail.state == "failed"]

            await eventually(refused, 60)
            await eventually(lambda: streams.client.exists(dead_stream(SUBSCRIPTIONS)), 60)
            metrics = (await client.get("/metrics")).text
            names = [*STREAMS, *map(dead_stream, STREAMS)]
            entries = {name: str(await streams.client.xrange(name)) for name in names}
            ledger = str([*await every(database, MailRow), *await every(database, DeliveryRow)])
    finally:
        line.stop()
    told = {"log": line.log("up").read_text(), "metrics": metrics, "ledger": ledger, **entries}
    assert "450" in told["log"]  # so that there were words of the server to mask
    assert "550" in told["log"]
    assert entries[dead_stream(SUBSCRIPTIONS)] != "[]"
    for place, text in told.items():
        for word in WHO:
            assert word not in text.lower(), f"{word} in {place}: …{text[max(0, text.lower().find(word) - 200) :][:300]}…"
        for token in tokens:
            assert token.rpartition("/")[2] not in text, f"a token in {place}"
