"""What alarms are made of, read from the tables; and the switch that remembers what the operator was told."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.alarms.facts import WEEK, Facts, Tally
from services.notifier.kinds.alert import KIND, Alert
from services.notifier.owed import Owed
from services.notifier.refusals import DIGESTS, DOCTOR, OFF, RED
from services.notifier.repository import opening
from services.notifier.repository.ledger import LISTING
from shared.database import upsert
from shared.models import BoardRow, MailRow, ReturnRow, ScheduleRow, SwitchRow

MEMORY = "alarms"
LATE = timedelta(hours=1)
OPERATOR = 0
REFUSED = "smtp_recipient_refused:"
"""How the reason begins of a mail that was refused at once because there is no such mailbox: it came back, too."""
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


async def claim_look(session: AsyncSession, now: datetime, every: timedelta) -> bool:
    """Whether it is the caller's turn to look: nobody else has, for `every`."""
    row = {"name": MEMORY, "value": "", "reason": "", "set_at": _NEVER}
    await upsert(session, SwitchRow, [row])
    due = [col(SwitchRow.name) == MEMORY, col(SwitchRow.set_at) <= now - every]
    return bool((await session.exec(update(SwitchRow).where(*due).values(set_at=now))).rowcount)


async def memory(session: AsyncSession) -> SwitchRow | None:
    """The switch whose value is the memory, locked for the caller."""
    return (await session.exec(select(SwitchRow).where(SwitchRow.name == MEMORY).with_for_update())).one_or_none()


async def is_due(session: AsyncSession, now: datetime, every: timedelta) -> bool:
    row = await session.get(SwitchRow, MEMORY)
    return row is None or row.set_at <= now - every


async def open_alert(session: AsyncSession, occasion: str, alert: Alert, now: datetime) -> bool:
    """Open the operator's mail. False where there is one of this occasion already."""
    content = alert.model_dump(mode="json", exclude_defaults=True)
    return bool(await opening.open_all(session, [Owed(OPERATOR, KIND.name, occasion, now, content=content)], now))


async def facts(session: AsyncSession, now: datetime) -> Facts:
    """Everything but the dead letters, which are not in the database."""
    boards = (await session.exec(select(BoardRow).where(col(BoardRow.removed_at).is_(None)))).all()
    switches = {row.name: row for row in (await session.exec(select(SwitchRow))).all()}
    stopped, doctor = switches.get(DIGESTS), switches.get(DOCTOR)
    return Facts(
        boards=boards,
        **await _week(session, now - WEEK),
        **await _returns(session, now - WEEK),
        put_off=await _tally(session, MailRow.state == "deferred", MailRow.opened_at < now - LATE, since=MailRow.opened_at),
        held=await _held(session),
        overdue=await _overdue(session, now - LATE),
        stopped=stopped.set_at if stopped and stopped.value == OFF else None,
        red=(doctor.set_at, doctor.reason) if doctor and doctor.value == RED else None,
    )


async def _week(session: AsyncSession, since: datetime) -> dict[str, Any]:
    """What became of the mails whose last attempt ended in the window. One walk along an index, however many there are."""
    refused = and_(col(MailRow.state) == "failed", col(MailRow.reason).startswith(REFUSED, autoescape=True))
    outcome = case((refused, "refused"), else_=col(MailRow.state))
    counted = select(outcome, func.count(), func.min(col(MailRow.finished_at))).where(
        col(MailRow.finished_at) >= since, col(MailRow.state).in_(("sent", "unknown", "failed"))
    )
    found = {state: Tally(count, first) for state, count, first in (await session.exec(counted.group_by(outcome))).all()}
    number = {state: tally.number for state, tally in found.items()}
    return {
        "sent": number.get("sent", 0) + number.get("unknown", 0) + number.get("refused", 0),
        "refused": number.get("refused", 0),
        "unknown": found.get("unknown", Tally()),
        "failed": found.get("failed", Tally()),
    }


async def _returns(session: AsyncSession, since: datetime) -> dict[str, Any]:
    """Mails that came back for good, and complaints. One that was refused at once is counted among the mails already."""
    refused = and_(col(MailRow.id) == col(ReturnRow.mail_id), col(MailRow.state) == "failed")
    counted = (
        select(ReturnRow.kind, func.count())
        .outerjoin(MailRow, refused)
        .where(col(ReturnRow.returned_at) >= since, col(MailRow.id).is_(None), col(ReturnRow.kind).in_(("hard", "complaint")))
        .group_by(col(ReturnRow.kind))
    )
    found = dict((await session.exec(counted)).all())
    return {"bounces": found.get("hard", 0), "complaints": found.get("complaint", 0)}


async def _held(session: AsyncSession) -> dict[str, Tally]:
    """Held mails by the code that their reason begins with."""
    whole = select(MailRow.reason, func.count(), func.min(col(MailRow.opened_at))).where(MailRow.state == "held")
    found = dict[str, Tally]()
    for reason, count, first in (await session.exec(whole.group_by(col(MailRow.reason)))).all():
        code = (reason or "").partition(":")[0][:40] or "no reason"
        before = found.get(code, Tally())
        found[code] = Tally(before.number + count, min(filter(None, (before.since, first))))
    return found


async def _overdue(session: AsyncSession, before: datetime) -> Tally:
    """Digests that were due before then: not opened by anybody, or opened and not tried."""
    unopened = await _tally(session, ScheduleRow.next_digest_at < before, since=ScheduleRow.next_digest_at)
    waiting = [MailRow.state == "pending", col(MailRow.kind).in_(LISTING), MailRow.due_at < before]
    untried = await _tally(session, *waiting, since=MailRow.due_at)
    first = min((tally.since for tally in (unopened, untried) if tally.since), default=None)
    return Tally(unopened.number + untried.number, first)


async def _tally(session: AsyncSession, *conditions: Any, since: Any) -> Tally:
    return Tally(*(await session.exec(select(func.count(), func.min(since)).where(*conditions))).one())
