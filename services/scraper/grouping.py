"""Which opening each posting of a poll belongs to, given what the database knows of others."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy import or_, true
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.scraper.changes import Changes
from services.scraper.openings import COLUMNS, Evidence, Member, assign, read_evidence, same_job, stored_evidence
from services.scraper.threads import compute
from shared.models import PostingRow
from shared.posting import Posting

REPOSTED = timedelta(days=90)
"""How long after a posting was closed another counts as the same opening, posted anew; later it is news again."""
CHUNK = 500
"""Values in one IN list. SQLite takes 32,766 variables at most."""


async def opening_columns(session: AsyncSession, changes: Changes, now: datetime) -> dict[str, dict[str, Any]]:
    """The columns about openings of what is new, edited or listed again, by external id.

    A posting keeps its opening through edits, so that the sent ledger stays true, unless it has become another job. Call it
    once the poll's absent postings are marked as such: a job that is posted anew is no twin of the one it replaces.
    """
    rewritten = changes.edited | changes.relisted
    evidence = await compute(_read, chain(changes.new, rewritten.values()))
    before = (await _members(session, "id", rewritten)).values()
    keys = {
        member.evidence.external_id: member.opening_key
        for member in before
        if same_job(member.evidence, evidence[member.evidence.external_id])
    }
    unplaced = [found for external_id, found in evidence.items() if external_id not in keys]
    near = await _near(session, unplaced, now)
    keys |= await compute(assign, unplaced, near)
    return {external_id: {"opening_key": keys[external_id], **found.columns()} for external_id, found in evidence.items()}


def _read(postings: Iterable[Posting]) -> dict[str, Evidence]:
    return {posting.external_id: read_evidence(posting) for posting in postings}


async def _near(session: AsyncSession, postings: Sequence[Evidence], now: datetime) -> list[Member]:
    """What the database has that shares a key with one of `postings`, without those themselves: each once, oldest first."""
    themselves = {(posting.board, posting.external_id) for posting in postings}
    found: dict[int, Member] = {}
    for column in ("job_key", "requisition_key", "link_key", "text_key"):
        keys = {key for posting in postings if (key := getattr(posting, column))}
        found |= await _members(session, column, keys, now - REPOSTED)
    ordered = [found[id_] for id_ in sorted(found)]
    return [each for each in ordered if (each.evidence.board, each.evidence.external_id) not in themselves]


async def _members(
    session: AsyncSession, column: str, values: Collection[Any], since: datetime | None = None
) -> dict[int, Member]:
    """Postings by row id whose `column` is among `values`, without those closed before `since`."""
    row = PostingRow
    asked = (row.id, row.opening_key, row.posting, row.closed_at, row.missed_polls, *(getattr(row, name) for name in COLUMNS))
    recent = true() if since is None else or_(col(row.closed_at).is_(None), col(row.closed_at) >= since)
    members: dict[int, Member] = {}
    ordered = list(values)
    for start in range(0, len(ordered), CHUNK):
        among = col(getattr(row, column)).in_(ordered[start : start + CHUNK])
        for id_, key, posting, closed, missed, *columns in (await session.exec(select(*asked).where(among, recent))).all():
            evidence = stored_evidence(posting, dict(zip(COLUMNS, columns, strict=True)))
            members[id_] = Member(evidence, key, listed=closed is None and missed == 0)
    return members
