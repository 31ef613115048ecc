"""What a subscription was sent, read from the notifier's ledger."""

from collections.abc import Iterable, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.web.feed import Sent
from shared.models import PostingRow, SentRow
from shared.posting import Posting

READ = 400
"""Rows looked at: an opening has one for each of its postings."""


async def last_sent(session: AsyncSession, subscription_id: int, most: int) -> Sequence[Sent]:
    """The last openings sent, newest first, each by its employer's own posting where there is one. Without what is gone."""
    sent = select(SentRow, PostingRow).join(PostingRow, col(PostingRow.id) == col(SentRow.posting_id))
    newest = sent.order_by(col(SentRow.sent_at).desc(), col(SentRow.posting_id).desc()).limit(READ)
    rows = (await session.exec(newest.where(SentRow.subscription_id == subscription_id))).all()
    return _openings((row, Posting.model_validate(posting.posting)) for row, posting in rows)[:most]


def _openings(rows: Iterable[tuple[SentRow, Posting]]) -> list[Sent]:
    best: dict[str, tuple[SentRow, Posting]] = {}
    for row, posting in rows:
        known = best.setdefault(row.opening_key, (row, posting))
        if known[1].aggregator and not posting.aggregator:
            best[row.opening_key] = row, posting
    return [_sent(row, posting) for row, posting in best.values()]


def _sent(row: SentRow, posting: Posting) -> Sent:
    return Sent(
        key=row.opening_key,
        title=posting.title,
        company=posting.company or "",
        location=posting.location or "",
        url=posting.url,
        attribution=posting.attribution or "",
        sent_at=row.sent_at,
    )
