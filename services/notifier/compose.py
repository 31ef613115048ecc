"""From the ledger to a mail: one function per kind. Pure: the same row, subscription and `now` give the same mail."""

from collections.abc import Callable
from datetime import datetime

from services.notifier import render
from services.notifier.digest import Digest
from services.notifier.mail import Mail, auto_headers, domain_of, list_headers, message_id
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.profile import Profile
from shared.settings import Settings


def compose(mail: MailRow, subscription: SubscriptionRow, links: Links, settings: Settings, now: datetime) -> Mail:
    """The mail that this row of the ledger stands for. A digest's `content` must have been chosen before."""
    context, headers = _KINDS[mail.kind](mail, subscription, links, settings, now)
    rendered = render.render(mail.kind, context)
    return Mail(
        to=subscription.email,
        sender=settings.mail_from,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id(mail.kind, mail.subscription_id, mail.occasion, domain_of(settings.mail_from)),
        headers=headers,
    )


Composed = tuple[render.Context, dict[str, str]]


def _digest(mail: MailRow, subscription: SubscriptionRow, links: Links, settings: Settings, now: datetime) -> Composed:
    unsubscribe = links.unsubscribe(subscription.id)
    context = render.digest_context(
        Digest.model_validate(mail.content or {}),
        occasion=mail.occasion.partition("+")[0],
        cadence=subscription.cadence,
        timezone=subscription.timezone,
        places=Profile.model_validate(subscription.profile).places,
        manage_url=links.manage(subscription.id),
        unsubscribe_url=unsubscribe,
        postal=settings.mail_postal,
        now=now,
    )
    return context, list_headers(unsubscribe, settings.mail_from)


def _confirm(mail: MailRow, subscription: SubscriptionRow, links: Links, settings: Settings, now: datetime) -> Composed:
    context = render.confirm_context(
        profile=Profile.model_validate(subscription.profile),
        cadence=subscription.cadence,
        weekday=subscription.weekday,
        hour=subscription.hour,
        timezone=subscription.timezone,
        confirm_url=links.confirm(subscription.id),
        postal=settings.mail_postal,
    )
    return context, auto_headers()


_KINDS: dict[str, Callable[[MailRow, SubscriptionRow, Links, Settings, datetime], Composed]] = {
    "digest": _digest,
    "confirm": _confirm,
}
