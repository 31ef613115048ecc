"""What commands work on: the database and the streams that the settings name, opened for one piece of work."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from shared.streams import Streams

T = TypeVar("T")


def in_transaction(work: "Callable[[AsyncSession], Awaitable[T]]") -> T:
    """Run `work` in one transaction that may write."""
    from shared.database import Database
    from shared.settings import Settings

    async def run() -> T:
        async with Database.opened(Settings().database) as database, database.begin() as session:
            return await work(session)

    return with_loop(run())


def on_streams(work: "Callable[[Streams], Awaitable[T]]") -> T:
    """Run `work` connected to Redis, without consuming."""
    from shared.settings import Settings
    from shared.streams import Streams

    async def run() -> T:
        async with Streams(Settings()).connected() as streams:
            return await work(streams)

    return with_loop(run())


def with_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; a database that is not there yet is one sentence, not a traceback."""
    from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

    from shared.errors import NotReady

    try:
        return asyncio.run(work)
    except (OperationalError, InterfaceError, ConnectionError) as error:
        reason = str(error.orig if isinstance(error, DBAPIError) else error).splitlines()[0]
        raise NotReady(f"the database cannot be used: {reason}; try `joblark doctor` and `joblark migrate`") from error
