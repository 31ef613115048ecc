"""Fixtures only. Servers are real: Valkey and SQLite always, Redis and Postgres where a Docker engine answers."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings
from redis import Redis

from services.embedded.valkey import ValkeyServer
from shared.database import Database
from shared.migrations import upgrade
from shared.settings import Settings
from tests import containers
from tests.smtp import SmtpCatcher

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
"""Recorded boards, labelled sets and the first real profiles. They belong to others and are never copied in here."""

hypothesis_settings.register_profile("joblark", deadline=None)  # a busy machine is no fault of the code
hypothesis_settings.load_profile("joblark")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """`settings(smtp_port=…)`: defaults, a secret and a data folder of the test's own; no `.env`, nothing of this shell, and
    no posting's own page asked, for those of the tests are addresses of nobody."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"JOBLARK_{name.upper()}", raising=False)
        monkeypatch.delenv(f"JOBLARK_{name.upper()}_FILE", raising=False)

    def make(**given: object) -> Settings:
        alone = {"data_dir": tmp_path / "var", "secret": "not a secret " * 3, "poll_checks": 0}
        return Settings(_env_file=None, **{**alone, **given})

    return make


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder `shared/` beside the repository, for tests marked `recorded`."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"no recorded feeds: {SHARED.name}/data is not beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def docker_engine() -> None:
    """Asked for by every test that needs Docker: skips it, or fails it where Docker is required."""
    containers.require_engine()
    containers.without_reaper_if_its_image_is_absent()


@pytest.fixture(scope="session")
def _valkey_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ValkeyServer(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture(scope="session")
def _redis_container(docker_engine: None) -> Iterator[str]:
    with containers.redis() as url:
        yield url


@pytest.fixture(scope="session")
def _postgres_container(docker_engine: None) -> Iterator[containers.PostgresContainer]:
    with containers.postgres() as server:
        yield server


@pytest.fixture
def valkey_url(_valkey_server: str) -> str:
    """`unix:///…` of an embedded Valkey server, empty."""
    return _emptied(_valkey_server)


@pytest.fixture(params=["valkey", pytest.param("redis", marks=pytest.mark.docker)])
def redis_url(request: pytest.FixtureRequest) -> str:
    """An empty server: the embedded Valkey, then Redis in a container. The same test runs on both."""
    name = {"valkey": "_valkey_server", "redis": "_redis_container"}[request.param]
    return _emptied(request.getfixturevalue(name))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'joblark.db'}"


@pytest.fixture
def postgres_url(_postgres_container: containers.PostgresContainer) -> Iterator[str]:
    with containers.fresh_database(_postgres_container) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.docker)])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database without tables: a SQLite file, then Postgres in a container. The same test runs on both."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """`shared.database.Database` with every table, on SQLite and on Postgres."""
    database = Database(database_url)
    await upgrade(database)
    yield database
    await database.close()


@pytest.fixture
def smtp_catcher() -> Iterator[SmtpCatcher]:
    """A real SMTP server on 127.0.0.1: `.host`, `.port`, `.messages`."""
    catcher = SmtpCatcher()
    catcher.start()
    yield catcher
    catcher.stop(no_assert=True)


def _emptied(url: str) -> str:
    with Redis.from_url(url) as client:
        client.flushall()
    return url
