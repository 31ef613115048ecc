"""The drop audit: what became, for each of many subscriptions, of every posting that was first seen in a period.

Nothing is counted beforehand, so it costs nothing until somebody asks, and the numbers add up whatever happened in between: the
score's own causes are worked out over the columns of the period's postings, and only those that fit are looked at one by one.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import groupby

from sqlmodel.ext.asyncio.session import AsyncSession

from services.matcher import place_weeks, repository
from services.matcher.refresh import KEPT, OpenPostings, rule_of
from services.matcher.repository import CHUNK
from services.matcher.tally import Window, settled
from shared.audit import Audit, AuditAsked, Audits, AuditsAsked
from shared.models import SubscriptionRow
from shared.profile import Profile
from shared.rule import admits, parse
from shared.scoring import wish_of

AT_ONCE = 8
"""Subscriptions compared without a pause, some 10 ms of work."""
KEPT_SECONDS = 60.0
"""How old the postings may be that the numbers of a mail are worked out of."""
MOST_WINDOWS = 16
"""Periods whose postings are kept; those of 5,000 postings take about 1 MB."""
Seen = dict[int, set[int]]
Period = tuple[datetime, datetime]


class Auditing:
    """Answers audits. For mails it keeps a period's postings for a minute: many mails are made at one hour, of few periods."""

    def __init__(self, open_postings: OpenPostings, threshold: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.open_postings, self.threshold, self.clock = open_postings, threshold, clock
        self._windows = OrderedDict[Period, Window]()
        self._read_at, self._turn = -math.inf, asyncio.Lock()

    async def __call__(self, session: AsyncSession, asked: AuditsAsked, now: datetime) -> Audits:
        """The answer, which a matcher of any shard can give. What took too long, is unknown or too old is `None`."""
        began = self.clock()
        await self._refresh(session, now, began - KEPT_SECONDS if asked.mailing else began)
        people = await _people(session, asked.asked)
        openings = await place_weeks.openings_of(session, [(people.get(one.subscription_id), one.until) for one in asked.asked])
        found: dict[AuditAsked, Audit] = {}
        answerable = {one for one in asked.asked if one.subscription_id in people and one.since >= now - KEPT}
        for period, some in groupby(sorted(answerable, key=_period), _period):
            if self.clock() >= began + asked.seconds:
                break
            window, ones = self._window(period), list(some)
            seen = await _seen(session, ones, mailing=asked.mailing)
            for number, one in enumerate(ones):
                if self.clock() >= began + asked.seconds:
                    break
                if number % AT_ONCE == 0:
                    await asyncio.sleep(0)  # postings are to be matched meanwhile
                shown = seen.get(one.subscription_id, set())
                found[one] = await self._audit(session, window, people[one.subscription_id], shown)
        return Audits(audits=tuple(map(found.get, asked.asked)), openings=tuple(openings))

    async def _refresh(self, session: AsyncSession, now: datetime, before: float) -> None:
        """Bring all up to date if that was last done at or before an instant of the clock."""
        async with self._turn:  # who comes while others read waits for all of it
            if self._read_at <= before:
                began = self.clock()
                await self.open_postings(session, now)
                self._windows.clear()
                self._read_at = began

    def _window(self, period: Period) -> Window:
        window = self._windows.pop(period, None)
        if window is None:
            window = Window.of((self.open_postings.catalogue, self.open_postings.gone), *period)
        self._windows[period] = window
        if len(self._windows) > MOST_WINDOWS:
            self._windows.popitem(last=False)
        return window

    async def _audit(self, session: AsyncSession, window: Window, row: SubscriptionRow, seen: set[int]) -> Audit:
        tally = window.tally(wish_of(Profile.model_validate(row.profile), row.tuning), self.threshold)
        text, keep_unknown = rule_of(row)
        unseen = [id_ for id_ in tally.fit if id_ not in seen]
        if not text.strip():
            return settled(tally, seen, set(unseen))
        rule, views = parse(text), await self.open_postings.views(session, unseen)
        return settled(tally, seen, {id_ for id_, view in views.items() if admits(rule, view, keep_unknown)})


async def _people(session: AsyncSession, asked: Iterable[AuditAsked]) -> dict[int, SubscriptionRow]:
    ids = sorted({one.subscription_id for one in asked})
    parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
    return {row.id: row for part in parts for row in await repository.subscriptions(session, part)}


async def _seen(session: AsyncSession, asked: list[AuditAsked], *, mailing: bool) -> Seen:
    """By subscription the postings of one window that it was shown, or refused, before."""
    ids = [one.subscription_id for one in asked]
    return await repository.seen_before(session, ids, *_period(asked[0]), at_all=mailing)


def _period(asked: AuditAsked) -> Period:
    return asked.since, asked.until
