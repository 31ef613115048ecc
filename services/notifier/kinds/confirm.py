"""The confirmation: whoever typed an address must be who reads its mail. The occasion `reminder` asks again, once.

Not bulk: it answers a request, so there is nothing to leave yet, and doing nothing is the way out, which it says. It carries
no free text of the form, because anyone may type somebody else's address there.
"""

from datetime import timedelta

from services.notifier.calendar import zone_named
from services.notifier.kinds.asked import asked_by
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, day_words
from services.notifier.render import Context

REMINDER = "reminder"
EXPIRES_AFTER = timedelta(days=14)
"""How long a request waits for its confirmation, from its last change on."""


def context(letter: Letter) -> Context:
    row = letter.person
    expires = (row.changed_at + EXPIRES_AFTER).astimezone(zone_named(row.timezone)).date()
    return {
        "reminder": letter.mail.occasion == REMINDER,
        "asked": asked_by(row),
        "every": EVERY[row.cadence],
        "expires": day_words(expires),
        "confirm_url": letter.links.confirm(row.id),
        "postal": letter.settings.mail_postal,
    }


KIND = Kind("confirm", context, frozenset({"pending"}))
