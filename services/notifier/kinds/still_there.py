"""Twelve months without a sign of life: are you still there? One button keeps the jobs coming, and silence ends them.

Bulk: it comes unasked, to many on one day a year after many subscribed, and it is what Gmail and Yahoo call a subscribed
message, which must offer the one-click way out; RFC 8058 (3.1) leaves it to the sender which mails carry its headers. So this
one has both and a visible link, and it waits while the switch is off or the mail domain is not in order; that harms nobody,
for the thirty days run from when it was handed over. The button leads to a page with a button: scanners open every link.
"""

from datetime import timedelta

from services.notifier.calendar import zone_named
from services.notifier.kinds.asked import asked_words
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, day_words
from services.notifier.render import Context
from shared.profile import Profile

ANSWER_WITHIN = timedelta(days=30)
"""The day that the mail names, from when it was opened. `services.web` counts from when it was handed over, never earlier."""


def context(letter: Letter) -> Context:
    row = letter.person
    profile, zone = Profile.model_validate(row.profile), zone_named(row.timezone)
    return {
        "every": EVERY[row.cadence],
        "asked": asked_words(
            cadence=row.cadence,
            weekday=row.weekday,
            hour=row.hour,
            timezone=row.timezone,
            role=profile.role,
            level=profile.level,
            skills=[skill.skill for skill in profile.skills],
            places=profile.places,
        ),
        "paused": row.state == "paused",
        "last_day": day_words((letter.mail.opened_at + ANSWER_WITHIN).astimezone(zone).date()),
        "erased_days": letter.settings.address_keep_days,
        "renew_url": letter.links.renew(row.id),
        "manage_url": letter.links.manage(row.id),
        "unsubscribe_url": letter.links.unsubscribe(row.id),
        "postal": letter.settings.mail_postal,
    }


KIND = Kind("still-there", context, frozenset({"active", "paused"}), bulk=True)
