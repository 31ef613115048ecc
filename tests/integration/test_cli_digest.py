"""`joblark digest preview` and `explain`: digests of weeks past and to come, and why a job was in one or was not."""

import asyncio
import email
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from services.cli.digest_explain import explained
from services.cli.preview import Format, previewed
from services.matcher import app as matcher
from services.notifier.calendar import last_digest, next_digest, period
from services.notifier.why import Verdict, verdict
from services.scraper.openings.links import job_address
from shared.database import Database
from shared.errors import NotFound, UnreadableInput
from shared.migrations import upgrade
from shared.models import FeedbackRow, MailRow, PostingRow, ScreeningRow, SentRow, SubscriptionRow
from shared.posting import Level, digest_of
from shared.settings import Settings
from tests import week
from tests.factories import (
    BERLIN,
    board_row,
    facts,
    mail_row,
    match_row,
    posting,
    posting_row,
    profile,
    subscription_row,
)

JOBLARK = Path(sys.executable).with_name("joblark")
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
RHYTHM = "weekly", 0, 8, "UTC"
Done = tuple[int, str, str]


class Weeks:
    """The digest that was due last is of `this` period, the one before of `last`; the next one of `coming`."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.due = last_digest(*RHYTHM, self.now)
        self.this, self.last = (period("weekly", "UTC", at) for at in (self.due, self.due - WEEK))
        self.coming = period("weekly", "UTC", next_digest(*RHYTHM, self.now))

    def rows(self) -> list[Any]:
        """Openings by what becomes of them; each is of a company of its own."""
        before = self.due - 3 * DAY
        poor = facts("verilog", places=(BERLIN,), level=Level.JUNIOR)
        return [
            self.posting(1, "Ledger Engineer", self.due - 10 * DAY),
            self.posting(2, "Payments Engineer", before),
            self.posting(3, "Gone Engineer", before, closed_at=self.due - DAY),
            self.posting(4, "Newest Engineer", self.now),
            self.posting(5, "Closing Engineer", before, closed_at=self.now),
            self.posting(6, "Secret Engineer", before, mailable=False),
            self.posting(7, "Chip Designer", before, facts=poor),
            self.posting(8, "Ledger Engineer", before, opening_key="opening 1"),
            self.posting(9, "Kafka Engineer", before, facts=facts("go", "postgresql", "kafka")),
        ]

    def posting(self, id_: int, title: str, at: datetime, **given: Any) -> PostingRow:
        own = {name: given.pop(name) for name in ("facts", "mailable") if name in given}
        what = posting(str(id_), title=title, company=f"{title} Works", **own)
        link = digest_of("link", job_address(what.url or ""))
        usual = {"opening_key": f"opening {id_}", "link_key": link, "external_id": str(id_), "published_ms": 1}
        return posting_row(id_, what, first_seen_at=at, last_seen_at=self.now, **usual | given)


@pytest.fixture
def config(settings: Callable[..., Settings], sqlite_url: str, valkey_url: str) -> Settings:
    return settings(database_url=sqlite_url, redis_url=valkey_url, base_url="https://jobs.example.org")


@pytest.fixture
async def weeks(config: Settings) -> Weeks:
    weeks = Weeks()
    async with Database.opened(config.database) as database:
        await upgrade(database)
        async with database.begin() as session:
            session.add(board_row(id=1))
            session.add(subscription_row(1, profile(), email="mei@example.org", timezone="UTC", rule="not skill:kafka"))
            await session.flush()
            session.add_all(weeks.rows())
            sent = {"state": "sent", "opened_at": weeks.due - WEEK, "finished_at": weeks.due - WEEK, "occasion": weeks.last}
            session.add(mail_row(11, **sent))
            await session.flush()
            shown = {"posting_id": 1, "opening_key": "opening 1", "mail_id": 11, "sent_at": weeks.due - WEEK}
            session.add(SentRow(subscription_id=1, **shown))
            session.add_all([match_row(1, 2, 80.0), match_row(1, 4, 82.0)])
            screened = {"subscriptions": 1, "shortlisted": 1, "screened_at": weeks.now}
            session.add_all([ScreeningRow(posting_id=id_, revision=1, **screened) for id_ in range(1, 10)])
    return weeks


@pytest.fixture(autouse=True)
def environment(config: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What commands find, here and in processes of their own."""
    given = {"database_url": config.database, "redis_url": config.redis, "base_url": config.base_url}
    for name, value in {**given, "secret": config.signing_secret}.items():
        monkeypatch.setenv(f"JOBLARK_{name.upper()}", value)
    monkeypatch.chdir(tmp_path)


async def run(*words: str) -> Done:
    """A command as a process of its own."""
    pipe, environment = asyncio.subprocess.PIPE, {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    done = await asyncio.create_subprocess_exec(JOBLARK, *words, env=environment, stdout=pipe, stderr=pipe)
    out, err = await done.communicate()
    return done.returncode or 0, out.decode(), err.decode()


async def change(config: Settings, table: type[Any], key: Any, **values: Any) -> None:
    async with Database.opened(config.database) as database, database.begin() as session:
        row = await session.get_one(table, key)
        for name, value in values.items():
            setattr(row, name, value)


def titles(text: str) -> set[str]:
    """The first words of the jobs in a mail as text."""
    names = ("Ledger", "Payments", "Gone", "Newest", "Closing", "Secret", "Chip", "Kafka")
    return {name for name in names if f"{name} Engineer" in text}


# ----------------------------------------------------------------------------------------------------------------- preview


async def test_now_and_any_week_to_come_are_of_the_shortlist_as_it_stands(weeks: Weeks) -> None:
    year = weeks.now.year + 1
    for name in ("", weeks.coming, f"{year}-W20", f"{year}-03", f"{year}-03-05"):
        assert titles((await previewed("mei@example.org", name))[0]) == {"Payments", "Newest"}


async def test_a_week_past_without_a_mail_is_what_would_have_been_chosen(weeks: Weeks) -> None:
    text, note = await previewed("1", weeks.this)
    assert titles(text) == {"Payments", "Closing"}
    assert note.startswith("there was no mail; this is what would have been chosen")
    assert titles((await previewed("1", f"{weeks.due - 9 * DAY:%Y-%m-%d}"))[0]) == {"Ledger"}


async def test_a_week_that_was_skipped_says_why_and_what_would_have_been_chosen(weeks: Weeks, config: Settings) -> None:
    await change(config, MailRow, 11, occasion=weeks.this, state="skipped", reason="nothing new that fits")
    text, note = await previewed("1", weeks.this)
    assert titles(text) == {"Payments", "Closing"}
    assert note.startswith("mail 11 is skipped: nothing new that fits")


async def test_a_mail_that_was_sent_is_shown_as_it_was_while_its_words_are_kept(weeks: Weeks, config: Settings) -> None:
    await change(config, MailRow, 11, content=week.digest().model_dump(mode="json"))
    text, note = await previewed("1", weeks.last)
    assert week.digest().entries[0].title in text
    assert note.startswith("mail 11, sent, on")


async def test_a_mail_whose_words_are_dropped_is_made_again_of_what_it_showed(weeks: Weeks, config: Settings) -> None:
    await change(config, PostingRow, 1, closed_at=weeks.now)
    text, note = await previewed("1", weeks.last)
    assert titles(text) == {"Ledger"}
    assert "made again of the postings that it showed" in note
    async with Database.opened(config.database) as database, database.read() as session:
        assert (await session.get_one(MailRow, 11)).content is None, "nothing is noted"


async def test_it_comes_as_a_message_and_as_html(weeks: Weeks) -> None:
    text, _ = await previewed("1", weeks.last, Format.EML)
    message = email.message_from_string(text, policy=default)
    assert message["To"] == "mei@example.org"
    body = message.get_body(("plain",))
    assert body is not None
    assert "Ledger Engineer" in body.get_content()
    assert (await previewed("1", "", Format.HTML))[0].lstrip().lower().startswith("<!doctype html")


async def test_with_a_matcher_there_it_has_the_numbers_of_the_week(weeks: Weeks, config: Settings) -> None:
    async with matcher.running(config):
        text, _ = await previewed("1", weeks.this)
    assert titles(text) == {"Payments", "Closing"}
    mailable = [one for one in weeks.rows() if one.posting.get("mailable", True)]
    assert f"{sum(weeks.due - WEEK <= one.first_seen_at < weeks.due for one in mailable)} new" in text


@pytest.mark.parametrize("nonsense", ["last week", "2026-W54", "2026-13", "2026-02-30"])
async def test_nonsense_is_refused_with_what_to_write(weeks: Weeks, nonsense: str) -> None:
    for asked in (previewed("1", nonsense), explained("1", "2", nonsense)):
        with pytest.raises(UnreadableInput, match="2026-W46 for a week") as caught:
            await asked
        assert caught.value.code == "period_invalid"


async def test_a_period_without_anything_is_said_to_be_empty(weeks: Weeks) -> None:
    with pytest.raises(NotFound) as caught:
        await previewed("1", "2019-W20")
    assert caught.value.code == "digest_empty"


async def test_as_a_process_it_prints_the_mail_and_says_the_rest_beside_it(weeks: Weeks) -> None:
    code, out, err = await run("digest", "preview", "1", "--period", weeks.this)
    assert code == 0
    assert out.startswith("Subject: ")
    assert err.startswith("there was no mail")
    code, out, err = await run("digest", "preview", "1", "--period", "last week")
    assert (code, out, len(err.splitlines())) == (2, "", 1)


# ----------------------------------------------------------------------------------------------------------------- explain


async def verdict_on(posting: object, period: str = "") -> Verdict:
    _, _, evidence = await explained("1", str(posting), period)
    return verdict(evidence)


async def test_each_posting_has_its_cause(weeks: Weeks) -> None:
    expected = {1: "shown", 2: "next", 3: "closed", 4: "next", 6: "forbidden", 8: "sent", 9: "rule"}
    assert {id_: (await verdict_on(id_)).cause for id_ in expected} == expected
    chip = await verdict_on(7)
    assert chip.cause in ("role", "level", "place", "score")
    assert "50 are needed" in chip.said
    assert f"mail 11 (digest {weeks.last})" in (await verdict_on(8)).said


async def test_what_the_matcher_has_not_scored_and_what_better_ones_keep_off_are_told_apart(
    weeks: Weeks, config: Settings
) -> None:
    await change(config, PostingRow, 5, closed_at=None)
    assert (await verdict_on(5)).cause == "bar"
    await change(config, PostingRow, 5, revision=2)
    assert (await verdict_on(5)).cause == "unscored"


async def test_a_posting_is_found_by_its_address_however_it_is_written(weeks: Weeks) -> None:
    _, row, _ = await explained("1", "http://www.jobs.example.com/lumenworks/9/?utm_source=mail")
    assert row.id == 9
    for unknown in ("404", "https://jobs.example.com/nothing", "9" * 30, "-"):
        with pytest.raises(NotFound) as caught:
            await explained("1", unknown)
        assert caught.value.code == "posting_unknown"


async def test_a_digest_of_a_week_past_is_explained_as_things_stood_then(weeks: Weeks) -> None:
    expected = {1: "sent", 2: "next", 3: "closed", 4: "later", 5: "next", 6: "forbidden", 8: "sent", 9: "rule"}
    assert {id_: (await verdict_on(id_, weeks.this)).cause for id_ in expected} == expected
    assert {id_: (await verdict_on(id_, weeks.last)).cause for id_ in (1, 2)} == {1: "shown", 2: "later"}


async def test_what_a_person_refused_is_not_shown_and_an_inactive_subscription_gets_none(
    weeks: Weeks, config: Settings
) -> None:
    async with Database.opened(config.database) as database, database.begin() as session:
        answer = {"liked": False, "given_at": weeks.now - HOUR}
        session.add(FeedbackRow(subscription_id=1, posting_id=2, opening_key="opening 2", **answer))
    assert (await verdict_on(2)).cause == "refused"
    await change(config, SubscriptionRow, 1, state="paused")
    assert (await verdict_on(4)).cause == "inactive"


async def test_as_a_process_it_is_one_table_that_ends_with_what_to_change(weeks: Weeks) -> None:
    code, out, err = await run("digest", "explain", "mei@example.org", "9")
    assert (code, err) == (0, "")
    lines = out.strip().splitlines()
    assert lines[0].startswith("Kafka Engineer at Kafka Engineer Works")
    assert any("✗" in line and "not skill:kafka: does not pass" in line for line in lines)
    assert lines[-1].startswith("To get such jobs: another rule: `joblark rule check`")
    code, out, _ = await run("digest", "explain", "1", "8", "--json")
    told = json.loads(out)
    assert (code, told["posting"], told["cause"], told["checks"][0]["holds"]) == (0, 8, "sent", False)
