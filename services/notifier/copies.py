"""A digest as it was sent, rendered again for who reads it on the web. What is kept of it is what was chosen, for some days."""

from services.notifier.compose import compose
from services.notifier.kinds import Letter
from services.notifier.repository.ledger import LISTING, SHOWN
from shared.copy import Copy, CopyAsked
from shared.database import Database
from shared.links import Links
from shared.models import MailRow, SubscriptionRow
from shared.settings import Settings


class Copies:
    """Answers questions for copies of mails."""

    def __init__(self, database: Database, links: Links, settings: Settings) -> None:
        self.database, self.links, self.settings = database, links, settings

    async def on_copy_asked(self, asked: CopyAsked) -> Copy:
        """The digest as its reader has it, or an empty copy where nothing was sent or its content is gone."""
        async with self.database.read() as session:
            mail = await session.get(MailRow, asked.mail_id)
            row = await session.get(SubscriptionRow, mail.subscription_id) if mail else None
        if mail is None or row is None or not mail.content or mail.kind not in LISTING or mail.state not in SHOWN:
            return Copy()
        return Copy(html=compose(Letter(mail, row, self.links, self.settings, mail.opened_at)).html)
