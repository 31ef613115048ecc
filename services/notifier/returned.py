"""What is made of bounces and complaints, whoever tells of them: `joblark bounces read` or a provider's webhook.

hard        nobody is there: the address gets no mail of any kind, for good
complaint   somebody called our mail spam: the same, and at once, also for what waits to be sent
soft        counted. Each counts half after HALF_LIFE, so n at one moment weigh n, and the sum of 2^(−age / HALF_LIFE) is what
            they weigh now. At LIMIT the address rests for REST. With 28 days that is the fourth bounce in a row of a weekly
            digest (1 + 0.84 + 0.71 + 0.59 = 3.14) and the fourth day of a daily one; a half-life of a week would never stop a
            weekly digest, whose sum stays below 2. A monthly one (below 2 too) goes on: it costs nobody anything.
taken       a server has the mail, so it was sent, if that was not known

A mail that came back says so in the ledger (`MailRow.returned`), and one whose fate was unknown has failed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository import resolving, returns, schedules
from shared.database import Database
from shared.events import MailReturned
from shared.models import ReturnRow
from shared.telemetry import RETURNS

log = structlog.get_logger()

HALF_LIFE = timedelta(days=28)
LIMIT = 3.0
REST = timedelta(days=30)
REMEMBERED = 12 * HALF_LIFE
"""Older bounces weigh less than a four-thousandth each."""


class Returned:
    """The handler of the stream of returns."""

    def __init__(self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.now = database, now

    async def on_mails_returned(self, events: list[MailReturned]) -> None:
        """Note each report once. Told again, it changes nothing."""
        async with self.database.begin() as session:
            await note(session, events, self.now())


async def note(session: AsyncSession, reports: Sequence[MailReturned], now: datetime) -> Counter[str]:
    """Note reports and do what follows from each. Returns how many there were of each sort, and how many `known` already.

    `gone` are those about a mail that is not in the ledger, which name no address either: nobody is meant.
    """
    outcomes = Counter[str]()
    for report in sorted(reports, key=lambda report: (report.mail_id, report.key)):  # everybody locks in one order
        outcome = await _note(session, report, now)
        outcomes[outcome] += 1
        RETURNS.labels(report.source, outcome).inc()
        log.info("mail_returned", mail=report.mail_id, source=report.source, outcome=outcome, status=report.status)
    return outcomes


def weight(bounces: Iterable[datetime], now: datetime) -> float:
    """What soft bounces at these times weigh at `now`."""
    ages = (max(now - at, timedelta(0)) for at in bounces)
    return float(sum(0.5 ** (age / HALF_LIFE) for age in ages))


async def _note(session: AsyncSession, report: MailReturned, now: datetime) -> str:
    about = await returns.recipient(session, report.mail_id) if report.mail_id else None
    address_hash = about[1] if about else report.address_hash  # the ledger's: a report may name where it was forwarded to
    if about is None and not address_hash:
        return "gone"
    if report.sort == "taken":
        return await _taken(session, report, now)
    if not await returns.record(session, [_row(report, address_hash, about is not None)]):
        return "known"
    if about:
        await _came_back(session, report, now)
    if address_hash:
        await _act(session, report, address_hash, now)
    return report.sort


async def _taken(session: AsyncSession, report: MailReturned, now: datetime) -> str:
    reason = f"a server took it, says {report.source}"
    return "taken" if await resolving.resolve(session, report.mail_id, "sent", reason, now) else "known"


async def _came_back(session: AsyncSession, report: MailReturned, now: datetime) -> None:
    words = " ".join(part for part in (report.sort, report.status) if part)
    await returns.set_returned(session, report.mail_id, words)
    if report.sort == "complaint":  # somebody has read it
        await resolving.resolve(session, report.mail_id, "sent", f"a complaint came, says {report.source}", now)
    else:
        await resolving.resolve(session, report.mail_id, "failed", f"it came back: {words} {report.detail}"[:500], now)


async def _act(session: AsyncSession, report: MailReturned, address_hash: str, now: datetime) -> None:
    detail = " ".join(part for part in (report.status, report.detail) if part)
    if report.sort == "soft":
        before = await returns.soft_since(session, address_hash, now - REMEMBERED)
        if weight(before, now) >= LIMIT:
            await returns.suppress(session, address_hash, "soft", detail, now, now + REST)
        return
    await returns.suppress(session, address_hash, report.sort, detail, now)
    if report.sort == "complaint":
        for subscription_id in await returns.subscriptions_of(session, address_hash):
            await schedules.unschedule(session, subscription_id, "the person complained about our mail", now)


def _row(report: MailReturned, address_hash: str, in_ledger: bool) -> ReturnRow:
    return ReturnRow(
        key=report.key,
        kind=report.sort,
        address_hash=address_hash,
        mail_id=report.mail_id if in_ledger else None,
        status=report.status,
        source=report.source,
        detail=report.detail,
        returned_at=report.returned_at,
    )
