"""What every notifier is to know: `digests` on or off, `doctor` green, accepted or red."""

from datetime import datetime

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository import ledger
from shared.database import upsert
from shared.models import SwitchRow

DIGESTS, DOCTOR = "digests", "doctor"
ON, OFF = "on", "off"
GREEN, ACCEPTED, RED = "green", "accepted", "red"
"""What `joblark doctor --mail` found; `accepted` is red, and an operator who sends nevertheless."""
LETS_GO = {DIGESTS: {ON: "digests_off"}, DOCTOR: {GREEN: "doctor_red", ACCEPTED: "doctor_red"}}
"""Setting a switch to this value lets go the mails that were held with this code (`services.notifier.refusals`)."""


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
