"""The confirmation: whoever typed an address must be who reads its mail."""

from services.notifier.calendar import zone_named
from services.notifier.kinds.base import Kind, Letter
from services.notifier.phrases import EVERY, listed, place_words, when_words, work_words
from services.notifier.render import Context
from shared.profile import Profile
from shared.reading.skills import display_name


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
    )


def confirm_context(
    *, profile: Profile, cadence: str, weekday: int, hour: int, timezone: str, confirm_url: str, postal: str
) -> Context:
    """What the `confirm` mail needs. Free text of the form is left out: anyone may type somebody else's address there."""
    asked = {
        "When": f"{when_words(cadence, weekday, hour)}, {zone_named(timezone).key} time",
        "Work": work_words(profile.role, profile.level),
        "Skills": listed([display_name(skill.skill) for skill in profile.skills], 12),
        "Where": listed([place_words(place) for place in profile.places], 4),
    }
    return {
        "asked": {label: words for label, words in asked.items() if words},
        "every": EVERY[cadence],
        "confirm_url": confirm_url,
        "postal": postal,
    }


KIND = Kind("confirm", context, frozenset({"pending"}))
