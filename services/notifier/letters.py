"""From a mail of the ledger to the envelope and the signed bytes that a sender hands over."""

from dataclasses import dataclass

from services.notifier import dkim
from services.notifier.compose import compose, envelope
from services.notifier.kinds import Kind, Letter
from services.notifier.mail import address_of, to_bytes
from services.notifier.refusals import check_way_out
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.settings import Settings


@dataclass(frozen=True)
class Written:
    """`to` is a bare address, or the Apprise URL of a chat (`to_chat`); `message` has CRLF line ends and is signed."""

    mail_from: str
    to: str
    message: bytes
    to_chat: bool


class Letters:
    """Writes letters of one installation. The same mail gives the same bytes, whenever it is written."""

    def __init__(self, links: Links, settings: Settings) -> None:
        self.links, self.settings = links, settings
        self.signers = dkim.signers(settings)

    def written(self, mail: MailRow, kind: Kind, person: SubscriptionRow | None) -> Written:
        """Raises `SendError` for a mail that offers no way out and has to, `UnreadableInput` for an address that is none."""
        composed = compose(Letter(mail, person, self.links, self.settings, mail.opened_at))
        way_out = self.links.unsubscribe(person.id) if person else ""
        check_way_out(kind, composed.headers, (composed.text, composed.html), way_out)
        message = dkim.sign(to_bytes(composed, mail.opened_at), self.signers, mail.opened_at)
        chat = person.channel if person and kind.chat else ""
        return Written(envelope(mail.id, self.settings), chat or address_of(composed.to), message, to_chat=bool(chat))
