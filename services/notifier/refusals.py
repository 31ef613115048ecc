"""Why a mail may not go out. Pure: asked of every mail of every kind, on the one path that there is.

A mail that is *skipped* never goes; one that is *held* goes once what holds it is over, and is counted meanwhile, because
a mail that nobody sends and nobody counts is the kind that is missed last. A reason begins with its stable code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.kinds import Kind
from shared.errors import SendError
from shared.models import MailRow, SubscriptionRow

DIGESTS, DOCTOR = "digests", "doctor"
ON, OFF = "on", "off"
GREEN, ACCEPTED, RED = "green", "accepted", "red"
"""The switches that hold mails, and their values. What `joblark doctor --mail` found is `doctor`; `accepted` is red, and an
operator who sends nevertheless."""
IN_ORDER = (GREEN, ACCEPTED)
LETS_GO = {DIGESTS: {ON: "digests_off"}, DOCTOR: dict.fromkeys(IN_ORDER, "doctor_red")}
"""The code of the mails that wait for a switch to have this value."""
LATE = timedelta(days=7)
"""A digest that was not sent in so long is not sent any more: the next one has what is still open of it."""


@dataclass(frozen=True)
class Refusal:
    """`state` is what the mail becomes: skipped or held."""

    state: str
    code: str
    words: str

    @property
    def reason(self) -> str:
        return f"{self.code}: {self.words}"


_SUPPRESSED = Refusal("skipped", "address_suppressed", "mail to it came back, or its owner complained")


@dataclass(frozen=True)
class Conditions:
    """What holds for all mails just now: the switches, whether this is production, whether chats can be written to."""

    switches: Mapping[str, str]
    production: bool
    chats: bool


def refusal(
    mail: MailRow,
    kind: Kind,
    person: SubscriptionRow | None,
    conditions: Conditions,
    now: datetime,
    *,
    suppressed: bool,
) -> Refusal | None:
    """Why this mail is not sent now, or `None`. `suppressed`: its address gets no mail of any kind."""
    return (
        _nobody(mail, kind, person)
        or (_SUPPRESSED if suppressed else None)
        or _too_late(mail, kind, now)
        or _held(kind, person, conditions)
    )


def _nobody(mail: MailRow, kind: Kind, person: SubscriptionRow | None) -> Refusal | None:
    """There is nobody to write to, or nobody who asked for it."""
    if not mail.subscription_id and not kind.states:
        return None  # the operator's
    if person is None or person.state not in kind.states:
        return Refusal("skipped", "not_asked_for", f"the subscription is not {' or '.join(sorted(kind.states))}")
    if not person.email:
        return Refusal("skipped", "address_erased", "the owner of this address had it erased")
    if kind.name != "confirm" and (person.state == "pending" or person.confirmed_at is None):
        return Refusal("skipped", "address_unconfirmed", "whoever reads mail at this address has not said yes")
    return None


def _too_late(mail: MailRow, kind: Kind, now: datetime) -> Refusal | None:
    if kind.bulk and mail.attempts <= 1 and now - mail.opened_at > LATE:
        return Refusal("skipped", "too_late", f"it was due more than {LATE.days} days ago")
    return None


def _held(kind: Kind, person: SubscriptionRow | None, conditions: Conditions) -> Refusal | None:
    if kind.bulk and conditions.switches.get(DIGESTS) == OFF:
        return Refusal("held", "digests_off", "digests are stopped; `joblark deliveries start` lets them go")
    if kind.bulk and conditions.production and conditions.switches.get(DOCTOR) not in IN_ORDER:
        return Refusal("held", "doctor_red", "the mail domain is not in order; `joblark doctor --mail` says what to do")
    if person is not None and person.channel and kind.chat and not conditions.chats:
        return Refusal("held", "no_sender", "chats cannot be written to: install joblark[channels] where the notifier runs")
    return None


def check_way_out(kind: Kind, headers: Mapping[str, str], bodies: tuple[str, ...], url: str) -> None:
    """Raise `SendError` (`no_way_out`) for a mail that comes unasked, or lists jobs, and does not say how to leave.

    It must say so twice: by RFC 8058's two headers, and by the same link in every body.
    """
    if not (kind.bulk or kind.lists):
        return
    by_header = f"<{url}>" in headers.get("List-Unsubscribe", "")
    one_click = headers.get("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click"
    if not (url and by_header and one_click and all(url in body for body in bodies)):
        raise SendError(
            f"a mail of kind {kind.name} without a way out is not sent: mend its templates", code="no_way_out", retry=False
        )
