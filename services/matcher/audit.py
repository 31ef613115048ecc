"""The drop audit: what became, for one subscription, of every posting that was first seen in a period.

Nothing is counted beforehand, so it costs nothing until somebody asks, and the numbers add up whatever happened in between: the
score's own causes are worked out over the catalogues' columns, and only the postings that fit are looked at one by one.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import repository
from services.matcher.catalogue import Catalogue, instant
from services.matcher.comparing import CAUSES, compared
from services.matcher.refresh import KEPT, OpenPostings, rule_of, view_of
from services.matcher.repository import CHUNK
from shared.audit import Audit, AuditAsked
from shared.errors import NotFound, UnreadableInput
from shared.match import Cause
from shared.models import SubscriptionRow
from shared.profile import Profile
from shared.rule import admits, parse
from shared.scoring import Wish, wish_of


class Tally(NamedTuple):
    """Postings of a period: how many, how many fell to each cause of the score, and the ids of those that fit.

    `closed` are those that fit and closed before the period was over.
    """

    considered: int
    dropped: Counter[Cause]
    fit: list[int]
    closed: set[int]


async def audit(
    session: AsyncSession, open_postings: OpenPostings, asked: AuditAsked, threshold: float, now: datetime
) -> Audit:
    """The answer to `asked`. Raises `NotFound` for no such subscription, `UnreadableInput` for a period too long ago."""
    if asked.since < now - KEPT:
        raise UnreadableInput(f"an audit goes back {KEPT.days} days: what closed before is forgotten", code="period_invalid")
    row = await session.get(SubscriptionRow, asked.subscription_id)
    if row is None:
        raise NotFound(f"no subscription {asked.subscription_id}", code="subscription_unknown")
    await open_postings(session, now)
    wish = wish_of(Profile.model_validate(row.profile), row.tuning)
    held = [tally(part, wish, threshold, asked) for part in (open_postings.catalogue, open_postings.gone)]
    dropped: Counter[Cause] = sum((part.dropped for part in held), Counter())
    seen = await repository.seen_before(session, row.id, asked.since, asked.until)
    fit = [id_ for part in held for id_ in part.fit]
    unseen = [id_ for id_ in fit if id_ not in seen]
    passed = await _admitted(session, row, unseen)
    closed = sum(id_ in part.closed for part in held for id_ in passed)
    dropped += Counter({Cause.SENT: len(fit) - len(unseen), Cause.RULE: len(unseen) - len(passed), Cause.CLOSED: closed})
    return Audit(considered=sum(part.considered for part in held), matched=len(passed) - closed, dropped=dict(dropped))


def tally(catalogue: Catalogue, wish: Wish, threshold: float, asked: AuditAsked) -> Tally:
    """What the score made of the postings of a period, as scoring them one by one would have it. Pure."""
    since, until = instant(asked.since), instant(asked.until)
    first_seen = catalogue["first_seen"]
    rows = np.flatnonzero(catalogue["alive"] & (first_seen >= since) & (first_seen < until))
    comparison = compared(catalogue, wish)
    fits = comparison.scores[rows] >= round(threshold * 100)
    counts = np.bincount(comparison.causes[rows[~fits]], minlength=len(CAUSES)).tolist()
    fit, closed = catalogue["ids"][rows[fits]], catalogue["closed"][rows[fits]] < until
    dropped = Counter({cause: count for cause, count in zip(CAUSES, counts, strict=True) if count})
    return Tally(len(rows), dropped, fit.tolist(), set(fit[closed].tolist()))


async def _admitted(session: AsyncSession, row: SubscriptionRow, ids: Sequence[int]) -> list[int]:
    """Those of the postings that the subscription's rule lets pass, asked as it was when they came."""
    text, keep_unknown = rule_of(row)
    if not text.strip():
        return list(ids)
    rule, passed = parse(text), list[int]()
    for start in range(0, len(ids), CHUNK):
        rows = await repository.postings(session, ids[start : start + CHUNK])
        passed += [one.id for one in rows if admits(rule, view_of(one, one.first_seen_at), keep_unknown)]
    return passed
