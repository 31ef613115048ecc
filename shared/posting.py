"""What a board publishes and what we read from it.

`RawPosting` is what an adapter hands over: the board's own words, nothing interpreted. `Posting` adds `Facts`, the
interpretation made by `shared.reading`. Field names are those of schema.org `JobPosting` where it has one. Anything the
board does not say is `None` or empty, which always means *unknown*, never *no*.
"""

import hashlib
import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_LINE = 500
"""Characters of a title or a name."""
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LINE)]
MAX_DESCRIPTION = 100_000
"""Characters kept of one description. The longest of 4,767 recorded Ashby postings has about 24,000."""


_ACCENT = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[^\W\d_]+")
_WHITE = b" \t\n\v\f\r"


class Value(BaseModel):
    """Base of every value object: immutable, compared by content, unknown fields ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Workplace(StrEnum):
    ONSITE = "onsite"
    HYBRID = "hybrid"
    REMOTE = "remote"


class Employment(StrEnum):
    FULL_TIME = "full_time"
    PART_TIME = "part_time"
    CONTRACT = "contract"
    TEMPORARY = "temporary"
    INTERNSHIP = "internship"


class Level(StrEnum):
    """Rungs of the engineering ladder, lowest first. `MANAGER` stands beside the ladder: people lead people there."""

    INTERN = "intern"
    JUNIOR = "junior"
    MID = "mid"
    SENIOR = "senior"
    STAFF = "staff"
    PRINCIPAL = "principal"
    MANAGER = "manager"


class Role(StrEnum):
    """Role families. `OTHER` is everything that is not engineering: sales, recruiting, legal, design…"""

    BACKEND = "backend"
    FRONTEND = "frontend"
    FULLSTACK = "fullstack"
    MOBILE = "mobile"
    DATA = "data"
    ML = "ml"
    INFRASTRUCTURE = "infrastructure"
    SECURITY = "security"
    EMBEDDED = "embedded"
    QA = "qa"
    MANAGEMENT = "management"
    ENGINEERING = "engineering"
    OTHER = "other"


class Strength(StrEnum):
    """How much a posting wants a skill, from the section and sentence the words stand in."""

    REQUIRED = "required"
    PREFERRED = "preferred"
    MENTIONED = "mentioned"


class Place(Value):
    """A place as far as it is known. `country` is ISO 3166-1 alpha-2 (`SG`), or a region such as `EMEA` is in `region`."""

    city: str | None = None
    region: str | None = None
    country: str | None = None


class Pay(Value):
    """An annual range in one currency (ISO 4217). Either end may be unknown, never both."""

    low: float | None = None
    high: float | None = None
    currency: str


class SkillMention(Value):
    """One skill asked for by a posting: the canonical skill, how much it is wanted, and the words it was read from.

    `start` and `end` are character offsets into the description, or into the title when `in_title`.
    """

    skill: str
    strength: Strength
    text: str
    start: int
    end: int
    in_title: bool = False


class RawPosting(Value):
    """One job as one board publishes it. `description` is plain text; `locations` are the board's strings, one per office.

    `attribution` is whom the source's terms ask to credit beside the job; `mailable` is false where those terms forbid
    showing the job in mails. `aggregator` marks a copy: the source collects other people's jobs.
    """

    source: str
    board: str
    external_id: Line
    title: Line
    company: str | None = None
    url: str | None = None
    location: str | None = None
    locations: tuple[str, ...] = ()
    description: str = Field(default="", max_length=MAX_DESCRIPTION)
    posted_at: datetime | None = None
    valid_through: date | None = None
    department: str | None = None
    requisition_id: str | None = None
    workplace: Workplace | None = None
    employment: Employment | None = None
    pay: Pay | None = None
    language: str | None = None
    attribution: str | None = None
    mailable: bool = True
    aggregator: bool = False


class Facts(Value):
    """What was read from a posting's words. Empty and `None` mean unknown.

    `years` is the experience asked for. `language` is that of the text (ISO 639-1: `en`); `sponsorship` whether work visas
    are offered; `agency` whether the advertiser hires for somebody else; `closes_on` the last day to apply.
    """

    skills: tuple[SkillMention, ...] = ()
    role: Role | None = None
    level: Level | None = None
    years: float | None = None
    places: tuple[Place, ...] = ()
    workplace: Workplace | None = None
    employment: Employment | None = None
    pay: Pay | None = None
    language: str | None = None
    sponsorship: bool | None = None
    agency: bool | None = None
    closes_on: date | None = None


class Posting(RawPosting):
    """A posting together with the facts read from it: what events carry and the matcher scores."""

    facts: Facts = Facts()

    @property
    def content_hash(self) -> str:
        """A digest of everything a reader would notice changing; equal for the same words in other white space."""
        parts = (self.title, self.company, self.location, " ".join(self.locations), self.description, self.pay)
        content = "\x1f".join(str(part or "") for part in parts).replace("\xa0", " ")
        return hashlib.blake2b(content.encode().translate(None, _WHITE), digest_size=16).hexdigest()


def words(text: str) -> str:
    """Lower-case words of `text` without punctuation, accents or digits: `"Acme, Inc. №5"` → `"acme inc no"`."""
    if not text.isascii():
        text = _ACCENT.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(_WORD.findall(text.casefold()))


def digest_of(*parts: str) -> str:
    """A short key that is the same for the same parts."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
