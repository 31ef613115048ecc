"""`joblark bounces`: reading what came back of mails."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from services.cli.show import Json, err, out, print_json, progress, table
from services.cli.work import with_loop

if TYPE_CHECKING:
    from services.notifier.reading import Tally

SHOWN = 20
OUTCOMES = {
    "hard": "nobody is there: suppressed for good",
    "soft": "counted; the fourth in a row of a weekly digest rests the address for 30 days",
    "complaint": "suppressed for every mail, and stopped",
    "taken": "a server says that it has the mail: no longer unknown",
    "known": "told before",
    "gone": "about a mail that is not in the ledger",
    "ignored": "automatic replies, receipts, reports that are no matter",
    "unsigned": "a report without the signed name of a mail of ours: suppresses nobody",
    "unrecognised": "no report that is known: look at it",
    "set_aside": "could not be read: look at it",
}


def add_to(cli: typer.Typer) -> None:
    bounces = typer.Typer(help="What came back of mails: bounces and complaints.", no_args_is_help=True)
    bounces.command()(read)
    cli.add_typer(bounces, name="bounces", rich_help_panel="Operate")


def read(
    source: Annotated[
        str,
        typer.Argument(help="A Maildir, an mbox, one mail, - for standard input, or imap: that of JOBLARK_BOUNCES_IMAP_URL."),
    ] = "imap",
    json: Json = False,
) -> None:
    """Read bounces and complaints, and suppress whom they are about. Read twice, a report counts once.

    Mails are marked as read, never deleted; what somebody should look at is flagged, and named here.
    """
    tally = with_loop(_read(source))
    if json:
        left = [{"mail": name, "outcome": outcome, "why": why} for name, outcome, why in tally.left]
        print_json({"read": tally.counts["read"], **{name: tally.counts[name] for name in OUTCOMES}, "left": left})
        return
    rows = [{"what": name, "mails": tally.counts[name], "meaning": OUTCOMES[name]} for name in OUTCOMES if tally.counts[name]]
    table(rows, as_json=False, empty="nothing new in this mailbox" if not tally.counts["read"] else "")
    out.print(f"{tally.counts['read']} mails read")
    for name, outcome, why in tally.left[:SHOWN]:
        err.print(f"[yellow]{outcome}[/] {escape(name)}: {escape(why)}", soft_wrap=True)
    if len(tally.left) > SHOWN:
        err.print(f"… and {len(tally.left) - SHOWN} more: --json names them all")


async def _read(source: str) -> "Tally":
    from services.notifier.mailboxes import open_mailbox
    from services.notifier.reading import read_mailbox
    from shared.database import Database
    from shared.settings import Settings

    settings = Settings()
    with open_mailbox(source, settings) as mailbox, progress() as bar:
        task = bar.add_task("reading", total=mailbox.total)
        async with Database.opened(settings.database) as database:
            return await read_mailbox(
                database, mailbox, settings.signing_secret, datetime.now(UTC), lambda count: bar.advance(task, count)
            )
