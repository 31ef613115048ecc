"""What somebody was shown and when: for whoever looks at a digest of another time, or asks why a job was not in one."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.notifier.replay import Shown
from services.notifier.why import Showing
from shared.models import FeedbackRow, MailRow, PostingRow, ScreeningRow, SentRow

PAGE = 500


async def mail_of(session: AsyncSession, subscription_id: int, occasion: str) -> MailRow | None:
    """The digest of a period, whatever became of it. An occasion may have a suffix (`2026-W46+2`): the last one counts."""
    same = or_(col(MailRow.occasion) == occasion, col(MailRow.occasion).startswith(f"{occasion}+", autoescape=True))
    mails = select(MailRow).where(MailRow.subscription_id == subscription_id, MailRow.kind == "digest", same)
    return (await session.exec(mails.order_by(col(MailRow.id).desc()).limit(1))).first()


async def used_up(session: AsyncSession, mail: MailRow) -> list[PostingRow]:
    """The postings that a mail showed, as they are now."""
    ours = SentRow.subscription_id == mail.subscription_id  # there is an index of these, none of mails
    ids = (await session.exec(select(SentRow.posting_id).where(ours, SentRow.mail_id == mail.id))).all()
    return [row async for row in postings(session, ids)]


async def shown_until(session: AsyncSession, subscription_id: int, at: datetime) -> Shown:
    """What somebody had been shown, or had refused, before an instant."""
    openings, ids = set[str](), set[int]()
    for table, when, *such in ((SentRow, SentRow.sent_at), (FeedbackRow, FeedbackRow.given_at, ~col(FeedbackRow.liked))):
        pairs = select(table.opening_key, table.posting_id)
        ours: list[Any] = [col(table.subscription_id) == subscription_id, col(when) < at, *such]
        for opening_key, posting_id in (await session.exec(pairs.where(*ours))).all():
            openings.add(opening_key)
            ids.add(posting_id)
    return Shown(openings, ids)


async def showings(session: AsyncSession, subscription_id: int, posting: PostingRow) -> list[Showing]:
    """The mails that showed somebody a posting, or another of its opening, the first one first."""
    same = or_(col(SentRow.posting_id) == posting.id, col(SentRow.opening_key) == posting.opening_key)
    sent = select(SentRow, MailRow).join(MailRow, col(MailRow.id) == col(SentRow.mail_id))
    rows = (await session.exec(sent.where(SentRow.subscription_id == subscription_id, same))).all()
    found = [Showing(mail.id, mail.kind, mail.occasion, one.sent_at, one.posting_id == posting.id) for one, mail in rows]
    return sorted(found, key=lambda showing: (showing.at, not showing.itself))


async def refused_at(session: AsyncSession, subscription_id: int, posting: PostingRow) -> datetime | None:
    """When somebody said that a job is not for them."""
    same = or_(col(FeedbackRow.posting_id) == posting.id, col(FeedbackRow.opening_key) == posting.opening_key)
    refused: list[Any] = [FeedbackRow.subscription_id == subscription_id, ~col(FeedbackRow.liked), same]
    return (await session.exec(select(FeedbackRow.given_at).where(*refused).order_by(col(FeedbackRow.given_at)))).first()


async def is_scored(session: AsyncSession, posting: PostingRow) -> bool:
    """Whether a matcher has compared this revision of a posting with everybody."""
    screened = select(ScreeningRow.posting_id).where(
        ScreeningRow.posting_id == posting.id, col(ScreeningRow.revision) >= posting.revision
    )
    return (await session.exec(screened.limit(1))).first() is not None


async def open_at(session: AsyncSession, at: datetime) -> AsyncIterator[Sequence[PostingRow]]:
    """Pages of all postings that were open at an instant, as far as dates tell."""
    there = [col(PostingRow.first_seen_at) < at, or_(col(PostingRow.closed_at).is_(None), col(PostingRow.closed_at) > at)]
    last = 0
    while rows := (
        await session.exec(select(PostingRow).where(*there, col(PostingRow.id) > last).order_by(col(PostingRow.id)).limit(PAGE))
    ).all():
        yield rows
        last = rows[-1].id
        session.expunge_all()


async def postings(session: AsyncSession, ids: Collection[int]) -> AsyncIterator[PostingRow]:
    """Postings by id, those that are there still."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), PAGE):
        page = select(PostingRow).where(col(PostingRow.id).in_(ordered[start : start + PAGE]))
        for row in (await session.exec(page.order_by(col(PostingRow.id)))).all():
            yield row


async def posting_called(session: AsyncSession, name: str, link_key: str) -> PostingRow | None:
    """A posting by its number, or by the key of its address: of several, one that is open and may be mailed."""
    if name.isdecimal() and len(name) <= 18:
        return await session.get(PostingRow, int(name))
    rows = (await session.exec(select(PostingRow).where(PostingRow.link_key == link_key).limit(PAGE))).all()
    return min(rows, key=lambda row: (row.closed_at is not None, not row.posting.get("mailable", True), row.id), default=None)
