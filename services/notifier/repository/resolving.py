"""Mails of which nobody knows what became, and those that failed: settled, or sent again as the mails that they were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import and_, delete, exists, func, or_, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.repository import attempts
from services.notifier.repository.ledger import LISTING, jobs_of, to_be_tried
from shared.errors import Conflict
from shared.models import DeliveryRow, MailRow, SentRow

RESENDS = 2
"""How often a mail whose outcome is unknown is sent again, where the operator chose that."""
RESEND_AFTER = timedelta(minutes=30)
"""How long after. Time for a bounce to come, and for a server that hangs to be itself again."""
Resolution = Literal["sent", "failed", "resend"]

_DROPPED = and_(
    col(MailRow.kind).in_(LISTING),
    col(MailRow.content).is_(None),
    exists().where(
        col(DeliveryRow.mail_id) == col(MailRow.id),
        or_(col(DeliveryRow.data_at).is_not(None), col(DeliveryRow.reply).is_(None)),
    ),
)
"""What was chosen for the mail is not kept any more (`retention` drops what servers said of it along with it).

One for which nothing was chosen yet has no content either: nobody has seen anything of it.
"""


async def resolve(session: AsyncSession, mail_id: int, state: Resolution, reason: str, now: datetime) -> bool:
    """What became of a mail that nobody knew of: it was sent, it failed, or it is to be sent again, as the same mail.

    Only an `unknown` mail is resolved; a `failed` one may be sent again too. False, and nothing changed, for any other.
    Raises `Conflict` for one that cannot be sent again: `content_dropped`, `jobs_shown_since`.
    """
    again = state == "resend"
    unresolved = [col(MailRow.id) == mail_id, col(MailRow.state).in_(("unknown", "failed") if again else ("unknown",))]
    mail = (await session.exec(select(MailRow).where(*unresolved).with_for_update())).one_or_none()
    if mail is None:
        return False
    if again:
        await _check_may_go_again(session, mail)
    values = to_be_tried(now) if again else {"state": state, "finished_at": now}
    await session.exec(update(MailRow).where(col(MailRow.id) == mail_id).values(**values, reason=reason))
    if state == "failed":  # its jobs were not shown after all
        await session.exec(delete(SentRow).where(col(SentRow.mail_id) == mail_id))
    return True


async def resend_unknown(session: AsyncSession, now: datetime) -> Sequence[int]:
    """Let mails whose outcome has been unknown for a while wait to be sent again, at most `RESENDS` times each.

    One whose content was dropped meanwhile stays unknown: it would not be the same mail.
    """
    unknowns = select(func.count()).where(DeliveryRow.mail_id == MailRow.id, DeliveryRow.outcome == "unknown")
    tried = unknowns.correlate(MailRow).scalar_subquery()
    again = update(MailRow).where(
        col(MailRow.state) == "unknown", col(MailRow.finished_at) <= now - RESEND_AFTER, tried <= RESENDS, ~_DROPPED
    )
    return (await session.exec(again.values(**to_be_tried(now)).returning(col(MailRow.id)))).scalars().all()


async def _check_may_go_again(session: AsyncSession, mail: MailRow) -> None:
    """Raise unless it would be the same mail, and what it lists comes in no other one since it failed."""
    if (await session.exec(select(MailRow.id).where(MailRow.id == mail.id, _DROPPED))).first() is not None:
        raise Conflict(
            f"mail {mail.id}: what was in it is dropped after JOBLARK_MAIL_KEEP_DAYS, and another digest must not go out "
            "under its Message-ID; of an unknown one say --as sent or --as failed: what failed comes in the next digest",
            code="content_dropped",
        )
    if (other := await _shows_the_same(session, mail)) is not None:
        words = f"mail {mail.id}: jobs of it come in mail {other}; what else it lists comes in the next digest"
        raise Conflict(words, code="jobs_shown_since")


async def _shows_the_same(session: AsyncSession, mail: MailRow) -> int | None:
    """Another mail to the same person that has shown a job of this one, or is on its way with it."""
    openings, ids = {job[0] for job in jobs_of(mail)}, {job[1] for job in jobs_of(mail)}
    for waiting in await attempts.promised(session, {mail.subscription_id}):
        if waiting.id != mail.id and openings & {job[0] for job in jobs_of(waiting)}:
            return waiting.id
    same = or_(col(SentRow.opening_key).in_(openings), col(SentRow.posting_id).in_(ids))
    others = col(SentRow.subscription_id) == mail.subscription_id, col(SentRow.mail_id) != mail.id, same
    return (await session.exec(select(SentRow.mail_id).where(*others).limit(1))).first()
