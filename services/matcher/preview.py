"""The answer to "what would I get?": the catalogue asked for one person who has not subscribed yet. Nothing is written."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.refresh import OpenPostings
from shared.models import PostingRow
from shared.posting import Posting
from shared.preview import Preview, PreviewAsked, PreviewedJob
from shared.rule import PostingView, Rule, admits, parse
from shared.scoring import Wish, match, offer_of, wish_of

FURTHEST = 500
"""Postings, best first, that a rule is asked about before there are simply fewer jobs to show."""
PAGE = 50


async def preview(
    session: AsyncSession, open_postings: OpenPostings, asked: PreviewAsked, threshold: float, now: datetime
) -> Preview:
    """Score every open posting for a profile, and show the best that its rule lets pass. Raises `RuleError`."""
    rule, wish = parse(asked.rule), wish_of(asked.profile)
    catalogue = await open_postings(session, now)
    found = catalogue.suiting(wish, threshold)
    ids = found.ids.tolist()
    jobs: list[PreviewedJob] = []
    for start in range(0, min(len(ids), FURTHEST), PAGE):
        if len(jobs) >= asked.most:
            break
        rows = await repository.open_postings(session, ids[start : start + PAGE])
        jobs += _jobs(rows, wish, rule, asked.keep_unknown)
    return Preview(open_postings=len(catalogue), count=len(ids), jobs=tuple(jobs[: asked.most]))


def _jobs(rows: Iterable[PostingRow], wish: Wish, rule: Rule, keep_unknown: bool) -> Iterable[PreviewedJob]:
    """One job for each opening that the rule lets pass."""
    shown: set[str] = set()
    for row in rows:
        posting = Posting.model_validate(row.posting)
        if row.opening_key in shown or not admits(
            rule, PostingView(posting, row.first_seen_at, row.first_seen_at), keep_unknown
        ):
            continue
        shown.add(row.opening_key)
        yield PreviewedJob(
            title=posting.title,
            company=posting.company,
            location=posting.location,
            url=posting.url,
            match=match(posting, offer_of(posting, row.first_seen_at), wish),
        )
