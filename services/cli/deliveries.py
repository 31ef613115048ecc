"""`joblark deliveries`: every attempt to send a mail, what is to become of one whose outcome nobody knows, and the switch."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.show import Json, err, table
from services.cli.work import in_transaction
from shared.errors import Conflict, NotFound

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession


class Resolution(StrEnum):
    SENT = "sent"
    FAILED = "failed"
    RESEND = "resend"


def add_to(cli: typer.Typer) -> None:
    deliveries = typer.Typer(help="Attempts to send mails, and the switch that stops digests.", no_args_is_help=True)
    for command in (list_, resolve, stop, start):
        deliveries.command(command.__name__.rstrip("_"))(command)
    cli.add_typer(deliveries, name="deliveries", rich_help_panel="Operate")


def list_(
    state: Annotated[
        str, typer.Option(help="Only of mails that are now: pending, sending, deferred, held, unknown, sent, failed, skipped.")
    ] = "",
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    json: Json = False,
) -> None:
    """Attempts, newest first: when DATA began, what the server said. A mail that is `unknown` waits for `resolve`."""

    async def work(session: "AsyncSession") -> tuple[list[dict[str, object]], str]:
        from services.notifier.refusals import DIGESTS, OFF
        from services.notifier.repository import attempts, switches

        stopped = await switches.get(session, DIGESTS)
        why = f" ({stopped.reason})" if stopped and stopped.reason else ""
        words = f"digests are stopped{why}: joblark deliveries start" if stopped and stopped.value == OFF else ""
        return await attempts.listing(session, state, limit), words

    rows, words = in_transaction(work)
    table(rows, as_json=json, empty="no attempts" + (f" at mails that are {state}" if state else " yet"))
    if words:
        err.print(f"[yellow]{words}[/]")


def resolve(
    mail: Annotated[int, typer.Argument(help="Its number in `joblark mails list`.")],
    as_: Annotated[Resolution, typer.Option("--as", help="What the mail server's log says, or what is to be done.")],
    reason: Annotated[str, typer.Option(help="A word for whoever looks at it later.")] = "",
) -> None:
    """Say what became of a mail whose server fell silent after DATA; `resend` sends the same mail again, a failed one too.

    One that lists jobs only while JOBLARK_MAIL_KEEP_DAYS keep what was in it.
    """

    async def work(session: "AsyncSession") -> None:
        from services.notifier.repository import resolving
        from shared.models import MailRow

        words = f"an operator says: {reason or as_.value}"[:500]
        if await resolving.resolve(session, mail, as_.value, words, datetime.now(UTC)):
            return
        row = await session.get(MailRow, mail)
        if row is None:
            raise NotFound(f"there is no mail {mail}: see `joblark mails list`", code="mail_unknown")
        raise Conflict(f"mail {mail} is {row.state}: only what is unknown can be resolved", code="mail_not_unknown")

    in_transaction(work)
    typer.echo(f"mail {mail}: {as_.value}")


def stop(reason: Annotated[str, typer.Option(help="Why, for whoever finds it stopped.")] = "") -> None:
    """Send no digest, nor any other mail that comes unasked, from now on. They are held, and go when it is started again."""
    _switch("off", reason)
    typer.echo("digests are stopped; what is due is held until `joblark deliveries start`")


def start() -> None:
    """Let digests go again, those that were held too."""
    held = _switch("on", "")
    typer.echo(f"digests go out again; {held} that were held are due now")


def _switch(value: str, reason: str) -> int:
    async def work(session: "AsyncSession") -> int:
        from services.notifier.refusals import DIGESTS
        from services.notifier.repository import switches

        return await switches.set_to(session, DIGESTS, value, datetime.now(UTC), reason[:500])

    return in_transaction(work)
