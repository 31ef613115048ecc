"""The notifier on real databases: each digest goes out once, whoever dies, whatever a server says, however clocks jump."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlmodel import col, select

from services.notifier.delivery import retry_wait
from services.notifier.repository import attempts
from services.notifier.schedule import MAX_DEATHS, STUCK, Schedule
from services.notifier.senders import make_sender
from shared.database import Database
from shared.errors import OutcomeUnknown, SendError
from shared.events import DELIVERIES, MAILS, DigestSent, MailDue, SubscriptionChanged
from shared.models import DeliveryRow, MailRow, MatchRow, ScheduleRow, SubscriptionRow
from shared.settings import Settings
from shared.streams.upkeep import Upkeep
from tests.factories import NOW, match_row, posting, posting_row, subscription_row
from tests.fakes import FakeSender
from tests.notifying import LEASE, World, opened, raising, when
from tests.smtp import SmtpCatcher

DOWN = SendError("the mail server is away", code="smtp_unreachable", retry=True)
REFUSED = SendError("no such mailbox", code="smtp_recipient_refused", retry=False, smtp_code=550)


@pytest.fixture
async def world(database: Database, settings: Callable[..., Settings], valkey_url: str) -> AsyncIterator[World]:
    async with opened(database, settings, valkey_url) as world:
        yield world


# -------------------------------------------------------------------------------------------------------------- opening


async def test_a_due_digest_is_sent_and_told(world: World) -> None:
    await world.ready(1, 10, 11)
    await world.run()
    assert world.sender.recipients == ["mei.1@example.org"]
    mail = await world.mail()
    assert (mail.state, mail.occasion, mail.attempts, mail.reason) == ("sent", "2026-W47", 1, "250 kept")
    assert await world.shown() == [(1, 10), (1, 11)]
    (delivery,) = await world.all(DeliveryRow)
    assert (delivery.outcome, delivery.reply, delivery.started_at, delivery.data_at) == ("sent", "250 kept", NOW, NOW)
    await world.run()
    assert await world.events(DELIVERIES) == [DigestSent(mail_id=mail.id, subscription_id=1, posting_ids=(10, 11))]
    assert world.sender.tries == 1


async def test_the_mail_says_what_and_why_and_how_to_leave(world: World) -> None:
    await world.ready(1, 10)
    await world.run()
    message = world.message()
    assert message["To"] == "mei.1@example.org"
    assert message["List-Unsubscribe"].startswith("<https://joblark.example.org/unsubscribe/")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text = message.get_body(("plain",)).get_content()
    for words in ("Senior Backend Engineer", "Lumenworks", "https://jobs.example.com/lumenworks/10", "/unsubscribe/"):
        assert words in text


async def test_a_digest_opens_once_however_many_schedulers_tick(world: World, database_url: str) -> None:
    for id_ in range(1, 21):
        await world.ready(id_, 100)
    async with Database.opened(database_url) as other:
        databases = (world.database, other, world.database, other)
        schedules = [Schedule(database, world.streams, world.settings) for database in databases]
        for _ in range(3):
            await asyncio.gather(*(schedule.tick(world.now) for schedule in schedules))
    due = await world.events(MAILS)
    assert Counter(event.mail_id for event in due) == {mail.id: 1 for mail in await world.all(MailRow)}
    assert len(due) == 20
    await asyncio.gather(world.notifier.on_mails_due(due), world.another(world.sender).on_mails_due(due))
    assert sorted(world.sender.recipients) == sorted(f"mei.{id_}@example.org" for id_ in range(1, 21))


@pytest.mark.parametrize("cadence", ["daily", "weekly"])
async def test_a_clock_that_jumps_a_week_sends_one_digest_not_seven(world: World, cadence: str) -> None:
    await world.ready(1, *range(10, 60), cadence=cadence)
    await world.run()
    for later in (timedelta(days=7, hours=3), timedelta(0), timedelta(0)):
        await world.run(later)
    assert Counter(mail.state for mail in await world.all(MailRow)) == {
        "sent": 2,
        **({"skipped": 6} if cadence == "daily" else {}),
    }
    assert len(world.sender.taken) == 2
    (schedule,) = await world.all(ScheduleRow)
    (subscription,) = await world.all(SubscriptionRow)
    assert schedule.next_digest_at == when(subscription, world.now) > world.now


async def test_nothing_is_due_before_its_hour(world: World) -> None:
    await world.subscribe(1, weekday=0, hour=8)
    (schedule,) = await world.all(ScheduleRow)
    assert schedule.next_digest_at == datetime(2026, 11, 23, 0, tzinfo=UTC), "Monday at 8 in Singapore"
    assert await world.tick(schedule.next_digest_at - NOW - timedelta(seconds=1)) == []
    assert len(await world.tick(timedelta(seconds=1))) == 1


async def test_a_quiet_week_sends_no_mail(world: World) -> None:
    await world.ready(1)
    await world.run()
    mail = await world.mail()
    assert (mail.state, mail.reason) == ("skipped", "nothing new that fits")
    assert (world.sender.tries, await world.tick(timedelta(days=1)), await world.events(DELIVERIES)) == (0, [], [])


async def test_what_was_sent_is_not_sent_the_week_after(world: World) -> None:
    await world.ready(1, 10)
    await world.run()
    twin = posting("10").model_copy(update={"external_id": "elsewhere", "location": "Berlin"})
    await world.add(posting_row(20, twin), match_row(1, 20))
    await world.find(1, 11)
    await world.run(timedelta(days=7))
    await world.run(timedelta(days=7))
    assert [mail.state for mail in await world.all(MailRow)] == ["sent", "sent", "skipped"]
    texts = [world.message(n).get_body(("plain",)).get_content() for n in (0, 1)]
    assert "lumenworks/10" in texts[0]
    assert "lumenworks/11" in texts[1]
    assert "lumenworks/10" not in texts[1]
    assert "elsewhere" not in texts[1]


async def test_a_closed_posting_is_not_mailed(world: World) -> None:
    await world.ready(1, 10, 11)
    await world.add(posting_row(10, closed_at=NOW))
    await world.run()
    assert await world.shown() == [(1, 11)]


# ------------------------------------------------------------------------------------------------------- what goes wrong


async def test_trouble_before_data_is_deferred_and_then_sent(world: World) -> None:
    await world.ready(1, 10)
    world.sender.before = raising(DOWN)
    await world.run()
    mail = await world.mail()
    assert (mail.state, mail.reason) == ("deferred", "smtp_unreachable: the mail server is away")
    assert mail.due_at == NOW + timedelta(seconds=30)
    assert await world.shown() == []
    assert await world.tick(timedelta(seconds=29)) == []
    world.sender.before = raising()
    await world.run(timedelta(seconds=1))
    assert (await world.mail()).state == "sent"
    assert [delivery.outcome for delivery in await world.all(DeliveryRow)] == ["deferred", "sent"]
    assert len(world.sender.taken) == 1


async def test_a_repeat_is_the_same_mail(world: World) -> None:
    """What was chosen at the first attempt is what is sent, even if the shortlist has moved on."""
    await world.ready(1, 10)
    world.sender.after = raising(SendError("452 later", retry=True, smtp_code=452))
    await world.run()
    await world.find(1, 9)
    world.sender.after = raising()
    await world.run(timedelta(minutes=5))
    first, second = world.sender.taken
    assert first.message == second.message
    assert await world.shown() == [(1, 10)]


@pytest.mark.parametrize("error", [OutcomeUnknown("no reply after DATA began"), RuntimeError("a bug after DATA")])
async def test_an_unknown_outcome_is_never_sent_again_and_uses_up_its_openings(world: World, error: Exception) -> None:
    await world.ready(1, 10)
    world.sender.after = raising(error)
    await world.run()
    world.sender.after = raising()
    await world.run(timedelta(hours=1))
    mail = await world.mail()
    assert (mail.state, world.sender.tries) == ("unknown", 1)
    assert await world.shown() == [(1, 10)]
    assert await world.events(DELIVERIES) == [DigestSent(mail_id=mail.id, subscription_id=1, posting_ids=(10,))]
    await world.run(timedelta(days=7))
    assert [mail.state for mail in await world.all(MailRow)] == ["unknown", "skipped"]


async def test_a_refusal_for_good_holds_back_nobody_else(world: World) -> None:
    for id_ in range(1, 8):
        await world.ready(id_, 10)
    world.sender.before = lambda to: raising(REFUSED)(to) if to.startswith("mei.3@") else None
    await world.run()
    await world.run(timedelta(days=1))
    assert await world.states() == {id_: "failed" if id_ == 3 else "sent" for id_ in range(1, 8)}
    assert world.sender.tries == 7
    assert 3 not in [subscription_id for subscription_id, _ in await world.shown()]


async def test_an_address_that_is_none_fails_alone(world: World) -> None:
    await world.ready(1, 10, email="mei@example.org\r\nBcc: all@example.org")
    await world.ready(2, 10)
    await world.run()
    assert await world.states() == {1: "failed", 2: "sent"}


async def test_it_gives_up_after_the_hours_it_was_told(world: World) -> None:
    await world.ready(1, 10, cadence="monthly")
    world.sender.before = raising(DOWN)
    while (await world.states()).get(1) in (None, "deferred"):
        await world.run(timedelta(hours=1, seconds=1))
    assert (await world.mail()).state == "failed"
    assert timedelta(hours=72) < world.now - (await world.mail()).opened_at < timedelta(hours=74)
    assert await world.tick(timedelta(days=1)) == []
    assert await world.shown() == [], "these jobs may still come in a later digest"


def test_the_wait_between_attempts_doubles_up_to_an_hour() -> None:
    assert [retry_wait(n, 30) / timedelta(seconds=1) for n in (1, 2, 3, 7, 8, 500)] == [30, 60, 120, 1920, 3600, 3600]


# ------------------------------------------------------------------------------------------------------------ processes


class Died(BaseException):
    """The process is gone: nothing after this point happens."""


async def dies(world: World, where: str) -> None:
    """Send what is due with a process that dies before or after DATA began."""
    setattr(world.sender, where, raising(Died()))
    with pytest.raises(Died):
        await world.notifier.post.send((await world.tick())[0].mail_id)
    setattr(world.sender, where, raising())


async def test_a_death_before_data_is_sent_again_as_the_same_mail(world: World) -> None:
    await world.ready(1, 10)
    await dies(world, "before")
    assert (await world.mail()).state == "sending"
    assert await world.tick(LEASE - timedelta(seconds=1)) == []
    await world.run(timedelta(seconds=1))
    assert (await world.mail()).state == "sent"
    assert [(row.attempt, row.outcome) for row in await world.all(DeliveryRow)] == [(1, "deferred"), (2, "sent")]
    assert world.message()["Message-ID"].endswith("@joblark.example.org>")


async def test_every_attempt_carries_the_same_message_id(world: World) -> None:
    await world.ready(1, 10)
    world.sender.after = raising(SendError("451 later", retry=True, smtp_code=451))
    for _ in range(3):
        await world.run(timedelta(hours=1))
    assert len({world.message(n)["Message-ID"] for n in range(3)}) == 1


async def test_a_death_after_data_began_is_unknown(world: World) -> None:
    await world.ready(1, 10)
    await dies(world, "after")
    await world.run(LEASE)
    mail = await world.mail()
    assert (mail.state, world.sender.tries) == ("unknown", 1)
    assert await world.shown() == [(1, 10)]
    await world.run(timedelta(hours=5))
    assert (await world.mail()).state == "unknown"


async def test_a_mail_that_kills_every_process_is_given_up(world: World) -> None:
    await world.ready(1, 10)
    for _ in range(MAX_DEATHS):
        await dies(world, "before")
        world.now += LEASE
    await world.tick()
    assert (await world.mail()).state == "failed"


async def test_a_process_whose_lease_was_lost_cannot_begin_data(world: World) -> None:
    await world.ready(1, 10)
    (due,) = await world.tick()
    stuck, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        stuck.set()
        await release.wait()

    world.sender.hold = hold
    zombie = asyncio.create_task(world.notifier.post.send(due.mail_id))
    await stuck.wait()
    other = FakeSender()
    (again,) = await world.tick(LEASE)
    await world.another(other).on_mails_due([again])
    release.set()
    await zombie
    assert (len(other.taken), world.sender.taken) == (1, [])
    assert (await world.mail()).state == "sent", "what the zombie says of it does not count"


async def test_a_mark_of_data_made_at_the_last_moment_is_seen(world: World) -> None:
    """The lease has ended and somebody looks into it while the mark is being committed: nobody may send it again."""
    await world.ready(1, 10)
    (due,) = await world.tick()
    async with world.database.begin() as session:
        (mail,) = await attempts.claim(session, [due.mail_id], world.now, LEASE)
    world.now += LEASE
    async with world.database.begin() as session:
        assert await attempts.mark_data(session, [mail], world.now) == {mail.id}
        looking = asyncio.create_task(world.schedule.look_into_expired(world.now))
        await asyncio.wait([looking], timeout=0.2)
    await looking
    await world.run()
    assert ((await world.mail()).state, world.sender.tries) == ("unknown", 0)


async def test_a_late_yes_turns_unknown_into_sent(world: World) -> None:
    await world.ready(1, 10)
    (due,) = await world.tick()

    def meanwhile(_: str) -> None:
        world.now += LEASE

    world.sender.after = meanwhile
    sending = asyncio.create_task(world.notifier.post.send(due.mail_id))
    assert await sending == "sent"
    await world.tick()
    assert (await world.mail()).state == "sent"


async def test_two_notifiers_with_the_same_event_send_one_mail(world: World) -> None:
    await world.ready(1, 10)
    due = await world.tick()
    others = [world.another(world.sender) for _ in range(3)]
    await asyncio.gather(*(notifier.on_mails_due(due * 2) for notifier in [world.notifier, *others]))
    assert len(world.sender.taken) == 1


async def test_after_redis_was_emptied_the_mail_is_told_again_at_once(world: World) -> None:
    await world.ready(1, 10)
    due = await world.tick()
    await world.streams.client.flushall()
    await Upkeep(world.streams).once()
    world.read.clear()
    assert await world.tick() == due
    await world.notifier.on_mails_due(due)
    assert (await world.mail()).state == "sent"


async def test_a_mail_whose_event_was_lost_otherwise_is_told_again_after_a_while(world: World) -> None:
    await world.ready(1, 10)
    due = await world.tick()
    await world.streams.client.xtrim(MAILS, maxlen=0)
    assert await world.tick(STUCK) == []
    assert await world.tick(timedelta(seconds=1)) == due


# -------------------------------------------------------------------------------------------------------- subscriptions


async def test_who_leaves_between_opening_and_sending_gets_nothing(world: World) -> None:
    await world.ready(1, 10)
    due = await world.tick()
    await world.add(subscription_row(1, state="ended"))
    await world.notifier.on_mails_due(due)
    assert (await world.states(), world.sender.tries) == ({1: "skipped"}, 0)


async def test_who_leaves_while_a_mail_is_deferred_gets_nothing(world: World) -> None:
    await world.ready(1, 10)
    world.sender.before = raising(DOWN)
    await world.run()
    world.sender.before = raising()
    await world.subscribe(1, state="ended")
    await world.run(timedelta(hours=1))
    assert (await world.states(), world.sender.taken, await world.all(ScheduleRow)) == ({1: "skipped"}, [], [])


async def test_a_pending_subscription_is_asked_once_for_each_revision(world: World) -> None:
    for revision in (1, 1, 2):
        await world.add(subscription_row(1, state="pending", revision=revision))
        for _ in range(2):
            await world.notifier.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=revision)])
        await world.run()
    assert [(mail.kind, mail.occasion, mail.state) for mail in await world.all(MailRow)] == [
        ("confirm", "revision-1", "sent"),
        ("confirm", "revision-2", "sent"),
    ]
    text = world.message().get_body(("plain",)).get_content()
    assert "https://joblark.example.org/confirm/" in text
    assert await world.all(ScheduleRow) == []
    assert await world.events(DELIVERIES) == []


async def test_only_a_change_moves_the_next_digest(world: World) -> None:
    await world.ready(1, 10)
    before = await world.all(ScheduleRow)
    await world.notifier.on_subscriptions_changed([SubscriptionChanged(subscription_id=1, revision=1)])
    assert await world.all(ScheduleRow) == before
    await world.subscribe(1, revision=2, weekday=3, hour=18)
    (schedule,) = await world.all(ScheduleRow)
    assert (schedule.revision, schedule.next_digest_at) == (2, NOW), "a digest that is overdue is not lost by an edit"
    await world.tick()
    (schedule,) = await world.all(ScheduleRow)
    assert (schedule.revision, schedule.next_digest_at) == (2, datetime(2026, 11, 26, 10, tzinfo=UTC))


async def test_a_subscription_that_is_not_there_does_no_harm(world: World) -> None:
    await world.notifier.on_subscriptions_changed([SubscriptionChanged(subscription_id=404, revision=1)])
    await world.notifier.on_mails_due([MailDue(mail_id=404, attempt=1)])
    assert (await world.all(MailRow), await world.all(ScheduleRow)) == ([], [])


# ------------------------------------------------------------------------------------------------------------ real SMTP


async def test_over_real_smtp_each_mail_arrives_once(
    world: World, smtp_catcher: SmtpCatcher, settings: Callable[..., Settings]
) -> None:
    for id_ in range(1, 6):
        await world.ready(id_, 10)
    sender = make_sender(settings(smtp_host=smtp_catcher.hostname, smtp_port=smtp_catcher.port))
    notifier = world.another(sender)
    smtp_catcher.reply = "451 4.3.0 later"
    await notifier.on_mails_due(await world.tick())
    assert set((await world.states()).values()) == {"deferred"}
    smtp_catcher.reply = "250 OK"
    await notifier.on_mails_due(await world.tick(timedelta(minutes=1)))
    smtp_catcher.reply = "250 OK"
    await notifier.on_mails_due(await world.tick(timedelta(hours=1)))
    await sender.close()
    assert set((await world.states()).values()) == {"sent"}
    assert sorted(smtp_catcher.recipients) == [[f"mei.{id_}@example.org"] for id_ in range(1, 6)]


async def test_hostile_titles_and_descriptions_are_inert_in_the_mail(
    world: World, smtp_catcher: SmtpCatcher, settings: Callable[..., Settings]
) -> None:
    hostile = posting(
        "10",
        title="Engineer\r\nBcc: all@example.org\r\n\r\n<script>alert(1)</script>",
        company="Evil <img src=x onerror=alert(2)> & Sons\nSubject: gotcha",
        url="javascript:alert(3)",
        location='Singapore"><script>alert(4)</script>',
        description="<script>alert(5)</script>",
    )
    await world.ready(1)
    await world.find(1, 10, of=hostile)
    sender = make_sender(settings(smtp_host=smtp_catcher.hostname, smtp_port=smtp_catcher.port))
    await world.another(sender).on_mails_due(await world.tick())
    await sender.close()
    assert smtp_catcher.recipients == [["mei.1@example.org"]]
    message = message_from_bytes(smtp_catcher.messages[0], policy=default)
    assert (message["Bcc"], len(message.get_all("Subject")), message["To"]) == (None, 1, "mei.1@example.org")
    assert "\n" not in message["Subject"]
    html = message.get_body(("html",)).get_content().lower()
    for live in ("<script", "<img src=x", 'href="javascript', "alert(5)"):
        assert live not in html
    assert "&lt;script&gt;" in html


async def test_the_shortlist_is_the_matchers_to_change(world: World) -> None:
    """One table has one writer: the notifier tells what it sent and leaves the shortlist alone."""
    await world.ready(1, 10)
    await world.run()
    async with world.database.read() as session:
        assert (await session.exec(select(MatchRow.posting_id).order_by(col(MatchRow.posting_id)))).all() == [10]
