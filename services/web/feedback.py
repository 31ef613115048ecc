"""An answer to one job of a digest: more like this, or not for me."""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from services.web import repository
from services.web.pages import page
from services.web.site import Site
from shared.errors import NotFound
from shared.links import Answer
from shared.models import PostingRow, SubscriptionRow
from shared.posting import Posting
from shared.profile import Profile
from shared.scoring import match, offer_of, wish_of
from shared.scoring.feedback import learned
from shared.scoring.weights import PARTS, STEPS

log = structlog.get_logger()

COUNTS = {
    "skills": "Shared skills count",
    "role": "The kind of work counts",
    "level": "Level counts",
    "place": "Place counts",
    "pay": "Pay counts",
    "freshness": "How new a job is counts",
}


class Asked(NamedTuple):
    """What a link is about."""

    answer: Answer
    row: SubscriptionRow
    posting_row: PostingRow
    posting: Posting


def routes(site: Site) -> list[BaseRoute]:
    """The pages behind the two links that each job of a digest has."""
    return [
        Route("/feedback/{token}", partial(ask, site)),
        Route("/feedback/{token}", partial(give, site), methods=["POST"]),
    ]


async def ask(site: Site, request: Request) -> Response:
    """Only shows a button: mail scanners open every link."""
    async with site.database.read() as session:
        asked = await _asked(site, session, request)
    return page(request, "feedback", liked=asked.answer.liked, posting=asked.posting, row=asked.row)


async def give(site: Site, request: Request) -> Response:
    """Note the answer and what it teaches. A second time it changes nothing."""
    async with site.database.begin() as session:
        asked = await _asked(site, session, request)
        offer = offer_of(asked.posting, asked.posting_row.first_seen_at, await site.rarities(session))
        wish = wish_of(Profile.model_validate(asked.row.profile), asked.row.tuning)
        parts = match(asked.posting, offer, wish).parts
        subscription_id, _, liked = asked.answer
        row = await repository.answer(session, subscription_id, asked.posting_row, liked, parts, site.clock())
    log.info("answered", subscription_id=row.id, posting_id=asked.posting_row.id, liked=liked, revision=row.revision)
    await site.tell()
    news = learned({}, parts, liked=liked)
    lines = steps_in_words({part: steps for part, steps in row.tuning.items() if part in news})
    return page(request, "answered", liked=liked, lines=lines, manage=site.links.manage(row.id))


def steps_in_words(tuning: Mapping[str, int]) -> list[str]:
    """`Place counts more for you (2 of 4 steps)`: one line for each part that answers moved."""
    return [
        f"{COUNTS[part]} {'more' if steps > 0 else 'less'} for you ({abs(steps)} of {STEPS} steps)"
        for part in PARTS
        if (steps := tuning.get(part, 0))
    ]


async def _asked(site: Site, session: AsyncSession, request: Request) -> Asked:
    """Raises `NotFound` for a forged token and for a job or subscription that is gone, alike."""
    answer = site.links.read_feedback(request.path_params["token"])
    row = await repository.get(session, answer.subscription_id)
    posting_row = await session.get(PostingRow, answer.posting_id)
    if posting_row is None:
        raise NotFound(f"no posting {answer.posting_id}", code="posting_unknown")
    return Asked(answer, row, posting_row, Posting.model_validate(posting_row.posting))
