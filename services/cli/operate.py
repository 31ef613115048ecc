"""Running the stack: `up`, `run`, `migrate`, `doctor`."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.mail_doctor import examine_mail
from services.cli.show import Json, out, table
from services.cli.work import with_loop

if TYPE_CHECKING:
    from shared.settings import Settings


class ServiceName(StrEnum):
    SCRAPER = "scraper"
    MATCHER = "matcher"
    NOTIFIER = "notifier"
    WEB = "web"


def add_to(cli: typer.Typer) -> None:
    for command in (up, run, migrate, doctor):
        cli.command(rich_help_panel="Run")(command)


def up() -> None:
    """Run everything in one process, on SQLite and a Valkey server of its own, until Ctrl-C."""
    _serve("embedded")


def run(service: Annotated[ServiceName, typer.Argument(help="scraper, matcher, notifier or web.")]) -> None:
    """Run one service as its own process, until SIGTERM. Every one answers /healthz and /metrics."""
    _serve(service)


def migrate(
    create_secret: Annotated[
        bool, typer.Option("--create-secret", help="Also make the secret that signs links, if none is set.")
    ] = False,
) -> None:
    """Bring the database up to date. Safe at any time and from several machines at once."""
    from shared import migrations
    from shared.database import Database
    from shared.settings import Settings

    settings = Settings()

    async def work() -> str:
        async with Database.opened(settings.database) as database:
            return await migrations.upgrade(database)

    revision = with_loop(work())
    out.print(f"the database is at revision [bold]{revision}[/]")
    if create_secret and (path := settings.create_secret()):
        out.print(f"a new secret is in {path}")


def doctor(
    mail: Annotated[bool, typer.Option("--mail", help="Check the mail domain: MX, SPF, DKIM, DMARC, PTR, one-click.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="With --mail: send digests although something is red.")] = False,
    json: Json = False,
) -> None:
    """Check what Joblark needs: Redis, the database and its migrations, the mail server, the secret; or the mail domain."""
    from shared.settings import Settings

    settings = Settings()
    if mail or accept:
        examine_mail(settings, accept=accept, json=json)
        return
    checks: dict[str, tuple[Callable[[Settings], Awaitable[str]], str]] = {
        "redis": (_redis, "start Redis, or set JOBLARK_REDIS_URL; embedded mode brings its own: joblark up"),
        "database": (_database, "check JOBLARK_DATABASE_URL, then run: joblark migrate"),
        "mail server": (_smtp, "check JOBLARK_SMTP_HOST, _PORT and _SECURITY"),
        "secret": (_secret, "run: joblark migrate --create-secret"),
    }
    rows = with_loop(_examine(settings, checks))
    table(rows, as_json=json)
    if not all(row["well"] for row in rows):
        raise typer.Exit(1)


def _serve(name: str) -> None:
    from shared.serving import serve
    from shared.settings import Settings
    from shared.telemetry import configure_logging

    settings = Settings()
    configure_logging(settings)
    serve(settings, import_module(f"services.{name}.app").running)


async def _examine(
    settings: "Settings", checks: "dict[str, tuple[Callable[[Settings], Awaitable[str]], str]]"
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for name, (check, advice) in checks.items():
        try:
            async with asyncio.timeout(10):
                rows.append({"what": name, "well": True, "found": await check(settings), "advice": None})
        except Exception as error:
            found = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            rows.append({"what": name, "well": False, "found": found, "advice": advice})
    return rows


async def _redis(settings: "Settings") -> str:
    from redis.asyncio import Redis

    async with Redis.from_url(settings.redis) as client:
        info = await client.info("server")
    return f"{info.get('server_name', 'redis')} {info.get('valkey_version', info['redis_version'])}"


async def _database(settings: "Settings") -> str:
    from shared import migrations
    from shared.database import Database

    async with Database.opened(settings.database) as database:
        return f"{database.url.get_backend_name()}, revision {await migrations.check(database)}"


async def _smtp(settings: "Settings") -> str:
    from aiosmtplib import SMTP

    tls, starttls = settings.smtp_protection == "tls", settings.smtp_protection == "starttls"
    client = SMTP(hostname=settings.smtp_host, port=settings.smtp_port, use_tls=tls, start_tls=starttls, timeout=8)
    async with client:
        if settings.smtp_user:
            await client.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        await client.noop()
    return f"{settings.smtp_host}:{settings.smtp_port}, {settings.smtp_protection}"


async def _secret(settings: "Settings") -> str:
    if len(settings.signing_secret) < 32:
        raise ValueError("shorter than 32 characters")
    return "set" if settings.secret.get_secret_value() else f"in {os.fspath(settings.data_dir)}/secret"
