"""What mails a subscription is owed for the state it is in. Pure: `now` is given; the same row is owed the same mails.

An occasion names what a mail is about, and the ledger has it once: a row may be looked at any number of times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.notifier.calendar import window
from services.notifier.kinds import kinds, manage
from services.notifier.kinds.farewell import SILENT
from services.notifier.planning import Rhythm
from shared.models import SubscriptionRow

WELCOME_AFTER = timedelta(seconds=90)
"""From the confirmation to the welcome. The matcher hears of it at the same time as we do, and scores what is open now in
seconds; under load its events wait a while. Sent before, the first digest would be empty for want of history."""
RECENT = timedelta(days=7)
"""What happened longer ago is not answered by mail any more: whoever asked has long given up waiting."""
ASKED = "asked"
"""`ended_why` of a subscription that gets a farewell, as `SILENT` is: no other end is one that its owner knows of and would
read about."""


@dataclass(frozen=True)
class Owed:
    """A mail that a subscription is owed for an `occasion`; `due_at` is when it may be sent, `since` and `until` its window."""

    subscription_id: int
    kind: str
    occasion: str
    due_at: datetime
    since: datetime | None = None
    until: datetime | None = None
    content: dict[str, Any] | None = None


def rhythm_of(row: SubscriptionRow) -> Rhythm:
    return Rhythm(row.cadence, row.weekday, row.hour, row.timezone)


def owed(row: SubscriptionRow, of_same_address: Sequence[SubscriptionRow], now: datetime) -> Iterator[Owed]:
    """The mails that somebody waits for, or is to be told by. `of_same_address` need only be given where `asks_for_links`."""
    if row.state == "pending":
        yield Owed(row.id, "confirm", f"revision-{row.revision}", now)
    if row.state == "active" and _confirmed_by_mail(row, now):
        yield _welcome(row)
    if asks_for_links(row, now) and row.link_asked_at and (content := manage.content_of(of_same_address)):
        yield Owed(row.id, "manage", row.link_asked_at.isoformat(), now, content=content)
    if row.ended_why in (ASKED, SILENT) and row.state == "ended" and row.confirmed_at and _recent(row.ended_at, now):
        yield Owed(row.id, "farewell", "farewell", now)


def asks_for_links(row: SubscriptionRow, now: datetime) -> bool:
    """Whether its owner asked a moment ago for the links to the subscriptions of their address."""
    return row.state in manage.STATES and bool(row.address_hash) and _recent(row.link_asked_at, now)


def kinds_for(state: str) -> tuple[str, ...]:
    """The kinds of mail that a subscription in this state may get."""
    return tuple(name for name, kind in kinds().items() if state in kind.states)


def _confirmed_by_mail(row: SubscriptionRow, now: datetime) -> bool:
    """Who is subscribed by an operator is confirmed at once, and is not welcomed."""
    return row.confirmed_at is not None and row.confirmed_at > row.created_at and _recent(row.confirmed_at, now)


def _welcome(row: SubscriptionRow) -> Owed:
    """Its window is one period long: what a digest would have covered, had it been due at this moment."""
    due_at = (row.confirmed_at or row.created_at) + WELCOME_AFTER
    since, until = window(*rhythm_of(row), due_at)
    return Owed(row.id, "welcome", "welcome", due_at, since=due_at - (until - since), until=due_at)


def _recent(at: datetime | None, now: datetime) -> bool:
    return at is not None and now - at <= RECENT
