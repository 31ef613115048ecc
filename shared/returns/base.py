"""What a format of reports is, and what every one of them makes of a report. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, TypeVar

from pydantic import BaseModel, ValidationError

from shared.errors import UnreadableInput
from shared.returns.mime import Part

Sort = Literal["hard", "soft", "complaint", "taken"]
OLDEST = timedelta(days=90)
"""A report says when; nobody is believed to tell of the future, or of what was long ago."""
MAX_RECIPIENTS = 50
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Finding:
    """What a report by mail says. Without `sort` it is understood and no matter.

    `original` is the header of the mail it is about; `addresses` are only there to be masked in `detail`.
    """

    sort: Sort | None
    status: str = ""
    detail: str = ""
    original: Part | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a provider says of one address. `key` is its own name for the event; `named` may hold the signed name of a mail."""

    key: str
    sort: Sort
    address: str
    at: datetime | None
    named: tuple[str, ...] = ()
    status: str = ""
    detail: str = ""


@dataclass(frozen=True)
class MailFormat:
    """The declaration of a format of reports by mail. `read` gives `None` for a mail of another kind."""

    name: str
    read: Callable[[Part], Finding | None]


@dataclass(frozen=True)
class HookFormat:
    """The declaration of a provider's reports. `read` raises `UnreadableInput` for what is none."""

    name: str
    read: Callable[[bytes], list[Report]]


def read_json(model: type[Model], body: bytes | str) -> Model:
    """`body` as the wire model of a provider. Raises `UnreadableInput`, which repeats nothing of it."""
    try:
        return model.model_validate_json(body)  # the parser beneath stops at 200 levels
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])[:80]
        words = f"this is not the report it should be, at {where or 'its start'}"
        raise UnreadableInput(words, code="report_unreadable") from None


def date_of(text: str) -> datetime | None:
    """A date as mails write it; `None` for what is none."""
    try:
        return parsedate_to_datetime(text[:100])
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def believable(at: datetime | None, now: datetime) -> datetime:
    """`at`, no later than `now` and not long before it."""
    at = now if at is None else at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at, now - OLDEST), now)
