"""How many openings name each skill, measured once a week over what is open: the rarities that scores rest on."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher.catalogue import Catalogue
from shared.database import upsert
from shared.models import SkillShareRow
from shared.reading.skills import is_ubiquitous, skills
from shared.scoring.rarity import blended

log = structlog.get_logger()

EVERY = timedelta(days=7)
"""Shares move slowly, and every new measurement moves every score a little: not oftener than digests come."""
FEWEST = 500
"""Engineering openings below which nothing is measured: they would count for less than a fifth beside the shipped table."""


async def are_due(session: AsyncSession, now: datetime) -> bool:
    """Whether the last measurement is a week old, or there is none."""
    measured_at = (await session.exec(select(SkillShareRow.measured_at).limit(1))).first()
    return measured_at is None or measured_at <= now - EVERY


async def measure(session: AsyncSession, catalogue: Catalogue, now: datetime) -> bool:
    """Write the shares of what is open, in place of those before. False where too little is open, and nothing is written.

    Replicas that measure at once write the same rows in the same order, one after the other.
    """
    named, openings = catalogue.named()
    if openings < FEWEST:
        return False
    measured = {"measured_over": openings, "measured_at": now}
    rows = [
        {"skill": skill, "share": blended(named.get(skill, 0), openings, skill), "openings": named.get(skill, 0), **measured}
        for skill in sorted(skills())
        if not is_ubiquitous(skill)
    ]
    await upsert(session, SkillShareRow, rows, update=("share", "openings", *measured))
    await session.exec(delete(SkillShareRow).where(col(SkillShareRow.measured_at) != now))
    log.info("skills_measured", openings=openings, skills=len(rows))
    return True
