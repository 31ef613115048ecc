"""Bounces and complaints on real databases: who is suppressed, what stops, and that a report told twice counts once."""

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from services.notifier import reading
from services.notifier.mailboxes import Mailbox
from services.notifier.mailboxes.imap import opened
from services.notifier.mailboxes.maildir import Maildir
from services.notifier.mailboxes.mbox import Mbox
from services.notifier.reading import BATCH, read_mailbox
from services.notifier.repository import returns
from services.notifier.returned import REST, Returned, note
from shared.address import address_hash
from shared.database import Database
from shared.errors import NotReady, UnreadableInput
from shared.events import RETURNS, MailReturned
from shared.models import MailRow, ReturnRow, ScheduleRow, SentRow, SuppressionRow
from shared.returns import MAX_BYTES
from shared.settings import Settings
from shared.streams import Streams
from shared.streams.upkeep import waiting
from tests.eventually import eventually
from tests.factories import NOW, mail_row, subscription_row
from tests.imap_server import PASSWORD, imap_server
from tests.returned import SECRET, bounce, complaint, recording

WEEK = timedelta(days=7)
MEI, ARJUN = address_hash("mei.1@example.org"), address_hash("mei.2@example.org")


class World:
    """A ledger of sent mails: mail n went to subscription 1, mail 100 + n to subscription 2."""

    def __init__(self, database: Database) -> None:
        self.database, self.now = database, NOW

    async def add(self, *rows: Any) -> None:
        async with self.database.begin() as session:
            for row in rows:
                await session.merge(row)

    async def note(self, *reports: MailReturned) -> dict[str, int]:
        async with self.database.begin() as session:
            return dict(await note(session, reports, self.now))

    async def all(self, table: type[Any]) -> list[Any]:
        async with self.database.read() as session:
            return list((await session.exec(select(table).order_by(*table.__table__.primary_key.columns))).all())

    async def mail(self, mail_id: int) -> MailRow:
        async with self.database.read() as session:
            return (await session.exec(select(MailRow).where(MailRow.id == mail_id))).one()

    async def suppressed(self) -> set[str]:
        async with self.database.read() as session:
            return await returns.suppressed(session, [MEI, ARJUN], self.now)

    async def causes(self) -> dict[str, str]:
        return {row.address_hash: row.cause for row in await self.all(SuppressionRow)}

    async def read(self, mailbox: Mailbox) -> dict[str, int]:
        return dict((await read_mailbox(self.database, mailbox, SECRET, self.now)).counts)


@pytest.fixture
async def world(database: Database) -> World:
    world = World(database)
    await world.add(subscription_row(1), subscription_row(2))
    await world.add(*(mail_row(n, 1, state="sent") for n in range(1, 10)))
    await world.add(*(mail_row(100 + n, 2, state="sent", occasion=f"2026-W{n:02}") for n in range(1, 10)))
    return world


def told(sort: Any, mail_id: int = 0, who: str = "", key: str = "", at: datetime = NOW, status: str = "") -> MailReturned:
    return MailReturned(
        key=key or f"{sort}:{mail_id}:{who}:{at.isoformat()}",
        sort=sort,
        address_hash=who,
        mail_id=mail_id,
        status=status,
        source="dsn",
        returned_at=at,
    )


# ---------------------------------------------------------------------------------------------------------------- hard


async def test_a_hard_bounce_suppresses_at_once_and_for_good(world: World) -> None:
    assert await world.note(told("hard", 1, status="5.1.1")) == {"hard": 1}
    assert await world.suppressed() == {MEI}
    world.now += timedelta(days=3_000)
    assert await world.suppressed() == {MEI}
    mail = await world.mail(1)
    assert (mail.state, mail.returned) == ("sent", "hard 5.1.1")
    (row,) = await world.all(ReturnRow)
    assert (row.kind, row.address_hash, row.mail_id, row.source) == ("hard", MEI, 1, "dsn")


async def test_a_report_told_twice_counts_once(world: World) -> None:
    assert await world.note(told("hard", 1), told("hard", 1)) == {"hard": 1, "known": 1}
    async with world.database.begin() as session:
        await returns.forgive(session, MEI)
    assert await world.note(told("hard", 1)) == {"known": 1}
    assert await world.suppressed() == set()
    assert len(await world.all(ReturnRow)) == 1


async def test_who_is_meant_is_whom_the_ledger_says(world: World) -> None:
    """A report may name where a mail was forwarded to, and whoever writes one may name anybody."""
    await world.note(told("hard", 1, who=ARJUN))
    assert await world.suppressed() == {MEI}


async def test_a_providers_report_without_a_mail_means_its_address(world: World) -> None:
    await world.note(told("hard", who=ARJUN), told("hard", 987_654, who=MEI))
    assert await world.suppressed() == {MEI, ARJUN}
    assert [row.mail_id for row in await world.all(ReturnRow)] == [None, None]


async def test_a_report_about_no_mail_of_the_ledger_means_nobody(world: World) -> None:
    assert await world.note(told("hard", 987_654)) == {"gone": 1}
    assert await world.all(ReturnRow) == []
    assert await world.all(SuppressionRow) == []


async def test_the_operators_own_mail_suppresses_nobody(world: World) -> None:
    await world.add(mail_row(50, 0, kind="alert", state="sent"))
    assert await world.note(told("hard", 50, who=MEI)) == {"hard": 1}
    assert await world.suppressed() == set()
    assert (await world.mail(50)).returned == "hard"


# ---------------------------------------------------------------------------------------------------------------- soft


async def softly(world: World, *weeks: int) -> set[str]:
    """One soft bounce in each of these weeks; who is suppressed after the last."""
    for week in weeks:
        world.now = NOW + week * WEEK
        await world.note(told("soft", week + 1, at=world.now))
    return await world.suppressed()


async def test_the_fourth_week_in_a_row_rests_the_address_for_a_month(world: World) -> None:
    assert await softly(world, 0, 1, 2) == set()
    assert await softly(world, 3) == {MEI}
    (row,) = await world.all(SuppressionRow)
    assert (row.cause, row.until) == ("soft", world.now + REST)
    world.now += REST - timedelta(seconds=1)
    assert await world.suppressed() == {MEI}
    world.now += timedelta(seconds=1)
    assert await world.suppressed() == set()


async def test_weeks_between_are_forgiven(world: World) -> None:
    assert await softly(world, 0, 2, 4, 6) == set()


async def test_several_reports_about_one_mail_are_one_bounce(world: World) -> None:
    reports = [told("soft", 1, key=f"copy {n}") for n in range(10)]
    assert await world.note(*reports) == {"soft": 10}
    assert await world.suppressed() == set()


async def test_the_bounces_of_others_do_not_count(world: World) -> None:
    await world.note(*(told("soft", mail) for mail in (1, 2, 101, 102)))
    assert await world.suppressed() == set()
    await world.note(told("soft", 3))
    assert await world.suppressed() == {MEI}


async def test_mails_of_two_subscriptions_of_one_address_count_together(world: World) -> None:
    await world.add(subscription_row(3, email="mei.1@example.org"))
    await world.add(mail_row(31, 3, state="sent"))
    await world.note(told("soft", 1), told("soft", 2), told("soft", 31))
    assert await world.suppressed() == {MEI}


# ----------------------------------------------------------------------------------------------------------- complaint


async def test_a_complaint_stops_everything_for_that_address(world: World) -> None:
    await world.add(subscription_row(3, email="Mei.1@Example.org"))
    waits = {11: 1, 13: 3, 12: 2}
    await world.add(*(mail_row(id_, who, kind="digest", occasion="2026-W50") for id_, who in waits.items()))
    await world.add(*(ScheduleRow(subscription_id=id_, next_digest_at=NOW, revision=1) for id_ in (1, 2, 3)))
    assert await world.note(told("complaint", 1)) == {"complaint": 1}
    assert await world.suppressed() == {MEI}
    assert [row.subscription_id for row in await world.all(ScheduleRow)] == [2]
    assert {id_: (await world.mail(id_)).state for id_ in waits} == {11: "skipped", 13: "skipped", 12: "pending"}
    mail = await world.mail(1)
    assert (mail.state, mail.returned) == ("sent", "complaint")


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ("hard", "complaint", "complaint"),
        ("complaint", "hard", "complaint"),
        ("complaint", "soft", "complaint"),
        ("hard", "soft", "hard"),
        ("soft", "hard", "hard"),
    ],
)
async def test_the_gravest_cause_stands(world: World, first: str, second: str, stands: str) -> None:
    for cause in (first, second):
        reports = [told(cause, mail, key=f"{cause} {mail}") for mail in range(1, 5)]
        await world.note(*reports)
    assert await world.causes() == {MEI: stands}
    assert await world.suppressed() == {MEI}


async def test_a_rest_that_is_over_gives_way_to_anything(world: World) -> None:
    await softly(world, 0, 1, 2, 3)
    world.now += 2 * REST
    async with world.database.begin() as session:
        assert await returns.suppress(session, MEI, "operator", "", world.now)
        assert not await returns.suppress(session, MEI, "soft", "", world.now, world.now + REST)
    assert await world.causes() == {MEI: "operator"}


# -------------------------------------------------------------------------------------------------- what was not known


async def unknown(world: World) -> None:
    await world.add(mail_row(60, 1, state="unknown", reason="the line broke"))
    await world.add(SentRow(subscription_id=1, posting_id=5, opening_key="k", mail_id=60, sent_at=NOW))


@pytest.mark.parametrize("sort", ["hard", "soft"])
async def test_a_mail_that_came_back_has_failed_and_showed_nothing(world: World, sort: str) -> None:
    await unknown(world)
    await world.note(told(sort, 60, status="5.2.2"))
    mail = await world.mail(60)
    assert (mail.state, mail.returned) == ("failed", f"{sort} 5.2.2")
    assert await world.all(SentRow) == []


@pytest.mark.parametrize("sort", ["taken", "complaint"])
async def test_a_mail_that_somebody_has_was_sent(world: World, sort: str) -> None:
    await unknown(world)
    assert await world.note(told(sort, 60)) == {sort: 1}
    assert (await world.mail(60)).state == "sent"
    assert len(await world.all(SentRow)) == 1


async def test_that_a_server_has_a_mail_is_no_news_of_one_that_was_sent(world: World) -> None:
    assert await world.note(told("taken", 1), told("taken", 987_654)) == {"known": 1, "gone": 1}
    assert await world.all(ReturnRow) == []
    assert (await world.mail(1)).returned is None


# --------------------------------------------------------------------------------------------------------------- asked


async def test_who_is_suppressed_of_very_many(world: World) -> None:
    async with world.database.begin() as session:
        await returns.suppress(session, MEI, "operator", "", NOW)
        await returns.suppress(session, ARJUN, "soft", "", NOW, NOW + REST)
    crowd = [address_hash(f"{n}@example.org") for n in range(2_500)]
    async with world.database.read() as session:
        assert await returns.suppressed(session, [*crowd, ARJUN, MEI, MEI], NOW) == {MEI, ARJUN}
        assert await returns.suppressed(session, [MEI, ARJUN], NOW + REST) == {MEI}
        assert await returns.suppressed(session, [], NOW) == set()


# -------------------------------------------------------------------------------------------------------------- stream


async def test_what_the_web_tells_reaches_the_ledger_once(
    world: World, settings: Callable[..., Settings], redis_url: str
) -> None:
    streams = Streams(settings(redis_url=redis_url))
    streams.consume(RETURNS, "notifier", {MailReturned: Returned(world.database).on_mails_returned}, world.database.writable)
    async with streams.running():
        await streams.publish([told("hard", 1), told("hard", 1), told("complaint", 101)])

        async def nothing_waits() -> bool:
            return not any((await waiting(streams.client, RETURNS)).values())

        await eventually(nothing_waits)
    assert await world.causes() == {MEI: "hard", ARJUN: "complaint"}
    assert len(await world.all(ReturnRow)) == 2


# ----------------------------------------------------------------------------------------------------------- mailboxes


def maildir(folder: Path, *mails: bytes) -> Path:
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, mail in enumerate(mails):
        (folder / "new" / f"17632514{number:03}.M1P{number}.mx1").write_bytes(mail)
    return folder


def names(folder: Path) -> dict[str, list[str]]:
    return {name: sorted(path.name for path in (folder / name).iterdir()) for name in ("new", "cur")}


MAILS = (bounce(1), complaint(101), recording("unsigned.eml"), recording("auto-vacation.eml"), recording("person.eml"))


async def test_a_maildir_is_read_once_and_marked(world: World, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", *MAILS)
    read = {"read": 5, "hard": 1, "complaint": 1, "unsigned": 1, "ignored": 1, "unrecognised": 1}
    assert await world.read(Maildir(box)) == read
    assert await world.suppressed() == {MEI, ARJUN}
    flags = [name.partition(":2,")[2] for name in names(box)["cur"]]
    assert (names(box)["new"], flags) == ([], ["S", "S", "FS", "S", "FS"])
    assert await world.read(Maildir(box)) == {}


async def test_what_a_mail_program_moved_is_read_as_long_as_nobody_saw_it(world: World, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box")
    (box / "cur" / "1.a.mx1:2,R").write_bytes(bounce(1))
    (box / "cur" / "2.a.mx1:2,RS").write_bytes(bounce(101))
    (box / "new" / "3.link").symlink_to(box / "cur" / "2.a.mx1:2,RS")
    (box / "new" / ".hidden").write_bytes(bounce(101))
    assert await world.read(Maildir(box)) == {"read": 1, "hard": 1}
    assert names(box)["cur"] == ["1.a.mx1:2,RS", "2.a.mx1:2,RS"]


async def test_nothing_is_marked_before_it_is_committed(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = maildir(tmp_path / "box", *MAILS)

    async def breaks(*_: object) -> None:
        raise ConnectionError("the database went away")

    with monkeypatch.context() as patch:
        patch.setattr(returns, "record", breaks)
        with pytest.raises(ConnectionError):
            await world.read(Maildir(box))
    assert len(names(box)["new"]) == 5
    assert (await world.read(Maildir(box)))["hard"] == 1


async def test_what_was_committed_and_not_marked_is_known(world: World, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", *MAILS)

    class Dies(Maildir):
        def settle(self, item: Any, *, flag: bool) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await world.read(Dies(box))
    assert await world.read(Maildir(box)) == {"read": 5, "known": 2, "unsigned": 1, "ignored": 1, "unrecognised": 1}


async def test_a_mail_that_cannot_be_read_holds_up_no_other(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = reading.read_mail

    def breaks(raw: bytes, *given: Any) -> Any:
        return {}["a fault of ours"] if b"poison" in raw else real(raw, *given)

    monkeypatch.setattr(reading, "read_mail", breaks)
    box = maildir(tmp_path / "box", b"poison", bounce(1) + b" " * MAX_BYTES, bounce(101))
    tally = await read_mailbox(world.database, Maildir(box), SECRET, NOW)
    assert dict(tally.counts) == {"read": 3, "set_aside": 2, "hard": 1}
    assert [why.partition(":")[0] for _, _, why in tally.left] == ["internal_error", "mail_too_large"]
    assert await world.suppressed() == {ARJUN}


async def test_a_mailbox_of_several_batches(world: World, tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", *[bounce(1), bounce(101)] * BATCH)
    steps: list[int] = []
    tally = await read_mailbox(world.database, Maildir(box), SECRET, NOW, steps.append)
    assert dict(tally.counts) == {"read": 200, "hard": 2, "known": 198}
    assert steps == [BATCH, BATCH]


def mbox(*mails: bytes, end: bytes = b"\n") -> bytes:
    stamped = (b"From MAILER-DAEMON Mon Nov 16 00:04:13 2026\n" + mail.rstrip(b"\n") + b"\n\n" for mail in mails)
    return b"".join(stamped).replace(b"\n", end)


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
async def test_an_mbox_is_read_again_and_counts_once(world: World, end: bytes) -> None:
    text = bounce(101).replace(b"\n--b--", b"\nFrom here on it is text\n\n>From MAILER-DAEMON Mon Nov 16 00:04:13 2026\n--b--")
    held = mbox(bounce(1), text, MAILS[4], end=end)
    assert await world.read(Mbox(BytesIO(held), "box")) == {"read": 3, "hard": 2, "unrecognised": 1}
    assert await world.read(Mbox(BytesIO(held), "box")) == {"read": 3, "known": 2, "unrecognised": 1}


async def test_one_mail_is_a_mailbox_too(world: World) -> None:
    assert await world.read(Mbox(BytesIO(bounce(1)), "mail")) == {"read": 1, "hard": 1}
    assert await world.read(Mbox(BytesIO(b""), "nothing")) == {}
    assert await world.read(Mbox(BytesIO(b"\n\n"), "blank")) == {}


async def test_an_mbox_keeps_no_more_of_a_mail_than_is_looked_at(world: World) -> None:
    vast = mbox(bounce(1) + b"x" * 50 + b"\n" + b"y" * 3 * MAX_BYTES, bounce(101))
    assert max(len(item.raw) for item in Mbox(BytesIO(vast), "box")) == MAX_BYTES + 1
    assert await world.read(Mbox(BytesIO(vast), "box")) == {"read": 2, "set_aside": 1, "hard": 1}


# ---------------------------------------------------------------------------------------------------------------- IMAP


def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate)


async def test_an_imap_folder_is_read_once_and_marked(world: World, tmp_path: Path) -> None:
    with imap_server(tmp_path) as (url, certificate, held):
        held.add(*MAILS, b"X: " + b"y" * 2 * MAX_BYTES)
        with opened(url, PASSWORD, trusting(certificate)) as folder:
            assert folder.total == 6
            read = {"read": 6, "hard": 1, "complaint": 1, "unsigned": 1, "ignored": 1, "unrecognised": 1, "set_aside": 1}
            assert await world.read(folder) == read
        assert await world.suppressed() == {MEI, ARJUN}
        seen = [sorted(flags) for flags in held.flags.values()]
        look = ["\\Flagged", "\\Seen"]
        assert seen == [["\\Seen"], ["\\Seen"], look, ["\\Seen"], look, look]
        assert not any("EXPUNGE" in command or "Deleted" in command for command in held.commands)
        with opened(url, PASSWORD, trusting(certificate)) as folder:
            assert await world.read(folder) == {}


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE"])
async def test_an_imap_server_that_breaks_off_can_be_read_again(world: World, tmp_path: Path, command: str) -> None:
    with imap_server(tmp_path) as (url, certificate, held):
        held.add(*MAILS)
        held.breaks_at = command
        with pytest.raises(NotReady) as away, opened(url, PASSWORD, trusting(certificate)) as folder:
            await world.read(folder)
        assert away.value.code == "imap_failed"
        assert "bounces@" not in str(away.value)
        held.breaks_at = ""
        with opened(url, PASSWORD, trusting(certificate)) as folder:
            counts = await world.read(folder)
        assert counts["read"] == 5
        assert await world.suppressed() == {MEI, ARJUN}


def test_an_imap_server_must_be_who_it_says(tmp_path: Path) -> None:
    with imap_server(tmp_path) as (url, _, held):
        with pytest.raises(NotReady) as away, opened(url, PASSWORD):
            pass
        assert "certificate" in str(away.value)
        assert not any("LOGIN" in command for command in held.commands)


def test_a_wrong_imap_password_or_folder_is_told_without_naming_the_user(tmp_path: Path) -> None:
    with imap_server(tmp_path) as (url, certificate, _):
        with pytest.raises(NotReady) as refused, opened(url, "wrong", trusting(certificate)):
            pass
        assert refused.value.code == "imap_login_refused"
        assert "bounces@" not in str(refused.value)
        with pytest.raises(UnreadableInput) as unknown_, opened(url + "2", PASSWORD, trusting(certificate)):
            pass
        assert unknown_.value.code == "imap_folder_unknown"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "imap://u@h/INBOX",
        "imaps://h/INBOX",
        "imaps://u@/INBOX",
        "imaps://u@h:99999/INBOX",
        "imaps://u@[h/INBOX",
        "imaps://u@h/a%0d%0ab",
    ],
)
def test_an_imap_url_that_is_none(url: str) -> None:
    with pytest.raises(UnreadableInput) as refused, opened(url, "secret"):
        pass
    assert refused.value.code == "imap_url_invalid"
