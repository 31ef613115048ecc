"""Keeps the verdict on the mail domain, which bulk mail waits for in production (`services.notifier.refusals`)."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.notifier.maildomain.examine import examine, is_red
from services.notifier.maildomain.finding import Finding, State
from services.notifier.maildomain.lookup import Dns
from services.notifier.repository import switches
from shared.database import Database
from shared.settings import Settings

log = structlog.get_logger()

EVERY_SECONDS = 600.0
LETS_GO = (switches.GREEN, switches.ACCEPTED)


async def watch(database: Database, settings: Settings, now: datetime) -> None:
    """Examine the domain until it is in order once: a name server that is away later is no reason to hold a week's digests."""
    async with database.read() as session:
        known = await switches.get(session, switches.DOCTOR)
    if settings.environment == "production" and (known is None or known.value not in LETS_GO):
        await note(database, await examine(settings, Dns(settings.dns_server), now), now)


async def note(database: Database, findings: Sequence[Finding], now: datetime, *, accept: bool = False) -> str:
    """Write the verdict down, and let go what was held for want of it: green, red, or a red that an operator accepts."""
    reds = [finding.what for finding in findings if finding.state is State.RED]
    verdict = switches.GREEN if not is_red(findings) else switches.ACCEPTED if accept else switches.RED
    async with database.begin() as session:
        let_go = await switches.set_to(session, switches.DOCTOR, verdict, now, ", ".join(reds))
    say = log.warning if verdict == switches.RED else log.info
    say("mail_domain_examined", verdict=verdict, red=reds, let_go=let_go)
    return verdict
