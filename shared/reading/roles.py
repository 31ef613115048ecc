"""Role family of a title: which engineering trade it names, or that it names none.

`data/roles.tsv` says what each phrase does. *job*: the name of another job (*sales engineer*, *recruiter*). *noun* and *field*
name engineering, but of what kind only *software* words beside them tell; *unless software* words make it somebody else's
(*mechanical*), *about* words too where nothing else speaks for engineering. *alone* is an engineering job by itself (*data
scientist*), *topic* a field that is (*machine learning*), *specialist* a job of whatever *skill* stands beside it, *architect*
one of buildings but for an *architecture* word. *manager* names a manager of engineers; *leads* does beside *led* or *field*.
*team* is its lead beside a *whole* row (*Team Lead, Platform*). *title*, *first* and *hint* rows give the family, *whole* rows
where they are all of a segment; *nothing* hides the words in it.
The first segment of the title that names a job decides whether it is ours.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

from shared.posting import Role
from shared.reading.levels import level_of_years, read_level
from shared.reading.tables import parts, rows
from shared.reading.title_words import MAX_TITLE, Hit, Phrases, Title, parse_title
from shared.reading.years import read_years

__all__ = ["level_of_years", "read_level", "read_role", "read_years"]

_ENGINEERING = frozenset({"noun", "field", "manager"})
_TOGETHER = ({"specialist", "skill"}, {"architect", "architecture"}, {"leads", "led"}, {"team", "whole"})
_VETOES = frozenset({"job", "about", "unless software"})
_CLEARED = frozenset({"job", "unless software"})
_SWALLOWING = _VETOES | {"nothing"}
_PLAIN_LEAD = frozenset(
    parts("senior|sr|global|regional|associate|assistant|group|deputy|interim|of|the|and|i|ii|iii|1|2|3|executive")
)


class Meaning(NamedTuple):
    """What a phrase of the table does, and for which role."""

    effect: str
    role: Role


RoleHit = Hit[Meaning]


def read_role(title: str, department: str | None = None) -> Role | None:
    """The role family of a title; the department refines a title that says no more than *engineer*.

    None only when there is no title. *Data scientist* is data; mechanical, civil… and sales engineers are `OTHER`.
    """
    parsed = parse_title(title)
    if not parsed.words:
        return None
    segments = _segments(parsed)
    if not _is_ours(segments) and not _is_all_skills(parsed.words, segments):
        return Role.OTHER
    if _is_management(parsed, segments):
        return Role.MANAGEMENT
    return _family(segments) or (_family(_segments(parse_title(department))) if department else None) or Role.ENGINEERING


@cache
def _table() -> Phrases[Meaning]:
    return Phrases(
        (phrase, Meaning(row["effect"], Role(row["role"]))) for row in rows("roles") for phrase in parts(row["words"])
    )


def _segments(title: Title) -> list[list[RoleHit]]:
    """What was found in each segment of the title."""
    hits = _table().find(title.words)
    return [_outermost([hit for hit in hits if _stands_in(hit, start, end)]) for start, end in title.segments]


def _stands_in(hit: RoleHit, start: int, end: int) -> bool:
    """Whether it is in the segment; a *whole* row has to be all of it."""
    if hit.tag.effect == "whole":
        return (hit.start, hit.end) == (start, end)
    return start <= hit.start and hit.end <= end


def _outermost(hits: list[RoleHit]) -> list[RoleHit]:
    """Without jobs named inside longer phrases (the *driver* of *device driver*), then without what is inside a veto."""
    if not any(hit.end - hit.start > 1 for hit in hits):
        return hits
    hits = [
        hit
        for hit in hits
        if hit.tag.effect not in _CLEARED or not any(_clears(outer, hit) and _holds(outer, hit) for outer in hits)
    ]
    vetoes = [hit for hit in hits if hit.tag.effect in _SWALLOWING]
    return [hit for hit in hits if not any(_holds(veto, hit) for veto in vetoes)]


def _clears(outer: RoleHit, inner: RoleHit) -> bool:
    """Whether the longer phrase would say that the shorter is not meant: *production engineer* is no word of a factory."""
    return inner.tag.effect == "job" or (inner.tag.effect == "unless software" and outer.tag.effect in ("noun", "topic"))


def _holds(outer: RoleHit, inner: RoleHit) -> bool:
    """Whether one is a longer phrase around the other."""
    return outer.start <= inner.start and inner.end <= outer.end and outer.end - outer.start > inner.end - inner.start


def _effects(hits: list[RoleHit]) -> set[str]:
    return {hit.tag.effect for hit in hits}


def _is_ours(segments: list[list[RoleHit]]) -> bool:
    """What the first segment that names a job says; else whether the words of all of them are of engineering."""
    everywhere = _effects([hit for hits in segments for hit in hits])
    for hits in segments:
        named = _names_ours(hits, everywhere)
        if named is not None:
            return named
    if "unless software" in everywhere and "software" not in everywhere:
        return False
    return bool(everywhere & _ENGINEERING) or ("about" not in everywhere and _is_likely(everywhere))


def _is_all_skills(words: tuple[str, ...], segments: list[list[RoleHit]]) -> bool:
    """Whether the title is a list of technologies, as *PHP Laravel* or *Senior Full Stack (AEM)*."""
    if "skill" not in _effects([hit for hits in segments for hit in hits]):
        return False
    named = [hit for hits in segments for hit in hits if hit.tag.effect in ("skill", "software")]
    inside = {place for hit in named for place in range(hit.start, hit.end)}
    rest = [word for place, word in enumerate(words) if place not in inside and word not in _PLAIN_LEAD]
    return not rest and len(inside) > 1


def _names_ours(hits: list[RoleHit], everywhere: set[str]) -> bool | None:
    """Whether these words name an engineering job: True, another job: False, or none that is certain."""
    effects = _effects(hits)
    if "job" in effects:
        return _has_ours_beside(hits)
    if _is_certain(effects) or ("about" not in everywhere and _is_likely(effects)):
        return True
    if "manager" in effects and effects.isdisjoint(_VETOES):
        return "unless software" not in everywhere or "software" in everywhere
    return False if effects & _ENGINEERING and effects & {"unless software", "about"} else None


def _is_certain(effects: set[str]) -> bool:
    return "alone" in effects or ("software" in effects and bool(effects & _ENGINEERING))


def _is_likely(effects: set[str]) -> bool:
    """Sure unless another trade is spoken of."""
    if "unless software" in effects and "software" not in effects:
        return False
    return "topic" in effects or any(needed <= effects for needed in _TOGETHER)


def _has_ours_beside(hits: list[RoleHit]) -> bool:
    """Whether a title that names another job ends in ours (*Customer Support Software Engineer*) or offers ours too.

    *Web Designer / Developer* does.
    """
    after = max(hit.end for hit in hits if hit.tag.effect == "job")
    if any(hit.tag.effect == "noun" and hit.start >= after for hit in hits) and _is_certain(_effects(hits)):
        return True
    cuts = [hit.start for hit in hits if hit.tag.effect == "or"]
    parts_of_it = ([hit for hit in hits if low < hit.start < high] for low, high in pairwise([-1, *cuts, MAX_TITLE]))
    return any(_is_certain(effects) and "job" not in effects for effects in map(_effects, parts_of_it))


def _is_management(title: Title, segments: list[list[RoleHit]]) -> bool:
    """Whether it leads engineers: said before any engineer is named."""
    for number, (hits, (start, end)) in enumerate(zip(segments, title.segments, strict=True)):
        effects = _effects(hits)
        if "manager" in effects:
            return True
        if "leads" in effects:
            is_plain = all(word in _PLAIN_LEAD for word in _rest(title, hits, start, end))
            led = _effects([hit for later in segments[number + 1 :] for hit in later]) if is_plain else effects
            return bool(led & {"led", "field"}) or (not is_plain and "noun" in effects)
        if "noun" in effects:
            return False
    return False


def _rest(title: Title, hits: list[RoleHit], start: int, end: int) -> list[str]:
    """The words of a segment that are no *leads* phrase."""
    taken = {place for hit in hits if hit.tag.effect == "leads" for place in range(hit.start, hit.end)}
    return [title.words[place] for place in range(start, end) if place not in taken]


_NAMING = frozenset({"noun", "field", "alone", "topic", "architect", "skill"})


def _family(segments: list[list[RoleHit]]) -> Role | None:
    """The family told by the segment that names the job, else by the whole title."""
    naming = next((hits for hits in segments if _effects(hits) & _NAMING), [])
    return _first_named(naming) or _first_named([hit for hits in segments for hit in hits])


def _first_named(hits: list[RoleHit]) -> Role | None:
    """Security and QA before all, else the role named first; of two named at one place the longer phrase.

    Technologies and other *hint* rows count where no role is named: a *Java Full Stack Developer* is full-stack.
    """
    firsts = [hit.tag.role for hit in hits if hit.tag.effect == "first"]
    if firsts:
        return min(firsts, key=(Role.SECURITY, Role.QA).index)
    for effects in ({"title", "whole"}, {"hint"}):
        named = [hit for hit in hits if hit.tag.effect in effects]
        if named:
            return min(named, key=lambda hit: (hit.start, -hit.end)).tag.role
    return None
