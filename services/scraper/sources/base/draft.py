"""From a source's own words to a clean `RawPosting`.

Everything a board writes is hostile until it has been through here: titles end in mail headers, links in mails, text in
a database that refuses NUL.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import (
    AliasChoices,
    AliasGenerator,
    AliasPath,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic.alias_generators import to_camel

from shared.posting import MAX_DESCRIPTION, Employment, Pay, RawPosting, Workplace
from shared.reading.html import is_clean, plain_text

MAX_HTML = 1_000_000
"""Characters of markup read of one job; twenty times the longest recorded."""
MAX_PLACES = 100

# Invisible marks, the ones that turn the direction of text around (used to disguise names), and halves of characters.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINK = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f<>\"\\^`{|}\ud800-\udfff]{1,1980}", re.IGNORECASE)
_PASTED_TAG = re.compile(r"&lt;(/?(?:a|b|br|div|em|h[1-6]|i|li|ol|p|span|strong|ul)\b[^<>]{0,300}?)&gt;")
_PASTED_END = re.compile(r"&lt;/(?:div|li|p|span|ul)&gt;")
_BREAKS = re.compile("\r\n?|\x85|\u2028|\u2029")


class Wire(BaseModel):
    """Base of wire models: declare only the fields that are read. `job_url` reads `job_url` or `jobUrl`; see also `at`.

    A field without a default makes the job what it is, and its absence costs the job. A field with a default falls back
    to it when the source sends something else: a job must not be lost because an office is malformed.
    """

    model_config = ConfigDict(
        extra="ignore",
        coerce_numbers_to_str=True,
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(name, to_camel(name))),
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_when_malformed(cls, value: Any, read: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return read(value)
        except ValidationError:
            field = cls.model_fields[info.field_name or ""]
            if field.is_required():
                raise
            return field.get_default(call_default_factory=True)


def at(*path: str | int, default: Any = None) -> Any:
    """A field of a wire model that is read from inside: `at("location", "name")`. Never required."""
    return Field(default=default, validation_alias=AliasPath(*path))  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One job in the source's words: what an adapter returns. `description` is plain text (`from_html` makes it).

    `location` is what the board shows; `locations` has one string per office and defaults to `location`.
    """

    external_id: str
    title: str
    company: str | None = None
    url: str | None = None
    location: str | None = None
    locations: Iterable[str | None] = ()
    description: str = ""
    posted_at: datetime | None = None
    valid_through: date | None = None
    department: str | None = None
    requisition_id: str | None = None
    workplace: Workplace | None = None
    employment: Employment | None = None
    pay: Pay | None = None
    language: str | None = None

    def posting(self, source: str, board: str) -> RawPosting:
        """Cleaned and cut to size. Raises `ValidationError` when no id or no title is left."""
        places = (one_line(place, 300) for place in (tuple(self.locations) or (self.location,)))
        return RawPosting(
            source=source,
            board=board,
            external_id=one_line(self.external_id, 501) or "",
            title=one_line(self.title, 500) or "",
            company=one_line(self.company, 200),
            url=web_link(self.url),
            location=one_line(self.location, 500),
            locations=tuple(dict.fromkeys(place for place in places if place))[:MAX_PLACES],
            description=paragraphs(self.description),
            posted_at=self.posted_at,
            valid_through=self.valid_through,
            department=one_line(self.department, 200),
            requisition_id=one_line(self.requisition_id, 200),
            workplace=self.workplace,
            employment=self.employment,
            pay=self.pay,
            language=one_line(self.language, 35),
        )


def from_html(*parts: str | None) -> str:
    """The plain text of fragments of HTML, in their order, with an empty line between them."""
    return "\n\n".join(text for part in parts if part and (text := plain_text(_unpasted(part[:MAX_HTML])).strip()))


def _unpasted(markup: str) -> str:
    """Some employers paste markup into an editor that escapes it; a closing tag tells this from a job about `<div>`s."""
    return _PASTED_TAG.sub(r"<\1>", markup) if _PASTED_END.search(markup) else markup


def one_line(text: str | None, length: int) -> str | None:
    """`text` on one line without control or invisible characters, cut to `length`; `None` when nothing is left."""
    line = (text or "")[: length * 4]
    visible = line if line.isprintable() else _UNSEEN.sub("", _CONTROL.sub(" ", _BREAKS.sub(" ", line)))
    return " ".join(visible.split())[:length].strip() or None


def paragraphs(text: str) -> str:
    """`text` with a newline for every kind of line break, without control or invisible characters, cut to `MAX_DESCRIPTION`."""
    text = text[: MAX_DESCRIPTION * 2]
    visible = text if is_clean(text) else _UNSEEN.sub("", _CONTROL.sub("", _BREAKS.sub("\n", text)))
    return visible.strip()[:MAX_DESCRIPTION].rstrip()


def web_link(text: str | None) -> str | None:
    """`text` if it is an http(s) address fit for a mail, else `None`: a script or a file must never become a link."""
    link = (text or "").strip()
    return link if _LINK.fullmatch(link) else None
