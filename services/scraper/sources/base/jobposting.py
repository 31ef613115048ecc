"""schema.org `JobPosting` as employers write it, which is seldom as it is specified.

Keys may be in PascalCase. What should be a text may be a list or an object, and may still have `&amp;` in it, or line breaks
as two characters. Places may have names that differ and one and the same address. Of a remote job,
`applicantLocationRequirements` tells where it may be done, and `jobLocation` where the head office is. `unitText` may stand
beside `value`. The text may be spread over `responsibilities`, `qualifications` and others, which may also repeat it.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AliasChoices, AliasGenerator, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel, to_pascal

from services.scraper.sources.base.draft import Draft, Wire, from_html
from services.scraper.sources.base.page import unescaped
from services.scraper.sources.base.terms import employment, moment, pay, workplace
from shared.posting import Employment, Pay, Workplace

_SECTIONS = (
    ("Responsibilities", "responsibilities"),
    ("Qualifications", "qualifications"),
    ("Education", "education_requirements"),
    ("Experience", "experience_requirements"),
    ("Skills", "skills"),
    ("Benefits", "job_benefits"),
)
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,4})?|\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,4})?")
_ESCAPED_BREAK = re.compile(r"(?:\\r)?\\n")


def words(value: Any) -> str | None:
    """A text, wherever it is put: itself, the first of a list, the `name` or `@value` of an object; `None` if there is none."""
    if isinstance(value, list):
        return next(filter(None, map(words, value[:20])), None)
    if isinstance(value, dict):
        return next(
            filter(None, (words(value[key]) for key in ("@value", "value", "Value", "name", "Name") if key in value)), None
        )
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return (unescaped(str(value)).strip() or None) if number or isinstance(value, str) else None


def passages(value: Any) -> str:
    """A text of any length: the pieces of a list as list items, those of objects by their description or name."""
    if isinstance(value, list):
        items = [piece for piece in map(passages, value[:100]) if piece]
        return items[0] if len(items) == 1 else "".join(f"<li>{piece}</li>" for piece in items)
    if isinstance(value, dict):
        return next(filter(None, (passages(value[key]) for key in ("@value", "description", "name") if key in value)), "")
    return _ESCAPED_BREAK.sub("\n", value) if isinstance(value, str) else ""


def listed(value: Any) -> list[Any]:
    return value[:100] if isinstance(value, list) else [] if value is None else [value]


def amount(value: Any) -> float | None:
    """`"5,000.00"` and 5000 → 5000.0; `None` for anything that can be read in two ways."""
    text = str(value).strip()
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


Words = Annotated[str | None, BeforeValidator(words)]
Passages = Annotated[str, BeforeValidator(passages)]
Amount = Annotated[float | None, BeforeValidator(amount)]
Several = BeforeValidator(listed)


class Node(Wire):
    """An object of schema.org. A bare text or number in its place is its `name`, and of a list the first counts."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=lambda name: AliasChoices(to_camel(name), to_pascal(name)))
    )

    @model_validator(mode="before")
    @classmethod
    def _opened(cls, value: Any) -> Any:
        value = value[0] if isinstance(value, list) and value else value
        return value if isinstance(value, dict) else {"name": value, "value": value}


class Address(Node):
    name: Words = None
    address_locality: Words = None
    address_region: Words = None
    address_country: Words = None

    def line(self) -> str | None:
        parts = (self.address_locality, self.address_region, self.address_country)
        return ", ".join(dict.fromkeys(part for part in parts if part)) or self.name


class Place(Node):
    name: Words = None
    kind: Words = Field(None, validation_alias=AliasChoices("@type", "@Type"))
    address: Address = Address()


class Range(Node):
    """A `QuantitativeValue`, or a number alone."""

    value: Amount = None
    min_value: Amount = None
    max_value: Amount = None
    unit_text: Words = None


class Salary(Node):
    """A `MonetaryAmount`; some put the ends of the range, or its unit, one level too high."""

    currency: Words = None
    value: Range | None = None
    min_value: Amount = None
    max_value: Amount = None
    unit_text: Words = None


class Job(Node):
    """`key` is what the job is known by (see `jsonld`); `fault` tells why a job that is there cannot be read."""

    key: str | None = Field(None, validation_alias="joblark:key")
    fault: str | None = Field(None, validation_alias="joblark:fault")
    title: Words = Field(None, validation_alias=AliasChoices("title", "Title", "name", "Name"))
    url: Words = Field(None, validation_alias=AliasChoices("url", "Url", "URL"))
    description: Passages = ""
    responsibilities: Passages = ""
    qualifications: Passages = ""
    education_requirements: Passages = ""
    experience_requirements: Passages = ""
    skills: Passages = ""
    job_benefits: Passages = ""
    hiring_organization: Words = None
    identifier: Words = None
    date_posted: Words = None
    valid_through: Words = None
    employment_type: Annotated[tuple[Words, ...], Several] = ()
    job_location: Annotated[tuple[Place, ...], Several] = ()
    job_location_type: Annotated[tuple[Words, ...], Several] = ()
    applicant_location_requirements: Annotated[tuple[Place, ...], Several] = ()
    base_salary: Salary = Salary()
    salary_currency: Words = None
    employment_unit: Words = None
    job_category: Words = None
    in_language: Words = None


def drafted(job: Job) -> Draft:
    """The job in our words. `company` and `url` are as the page gives them, and may be missing."""
    deadline = moment(job.valid_through)
    places = _places(job)
    return Draft(
        external_id=job.key or "",
        title=job.title or "",
        company=job.hiring_organization,
        url=job.url,
        location="; ".join(places),
        locations=places,
        description=_text(job),
        posted_at=moment(job.date_posted),
        valid_through=deadline.date() if deadline else None,
        department=job.employment_unit or job.job_category,
        requisition_id=job.identifier,
        workplace=_workplace(job),
        employment=_employment(job),
        pay=_pay(job),
        language=job.in_language,
    )


def _text(job: Job) -> str:
    """The description, and of its companions those that it does not repeat."""
    text = from_html(job.description)
    said = " ".join(text.split())
    for heading, name in _SECTIONS:
        more = from_html(getattr(job, name))
        if more and " ".join(more.split())[:60] not in said:
            text = f"{text}\n\n{heading}\n\n{more}".strip()
    return text


def _workplace(job: Job) -> Workplace | None:
    kinds = [workplace(kind) for kind in job.job_location_type]
    virtual = Workplace.REMOTE if any(place.kind == "VirtualLocation" for place in job.job_location) else None
    return next(filter(None, kinds), virtual)


def _places(job: Job) -> list[str]:
    remote = _workplace(job) is Workplace.REMOTE
    return [*_named(job.applicant_location_requirements if remote else ())] or [*_named(job.job_location)]


def _named(places: tuple[Place, ...]) -> Iterator[str]:
    """Each place by its address; by its name where all have one address, which then is that of the template they came from."""
    lines = [place.address.line() for place in places]
    copied = len(set(lines)) == 1 < len({place.name for place in places})
    for place, line in zip(places, lines, strict=True):
        if name := (place.name or line) if copied else (line or place.name):
            yield name


def _employment(job: Job) -> Employment | None:
    """One kind. Full-time goes with others (a full-time contract), but full- and part-time is a choice left open."""
    said = [part for kind in job.employment_type for part in (kind or "").split(",")]
    kinds = {found for part in said if (found := employment(part))}
    rarer = kinds - {Employment.FULL_TIME}
    if Employment.INTERNSHIP in kinds:
        return Employment.INTERNSHIP
    if len(rarer) > 1 or kinds == {Employment.FULL_TIME, Employment.PART_TIME}:
        return None
    return next(iter(rarer or kinds), None)


def _pay(job: Job) -> Pay | None:
    salary, value = job.base_salary, job.base_salary.value or Range()
    low, high = value.min_value or salary.min_value, value.max_value or salary.max_value
    if low is None and high is None:
        low = high = value.value
    return pay(low, high, salary.currency or job.salary_currency, value.unit_text or salary.unit_text)
