"""What becomes of mails that may not go, cannot go now, or of which nobody knows: on real databases."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from services.cli.main import build
from services.notifier.repository import ledger, resolving, retention, switches
from services.notifier.repository.resolving import RESEND_AFTER, RESENDS
from shared.address import address_hash
from shared.database import Database
from shared.errors import Conflict, OutcomeUnknown, SendError
from shared.events import NOTICES
from shared.models import DeliveryRow, MailRow, SuppressionRow
from shared.settings import Settings
from tests.factories import NOW, subscription_row
from tests.fakes import FakeSender
from tests.notifying import World, open_mail, opened, raising

SILENCE = OutcomeUnknown("no reply after DATA began")


@pytest.fixture
async def world(database: Database, settings: Callable[..., Settings], valkey_url: str) -> AsyncIterator[World]:
    async with opened(database, settings, valkey_url) as world:
        yield world


def changed(world: World, **given: Any) -> None:
    """The notifier started again with other settings."""
    world.settings = world.settings.model_copy(update=given)
    world.notifier = world.another(world.sender)


async def switch(world: World, name: str, value: str, reason: str = "") -> int:
    async with world.database.begin() as session:
        return await switches.set_to(session, name, value, world.now, reason)


async def resolve(world: World, mail_id: int, state: Any) -> bool:
    async with world.database.begin() as session:
        return await resolving.resolve(session, mail_id, state, "an operator says", world.now)


async def unknown(world: World) -> MailRow:
    """A digest of which nobody knows whether it came."""
    await world.ready(1, 10)
    world.sender.after = raising(SILENCE)
    await world.run()
    world.sender.after = raising()
    return await world.mail()


async def forgotten(world: World) -> None:
    """So many days pass that what was in the mails of today is dropped."""
    await world.run(timedelta(days=world.settings.mail_keep_days, minutes=1))
    await retention.sweep(world.database, world.settings, world.now)


# -------------------------------------------------------------------------------------------------------------- refused


async def test_a_suppressed_address_gets_nothing_until_its_time_is_over(world: World) -> None:
    for id_ in (1, 2):
        await world.ready(id_, 10)
    until = NOW + timedelta(days=3)
    hash_ = address_hash("mei.1@example.org")
    await world.add(SuppressionRow(address_hash=hash_, cause="soft", since=NOW, until=until))
    await world.run()
    assert await world.states() == {1: "skipped", 2: "sent"}
    assert world.sender.recipients == ["mei.2@example.org"]
    (mail, _) = await world.all(MailRow)
    assert mail.reason.startswith("address_suppressed:")
    await world.run(timedelta(days=7))
    assert world.sender.recipients.count("mei.1@example.org") == 1


async def test_digests_that_are_stopped_are_held_counted_and_go_when_started(world: World) -> None:
    await world.ready(1, 10)
    await world.subscribe(2, state="pending", confirmed_at=None)
    await switch(world, "digests", "off", "a template is broken")
    await world.run()
    assert await world.states() == {1: "held", 2: "sent"}, "whoever confirms an address is not kept waiting"
    async with world.database.read() as session:
        assert await ledger.unsettled(session) == {("digest", "held"): 1}
    assert await world.tick(timedelta(hours=1)) == []
    (held_one,) = [mail for mail in await world.all(MailRow) if mail.state == "held"]
    assert held_one.attempts == 0
    assert await switch(world, "digests", "on") == 1
    await world.run()
    mail = next(mail for mail in await world.all(MailRow) if mail.kind == "digest")
    assert (mail.state, mail.finished_at) == ("sent", world.now)


async def test_in_production_digests_wait_for_the_doctor(world: World) -> None:
    changed(world, environment="production")
    await world.ready(1, 10)
    await world.run()
    assert (await world.mail()).reason.startswith("doctor_red:")
    assert await switch(world, "digests", "on") == 0
    assert await switch(world, "doctor", "red") == 0
    assert await switch(world, "doctor", "green") == 1
    await world.run()
    assert await world.states() == {1: "sent"}


async def test_a_chat_without_a_sender_is_held_and_with_one_it_goes_there(world: World) -> None:
    await world.ready(1, 10, channel="slack://token")
    await world.ready(2, 10)
    await world.run()
    assert await world.states() == {1: "held", 2: "sent"}
    async with world.database.begin() as session:
        assert await ledger.release(session, world.now, "no_sender") == 1
    chats = FakeSender()
    world.notifier.post.delivery.chats = chats
    world.notifier.post.preparing.chats = True
    await world.run()
    assert (chats.recipients, world.sender.recipients) == (["slack://token"], ["mei.2@example.org"])
    async with world.database.begin() as session:
        await open_mail(session, 1, "still-there", "2026-11", world.now)
    await world.run()
    assert (len(chats.recipients), world.sender.recipients) == (1, ["mei.2@example.org", "mei.1@example.org"])


async def test_what_is_for_a_chat_never_goes_to_the_mail_server(world: World) -> None:
    await world.ready(1, 10, channel="slack://token")
    world.notifier.post.preparing.chats = True  # as if it had not been refused
    await world.run()
    mail = await world.mail()
    assert (mail.state, mail.reason.partition(":")[0], world.sender.tries) == ("deferred", "no_sender", 0)


async def test_a_held_digest_of_long_ago_is_not_sent_any_more(world: World) -> None:
    await world.ready(1, 10)
    await switch(world, "digests", "off")
    await world.run()
    world.now += timedelta(days=8)
    await switch(world, "digests", "on")
    await world.run()
    first = min(await world.all(MailRow), key=lambda mail: mail.id)
    assert (first.state, first.reason.partition(":")[0]) == ("skipped", "too_late")


async def test_what_another_mail_lists_already_is_not_listed_twice(world: World) -> None:
    await world.ready(1, 10)
    world.sender.before = raising(SendError("451 later", retry=True, smtp_code=451))
    await world.run()
    world.sender.before = raising()
    await world.find(1, 11)
    async with world.database.begin() as session:
        await open_mail(session, 1, "welcome", "welcome", world.now)
    await world.run()
    await world.run(timedelta(hours=1))
    assert {mail.kind: mail.state for mail in await world.all(MailRow)} == {"digest": "sent", "welcome": "sent"}
    assert sorted(await world.shown()) == [(1, 10), (1, 11)]


async def test_nor_what_one_lists_that_was_held_and_let_go(world: World) -> None:
    await world.ready(1, 10)
    world.sender.before = raising(SendError("451 later", retry=True, smtp_code=451))
    await world.run()
    world.sender.before = raising()
    await switch(world, "digests", "off")
    await world.run(timedelta(hours=1))
    assert (await world.mail()).state == "held"
    await world.find(1, 11)
    async with world.database.begin() as session:
        welcome = await open_mail(session, 1, "welcome", "welcome", world.now)
    await switch(world, "digests", "on")
    assert await world.notifier.post.send(welcome.id) == "sent"
    assert await world.shown() == [(1, 11)]
    await world.run()
    assert sorted(await world.shown()) == [(1, 10), (1, 11)]


# -------------------------------------------------------------------------------------------------------------- unknown


async def test_an_unknown_mail_is_held_until_somebody_says_what_became_of_it(world: World) -> None:
    mail = await unknown(world)
    await world.run(timedelta(days=1))
    assert (await world.mail()).state == "unknown"
    assert await resolve(world, mail.id, "sent")
    assert ((await world.mail()).state, await world.shown()) == ("sent", [(1, 10)])
    assert not await resolve(world, mail.id, "failed"), "it is known now"


async def test_the_jobs_of_a_mail_that_failed_after_all_may_come_again(world: World) -> None:
    mail = await unknown(world)
    assert await resolve(world, mail.id, "failed")
    assert ((await world.mail()).state, await world.shown()) == ("failed", [])
    await world.run(timedelta(days=7))
    assert await world.shown() == [(1, 10)]


async def test_a_mail_that_is_sent_again_is_the_same_mail(world: World) -> None:
    mail = await unknown(world)
    assert await resolve(world, mail.id, "resend")
    await world.run()
    assert ((await world.mail()).state, (await world.mail()).attempts) == ("sent", 2)
    first, second = world.sender.taken
    assert first.message == second.message
    assert [row.outcome for row in await world.all(DeliveryRow)] == ["unknown", "sent"]


async def test_where_the_operator_chose_so_unknown_mails_are_sent_again_at_most_twice(world: World) -> None:
    changed(world, mail_unknown="resend")
    await unknown(world)
    world.sender.after = raising(SILENCE)
    for _ in range(6):
        world.now += RESEND_AFTER
        await world.notifier.post.tend(world.now)
        await world.run()
    assert (await world.mail()).state == "unknown"
    assert len(world.sender.taken) == 1 + RESENDS
    assert len({taken.message for taken in world.sender.taken}) == 1


async def test_not_before_a_bounce_had_time_to_come_and_never_unless_chosen(world: World) -> None:
    mail = await unknown(world)
    world.now += timedelta(days=1)
    await world.notifier.post.tend(world.now)
    await world.run()
    assert (await world.mail()).state == "unknown"
    changed(world, mail_unknown="resend")
    assert mail.finished_at
    await world.notifier.post.tend(mail.finished_at + RESEND_AFTER - timedelta(seconds=1))
    assert (await world.mail()).state == "unknown"


async def test_a_failed_mail_may_be_sent_again_and_a_sent_one_never(world: World) -> None:
    await world.ready(1, 10)
    world.sender.before = raising(SendError("550 no", retry=False, smtp_code=550))
    await world.run()
    world.sender.before = raising()
    mail = await world.mail()
    assert not await resolve(world, mail.id, "sent")
    assert await resolve(world, mail.id, "resend")
    await world.run()
    assert (await world.mail()).state == "sent"
    assert not await resolve(world, mail.id, "resend")


@pytest.mark.parametrize(
    ("before", "after"),
    [(None, SILENCE), (SendError("550 no", retry=False, smtp_code=550), None)],
    ids=["unknown", "failed"],
)
async def test_a_digest_that_is_not_kept_any_more_is_not_sent_again(
    world: World, before: Exception | None, after: Exception | None
) -> None:
    """Another would be chosen, and would go out under the Message-ID of the first."""
    await world.ready(1, 10)
    world.sender.before, world.sender.after = raising(before), raising(after)
    await world.run()
    world.sender.before, world.sender.after = raising(), raising()
    mail = await world.mail()
    await forgotten(world)
    await world.find(1, 11)
    taken = len(world.sender.taken)
    with pytest.raises(Conflict, match="JOBLARK_MAIL_KEEP_DAYS") as refused:
        await resolve(world, mail.id, "resend")
    assert refused.value.code == "content_dropped"
    await world.run()
    now = (await world.all(MailRow))[0]
    assert (now.state, now.content, len(world.sender.taken)) == (mail.state, None, taken)


async def test_of_unknown_mails_only_those_that_are_kept_are_sent_again_by_themselves(world: World) -> None:
    old = await unknown(world)
    await forgotten(world)
    await world.ready(2, 10)
    world.sender.after = raising(SILENCE)
    await world.run()
    changed(world, mail_unknown="resend")
    world.now += RESEND_AFTER
    await world.notifier.post.tend(world.now)
    assert {(mail.subscription_id, mail.state) for mail in await world.all(MailRow)} == {
        (1, "unknown"),
        (1, "skipped"),
        (2, "pending"),
    }
    assert await resolve(world, old.id, "failed"), "what became of it can be said at any time"


@pytest.mark.parametrize("before", [None, SendError("451 later", retry=True, smtp_code=451)], ids=["shown", "on its way"])
async def test_a_failed_digest_is_not_sent_again_when_another_has_its_jobs(world: World, before: Exception | None) -> None:
    await world.ready(1, 10, 11)
    world.sender.before = raising(SendError("550 no", retry=False, smtp_code=550))
    await world.run()
    world.sender.before = raising()
    failed = await world.mail()
    async with world.database.begin() as session:
        welcome = await open_mail(session, 1, "welcome", "welcome", world.now)
    world.sender.before = raising(before)
    await world.run()
    world.sender.before = raising()
    with pytest.raises(Conflict, match=f"mail {welcome.id}") as refused:
        await resolve(world, failed.id, "resend")
    assert refused.value.code == "jobs_shown_since"
    await world.run(timedelta(hours=1))
    assert sorted(await world.shown()) == [(1, 10), (1, 11)]
    assert len(world.sender.taken) == 1


async def test_a_mail_that_is_written_anew_each_time_may_be_sent_again_at_any_time(world: World) -> None:
    await world.subscribe(1, state="pending", confirmed_at=None)
    world.sender.after = raising(SILENCE)
    await world.run()
    mail = await world.mail()
    await forgotten(world)
    assert (mail.kind, mail.state) == ("confirm", "unknown")
    assert await resolve(world, mail.id, "resend")


async def test_a_digest_that_failed_before_anything_was_chosen_may_be_sent_again(world: World) -> None:
    """Nobody has seen anything of it: that is what sending a failed one again is for, once a fault of ours is mended."""
    given = {"subscription_id": 1, "kind": "digest", "occasion": "2026-W47", "opened_at": NOW, "due_at": NOW}
    await world.add(MailRow(id=1, **given, state="failed", attempts=1, finished_at=NOW, reason="internal_error: KeyError"))
    await world.add(
        DeliveryRow(mail_id=1, attempt=1, started_at=NOW, outcome="failed", finished_at=NOW, reply="internal_error: KeyError")
    )
    await world.subscribe(1)
    await world.find(1, 10)
    assert await resolve(world, 1, "resend")
    await world.run()
    assert (await world.mail()).state == "sent"


# ---------------------------------------------------------------------------------------------------------------- rates


async def test_a_mail_over_its_rate_is_put_back_without_counting_as_an_attempt(world: World) -> None:
    changed(world, mail_warmup_from=NOW.date())
    world.notifier.post.rates.now = lambda: world.now
    world.notifier.post.rates.first_day = NOW.date()
    world.notifier.post.rates.alone.days[NOW.date().isoformat()] = [199, 0]
    for id_ in (1, 2):
        await world.ready(id_, 10)
    await world.run()
    mails = {mail.state: mail for mail in await world.all(MailRow)}
    assert (len(world.sender.taken), sorted(mails)) == (1, ["pending", "sent"])
    waiting = mails["pending"]
    assert (waiting.attempts, waiting.content, waiting.due_at.date()) == (0, None, date(2026, 11, 22))
    assert [row.outcome for row in await world.all(DeliveryRow)] == ["sent"]
    await world.run(waiting.due_at - world.now)
    assert set((await world.states()).values()) == {"sent"}


# --------------------------------------------------------------------------------------------------------------- flowing


async def test_a_slow_recipient_holds_up_only_its_own_lane(world: World) -> None:
    changed(world, mail_concurrency=2)
    for id_ in range(1, 8):
        await world.ready(id_, 10)
    slow = asyncio.Event()

    async def hold(to: str) -> None:
        if to.startswith("mei.1@"):
            await slow.wait()

    held(world.sender, hold)
    post = world.notifier.post
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        while len(world.sender.taken) < 6:  # noqa: ASYNC110 - of this loop
            await asyncio.sleep(0)
        slow.set()
        await post.idle()
    assert set((await world.states()).values()) == {"sent"}


async def test_what_was_not_begun_when_the_process_stops_is_put_back(world: World) -> None:
    changed(world, mail_concurrency=1)
    for id_ in range(1, 5):
        await world.ready(id_, 10)
    slow = asyncio.Event()

    async def hold(_: str) -> None:
        await slow.wait()

    held(world.sender, hold)
    post = world.notifier.post
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        while not world.sender.tries:  # noqa: ASYNC110 - of this loop
            await asyncio.sleep(0)
        asyncio.get_running_loop().call_later(0.05, slow.set)
    assert sorted((await world.states()).values()) == ["pending", "pending", "pending", "sent"]
    assert {mail.attempts for mail in await world.all(MailRow) if mail.state == "pending"} == {0}
    await world.run()
    assert set((await world.states()).values()) == {"sent"}


async def test_leases_are_renewed_while_mails_wait_in_hand(world: World) -> None:
    await world.ready(1, 10)
    slow = asyncio.Event()
    held(world.sender, lambda _: slow.wait())
    post = world.notifier.post
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        world.now += timedelta(hours=1)
        await post._renew()
        await world.tick()
        assert (await world.mail()).state == "sending"
        slow.set()
        await post.idle()
    assert ((await world.mail()).state, (await world.mail()).attempts) == ("sent", 1)


async def test_what_the_server_said_is_noted_also_when_the_database_was_away(world: World) -> None:
    await world.ready(1, 10)
    post, failures = world.notifier.post, []
    real = post.delivery._note_all

    async def away(notes: Any) -> Any:
        if any(not isinstance(note, MailRow) for note in notes) and len(failures) < 2:
            failures.append(1)
            raise OSError("the database is away")
        return await real(notes)

    post.delivery._note.work = away
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        await post.idle()
    assert ((await world.mail()).state, len(failures)) == ("sent", 2)


async def test_nor_is_it_lost_when_the_process_stops_meanwhile(world: World) -> None:
    await world.ready(1, 10)
    post, failures = world.notifier.post, []
    real, away = post.delivery._note_all, asyncio.Event()

    async def gone(notes: Any) -> Any:
        if any(not isinstance(note, MailRow) for note in notes) and not failures:
            failures.append(1)
            away.set()
            while post.flows:  # noqa: ASYNC110 - of this loop
                await asyncio.sleep(0)
            raise OSError("the database is away")
        return await real(notes)

    post.delivery._note.work = gone
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        await away.wait()
    assert (await world.mail()).state == "sent"


async def test_notices_do_not_queue_behind_digests(world: World) -> None:
    changed(world, mail_concurrency=1)
    for id_ in range(1, 6):
        await world.ready(id_, 10)
    slow = asyncio.Event()
    held(world.sender, lambda _: slow.wait())
    post = world.notifier.post
    async with post.flowing():
        await world.notifier.on_mails_due(await world.tick())
        await world.subscribe(9, state="pending", confirmed_at=None)
        await world.schedule.tick(world.now)
        await world.notifier.on_notices_due(await world.events(NOTICES))
        await asyncio.wait(post.claimed)
        slow.set()
        await post.idle()
    assert world.sender.recipients.index("mei.9@example.org") == 1


def held(sender: FakeSender, hold: Callable[[str], Any]) -> None:
    """Let `sender` wait, for whom it is told to, before it takes a mail."""
    real = sender.send

    async def send(mail_from: str, to: str, message: bytes, *, before_data: Any) -> str:
        await hold(to)
        return await real(mail_from, to, message, before_data=before_data)

    def tried(mail_from: str, to: str, message: bytes, *, before_data: Any) -> Any:
        sender.tries += 1
        return send(mail_from, to, message, before_data=before_data)

    sender.send = tried  # type: ignore[method-assign]


# ------------------------------------------------------------------------------------------------------------ command


@pytest.fixture
def joblark(world: World, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("JOBLARK_DATABASE_URL", database_url)

    async def run(*words: str, code: int = 0) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, build(), ["deliveries", *words])
        assert done.exit_code == code, (done.output, done.exception)
        return done.output + str(done.exception or "")

    return run


async def test_the_command_lists_and_resolves(world: World, joblark: Callable[..., Any]) -> None:
    mail = await unknown(world)
    listed = await joblark("list", "--state", "unknown", "--json")
    assert f'"mail": {mail.id}' in listed
    assert "no reply after DATA began" in listed
    assert "example.org" not in listed
    await joblark("resolve", str(mail.id), "--as", "failed", "--reason", "not in the log")
    assert ((await world.mail()).state, (await world.mail()).reason) == ("failed", "an operator says: not in the log")
    assert "only what is unknown" in await joblark("resolve", str(mail.id), "--as", "sent", code=1)
    assert "there is no mail 404" in await joblark("resolve", "404", "--as", "sent", code=1)


async def test_the_command_says_what_to_do_about_a_mail_that_cannot_be_sent_again(
    world: World, joblark: Callable[..., Any]
) -> None:
    mail = await unknown(world)
    await forgotten(world)
    said = await joblark("resolve", str(mail.id), "--as", "resend", code=1)
    assert f"mail {mail.id}" in said
    assert "--as sent" in said
    assert "--as failed" in said


async def test_the_command_stops_and_starts_digests(world: World, joblark: Callable[..., Any]) -> None:
    world.now = datetime.now(UTC)  # by which the command goes
    await world.ready(1, 10)
    await joblark("stop", "--reason", "a template is broken")
    await world.run()
    assert await world.states() == {1: "held"}
    assert "a template is broken" in await joblark("list")
    assert "1 that were held" in await joblark("start")
    await world.run(timedelta(minutes=1))
    assert await world.states() == {1: "sent"}


async def test_rows_of_the_ledger_survive_a_subscription_that_is_gone(world: World, database: Database) -> None:
    await world.ready(1, 10)
    due = await world.tick()
    async with database.begin() as session:
        await session.delete(await session.get(type(subscription_row(1)), 1))
    await world.notifier.on_mails_due(due)
    assert (await world.mail()).state == "skipped"
