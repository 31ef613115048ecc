"""From the ledger to a mail. Pure: the same letter gives the same mail."""

from services.notifier import render
from services.notifier.kinds import Letter, kind_called
from services.notifier.mail import Mail, auto_headers, domain_of, list_headers, message_id


def compose(letter: Letter) -> Mail:
    """The mail that a row of the ledger stands for. A digest's `content` must have been chosen before."""
    kind, mail, settings = kind_called(letter.mail.kind), letter.mail, letter.settings
    rendered = render.render(kind.name, kind.context(letter))
    way_out = letter.links.unsubscribe(letter.person.id) if kind.bulk else ""
    return Mail(
        to=letter.subscription.email if letter.subscription else settings.operator,
        sender=settings.mail_from,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id(mail.kind, mail.subscription_id, mail.occasion, domain_of(settings.mail_from)),
        headers=list_headers(way_out, settings.mail_from) if kind.bulk else auto_headers(),
    )
