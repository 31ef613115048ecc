"""What a person says outright that they look for: level, kinds of employment, ways of working, places, pay.

Only sentences that speak of wishes are read (*looking for remote contract work, €500/day*), and only outside the jobs a CV
tells of. What one is merely *open to* does not rule out the rest, so on its own it narrows nothing but adds places. A line or
two that tell of no job (*Python backend engineer, remote*) are a wish themselves.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from typing import NamedTuple, TypeAlias, TypeVar

from shared.posting import Employment, Level, Pay, Place, Workplace
from shared.reading.careers import places_in
from shared.reading.pay import read_pay
from shared.reading.places import read_places
from shared.reading.roles import read_level

MAX_SENTENCES = 2_000
MAX_SUMS = 5
LONGEST_WORDS = 160

Kind = TypeVar("Kind", bound=StrEnum)
_Kinds: TypeAlias = tuple[tuple[Kind, re.Pattern[str]], ...]
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)|\n")
_SEEKS = re.compile(
    r"\b(?:looking for|look for|seek(?:s|ing)?|searching for|in search of|want(?:s|ed)? to (?:work|join|find)"
    r"|prefer(?:s|red|ring|ably)?|preferences?|desired|available for|wish(?:es)? (?:to|for)|only interested|exclusively"
    r"|remote[- ]only|only remote|(?:job|work|employment|contract) type|i only (?:work|take|accept)"
    r"|expect(?:ed|ation|ations|ing)?|minimum|at least|rate|wunsch|suche|recherche|busco|cerco)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:open to|open for|willing to|happy to|interested in|consider(?:ing)?|would (?:move|relocate))\b", re.IGNORECASE
)
_TOLD = re.compile(r"\b(?:worked|was|been|have|has|had|led|built|experience[ds]?)\b", re.IGNORECASE)
"""What tells of the past, even in a line or two."""
_NOT = re.compile(r"\b(?:not|no|never|don[’']t|without|except)\s(?:\S+\s){0,3}$", re.IGNORECASE)
_OTHERS = re.compile(r"\b(?:clients?|customers?|users?|people|companies|teams?|who|we|they)\b[^.\n]{0,20}$", re.IGNORECASE)
_OR_BEFORE = re.compile(r"(?:\b(?:or|and/or|else)|/)\s*(?:(?:fully|100%|completely)\s)?$", re.IGNORECASE)
_OR_AFTER = re.compile(r"\s*(?:(?:work|roles?|positions?|jobs?)\s)?(?:or\b|/)", re.IGNORECASE)
_RELOCATE = re.compile(
    r"\b(?:relocat\w+|mov(?:e|ing)|work(?:ing)?,? (?:in|from)"
    r"|(?:roles?|positions?|jobs?|opportunit\w+|internships?|work) (?:\w+ ){0,2}(?:in|near|around))\b(?:\s(?:to|in|near))?",
    re.IGNORECASE,
)
_IN = re.compile(r"\b(?:in|near|around)\s(?=[A-Z])")
_LEVEL = re.compile(
    r"\b((?:senior|staff|principal|lead|junior|graduate|mid[ -]level|entry[ -]level|intern(?:ship)?)\b[^\n.]{0,40}?)"
    r"\b(?:roles?|positions?|opportunit\w+|jobs?|internships?|work)\b|\b(internship)\b",
    re.IGNORECASE,
)
_EMPLOYMENTS = (
    (
        Employment.CONTRACT,
        re.compile(
            r"(?<!smart[ -])(?<!data[ -])\b(?:contract(?:s|ing|or)?|freelance|b2b(?! (?:saas|products?|sales|e-?commerce))|c2c"
            r"|day rate)\b(?! (?:type|test))",
            re.IGNORECASE,
        ),
    ),
    (Employment.FULL_TIME, re.compile(r"\b(?:full[ -]?time|permanent)\b", re.IGNORECASE)),
    (Employment.PART_TIME, re.compile(r"\bpart[ -]?time\b", re.IGNORECASE)),
    (
        Employment.INTERNSHIP,
        re.compile(r"\b(?:internships?|intern (?:role|position)|working student|werkstudent\w*)\b", re.IGNORECASE),
    ),
)
_WORKPLACES = (
    (Workplace.ONSITE, re.compile(r"\b(?:on[- ]?site|in[- ]office|in the office|office[- ]based)\b", re.IGNORECASE)),
    (Workplace.HYBRID, re.compile(r"\bhybrid\b(?![ -](?:mobile|apps?|cloud|search|infra))", re.IGNORECASE)),
    (
        Workplace.REMOTE,
        re.compile(
            r"\b(?:remote(?:ly)?(?![ -](?:sens|control|desktop|access|monitor|procedure|debug))|work(?:ing)? from home"
            r"|home office)\b",
            re.IGNORECASE,
        ),
    ),
)
_MONEY = re.compile(
    r"\b(?:rate|pay|salary|compensation|remuneration|expect\w*|minimum|at least)\b"
    r"|(?:/|\bper |\ban? )\s?(?:day|hour|year|month|annum)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"(?:\b(?:from|at least|minimum|min\.?)\s)?(?:[€£$¥₹]|\b[A-Z]{1,3}\$|\b[A-Z]{3}\s)?\s?\d", re.IGNORECASE)


class Wishes(NamedTuple):
    """Empty and None mean not said. `level_words` is the sentence that says the level."""

    level: Level | None = None
    level_words: str = ""
    employments: tuple[Employment, ...] = ()
    workplaces: tuple[Workplace, ...] = ()
    places: tuple[Place, ...] = ()
    pay_floor: Pay | None = None


def read_wishes(text: str, country: str | None = None, *, is_wish: bool = False) -> Wishes:
    """What the text says is wanted. `country` (ISO 3166-1) says whose dollars a bare `$` means.

    `is_wish` where it is no CV but a wish itself: then what it names is wanted, unless it tells of the past.
    """
    wishes = list(_wishes(text, is_wish=is_wish))
    sought = [sentence for sentence, is_sought in wishes if is_sought]
    opened = [sentence for sentence, _ in wishes]
    level, words = next(((level, sentence) for sentence in opened if (level := _level(sentence))), (None, ""))
    return Wishes(
        level=level,
        level_words=words.strip(" -•*\t")[:LONGEST_WORDS],
        employments=_named(_EMPLOYMENTS, sought, opened),
        workplaces=_named(_WORKPLACES, sought, opened),
        places=tuple(dict.fromkeys(place for sentence in opened for place in _places(sentence, is_wish=is_wish))),
        pay_floor=next((pay for sentence in sought if (pay := _pay(sentence, country))), None),
    )


def _wishes(text: str, *, is_wish: bool) -> Iterator[tuple[str, bool]]:
    """Each sentence that speaks of wishes, and whether it says what is sought, not only what one is open to."""
    for number, sentence in enumerate(_SENTENCE_END.split(text)):
        if number >= MAX_SENTENCES:
            return
        found = [(match, cue is _SEEKS) for cue in (_SEEKS, _OPEN) if (match := cue.search(sentence))]
        if found and not _OTHERS.search(sentence, 0, min(match.start() for match, _ in found)):
            seeks = any(is_sought for _, is_sought in found)
            yield sentence, seeks
        elif is_wish and not found and not _TOLD.search(sentence):
            yield sentence, True


def _level(sentence: str) -> Level | None:
    found = _LEVEL.search(sentence)
    return read_level(found[1] or found[2]) if found and not _NOT.search(sentence, 0, found.start()) else None


def _named(kinds: _Kinds[Kind], sought: list[str], opened: list[str]) -> tuple[Kind, ...]:
    """The kinds that are sought; else those one is open to where they are several.

    One kind named as an alternative (*in Oslo or remote*) rules out nothing.
    """
    wanted = _kinds(kinds, sought)
    also = _kinds(kinds, opened)
    if len(also) == 1 and any(_is_alternative(words, sentence) for kind, words in kinds if kind in also for sentence in opened):
        return ()
    return also if wanted or len(also) > 1 else ()


def _is_alternative(words: re.Pattern[str], sentence: str) -> bool:
    found = [match.span() for match in words.finditer(sentence)]
    return any(_OR_BEFORE.search(sentence, max(0, start - 20), start) or _OR_AFTER.match(sentence, end) for start, end in found)


def _kinds(kinds: _Kinds[Kind], sentences: list[str]) -> tuple[Kind, ...]:
    return tuple(kind for kind, words in kinds if any(_says(words, sentence) for sentence in sentences))


def _says(words: re.Pattern[str], sentence: str) -> bool:
    return any(not _NOT.search(sentence, max(0, match.start() - 60), match.start()) for match in words.finditer(sentence))


def _places(sentence: str, *, is_wish: bool) -> Iterator[Place]:
    """Where one would go: what follows *relocate to* or *roles in*; of a wish, what follows *in*."""
    move = _RELOCATE.search(sentence)
    if move and not _NOT.search(sentence, 0, move.start()):
        yield from (place for place in read_places([sentence[move.end() : move.end() + 120]]) if place.country or place.region)
    elif is_wish and (there := _IN.search(sentence)) and not _NOT.search(sentence, 0, there.start()):
        yield from places_in(sentence[there.end() : there.end() + 120], sentence)


def _pay(sentence: str, country: str | None) -> Pay | None:
    """The least of the pay that a sentence about it names."""
    if not _MONEY.search(sentence):
        return None
    starts = islice((match.start() for match in _SUM.finditer(sentence)), MAX_SUMS)
    found = (read_pay(f"Pay: {sentence[start:]}", country) for start in starts)
    pay = next((pay for pay in found if pay and pay.low), None)
    return Pay(low=pay.low, currency=pay.currency) if pay else None
