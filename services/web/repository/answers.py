"""What a person said of jobs, and what it taught."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.repository.rows import ACTIVE, PAUSED, apply, locked, revise
from shared.errors import Conflict
from shared.models import FeedbackRow, PostingRow, SubscriptionRow
from shared.scoring.feedback import learned

Parts = dict[str, float | None]


async def answer(
    session: AsyncSession, subscription_id: int, posting: PostingRow, liked: bool, parts: Parts, now: datetime
) -> SubscriptionRow:
    """Note what a person said of a job whose score has these parts, in place of what they said of it before.

    The same answer again changes nothing. Raises `Conflict` where the subscription has ended, or is not confirmed.
    """
    row = await locked(session, subscription_id)
    if row.state not in (ACTIVE, PAUSED):
        raise Conflict(f"subscription {subscription_id} is {row.state}; its jobs cannot be answered", code="subscription_ended")
    before = await session.get(FeedbackRow, (subscription_id, posting.id))
    if before is None or before.liked is not liked:
        new: dict[str, Any] = {"opening_key": posting.opening_key, "liked": liked, "parts": parts, "given_at": now}
        await session.merge(FeedbackRow(subscription_id=subscription_id, posting_id=posting.id, **new))
        if not apply(row, {"tuning": taught(await answers(session, subscription_id))}, now) and not liked:
            revise(row, now)  # for the matcher to take the job and its like off the shortlist
    return row


async def forget_answers(session: AsyncSession, subscription_id: int, now: datetime) -> SubscriptionRow:
    """Take back all that answers taught: every part weighs as for everybody. What was refused stays refused."""
    row = await locked(session, subscription_id)
    await session.exec(update(FeedbackRow).where(col(FeedbackRow.subscription_id) == subscription_id).values(parts={}))
    apply(row, {"tuning": {}}, now)
    return row


async def answers(session: AsyncSession, subscription_id: int) -> Sequence[FeedbackRow]:
    """What a person said of jobs, in the order they said it."""
    given = select(FeedbackRow).where(FeedbackRow.subscription_id == subscription_id)
    return (await session.exec(given.order_by(col(FeedbackRow.given_at), col(FeedbackRow.posting_id)))).all()


def taught(answers: Iterable[FeedbackRow]) -> dict[str, int]:
    """The steps that answers add up to, from none: an answer that was changed leaves no trace of what it was before."""
    tuning: dict[str, int] = {}
    for one in answers:
        tuning = learned(tuning, one.parts, liked=one.liked)
    return tuning
