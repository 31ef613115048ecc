"""What time does to subscriptions, one bounded batch at a time; each function returns how many it changed.

Any number of processes may do it at once: a row that another one holds is left to it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.repository.rows import ACTIVE, ENDED, PAUSED, PENDING, apply, finish
from shared.models import FeedbackRow, MailRow, SubscriptionRow, SuppressionRow
from shared.models.notifier import STILL_THERE
from shared.models.web import TO_ERASE
from shared.profile import Profile

BATCH = 500
CONFIRM_WITHIN = timedelta(days=14)
ANSWER_WITHIN = timedelta(days=31)
"""Since *are you still there?* was sent: its thirty days, and one for the last of them to end wherever the person is."""
LOOKED_BACK = timedelta(days=60)
"""How long a web service may be away before it forgets whom it asked: the index need not hold every such mail ever sent."""


async def resume_due(session: AsyncSession, now: datetime) -> int:
    """Begin again where a pause was until a time that has come."""
    over = SubscriptionRow.state == PAUSED, col(SubscriptionRow.paused_until) <= now
    return sum(apply(row, {"state": ACTIVE, "paused_until": None}, now) for row in await _held(session, *over))


async def end_unconfirmed(session: AsyncSession, now: datetime) -> int:
    """End what nobody confirmed in time: whoever owns the address does not want it, or never saw the mail."""
    late = SubscriptionRow.state == PENDING, col(SubscriptionRow.changed_at) <= now - CONFIRM_WITHIN
    return _end(await _held(session, *late), "unconfirmed", now)


async def end_silent(session: AsyncSession, now: datetime) -> int:
    """End what gave no sign of life since *are you still there?* was sent."""
    asked = (
        col(MailRow.subscription_id) == col(SubscriptionRow.id),
        text(STILL_THERE),
        col(MailRow.state).concat("") == "sent",  # or SQLite goes by the index of states, and so through every mail sent
        col(MailRow.finished_at) <= now - ANSWER_WITHIN,
        col(MailRow.finished_at) > now - ANSWER_WITHIN - LOOKED_BACK,
    )
    return _end(await _held(session, col(SubscriptionRow.state).in_((ACTIVE, PAUSED)), *asked, *_silent()), "silent", now)


async def end_complained(session: AsyncSession, now: datetime) -> int:
    """End every subscription of an address whose owner called a mail of ours spam."""
    complained = select(SuppressionRow.address_hash).where(SuppressionRow.cause == "complaint")
    alive = SubscriptionRow.state != ENDED
    return _end(await _held(session, alive, col(SubscriptionRow.address_hash).in_(complained)), "complaint", now)


async def erase_addresses(session: AsyncSession, ended_before: datetime) -> int:
    """Forget where somebody who left was written to, and the words of their CV. The address's hash stays.

    It is no revision: nobody acts on what has ended.
    """
    rows = await _held(session, text(TO_ERASE), col(SubscriptionRow.ended_at) <= ended_before)
    for row in rows:
        row.email = row.channel = ""
        row.profile = Profile.model_validate(row.profile).without_words().model_dump(mode="json")
    return len(rows)


def _silent() -> Iterable[Any]:
    """No sign of life since the mail was opened: nothing pressed, changed, asked for or answered."""
    signs = (
        SubscriptionRow.renewed_at,
        SubscriptionRow.confirmed_at,
        SubscriptionRow.changed_at,
        SubscriptionRow.link_asked_at,
    )
    yield from (or_(col(sign).is_(None), col(sign) < col(MailRow.opened_at)) for sign in signs)
    answered = col(FeedbackRow.subscription_id) == col(SubscriptionRow.id), col(FeedbackRow.given_at) >= col(MailRow.opened_at)
    yield ~exists().where(*answered)


async def _held(session: AsyncSession, *where: Any) -> Sequence[SubscriptionRow]:
    """At most a batch of subscriptions for which all of `where` is true, locked for the caller."""
    query = select(SubscriptionRow).where(*where).limit(BATCH)
    return (await session.exec(query.with_for_update(of=SubscriptionRow, skip_locked=True))).all()


def _end(rows: Iterable[SubscriptionRow], why: str, now: datetime) -> int:
    return sum(finish(row, why, now) for row in rows)
