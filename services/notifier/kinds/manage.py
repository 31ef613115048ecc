"""The links to all subscriptions of an address, for who asked for them on the web page.

Not bulk: somebody asked for it and waits for it. A subscription that was never confirmed is not in it, for whoever typed the
address there need not be its owner; nor is one that has ended, for there is nothing left to change.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from services.notifier.calendar import zone_named
from services.notifier.kinds.asked import asked_words
from services.notifier.kinds.base import Kind, Letter
from services.notifier.kinds.content import content_of as read_content
from services.notifier.phrases import counted, day_words, sentence
from services.notifier.render import Context
from shared.models import SubscriptionRow
from shared.posting import Level, Place, Role, Value
from shared.profile import Profile

MOST, SKILLS, PLACES, LONGEST = 20, 30, 10, 200
STATES = ("active", "paused")
Word = Annotated[str, StringConstraints(max_length=LONGEST)]


class Held(Value):
    """One subscription as it is named in the mail."""

    id: int = Field(ge=1)
    state: Literal["active", "paused"]
    paused_until: AwareDatetime | None = None
    cadence: Literal["daily", "weekly", "monthly"]
    weekday: int = Field(ge=0, le=6)
    hour: int = Field(ge=0, le=23)
    timezone: Word
    role: Role | None = None
    level: Level | None = None
    skills: tuple[Word, ...] = Field(default=(), max_length=SKILLS)
    places: tuple[Place, ...] = Field(default=(), max_length=PLACES)


class Manage(Value):
    """`MailRow.content` of this kind. `more` says how many subscriptions there was no room for."""

    subscriptions: tuple[Held, ...] = Field(min_length=1, max_length=MOST)
    more: int = Field(default=0, ge=0)


def content_of(rows: Sequence[SubscriptionRow]) -> dict[str, Any] | None:
    """What to open the mail with, given every subscription of one address; `None` where there is none to tell of.

    Those that run come before those that rest, the newest first.
    """
    told = [row for row in rows if row.state in STATES and row.confirmed_at and row.email]
    told.sort(key=lambda row: (STATES.index(row.state), -row.id))
    if not told:
        return None
    content = Manage(subscriptions=tuple(map(_held, told[:MOST])), more=max(0, len(told) - MOST))
    return content.model_dump(mode="json", exclude_defaults=True)


def context(letter: Letter) -> Context:
    content = read_content(letter, Manage)
    total = len(content.subscriptions) + content.more
    return {
        "headline": counted(total, "subscription", "subscriptions"),
        "one": total == 1,
        "subscriptions": [_words(held, letter) for held in content.subscriptions],
        "more": content.more,
        "postal": letter.settings.mail_postal,
    }


def _held(row: SubscriptionRow) -> Held:
    profile = Profile.model_validate(row.profile)
    same = {name: getattr(row, name) for name in ("id", "state", "paused_until", "cadence", "weekday", "hour", "timezone")}
    return Held(
        **same,
        role=profile.role,
        level=profile.level,
        skills=tuple(skill.skill[:LONGEST] for skill in profile.skills[:SKILLS]),
        places=profile.places[:PLACES],
    )


def _words(held: Held, letter: Letter) -> dict[str, Any]:
    same = {"cadence", "weekday", "hour", "timezone", "role", "level", "skills"}
    asked = asked_words(**held.model_dump(include=same), places=held.places)
    return {
        "name": sentence(" in ".join(asked[part] for part in ("Work", "Where") if part in asked) or "Jobs that fit you"),
        "state": sentence(_state_words(held)),
        "about": {label: words for label, words in asked.items() if label in ("When", "Skills")},
        "url": letter.links.manage(held.id),
    }


def _state_words(held: Held) -> str:
    if held.state == "paused" and held.paused_until:
        return f"paused until {day_words(_there(held, held.paused_until))}"
    return held.state


def _there(held: Held, at: datetime) -> date:
    return at.astimezone(zone_named(held.timezone)).date()


KIND = Kind("manage", context, frozenset(STATES))
