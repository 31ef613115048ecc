"""From the ledger to a mail. Pure: the same letter gives the same mail."""

from urllib.parse import urlsplit

from services.notifier import render
from services.notifier.kinds import Kind, Letter, kind_called
from services.notifier.mail import Mail, address_of, auto_headers, domain_of, feedback_header, list_headers, message_id
from shared.mail_ids import mail_name, return_path
from shared.models import MailRow
from shared.settings import Settings


def compose(letter: Letter) -> Mail:
    """The mail that a row of the ledger stands for. A digest's `content` must have been chosen before."""
    kind, settings = kind_called(letter.mail.kind), letter.settings
    rendered = render.render(kind.name, kind.context(letter))
    return Mail(
        to=letter.subscription.email if letter.subscription else settings.operator,
        sender=settings.mail_from,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        message_id=message_id_of(letter.mail, settings),
        headers=_headers(kind, letter),
    )


def message_id_of(mail: MailRow, settings: Settings) -> str:
    """The Message-ID of a mail of the ledger. One that is only looked at, and so has no number yet, counts as number 0."""
    domain = domain_of(settings.mail_from)
    name = mail_name(mail.id or 0, settings.signing_secret)
    return message_id(name, mail.kind, mail.subscription_id, mail.occasion, domain)


def envelope(mail_id: int, settings: Settings) -> str:
    """The return path of a mail (RFC 5321's reverse-path): where its bounce comes back to, with the mail's signed name."""
    if not settings.mail_return_path:
        return address_of(settings.mail_from)
    return return_path(address_of(settings.mail_return_path), mail_id, settings.signing_secret)


def _headers(kind: Kind, letter: Letter) -> dict[str, str]:
    if not kind.bulk:
        return auto_headers()
    settings, mail = letter.settings, letter.mail
    return {
        **list_headers(letter.links.unsubscribe(letter.person.id), settings.mail_from),
        **feedback_header(f"{mail.opened_at:%G-W%V}", urlsplit(settings.base_url).hostname or "", kind.name),
        **auto_headers(),
    }
