"""`joblark doctor --mail`: is the mail domain in order, and what to do about it."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from services.cli.show import err, progress, table
from services.cli.work import with_loop

if TYPE_CHECKING:
    from services.notifier.maildomain import Finding
    from shared.settings import Settings


def examine_mail(settings: "Settings", *, accept: bool, json: bool) -> None:
    """Show every finding and keep the verdict. Exits 1 while one is red and not accepted."""
    findings, verdict = with_loop(_examine(settings, accept))
    table([_row(finding) for finding in findings], as_json=json)
    if verdict == "red":
        err.print("[red]digests do not go out in production while something is red[/]; to send all the same: --mail --accept")
        raise typer.Exit(1)
    if verdict == "accepted":
        err.print("[yellow]noted: digests go out although something is red[/]")


async def _examine(settings: "Settings", accept: bool) -> "tuple[list[Finding], str]":
    from services.notifier.maildomain import Dns, examine, note
    from shared.database import Database

    now = datetime.now(UTC)
    with progress() as bar:
        bar.add_task("asking name servers and our own page", total=None)
        findings = await examine(settings, Dns(settings.dns_server), now)
    async with Database.opened(settings.database) as database:
        return findings, await note(database, findings, now, accept=accept)


def _row(finding: "Finding") -> dict[str, object]:
    return {"what": finding.what, "state": finding.state.value, "found": finding.found, "advice": finding.advice or None}
