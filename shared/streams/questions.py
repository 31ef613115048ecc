"""Request and reply over the broker: somebody asks, one of those who can answers.

A question waits in a Redis list, so it survives a restart of whoever would answer, and any of several replicas may take it.
Nothing is stored: a question that nobody took in time is dropped with its reply.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import structlog
from faststream.redis import ListSub, RedisBroker
from pydantic import BaseModel, ValidationError
from redis.exceptions import RedisError

from shared.errors import NotReady

log = structlog.get_logger()

POLL_SECONDS = 2.0
"""How long a read blocks; a question wakes it at once anyway."""
MOST_WAITING = 32
"""Questions of one name that wait at once. Where so many wait, nobody is there to answer one more in time."""
Question = TypeVar("Question", bound=BaseModel)
Answer = TypeVar("Answer", bound=BaseModel)


def answer(broker: RedisBroker, name: str, kind: type[Question], handle: Callable[[Question], Awaitable[BaseModel]]) -> None:
    """Let `handle` answer questions of `kind` put to `name`. A question it fails on gets no answer."""

    async def reply(body: Any) -> str:
        try:
            return (await handle(kind.model_validate_json(body))).model_dump_json()
        except ValidationError as error:
            log.warning("question_unreadable", name=name, reason=f"{error.error_count()} faults")
        except Exception as error:
            log.exception("question_failed", name=name, reason=type(error).__name__)
        return ""

    broker.subscriber(list=ListSub(name, polling_interval=POLL_SECONDS), decoder=_as_it_is)(reply)


async def ask(broker: RedisBroker, name: str, question: BaseModel, kind: type[Answer], seconds: float) -> Answer:
    """The answer to a question. Raises `NotReady` when none comes in time, and at once where very many wait already."""
    try:
        async with asyncio.timeout(seconds):
            if await (await broker.connect()).llen(name) >= MOST_WAITING:
                raise NotReady(f"{MOST_WAITING} questions wait for {name!r} already: nobody answers them", code="no_answer")
            message = await broker.request(question.model_dump_json(), list=name, timeout=seconds)
        return kind.model_validate_json(message.body)
    except (TimeoutError, RedisError, OSError, ValidationError) as error:
        raise NotReady(f"nobody answered {name!r} within {seconds:g} s: {type(error).__name__}", code="no_answer") from error


async def _as_it_is(message: Any) -> bytes:
    return bytes(message.body)
