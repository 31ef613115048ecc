"""The SMTP sender against a real server on loopback that misbehaves on demand."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable

import pytest

from services.notifier.senders import make_sender
from services.notifier.senders.smtp import SmtpSender
from shared.errors import OutcomeUnknown, SendError
from shared.settings import Settings
from tests.unruly_smtp import DROP, FROM, MESSAGE, SILENCE, TO, Mark, Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
def mark(server: Server) -> Mark:
    return Mark(server)


@pytest.fixture
async def sender(server: Server) -> AsyncIterator[SmtpSender]:
    sender = SmtpSender(host="127.0.0.1", port=server.port, timeout=5.0, concurrency=1)
    yield sender
    await sender.close()


@pytest.fixture
def impatient(server: Server) -> SmtpSender:
    return SmtpSender(host="127.0.0.1", port=server.port, timeout=0.2, concurrency=1)


async def test_a_mail_is_taken_and_the_mark_is_made_between_rcpt_and_data(
    server: Server, sender: SmtpSender, mark: Mark
) -> None:
    reply = await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert reply == "250 queued as 7"
    assert server.verbs() == ["EHLO", "MAIL", "RCPT", "DATA"]
    assert server.commands[1:3] == [f"MAIL FROM:<{FROM}>", f"RCPT TO:<{TO}>"]
    assert (mark.times, mark.seen) == (1, "RCPT")
    assert server.messages == [b"Subject: jobs\r\n\r\nhello\r\n..a line with a dot\r\n.\r\n"]


@pytest.mark.parametrize(
    ("verb", "whose"), [("MAIL", "sender"), ("RCPT", "recipient"), ("DATA", "message"), ("BODY", "message")]
)
@pytest.mark.parametrize(("code", "retry"), [(450, True), (421, True), (550, False)])
async def test_a_refusal_says_whether_to_try_again(
    server: Server, sender: SmtpSender, mark: Mark, verb: str, whose: str, code: int, retry: bool
) -> None:
    server.says[verb] = f"{code} <{TO}>: ada.obi is not wanted here"

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    error = caught.value
    assert type(error) is SendError
    assert (error.code, error.smtp_code, error.retry) == (f"smtp_{whose}_refused", code, retry)
    assert "is not wanted here" in str(error)
    assert "ada" not in "".join(traceback.format_exception(error))
    assert mark.times == (1 if verb in ("DATA", "BODY") else 0)
    assert server.messages == []


@pytest.mark.parametrize("verb", ["GREETING", "EHLO", "MAIL", "RCPT"])
async def test_a_line_lost_before_data_is_worth_another_try(server: Server, sender: SmtpSender, mark: Mark, verb: str) -> None:
    server.says[verb] = DROP

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert type(caught.value) is SendError
    assert (caught.value.code, caught.value.retry, mark.times) == ("smtp_unreachable", True, 0)
    del server.says[verb]
    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"


async def test_a_line_lost_while_the_mark_was_made_is_worth_another_try(server: Server, sender: SmtpSender) -> None:
    client = sender._free.get_nowait()
    sender._free.put_nowait(client)

    async def drop() -> None:
        server.drop_all()
        while client.is_connected:  # noqa: ASYNC110 - until the reset has come through
            await asyncio.sleep(0)

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=drop)

    assert type(caught.value) is SendError
    assert (caught.value.code, caught.value.retry) == ("smtp_unreachable", True)
    assert "DATA" not in server.verbs()


@pytest.mark.parametrize("verb", ["DATA", "BODY"])
@pytest.mark.parametrize("answer", [DROP, SILENCE, "what is this", "299 perhaps"])
async def test_no_proper_answer_after_data_began_is_unknown(
    server: Server, impatient: SmtpSender, mark: Mark, verb: str, answer: str
) -> None:
    server.says[verb] = answer

    with pytest.raises(OutcomeUnknown) as caught:
        await impatient.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry, mark.times) == ("send_outcome_unknown", False, 1)
    assert "ada" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("verb", ["GREETING", "MAIL"])
async def test_silence_before_data_is_worth_another_try(server: Server, impatient: SmtpSender, mark: Mark, verb: str) -> None:
    server.says[verb] = SILENCE

    with pytest.raises(SendError) as caught:
        await impatient.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry, mark.times) == ("smtp_unreachable", True, 0)


async def test_nobody_listens(server: Server, sender: SmtpSender, mark: Mark) -> None:
    await server.stop()

    with pytest.raises(SendError) as caught:
        await sender.send(FROM, TO, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry) == ("smtp_unreachable", True)


async def test_an_error_of_the_mark_stops_the_mail(server: Server, sender: SmtpSender, mark: Mark) -> None:
    async def lease_lost() -> None:
        raise LookupError("the lease is gone")

    with pytest.raises(LookupError):
        await sender.send(FROM, TO, MESSAGE, before_data=lease_lost)

    assert "DATA" not in server.verbs()
    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"


async def test_one_connection_serves_many_mails_also_after_a_refusal(server: Server, sender: SmtpSender, mark: Mark) -> None:
    await sender.send(FROM, TO, MESSAGE, before_data=mark)
    server.says["RCPT"] = "550 no"
    with pytest.raises(SendError):
        await sender.send(FROM, TO, MESSAGE, before_data=mark)
    del server.says["RCPT"]
    await asyncio.gather(*(sender.send(FROM, TO, MESSAGE, before_data=mark) for _ in range(3)))

    assert server.connections == 1
    assert len(server.messages) == 4
    assert server.verbs().count("RSET") == 4


async def test_no_more_connections_than_asked_for(server: Server, mark: Mark) -> None:
    sender = SmtpSender(host="127.0.0.1", port=server.port, concurrency=2)

    await asyncio.gather(*(sender.send(FROM, TO, MESSAGE, before_data=mark) for _ in range(9)))

    assert (server.connections, len(server.messages)) == (2, 9)
    await sender.close()
    assert server.verbs()[-2:] == ["QUIT", "QUIT"]


async def test_a_restarted_server_is_connected_to_again(server: Server, sender: SmtpSender, mark: Mark) -> None:
    await sender.send(FROM, TO, MESSAGE, before_data=mark)
    await server.stop()
    await server.start()

    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"
    assert server.connections == 2


async def test_a_server_tired_of_a_connection_gets_a_new_one(server: Server, sender: SmtpSender, mark: Mark) -> None:
    await sender.send(FROM, TO, MESSAGE, before_data=mark)
    server.says["RSET"] = "421 too many mails in one session"

    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"
    assert server.connections == 2


async def test_a_cancelled_mail_leaves_no_answer_behind_for_the_next(server: Server, sender: SmtpSender, mark: Mark) -> None:
    server.says["RCPT"] = SILENCE
    sending = asyncio.create_task(sender.send(FROM, TO, MESSAGE, before_data=mark))
    while "RCPT" not in server.verbs():  # noqa: ASYNC110 - the server is of this loop
        await asyncio.sleep(0)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    del server.says["RCPT"]
    await asyncio.wait_for(server.left_in_silence.wait(), 5)

    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"
    assert (server.connections, mark.times) == (2, 1)


@pytest.mark.parametrize("address", ["a@b.c>\r\nRCPT TO:<x@y.z", "a b@c.d", "plain", "ä@b.c", "a@b@c", "<a@b.c>"])
async def test_an_address_that_would_be_a_command_never_leaves(
    server: Server, sender: SmtpSender, mark: Mark, address: str
) -> None:
    with pytest.raises(SendError) as caught:
        await sender.send(FROM, address, MESSAGE, before_data=mark)

    assert (caught.value.code, caught.value.retry) == ("address_invalid", False)
    assert server.connections == 0


async def test_made_from_the_settings(server: Server, mark: Mark, settings: Callable[..., Settings]) -> None:
    sender = make_sender(settings(smtp_host="127.0.0.1", smtp_port=server.port))

    assert await sender.send(FROM, TO, MESSAGE, before_data=mark) == "250 queued as 7"
    await sender.close()
