"""Whose silence is to be broken by a mail: requests nobody confirmed, people long unheard of, weeks in which nothing fitted.

Each gives at most `limit` subscription ids after `after`, in order; none of whom such a mail was opened for already.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, text
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.kinds.confirm import EXPIRES_AFTER, REMINDER
from services.notifier.prepare import QUIET
from services.notifier.repository.ledger import SHOWN
from shared.models import FeedbackRow, MailRow, SubscriptionRow
from shared.models.web import QUIET_NOTE

REMIND_AFTER = timedelta(days=3)
UNHEARD_FOR = timedelta(days=365)
QUIET_FOR = timedelta(days=28)
IN_VAIN = ("failed", "skipped")
"""States of a mail that its reader never saw: another may be opened."""


async def unconfirmed(session: AsyncSession, now: datetime, after: int, limit: int) -> Sequence[int]:
    """Who was sent a confirmation and has not followed it for days, while it still works. Each is reminded once."""
    where = (
        SubscriptionRow.state == "pending",
        col(SubscriptionRow.changed_at) <= now - REMIND_AFTER,
        col(SubscriptionRow.changed_at) > now - EXPIRES_AFTER,
        _mailed("confirm", MailRow.state == "sent"),
        ~_mailed("confirm", MailRow.occasion == REMINDER),
    )
    return await _ids(session, after, limit, *where)


async def unheard(session: AsyncSession, now: datetime, after: int, limit: int) -> Sequence[int]:
    """Who has given no sign of life for a year, and was not asked since then whether they are still there."""
    before = now - UNHEARD_FOR
    signs = (SubscriptionRow.confirmed_at, SubscriptionRow.renewed_at, SubscriptionRow.link_asked_at)
    answered = col(FeedbackRow.subscription_id) == col(SubscriptionRow.id), col(FeedbackRow.given_at) > before
    where = (
        col(SubscriptionRow.state).in_(("active", "paused")),
        col(SubscriptionRow.changed_at) <= before,
        *(or_(col(sign).is_(None), col(sign) <= before) for sign in signs),
        ~exists().where(*answered),
        ~_mailed("still-there", col(MailRow.opened_at) > before, ~col(MailRow.state).in_(IN_VAIN)),
    )
    return await _ids(session, after, limit, *where)


async def unserved(session: AsyncSession, now: datetime, after: int, limit: int) -> Sequence[int]:
    """Who wants a note when nothing fits: a digest was skipped for that, and they had no mail at all for four weeks."""
    since = now - QUIET_FOR
    where = (
        text(QUIET_NOTE),
        SubscriptionRow.state == "active",
        col(SubscriptionRow.confirmed_at) <= since,
        _mailed("digest", MailRow.state == "skipped", MailRow.reason == QUIET, col(MailRow.finished_at) > since),
        ~exists().where(_theirs(), col(MailRow.state).in_(SHOWN), col(MailRow.finished_at) > since),
        ~_mailed("watching", col(MailRow.opened_at) > since),
    )
    return await _ids(session, after, limit, *where)


def _mailed(kind: str, *where: Any) -> ColumnElement[bool]:
    return exists().where(_theirs(), col(MailRow.kind) == kind, *where)


def _theirs() -> ColumnElement[bool]:
    return col(MailRow.subscription_id) == col(SubscriptionRow.id)


async def _ids(session: AsyncSession, after: int, limit: int, *where: Any) -> Sequence[int]:
    query = select(SubscriptionRow.id).where(col(SubscriptionRow.id) > after, *where)
    return (await session.exec(query.order_by(col(SubscriptionRow.id)).limit(limit))).all()
