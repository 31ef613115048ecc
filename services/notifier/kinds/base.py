"""What a kind of mail is: who may get it, and what its templates need."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.notifier.render import Context
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.settings import Settings


@dataclass(frozen=True)
class Letter:
    """A mail of the ledger with all that it is composed from. `subscription` is `None` for the operator's."""

    mail: MailRow
    subscription: SubscriptionRow | None
    links: Links
    settings: Settings
    now: datetime

    @property
    def person(self) -> SubscriptionRow:
        """The subscription, for a kind that is always about one."""
        if self.subscription is None:
            raise ValueError(f"mail {self.mail.id} ({self.mail.kind}) is about no subscription")
        return self.subscription


@dataclass(frozen=True)
class Kind:
    """The declaration each sibling module makes as `KIND`; its `name` is also the folder of its templates.

    `states` are the states a subscription may be in to get it; none for a mail to the operator. A `bulk` mail comes unasked:
    it offers a way out by header and link, stops with the switch, and waits for a mail domain that is in order. One that
    `lists` jobs has a `Digest` as its content, chosen at the first attempt; all others are opened with theirs, or have none.
    One that goes to a `chat` does so for whoever prefers one; all others carry links that are nobody else's business, and are
    mailed.
    """

    name: str
    context: Callable[[Letter], Context]
    states: frozenset[str]
    bulk: bool = False
    lists: bool = False
    chat: bool = False
