"""What end-to-end tests stand on: boards that answer, a mail server that remembers, and somewhere to run the line."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.embedded.valkey import ValkeyServer
from tests.e2e.boards import BoardServer
from tests.e2e.catcher import PatientCatcher
from tests.e2e.line import Line


@pytest.fixture
def boards() -> Iterator[BoardServer]:
    with BoardServer() as server:
        yield server


@pytest.fixture
def catcher() -> Iterator[PatientCatcher]:
    server = PatientCatcher()
    server.start()
    yield server
    if server.server is not None:
        server.stop(no_assert=True)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A server of the test's own, that it may stop, kill and empty."""
    with ValkeyServer(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def make_line(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """`make_line(redis_url=…)`: a migrated line; whatever it still runs is stopped afterwards."""
    made: list[Line] = []

    def make(**given: Any) -> Line:
        line = Line(tmp_path / f"line{len(made)}", **given)
        made.append(line)
        line.ok("migrate")
        return line

    yield make
    for line in made:
        line.stop()


@pytest.fixture
def line(make_line: Callable[..., Line], valkey: ValkeyServer, catcher: PatientCatcher) -> Line:
    """A line on SQLite and a Valkey of its own, with a mail server; nothing is started yet."""
    return make_line(redis_url=valkey.url, smtp_port=catcher.port)


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.docker)])
def servers(request: pytest.FixtureRequest) -> dict[str, str]:
    """Where a line keeps its things: SQLite and the embedded Valkey, then Postgres and Redis in containers."""
    if request.param == "embedded":
        return {"redis_url": request.getfixturevalue("valkey").url}
    from redis import Redis

    redis_url = request.getfixturevalue("_redis_container")
    with Redis.from_url(redis_url) as client:
        client.flushall()
    return {"redis_url": redis_url, "database_url": request.getfixturevalue("postgres_url")}
