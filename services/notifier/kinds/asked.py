"""What a subscription asks for, in a few words. Pure.

None of them is free text: names of skills, trades and levels are ours, and of a place only what cannot become a link.
"""

from collections.abc import Iterable

from services.notifier.calendar import zone_named
from services.notifier.phrases import listed, place_words, when_words, work_words
from shared.models import SubscriptionRow
from shared.posting import Level, Place, Role
from shared.profile import Profile
from shared.reading.skills import display_name
from shared.reading.skills import skills as known_skills

SKILLS, PLACES = 12, 4


def asked_by(row: SubscriptionRow) -> dict[str, str]:
    """`asked_words` of a subscription as it is now."""
    profile = Profile.model_validate(row.profile)
    return asked_words(
        cadence=row.cadence,
        weekday=row.weekday,
        hour=row.hour,
        timezone=row.timezone,
        role=profile.role,
        level=profile.level,
        skills=(skill.skill for skill in profile.skills),
        places=profile.places,
    )


def asked_words(
    *,
    cadence: str,
    weekday: int,
    hour: int,
    timezone: str,
    role: Role | None,
    level: Level | None,
    skills: Iterable[str],
    places: Iterable[Place],
) -> dict[str, str]:
    """Label and words of what is asked for; what is not said is left out."""
    words = {
        "When": f"{when_words(cadence, weekday, hour)}, {zone_named(timezone).key} time",
        "Work": work_words(role, level),
        "Skills": listed(known_names(skills), SKILLS),
        "Where": listed([name for place in places if (name := place_words(place))], PLACES),
    }
    return {label: said for label, said in words.items() if said}


def known_names(names: Iterable[str]) -> list[str]:
    """The skills of ours among `names`, as people write them."""
    return [display_name(name) for name in names if name in known_skills()]
