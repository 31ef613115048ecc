"""Which opening each posting of a poll belongs to, given what the database knows of others."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.scraper.changes import Changes
from services.scraper.openings import COLUMNS, Evidence, Member, assign, same_job, stored_evidence
from services.scraper.threads import compute
from shared.models import PostingRow

REPOSTED = timedelta(days=90)
"""How long after a posting was closed another counts as the same opening, posted anew; later it is news again."""
CHUNK = 500
"""Postings asked about in one statement, by four keys each. SQLite takes 32,766 variables at most."""
KEYS = ("job_key", "requisition_key", "link_key", "text_key")

_ASKED = (
    PostingRow.id,
    PostingRow.opening_key,
    PostingRow.posting,
    PostingRow.closed_at,
    PostingRow.missed_polls,
    *(getattr(PostingRow, name) for name in COLUMNS),
)
_OF_IDS = select(*_ASKED).where(col(PostingRow.id).in_(bindparam("ids", expanding=True)))


async def opening_columns(
    session: AsyncSession, changes: Changes, evidence: Mapping[str, Evidence], now: datetime
) -> dict[str, dict[str, Any]]:
    """The columns about openings of what is new, edited or listed again, by external id, given the evidence of each.

    A posting keeps its opening through edits, so that the sent ledger stays true, unless it has become another job. Call it
    once the poll's absent postings are marked as such: a job that is posted anew is no twin of the one it replaces.
    """
    rewritten = changes.edited | changes.relisted
    changed = {posting.external_id: evidence[posting.external_id] for posting in (*changes.new, *rewritten.values())}
    keys = {
        member.evidence.external_id: member.opening_key
        for member in await _themselves(session, list(rewritten))
        if same_job(member.evidence, changed[member.evidence.external_id])
    }
    unplaced = [found for external_id, found in changed.items() if external_id not in keys]
    near = await _near(session, unplaced, now)
    keys |= await compute(assign, unplaced, near)
    return {external_id: {"opening_key": keys[external_id], **found.columns()} for external_id, found in changed.items()}


async def _themselves(session: AsyncSession, ids: Sequence[int]) -> list[Member]:
    """The postings of these row ids as they were."""
    chunks = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    return [member for chunk in chunks for member in (await _members(session, _OF_IDS, {"ids": chunk})).values()]


async def _near(session: AsyncSession, postings: Sequence[Evidence], now: datetime) -> list[Member]:
    """What the database has that shares a key with one of `postings`, without those themselves: each once, oldest first."""
    themselves = {(posting.board, posting.external_id) for posting in postings}
    found: dict[int, Member] = {}
    for start in range(0, len(postings), CHUNK):
        some = postings[start : start + CHUNK]
        keys = {name: list({key for posting in some if (key := getattr(posting, name))}) for name in KEYS}
        asked = {name: values for name, values in keys.items() if values}
        if asked:
            found |= await _members(session, _sharing(tuple(asked)), {**asked, "since": now - REPOSTED})
    ordered = [found[id_] for id_ in sorted(found)]
    return [each for each in ordered if (each.evidence.board, each.evidence.external_id) not in themselves]


@cache
def _sharing(columns: tuple[str, ...]) -> Select[Any]:
    """Postings that have one of the given values in one of the columns, each of which has an index.

    One statement for all columns, kept: to put it together takes longer than to run it, and each row is read once.
    """
    shares = or_(*(col(getattr(PostingRow, name)).in_(bindparam(name, expanding=True)) for name in columns))
    closed = col(PostingRow.closed_at)
    statement: Select[Any] = select(*_ASKED).where(shares, or_(closed.is_(None), closed >= bindparam("since")))
    return statement


async def _members(session: AsyncSession, statement: Select[Any], asked: dict[str, Any]) -> dict[int, Member]:
    """Postings by row id."""
    rows = (await (await session.connection()).execute(statement, asked)).all()
    members: dict[int, Member] = {}
    for id_, key, posting, closed, missed, *columns in rows:
        evidence = stored_evidence(posting, dict(zip(COLUMNS, columns, strict=True)))
        members[id_] = Member(evidence, key, listed=closed is None and missed == 0)
    return members
