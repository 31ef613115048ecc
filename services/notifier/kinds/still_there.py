"""Twelve months without a sign of life: are you still there? One button keeps the jobs coming, and silence ends them.

Bulk: it comes unasked, to many on one day a year after many subscribed, and it is what Gmail and Yahoo call a subscribed
message, which must offer the one-click way out; RFC 8058 (3.1) leaves it to the sender which mails carry its headers. So this
one has both and a visible link, and it waits while the switch is off or the mail domain is not in order; that harms nobody,
for the thirty days run from when it was handed over. The button leads to a page with a button: scanners open every link.
"""

from datetime import timedelta

from services.notifier.calendar import zone_named
from services.notifier.kinds.asked import asked_by
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, day_words
from services.notifier.render import Context

ANSWER_WITHIN = timedelta(days=30)
"""The day that the mail names, from when it was opened. `services.web` counts from when it was handed over, never earlier."""


def context(letter: Letter) -> Context:
    row = letter.person
    last_day = (letter.mail.opened_at + ANSWER_WITHIN).astimezone(zone_named(row.timezone)).date()
    return {
        "every": EVERY[row.cadence],
        "asked": asked_by(row),
        "paused": row.state == "paused",
        "last_day": day_words(last_day),
        "erased_days": letter.settings.address_keep_days,
        "renew_url": letter.links.renew(row.id),
        "manage_url": letter.links.manage(row.id),
        "unsubscribe_url": letter.links.unsubscribe(row.id),
        "postal": letter.settings.mail_postal,
    }


KIND = Kind("still-there", context, frozenset({"active", "paused"}), bulk=True)
