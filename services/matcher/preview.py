"""The answer to "what would I get?": the catalogue asked for one person who has not subscribed yet. Nothing is written."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.comparing import suiting
from services.matcher.refresh import OpenPostings, view_of
from shared.models import PostingRow
from shared.posting import Posting
from shared.preview import Preview, PreviewAsked, PreviewedJob
from shared.rule import Rule, admits, parse
from shared.scoring import Rarities, Wish, match, offer_of, wish_of

FURTHEST = 500
"""Postings, best first, that a rule is asked about before there are simply fewer jobs to show."""
PAGE = 50


async def preview(
    session: AsyncSession, open_postings: OpenPostings, asked: PreviewAsked, threshold: float, now: datetime
) -> Preview:
    """Score every open posting for a profile, and show the best that its rule lets pass. Raises `RuleError`."""
    rule, wish = parse(asked.rule), wish_of(asked.profile)
    catalogue = await open_postings(session, now)
    found = suiting(catalogue, wish, threshold)
    ids = found.ids.tolist()
    jobs: list[PreviewedJob] = []
    shown: set[str] = set()
    for start in range(0, min(len(ids), FURTHEST), PAGE):
        if len(jobs) >= asked.most:
            break
        rows = await repository.open_postings(session, ids[start : start + PAGE])
        jobs += _jobs(
            [row for row in rows if _passes(row, rule, asked.keep_unknown, now)], wish, open_postings.rarities.latest, shown
        )
    count = len(np.unique(found.openings))
    return Preview(open_postings=len(catalogue), count=count, jobs=tuple(jobs[: asked.most]))


def _passes(row: PostingRow, rule: Rule, keep_unknown: bool, now: datetime) -> bool:
    return admits(rule, view_of(row, now), keep_unknown)


def _jobs(rows: Iterable[PostingRow], wish: Wish, rarities: Rarities, shown: set[str]) -> Iterable[PreviewedJob]:
    """One job for each opening that is not among those `shown`, which grow by it."""
    for row in rows:
        if row.opening_key not in shown:
            shown.add(row.opening_key)
            posting = Posting.model_validate(row.posting)
            yield PreviewedJob(
                title=posting.title,
                company=posting.company,
                location=posting.location,
                url=posting.url,
                attribution=posting.attribution,
                match=match(posting, offer_of(posting, row.first_seen_at, rarities), wish),
            )
