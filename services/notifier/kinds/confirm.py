"""The confirmation: whoever typed an address must be who reads its mail. The occasion `reminder` asks again, once.

Not bulk: it answers a request, so there is nothing to leave yet, and doing nothing is the way out, which it says. It carries
no free text of the form, because anyone may type somebody else's address there.
"""

from datetime import date, timedelta

from services.notifier.calendar import zone_named
from services.notifier.kinds.asked import asked_words
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, day_words
from services.notifier.render import Context
from shared.profile import Profile

REMINDER = "reminder"
EXPIRES_AFTER = timedelta(days=14)
"""How long a request waits for its confirmation, from its last change on."""


def context(letter: Letter) -> Context:
    row = letter.person
    return confirm_context(
        profile=Profile.model_validate(row.profile),
        cadence=row.cadence,
        weekday=row.weekday,
        hour=row.hour,
        timezone=row.timezone,
        confirm_url=letter.links.confirm(row.id),
        postal=letter.settings.mail_postal,
        expires=(row.changed_at + EXPIRES_AFTER).astimezone(zone_named(row.timezone)).date(),
        reminder=letter.mail.occasion == REMINDER,
    )


def confirm_context(
    *,
    profile: Profile,
    cadence: str,
    weekday: int,
    hour: int,
    timezone: str,
    confirm_url: str,
    postal: str,
    expires: date,
    reminder: bool = False,
) -> Context:
    """What the `confirm` mail needs."""
    asked = asked_words(
        cadence=cadence,
        weekday=weekday,
        hour=hour,
        timezone=timezone,
        role=profile.role,
        level=profile.level,
        skills=[skill.skill for skill in profile.skills],
        places=profile.places,
    )
    return {
        "reminder": reminder,
        "asked": asked,
        "every": EVERY[cadence],
        "expires": day_words(expires),
        "confirm_url": confirm_url,
        "postal": postal,
    }


KIND = Kind("confirm", context, frozenset({"pending"}))
