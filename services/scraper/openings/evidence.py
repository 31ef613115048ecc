"""What tells whether two postings are one opening, read from a posting once and kept beside it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from services.scraper.openings.links import job_address
from services.scraper.openings.texts import signature, text_key
from services.scraper.openings.titles import places_named, title_key
from shared.posting import Posting, digest_of, words
from shared.reading.company import company_key


class Evidence(NamedTuple):
    """Of one posting. Two that share none of their four keys are never one opening.

    `job_key`: company and title. `requisition_key`: company and its own number for the job. `link_key`: where the link
    leads. `text_key`: title and the rough wording. `title` is a `title_key`; `places` are empty where they are not known,
    `named` are those in the title; `team` is the department and the kind of employment.
    """

    external_id: str
    board: str
    title: str
    job_key: str | None
    requisition_key: str | None
    link_key: str | None
    text_key: str | None
    signature: bytes | None
    places: frozenset[str]
    named: frozenset[str]
    team: str
    aggregator: bool

    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in (self.job_key, self.requisition_key, self.link_key, self.text_key) if key)

    def columns(self) -> dict[str, Any]:
        """Those columns of a posting's row that are about openings, but for the opening itself."""
        return {name: getattr(self, name) for name in COLUMNS}


COLUMNS = ("job_key", "requisition_key", "link_key", "text_key", "signature")


_NOWHERE = {"", "remote", "hybrid", "anywhere", "fully remote", "remote first", "worldwide", "global", "flexible"}


def read_evidence(posting: Posting) -> Evidence:
    """The evidence of a posting."""
    said, company = _places_said(posting.location, posting.locations), _company(posting)
    title, written = title_key(posting.title, said, posting.company), signature(posting.description, said)
    return Evidence(
        external_id=posting.external_id,
        board=f"{posting.source}:{posting.board}",
        title=title,
        job_key=company and digest_of("job", company, title),
        requisition_key=_requisition_key(company, posting.requisition_id),
        link_key=posting.url and digest_of("link", job_address(posting.url)),
        text_key=text_key(title, written),
        signature=written,
        named=places_named(posting.title, said),
        places=_places([place.model_dump() for place in posting.facts.places], posting.location, posting.locations),
        team=_team(posting.department, posting.facts.employment),
        aggregator=posting.aggregator,
    )


def stored_evidence(posting: Mapping[str, Any], columns: Mapping[str, Any]) -> Evidence:
    """The evidence of a posting in the database: its JSON, and the columns that `Evidence.columns` wrote."""
    location, locations = posting.get("location"), posting.get("locations", ())
    said = _places_said(location, locations)
    return Evidence(
        external_id=posting["external_id"],
        board=f"{posting['source']}:{posting['board']}",
        title=title_key(posting["title"], said, posting.get("company")),
        **{name: columns[name] for name in COLUMNS},
        named=places_named(posting["title"], said),
        places=_places(posting.get("facts", {}).get("places", ()), location, locations),
        team=_team(posting.get("department"), posting.get("facts", {}).get("employment")),
        aggregator=posting.get("aggregator", False),
    )


def _company(posting: Posting) -> str | None:
    """The company's key; on a board of its own, the board's name stands in for one that is not said."""
    return company_key(posting.company) or (None if posting.aggregator else company_key(posting.board)) or None


def _requisition_key(company: str | None, number: str | None) -> str | None:
    """`R-1042` and `r1042` are one; words such as `See opening` are no number."""
    plain = re.sub(r"[^a-z0-9]", "", (number or "").lower())
    return digest_of("requisition", company, plain) if company and len(plain) >= 3 and re.search(r"\d", plain) else None


def _team(department: str | None, employment: str | None) -> str:
    return f"{words(department or '')}/{employment or ''}"


def _places_said(location: str | None, locations: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place for place in (location, *locations) if place))


def _places(read: Iterable[Mapping[str, Any]], location: str | None, locations: Iterable[str]) -> frozenset[str]:
    """`SG/singapore`, `DE/` for a whole country; else the board's own words, unless they only say *remote*."""
    known = {f"{place.get('country') or ''}/{(place.get('city') or place.get('region') or '').casefold()}" for place in read}
    return frozenset(known or {words(place) for place in _places_said(location, locations)} - _NOWHERE)
