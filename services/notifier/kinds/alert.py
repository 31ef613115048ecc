"""The operator's mail: what is wrong with this installation, since when, and the commands that help; or that all is well again.

Not bulk: one mail to whoever runs the machine, and the one mail that must go out when the switch is off or the domain is red.
`services.notifier.alarms` opens it.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from services.notifier.kinds.base import Kind, Letter
from services.notifier.kinds.content import content_of as read_content
from services.notifier.phrases import counted, day_words
from services.notifier.render import Context
from shared.posting import Value

MOST, LINES, LONGEST = 20, 12, 300
Line = Annotated[str, StringConstraints(max_length=LONGEST)]


class Trouble(Value):
    """One thing that is wrong. `details` are facts about it, `advice` says what to do, `commands` with what exactly."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
    title: Line
    since: AwareDatetime | None = None
    details: tuple[Line, ...] = Field(default=(), max_length=LINES)
    advice: Line
    commands: tuple[Line, ...] = Field(default=(), max_length=LINES)


class Alert(Value):
    """`MailRow.content` of this kind: what is wrong, the worst first, and titles of what is over. `over` alone: all is well."""

    troubles: tuple[Trouble, ...] = Field(default=(), max_length=MOST)
    over: tuple[Line, ...] = Field(default=(), max_length=MOST)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.troubles and not self.over:
            raise ValueError("an alert about nothing")
        return self


def context(letter: Letter) -> Context:
    content = read_content(letter, Alert)
    count = len(content.troubles)
    return {
        "best": content.troubles[0].title if count else "",
        "others": count - 1,
        "headline": f"{counted(count, 'thing needs', 'things need')} you" if count else "All is well again",
        "troubles": [_words(trouble) for trouble in content.troubles],
        "over": content.over,
        "where": letter.links.base_url,
        "looked_at": _instant_words(letter.mail.opened_at),
    }


def _words(trouble: Trouble) -> dict[str, Any]:
    since = f"Since {_instant_words(trouble.since)}" if trouble.since else ""
    return {**trouble.model_dump(exclude={"since"}), "since": since}


def _instant_words(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{day_words(utc.date())}, {utc:%H:%M} UTC"


KIND = Kind("alert", context, frozenset())
