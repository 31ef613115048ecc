"""What a digest is chosen from."""

from collections.abc import Sequence

from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.digest import Candidate
from shared.models import MatchRow, PostingRow, SentRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import Rarities, Wish, match, offer_of, wish_of


async def candidates(session: AsyncSession, subscription: SubscriptionRow, rarities: Rarities) -> list[Candidate]:
    """The subscription's shortlist with the postings as they stand now, closed ones included, and why each fits."""
    listed = and_(col(PostingRow.id) == col(MatchRow.posting_id), col(MatchRow.subscription_id) == subscription.id)
    rows = (await session.exec(select(PostingRow).join(MatchRow, listed))).all()
    wish = wish_of(Profile.model_validate(subscription.profile), subscription.tuning)
    return [_candidate(row, wish, rarities) for row in rows]


def _candidate(row: PostingRow, wish: Wish, rarities: Rarities) -> Candidate:
    posting = Posting.model_validate(row.posting)
    return Candidate(
        posting_id=row.id,
        posting=posting,
        match=match(posting, offer_of(posting, row.first_seen_at, rarities), wish),
        opening_key=row.opening_key,
        first_seen_at=row.first_seen_at,
        closed=row.closed_at is not None,
    )


async def shown_before(session: AsyncSession, subscription_id: int, candidates: Sequence[Candidate]) -> set[str]:
    """The opening keys of those candidates that the subscription was shown before, as themselves or as a re-post."""
    keys, ids = {candidate.opening_key for candidate in candidates}, {candidate.posting_id for candidate in candidates}
    same = or_(col(SentRow.opening_key).in_(keys), col(SentRow.posting_id).in_(ids))
    sent = select(SentRow.opening_key, SentRow.posting_id).where(SentRow.subscription_id == subscription_id, same)
    rows = (await session.exec(sent)).all()
    shown = {posting_id for _, posting_id in rows}
    return {key for key, _ in rows} | {candidate.opening_key for candidate in candidates if candidate.posting_id in shown}
