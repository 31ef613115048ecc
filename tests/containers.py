"""Real Redis and Postgres by testcontainers, where a Docker engine answers. Where none does, tests that need one are
skipped with the reason; `JOBLARK_REQUIRE_DOCKER=1` (set in CI) makes that a failure, so that nothing is skipped in silence."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from uuid import uuid4

import docker
import pytest
from docker.errors import DockerException
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.container import DockerContainer

REDIS_IMAGE = "redis:8-alpine"
POSTGRES_IMAGE = "postgres:17-alpine"
POSTGRES_USER = "joblark"
Started = TypeVar("Started", bound=DockerContainer)


def require_engine() -> None:
    """Returns when a Docker engine answers. Otherwise the test is skipped, or fails where Docker is required."""
    try:
        with _client() as client:
            client.ping()
    except DockerException:
        unavailable("no Docker engine answers")


def unavailable(reason: str) -> None:
    if os.environ.get("JOBLARK_REQUIRE_DOCKER") == "1":
        pytest.fail(f"JOBLARK_REQUIRE_DOCKER=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@contextmanager
def redis() -> Iterator[str]:
    """`redis://…` of a server that lives as long as the block."""
    with _running(RedisContainer(REDIS_IMAGE)) as container:
        yield f"redis://{container.get_container_host_ip()}:{container.get_exposed_port(6379)}/0"


@contextmanager
def postgres() -> Iterator[PostgresContainer]:
    """A server without fsync: it need not survive a power cut, only be quick."""
    container = PostgresContainer(POSTGRES_IMAGE, username=POSTGRES_USER, password=uuid4().hex, driver="asyncpg")
    with _running(container.with_command("postgres -c fsync=off")) as running:
        yield running


@contextmanager
def fresh_database(server: PostgresContainer) -> Iterator[str]:
    """`postgresql+asyncpg://…/<new, empty database>`, dropped at the end even if somebody is still connected."""
    name = f"test_{uuid4().hex}"
    _run(server, "createdb", "--username", POSTGRES_USER, name)
    try:
        yield server.get_connection_url().rpartition("/")[0] + "/" + name
    finally:
        _run(server, "dropdb", "--username", POSTGRES_USER, "--force", name)


def _run(server: PostgresContainer, *command: str) -> None:
    status, output = server.exec(list(command))
    assert status == 0, f"{command[0]}: {output.decode(errors='replace')}"


@contextmanager
def _running(container: Started) -> Iterator[Started]:
    try:
        container.start()
    except DockerException as error:  # most often the image, which is neither here nor can be fetched
        unavailable(f"{container.image} does not start ({error})")
    try:
        yield container
    finally:
        container.stop()


def without_reaper_if_its_image_is_absent() -> None:
    """testcontainers cleans up after a killed test run by a second container, whose image must be here as well."""
    try:
        with _client() as client:
            client.images.get(testcontainers_config.ryuk_image)
    except DockerException:
        testcontainers_config.ryuk_disabled = True


@contextmanager
def _client() -> Iterator[Any]:
    client = docker.from_env(timeout=3)
    try:
        yield client
    finally:
        client.close()
