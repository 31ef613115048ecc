"""A line a month, for who wants one, when nothing fits: how many jobs were looked at, what they mostly fell to, how to widen.

Bulk: it comes unasked, so it offers the way out by header and link.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from services.notifier.calendar import DAILY, zone_named
from services.notifier.kinds.base import Kind, Letter
from services.notifier.kinds.content import content_of as read_content
from services.notifier.phrases import counted, day_words
from services.notifier.render import Context
from shared.audit import Audit
from shared.match import Cause
from shared.posting import Value

SHOWN, TIPS = 4, 3
FELL_TO = {
    Cause.PLACE: "elsewhere, or worked another way",
    Cause.ROLE: "another kind of work",
    Cause.LEVEL: "another level",
    Cause.EMPLOYMENT: "another kind of employment",
    Cause.PAY: "paid less than you ask for",
    Cause.SCORE: "too little in common with you",
    Cause.RULE: "not what your rule asks for",
    Cause.CLOSED: "closed before your digest was due",
    Cause.SENT: "sent to you before",
}
WIDEN = {
    Cause.PLACE: "add a place, or say that remote work suits you too",
    Cause.ROLE: "choose another kind of work, or leave it open",
    Cause.LEVEL: "leave the level open",
    Cause.EMPLOYMENT: "accept contracts or part-time work too",
    Cause.PAY: "ask for less pay, or leave it out",
    Cause.SCORE: "add skills that your CV does not name",
    Cause.RULE: "loosen the rule, or drop a part of it",
    Cause.CLOSED: "have your digest every day",
}
"""What would let more through, for causes that a person can do something about."""
ON_THE_PAGE = {Cause.RULE, Cause.CLOSED}
"""Causes that the subscription's own page helps against; for the others one subscribes again, with another CV."""

Count = Annotated[int, Field(ge=0)]


class Watching(Value):
    """`MailRow.content` of this kind: what became of the postings first seen in [`since`, `until`).

    `considered` is `None` where no matcher could say in time; the mail goes out all the same.
    """

    since: AwareDatetime
    until: AwareDatetime
    considered: Count | None = None
    dropped: Mapping[Cause, Count] = Field(default_factory=dict)


def content_of(since: datetime, until: datetime, audit: Audit | None) -> dict[str, Any]:
    """What to open the mail with."""
    told = {"considered": audit.considered, "dropped": audit.dropped} if audit else {}
    return Watching(since=since, until=until, **told).model_dump(mode="json", exclude_defaults=True)


def context(letter: Letter) -> Context:
    row, content, zone = letter.person, read_content(letter, Watching), zone_named(letter.person.timezone)
    causes = [cause for cause, count in Counter(dict(content.dropped)).most_common() if count]
    widening = [cause for cause in causes if _may_widen(cause, row.cadence)][:TIPS]
    return {
        "window": _window(
            content.since.astimezone(zone).date(), (content.until.astimezone(zone) - timedelta(seconds=1)).date()
        ),
        "jobs": _jobs(content.considered),
        "fell_to": _fell_to(content.dropped, causes),
        "tips": [WIDEN[cause] for cause in widening],
        "anew": bool(set(widening) - ON_THE_PAGE),
        "manage_url": letter.links.manage(row.id),
        "unsubscribe_url": letter.links.unsubscribe(row.id),
        "postal": letter.settings.mail_postal,
    }


def _jobs(considered: int | None) -> str:
    """`412 new jobs`, `no new job`; nothing where nobody counted."""
    if considered is None:
        return ""
    return counted(considered, "new job", "new jobs") if considered else "no new job"


def _fell_to(dropped: Mapping[Cause, int], causes: list[Cause]) -> list[tuple[str, str]]:
    """How many jobs, and what they fell to: the most frequent causes first, the rest as one line."""
    lines = [(f"{dropped[cause]:,}", FELL_TO[cause]) for cause in causes[:SHOWN]]
    rest = sum(dropped[cause] for cause in causes[SHOWN:])
    return [*lines, (f"{rest:,}", "for other reasons")] if rest else lines


def _may_widen(cause: Cause, cadence: str) -> bool:
    return cause in WIDEN and not (cause is Cause.CLOSED and cadence == DAILY)


def _window(first: date, last: date) -> str:
    return f"{day_words(first)} to {day_words(last)}"


KIND = Kind("watching", context, frozenset({"active"}), bulk=True, chat=True)
