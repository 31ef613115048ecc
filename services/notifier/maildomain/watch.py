"""Keeps the verdict on the mail domain, which bulk mail waits for in production (`services.notifier.refusals`)."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.notifier.maildomain.examine import examine, is_red
from services.notifier.maildomain.finding import Finding, State
from services.notifier.maildomain.lookup import Dns
from services.notifier.refusals import ACCEPTED, DOCTOR, GREEN, IN_ORDER, RED
from services.notifier.repository import switches
from shared.database import Database
from shared.settings import Settings

log = structlog.get_logger()

EVERY_SECONDS = 600.0


async def watch(database: Database, settings: Settings, now: datetime) -> None:
    """Examine the domain until it is in order once: a name server that is away later is no reason to hold a week's digests."""
    async with database.read() as session:
        known = await switches.get(session, DOCTOR)
    if settings.environment == "production" and (known is None or known.value not in IN_ORDER):
        await note(database, await examine(settings, Dns(settings.dns_server), now), now)


async def note(database: Database, findings: Sequence[Finding], now: datetime, *, accept: bool = False) -> str:
    """Write the verdict down, and let go what was held for want of it: green, red, or a red that an operator accepts."""
    reds = [finding.what for finding in findings if finding.state is State.RED]
    verdict = GREEN if not is_red(findings) else ACCEPTED if accept else RED
    async with database.begin() as session:
        let_go = await switches.set_to(session, DOCTOR, verdict, now, ", ".join(reds))
    say = log.warning if verdict == RED else log.info
    say("mail_domain_examined", verdict=verdict, red=reds, let_go=let_go)
    return verdict
