"""The numbers of the week for mails that are being made, asked of a matcher. No mail waits for them longer than a second."""

import asyncio
from collections.abc import Sequence
from typing import Protocol, TypeVar

import structlog
from pydantic import BaseModel

from services.notifier.digest import WEEKS, Market
from services.notifier.phrases import listed, place_words
from shared.audit import AUDIT, MOST_ASKED, Audit, AuditAsked, Audits, AuditsAsked, Openings
from shared.errors import NotReady
from shared.models import MailRow

log = structlog.get_logger()

SECONDS = 1.0
"""How long an answer is waited for."""
MOST_PLACES = 3
"""Places named; of more it is said how many."""
FEWEST_WEEKS = 2
"""One week has nothing to be compared with."""
Answer = TypeVar("Answer", bound=BaseModel)
Numbers = tuple[Audit | None, Market | None]


class Ask(Protocol):
    """As `shared.streams.Streams.ask`: raises `NotReady` when nobody answers in time."""

    async def __call__(self, name: str, question: BaseModel, kind: type[Answer], seconds: float, /) -> Answer: ...


async def week_of(ask: Ask, mails: Sequence[MailRow]) -> dict[int, Numbers]:
    """By mail id: what became of all postings of its window, and how many openings there were in the weeks before its end.

    One question for all of them. Where nobody answers within `SECONDS` both are `None`, for every mail; so is the audit of a
    mail without a window. Raises nothing.
    """
    parts = [mails[start : start + MOST_ASKED] for start in range(0, len(mails), MOST_ASKED)]
    answers = await asyncio.gather(*(_answer(ask, part) for part in parts))
    return {id_: numbers for answer in answers for id_, numbers in answer.items()}


async def _answer(ask: Ask, mails: Sequence[MailRow]) -> dict[int, Numbers]:
    question = AuditsAsked(asked=tuple(map(_asked, mails)), seconds=SECONDS, mailing=True)
    try:
        found = await ask(AUDIT, question, Audits, SECONDS)
        answers = list(zip(mails, found.audits, map(market_of, found.openings), strict=True))
        return {mail.id: (audit if mail.since and mail.until else None, market) for mail, audit, market in answers}
    except NotReady as error:
        log.info("week_unknown", mails=len(mails), reason=error.code)
    except Exception:
        log.exception("week_unknown", mails=len(mails))
    return {mail.id: (None, None) for mail in mails}


def _asked(mail: MailRow) -> AuditAsked:
    """A mail without a window has one of no length: the weeks before it are known all the same."""
    until = mail.until or mail.opened_at
    return AuditAsked(subscription_id=mail.subscription_id, since=mail.since or until, until=until)


def market_of(openings: Openings | None) -> Market | None:
    """As a mail shows it; `None` where there are too few weeks to compare, or no place that a mail can name."""
    if openings is None or len(openings.weeks) < FEWEST_WEEKS:
        return None
    place = listed(list(filter(None, map(place_words, openings.places))), MOST_PLACES)
    return Market(place=place, weeks=openings.weeks[-WEEKS:]) if place else None
