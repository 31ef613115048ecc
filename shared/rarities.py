"""The rarities that were measured last, for every process that scores what is stored."""

from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.models import SkillShareRow
from shared.scoring.rarity import SHIPPED, Rarities


class StoredRarities:
    """Call it inside a transaction: `await rarities(session)` gives the latest ones, read only when there are newer ones.

    Until shares are measured for the first time they are the shipped ones.
    """

    def __init__(self) -> None:
        self.latest = SHIPPED

    async def __call__(self, session: AsyncSession) -> Rarities:
        measured_at = (await session.exec(select(SkillShareRow.measured_at).limit(1))).first()
        if measured_at is not None and measured_at != self.latest.measured_at:
            rows = (await session.exec(select(SkillShareRow.skill, SkillShareRow.share))).all()
            self.latest = Rarities(dict(rows), measured_at)
        return self.latest
