"""What a person typed into the subscription form: kept as text to show again, and turned into values by checking it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypedDict, TypeVar

from starlette.datastructures import FormData, UploadFile

from services.web.schedule import Schedule, parse_schedule
from shared.errors import UnreadableInput
from shared.posting import Employment, Level, Place, Role, Workplace
from shared.profile import Profile, ProfileSkill
from shared.reading.places import read_places
from shared.reading.skills import find_skills, skills
from shared.rule import MAX_RULE, parse

MAX_CV = 200_000
MAX_FIELD = 500
MAX_RULE_FIELD = 2 * MAX_RULE
"""Characters kept of a rule, so that one that is too long is refused and shown, not cut."""
MAX_SKILLS = 200
MAX_PLACES = 10
MAX_YEARS = 60
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

KEEP, DROP = "keep", "drop"
"""What becomes of jobs that do not say what the rule asks."""
Choice = TypeVar("Choice", bound=StrEnum)


class Filter(TypedDict):
    """The columns of a subscription that filter its jobs."""

    rule: str
    keep_unknown: bool


@dataclass(frozen=True)
class Draft:
    """One field each, as typed: nothing in here is checked. `kept` are the names of the skills still ticked."""

    email: str = ""
    cadence: str = "weekly"
    timezone: str = ""
    weekday: str = "0"
    hour: str = "8"
    kept: tuple[str, ...] = ()
    rule: str = ""
    unknown: str = KEEP
    more: str = ""
    role: str = ""
    level: str = ""
    years: str = ""
    places: str = ""
    workplaces: tuple[str, ...] = ()
    employments: tuple[str, ...] = ()
    pay: str = ""

    @classmethod
    def typed(cls, form: FormData) -> Self:
        """Everything that the form holds, each field cut to a line's length."""
        schedule = ("email", "cadence", "timezone", "weekday", "hour")
        lines = (*schedule, "unknown", "more", "role", "level", "years", "places", "pay")
        given = {name: field(form, name, MAX_FIELD) for name in lines if name in form}
        return cls(
            **given,
            rule=field(form, "rule", MAX_RULE_FIELD).strip(),
            kept=_choices(form, "skill"),
            workplaces=_choices(form, "workplace"),
            employments=_choices(form, "employment"),
        )

    @classmethod
    def read(cls, profile: Profile, form: FormData) -> Self:
        """What was read from a CV, with the rest from the form it came in."""
        given = {
            name: field(form, name, MAX_FIELD) for name in ("email", "cadence", "timezone", "weekday", "hour") if name in form
        }
        return cls(
            **given,
            kept=tuple(skill.skill for skill in profile.skills),
            role=profile.role or "",
            level=profile.level or "",
            years="" if profile.years is None else f"{profile.years:g}",
            places="; ".join(place_line(place) for place in profile.places),
            workplaces=profile.workplaces,
            employments=profile.employments,
            pay="keep" if profile.pay_floor else "",
        )

    def schedule(self) -> Schedule:
        """Raises `UnreadableInput`, its code naming the field."""
        return parse_schedule(self.cadence, self.timezone, self.weekday, self.hour)

    def filter(self) -> Filter:
        """Raises `UnreadableInput`: `RuleError` for the rule, or `unknown_invalid`."""
        parse(self.rule)
        if self.unknown not in (KEEP, DROP):
            raise UnreadableInput("choose from the list what becomes of jobs that do not say", code="unknown_invalid")
        return {"rule": self.rule, "keep_unknown": self.unknown == KEEP}

    def corrected(self, profile: Profile) -> Profile:
        """`profile` as its owner corrected it. Raises `UnreadableInput`, its code naming the field."""
        return profile.model_copy(
            update={
                "skills": self._skills(profile),
                "role": _one_of(Role, self.role, "role"),
                "level": _one_of(Level, self.level, "level"),
                "level_evidence": profile.level_evidence if self.level == profile.level else "",
                "years": _years(self.years),
                "places": _places(self.places, profile),
                "workplaces": tuple(kind for kind in Workplace if kind in self.workplaces),
                "employments": tuple(kind for kind in Employment if kind in self.employments),
                "pay_floor": profile.pay_floor if self.pay else None,
            }
        )

    def _skills(self, profile: Profile) -> tuple[ProfileSkill, ...]:
        kept = [skill for skill in profile.skills if skill.skill in self.kept]
        added = dict.fromkeys(name for name in _added(self.more) if name not in {skill.skill for skill in kept})
        chosen = (*kept, *(ProfileSkill(skill=name) for name in added))
        if not chosen:
            raise UnreadableInput("keep at least one skill: without any, no job can be found for you", code="skills_missing")
        return chosen[:MAX_SKILLS]


def field(form: FormData, name: str, limit: int) -> str:
    """One text field, without control characters, cut to `limit`; an uploaded file counts as empty."""
    value = form.get(name)
    text = value.replace("\r\n", "\n") if isinstance(value, str) else ""
    return _UNPRINTABLE.sub("", text[:limit])


def cv(form: FormData) -> str:
    """The pasted CV. Raises `UnreadableInput` when it is longer than `MAX_CV`."""
    text = field(form, "cv", 2 * MAX_CV)
    if len(text) > MAX_CV:
        raise UnreadableInput(
            f"this CV is longer than {MAX_CV:,} characters; paste the part about your work", code="cv_too_long"
        )
    return text


async def uploaded(form: FormData) -> bytes | None:
    """The content of the file that was chosen; None where none was. The server has bounded its size."""
    file = form.get("file")
    return await file.read() or None if isinstance(file, UploadFile) and file.filename else None


def place_line(place: Place) -> str:
    """A place as people write it: `Singapore, SG`."""
    return ", ".join(part for part in (place.city, place.region, place.country) if part)


def _choices(form: FormData, name: str) -> tuple[str, ...]:
    return tuple(value for value in form.getlist(name) if isinstance(value, str))[:MAX_SKILLS]


def _added(text: str) -> Iterator[str]:
    """The skills that were typed in addition. Raises `UnreadableInput` for words that are none we know."""
    for words in (piece.strip() for piece in re.split(r"[,;\n]", text) if piece.strip()):
        names = [words.lower()] if words.lower() in skills() else [hit.skill for hit in find_skills(words)]
        if not names:
            raise UnreadableInput(
                f"we know no skill called “{words}”; write it another way, or leave it out", code="skill_unknown"
            )
        yield from names


def _years(text: str) -> float | None:
    if not text.strip():
        return None
    try:
        years = float(text.replace(",", "."))
    except ValueError:
        years = -1
    if not 0 <= years <= MAX_YEARS:
        raise UnreadableInput(f"years of experience are a number from 0 to {MAX_YEARS}", code="years_invalid")
    return years


def _one_of(kind: type[Choice], text: str, name: str) -> Choice | None:
    if text and text not in list(kind):
        raise UnreadableInput(f"choose the {name} from the list", code=f"{name}_invalid")
    return kind(text) if text else None


def _places(text: str, profile: Profile) -> tuple[Place, ...]:
    """Places as typed, separated by `;`. One that was read from the CV and left alone stays exactly what it was."""
    read = {place_line(place): (place,) for place in profile.places}
    lines = [line.strip() for line in text.split(";") if line.strip()]
    return tuple(dict.fromkeys(place for line in lines[:MAX_PLACES] for place in read.get(line) or _typed_places(line)))


def _typed_places(line: str) -> tuple[Place, ...]:
    places = read_places([line])
    if not places:
        raise UnreadableInput(f"we know no place called “{line}”; write it like Singapore or Berlin, DE", code="place_unknown")
    return places
