"""`joblark digest` and `joblark mails`: sending digests now, and the ledger of what was sent."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.digest_explain import explain
from services.cli.preview import preview
from services.cli.show import Json, err, progress, table
from services.cli.subscribe import find
from services.cli.work import in_transaction, with_loop
from shared.errors import Conflict

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from shared.models import MailRow


def add_to(cli: typer.Typer) -> None:
    digest = typer.Typer(help="What is sent and why, and sending it.", no_args_is_help=True)
    for command in (preview, explain, send):
        digest.command()(command)
    cli.add_typer(digest, name="digest", rich_help_panel="Operate")
    mails = typer.Typer(help="The ledger of mails: what was sent, and what was not.", no_args_is_help=True)
    mails.command("list")(list_mails)
    cli.add_typer(mails, name="mails", rich_help_panel="Operate")


def send(
    now: Annotated[bool, typer.Option("--now", help="Do not wait for the hour that people chose.")] = False,
    to: Annotated[list[str] | None, typer.Option(metavar="SUBSCRIPTION", help="Only these; default: everybody active.")] = None,
    wait: Annotated[float, typer.Option(help="Longest wait in seconds: for what is on its way, and again for mails.")] = 60.0,
    json: Json = False,
) -> None:
    """Send this period's digest at once to whoever has not had it, after all that is on its way has been matched."""
    if not now:
        raise Conflict("digests go out by themselves at the hour people chose; to send them at once, say --now", code="not_now")
    mails = with_loop(_send(to or [], wait))
    table(
        [_row(mail) for mail in mails], as_json=json, empty="nobody is subscribed: joblark subscribe --email … --profile cv.txt"
    )
    stuck = [mail for mail in mails if mail.state not in ("sent", "skipped")]
    if stuck:
        err.print("[yellow]not everything was sent; is the notifier running? see `joblark doctor`, `joblark mails list`[/]")
        raise typer.Exit(1)


def list_mails(
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    state: Annotated[str, typer.Option(help="pending, sending, deferred, sent, skipped, failed or unknown.")] = "",
    json: Json = False,
) -> None:
    """The ledger: every mail, its state, and why."""
    from sqlmodel import col, select, true

    from shared.models import MailRow

    async def work(session: "AsyncSession") -> list[dict[str, object]]:
        query = select(MailRow).where(MailRow.state == state if state else true())
        return [_row(mail, full=json) for mail in await session.exec(query.order_by(col(MailRow.id).desc()).limit(limit))]

    table(in_transaction(work), as_json=json, empty="no mails yet")


async def _send(who: list[str], seconds: float) -> "list[MailRow]":
    from services.embedded.line import send_now, until_idle
    from services.web import repository
    from shared.database import Database
    from shared.settings import Settings
    from shared.streams import Streams

    settings = Settings()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(Database.opened(settings.database))
        streams = await stack.enter_async_context(Streams(settings).connected())
        bar = stack.enter_context(progress())
        if left := await until_idle(database, streams, seconds, bar):
            err.print(f"[yellow]going on although the line is not idle after {seconds:.0f} s: {left}[/]")
        async with database.read() as session:
            everybody = await repository.listing(session, state=repository.ACTIVE, limit=1_000_000)
            rows = [await find(session, one) for one in who] or everybody
        return await send_now(database, streams, [row.id for row in rows], seconds, bar)


def _row(mail: "MailRow", *, full: bool = False) -> dict[str, object]:
    """One line of the ledger; in full with the Message-ID that a mail server's log knows it by."""
    entries = (mail.content or {}).get("entries", [])
    return ({"message_id": _message_id(mail)} if full else {}) | {
        "id": mail.id,
        "subscription": mail.subscription_id,
        "kind": mail.kind,
        "occasion": mail.occasion,
        "state": mail.state,
        "jobs": len(entries),
        "attempts": mail.attempts,
        "finished": mail.finished_at,
        "reason": mail.reason,
    }


def _message_id(mail: "MailRow") -> str:
    from services.notifier.compose import message_id_of
    from shared.settings import Settings

    return message_id_of(mail, Settings())
