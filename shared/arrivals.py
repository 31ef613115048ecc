"""Matches on their way onto the shortlists: written by posting when it comes, entered list by list after.

Entering ten thousand lists touches as many pages and takes half a second; writing down who they are takes a millisecond. So a
posting that very many want is kept as `ArrivalsRow`s until its turn comes. It is on those shortlists all the same: whoever
reads one reads what has arrived for it (`arrived`), and whatever is taken off one is taken out of what has arrived.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.models import ArrivalsRow

Array = npt.NDArray[Any]
IDS, SCORES = np.dtype("<i8"), np.dtype("<u2")
PART = 100
"""Matches in one row: some 8 ms of work to enter."""


def rows_of(posting_id: int, shard: str, ids: Array, scores: Array, at: datetime) -> Iterator[ArrivalsRow]:
    """Subscriptions `ids` that a posting is a match for, with scores in hundredths, as rows of `PART` each."""
    for part, start in enumerate(range(0, len(ids), PART)):
        who, how_well = packed(ids[start : start + PART], scores[start : start + PART])
        yield ArrivalsRow(posting_id=posting_id, shard=shard, part=part, subscription_ids=who, scores=how_well, matched_at=at)


def packed(ids: Array, scores: Array) -> tuple[bytes, bytes]:
    """What `matches_of` reads."""
    return ids.astype(IDS).tobytes(), scores.astype(SCORES).tobytes()


def matches_of(row: ArrivalsRow) -> tuple[Array, Array]:
    """Subscriptions and scores in hundredths."""
    return np.frombuffer(row.subscription_ids, IDS), np.frombuffer(row.scores, SCORES)


async def arrived(session: AsyncSession, subscription_ids: Sequence[int]) -> list[tuple[int, int, float]]:
    """Subscription, posting and score (0–100) of what these have not been given yet.

    Read it before the shortlists: what is entered between the two is then seen twice, and not missed.
    """
    found: list[tuple[int, int, float]] = []
    for row in (await session.exec(select(ArrivalsRow))).all():
        ids, scores = matches_of(row)
        theirs = np.isin(ids, subscription_ids)
        pairs = zip(ids[theirs].tolist(), scores[theirs].tolist(), strict=True)
        found += [(id_, row.posting_id, score / 100) for id_, score in pairs]
    return found
