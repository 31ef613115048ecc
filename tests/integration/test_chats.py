"""A digest to a chat: Apprise itself, and a server on loopback that answers as a chat's webhook does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.notifier.mail import Mail, to_bytes
from services.notifier.senders import make_sender, sender_kinds
from services.notifier.senders.chats import ChatSender
from shared.channels import checked_channel, schemes
from shared.errors import OutcomeUnknown, SendError, UnreadableInput
from shared.serving import listening
from shared.settings import Settings

pytest.importorskip("apprise", reason="digests to chats are an extra: joblark[channels]")

MESSAGE = to_bytes(
    Mail(
        to="ada@engineers.example",
        sender="Joblark <digest@joblark.example>",
        subject="Backend Engineer at Lumenworks, and 2 more",
        text="Backend Engineer\nÖresund · €90,000\n",
        html="<p>Backend Engineer</p>",
        message_id="<1@joblark.example>",
    ),
    datetime(2026, 11, 21, tzinfo=UTC),
)


class Chat:
    """A webhook: what it was told, and what it answers after how long."""

    def __init__(self) -> None:
        self.told, self.status, self.delay, self.url = list[dict[str, str]](), 200, 0.0, ""

    async def answer(self, request: Request) -> Response:
        self.told.append(await request.json())
        await asyncio.sleep(self.delay)
        return Response("ok", self.status)


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    chat = Chat()
    async with listening(Starlette(routes=[Route("/hook", chat.answer, methods=["POST"])])) as url:
        chat.url = f"{url.replace('http://', 'json://')}/hook"
        yield chat


async def send(to: str, *allowed: str) -> tuple[str, bool]:
    """The reply, and whether DATA was announced."""
    marked = False

    async def before_data() -> None:
        nonlocal marked
        marked = True

    reply = await ChatSender(allowed or ("json",)).send("digest@joblark.example", to, MESSAGE, before_data=before_data)
    return reply, marked


async def test_a_chat_is_told_the_subject_and_the_text(chat: Chat) -> None:
    assert await send(chat.url) == ("taken by the chat", True)
    (told,) = chat.told
    assert told["title"] == "Backend Engineer at Lumenworks, and 2 more"
    assert told["message"].replace("\r\n", "\n").strip() == "Backend Engineer\nÖresund · €90,000"


async def test_a_chat_that_says_no_may_be_asked_again(chat: Chat) -> None:
    chat.status = 500
    with pytest.raises(SendError) as caught:
        await send(chat.url)
    assert (caught.value.code, caught.value.retry) == ("channel_refused", True)
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_a_chat_that_falls_silent_may_have_taken_it(chat: Chat) -> None:
    chat.delay = 6
    with pytest.raises(OutcomeUnknown):
        await send(chat.url)


@pytest.mark.parametrize("to", ["json://127.0.0.1/hook", "slack://T1/B1/x y", "slack:/T1", "", "x" * 600])
async def test_what_may_not_be_written_to_is_never_asked(to: str) -> None:
    with pytest.raises(SendError) as caught:
        await send(to or "http://", "slack")
    assert (caught.value.code, caught.value.retry) == ("channel_invalid", False)
    assert "127.0.0.1" not in str(caught.value)


def test_it_is_a_sender_like_any_other() -> None:
    assert {"apprise", "smtp"} <= sender_kinds().keys()
    assert isinstance(make_sender(Settings(_env_file=None, channels="slack, discord"), "apprise"), ChatSender)


def test_the_empty_channel_is_mail_and_a_scheme_must_be_allowed() -> None:
    allowed = schemes(" slack, Discord ,")
    assert allowed == ("slack", "discord")
    assert checked_channel("", allowed) == ""
    assert checked_channel("Discord://1/token", allowed) == "Discord://1/token"
    with pytest.raises(UnreadableInput) as caught:
        checked_channel("tgram://secret-token/1", allowed)
    assert "secret" not in str(caught.value)
