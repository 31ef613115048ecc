"""What every notifier is to know: whether digests are stopped, and whether the mail domain is in order (`refusals`)."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.refusals import LETS_GO
from services.notifier.repository import ledger
from shared.database import upsert
from shared.models import SwitchRow


async def get(session: AsyncSession, name: str) -> SwitchRow | None:
    return await session.get(SwitchRow, name)


async def values(session: AsyncSession) -> dict[str, str]:
    """The value of every switch that was ever set."""
    return {row.name: row.value for row in (await session.exec(select(SwitchRow))).all()}


async def set_to(session: AsyncSession, name: str, value: str, now: datetime, reason: str = "") -> int:
    """Set a switch. Returns how many mails that were held because of it wait to be sent now."""
    row = {"name": name, "value": value, "reason": reason, "set_at": now}
    await upsert(session, SwitchRow, [row], update=("value", "reason", "set_at"))
    code = LETS_GO.get(name, {}).get(value)
    return await ledger.release(session, now, code) if code else 0
