"""A board's posting read whole: its words turned into facts. What the board states outright wins over what we read."""

from bisect import bisect_right
from typing import NamedTuple

from shared.posting import Facts, Pay, Place, Posting, RawPosting, SkillMention, Strength
from shared.reading.agency import read_agency
from shared.reading.closing import read_closing
from shared.reading.employment import read_employment
from shared.reading.gazetteer import world_countries
from shared.reading.language import language_code, read_language
from shared.reading.pay import read_pay
from shared.reading.place_text import places_of_text
from shared.reading.places import read_places
from shared.reading.roles import level_of_years, read_level, read_role, read_years
from shared.reading.sections import SILENT, Passage, passages, strength_at
from shared.reading.skills import SkillHit, find_skills
from shared.reading.sponsorship import read_sponsorship
from shared.reading.workplace import read_workplace

_ORDER = {Strength.REQUIRED: 0, Strength.PREFERRED: 1, Strength.MENTIONED: 2}


class _Found(NamedTuple):
    hit: SkillHit
    strength: Strength
    in_title: bool


def read_posting(raw: RawPosting) -> Posting:
    """The posting with its facts. Never fails: what cannot be read is left unknown."""
    lines = passages(raw.description)
    strings = _location_strings(raw)
    places, _ = read_where(raw)
    country = _only_country(places)
    years = read_years(_asked(raw, lines))
    facts = Facts(
        skills=_skills(raw, lines),
        role=read_role(raw.title, raw.department),
        level=read_level(raw.title) or level_of_years(years),
        years=years,
        places=places,
        workplace=raw.workplace or read_workplace(strings, raw.description, title=raw.title),
        employment=raw.employment or read_employment(raw.title, raw.description),
        pay=raw.pay or _pay(raw, country),
        language=language_code(raw.language) or read_language(raw.description),
        sponsorship=read_sponsorship(raw.description),
        agency=read_agency(raw.description, raw.company),
        closes_on=raw.valid_through or read_closing(raw.description, country, raw.posted_at.date() if raw.posted_at else None),
    )
    return Posting(**dict(raw), facts=facts)


def _location_strings(raw: RawPosting) -> tuple[str, ...]:
    return tuple(dict.fromkeys(string for string in (raw.location, *raw.locations) if string))


def read_where(raw: RawPosting) -> tuple[tuple[Place, ...], str]:
    """Where the job is, and the words that say so: the board's; where those name no country the text's, if it says more."""
    strings = _location_strings(raw)
    places = read_places(strings)
    said = None if any(place.country for place in places) else places_of_text(raw.description)
    if said and (not places or _within(said.places, places)):
        return said.places, raw.description[said.start : said.end]
    return places, "; ".join(strings)


def _within(places: tuple[Place, ...], wide: tuple[Place, ...]) -> bool:
    """Whether every one of the places is in a country of one of the regions of the world."""
    countries = {country for region in wide for country in world_countries(region.region or "")}
    return all(place.country in countries for place in places)


def _only_country(places: tuple[Place, ...]) -> str | None:
    """The country of the places if they are all in one; None where there are several or none."""
    countries = {place.country for place in places if place.country}
    return countries.pop() if len(countries) == 1 else None


def _asked(raw: RawPosting, lines: list[Passage]) -> str:
    """What stands outside the company's own story, its benefits and legal notices."""
    return "\n".join(raw.description[line.start : line.end] for line in lines if line.section not in SILENT)


def _pay(raw: RawPosting, country: str | None) -> Pay | None:
    return read_pay(raw.description, country) or read_pay(raw.title, country)


def _skills(raw: RawPosting, lines: list[Passage]) -> tuple[SkillMention, ...]:
    """Each skill once: where it is wanted most, the title before all."""
    best: dict[str, _Found] = {}
    for hit in find_skills(raw.title):
        best.setdefault(hit.skill, _Found(hit, Strength.REQUIRED, in_title=True))
    starts = [line.start for line in lines]
    for hit in find_skills(raw.description):
        known = best.get(hit.skill)
        if known is None or known.strength is not Strength.REQUIRED:
            line = lines[bisect_right(starts, hit.start) - 1]
            strength = strength_at(raw.description, line, hit.start)
            if strength is not None and (known is None or _ORDER[strength] < _ORDER[known.strength]):
                best[hit.skill] = _Found(hit, strength, in_title=False)
    return tuple(_mention(*found) for found in best.values())


def _mention(hit: SkillHit, strength: Strength, in_title: bool) -> SkillMention:
    return SkillMention(skill=hit.skill, strength=strength, text=hit.text, start=hit.start, end=hit.end, in_title=in_title)
