"""Where a job is, from its text: for postings whose location field is empty or says no more than *Remote*.

Three kinds of statement count, the surest first: a line with a label (`Location: Berlin, Germany`); a sentence that says
where whoever does the job has to be (*must be based in the UK*, *remote within Canada*, *this role is based in Lagos*,
*three days in our Berlin office*); one that says where they must be allowed to work. Where the company is, where it sells
and what it pays where are none. What is left open stays unknown: a wrong country is worse than none.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.posting import Place
from shared.reading.cues import MAX_TEXT, lower_case
from shared.reading.places import read_places
from shared.reading.tables import parts

TOP_LINES = 10
"""Lines of a text in which words such as *Office* and *Where* are labels of the job's place."""
_MOST = 20
"""Occurrences of one word that are looked at."""
_BEFORE, _AFTER = 110, 50
"""Characters around a word that its phrases may take."""


class PlaceStated(NamedTuple):
    """The places that a text states, and where: in `text[start:end]`."""

    places: tuple[Place, ...]
    start: int
    end: int


_MARKS = r"(?:[^\S\n]|[-–—•*·▪●◦>#_])*"
_LABELS = (
    r"(?:(?:job|work(?:ing)?|office|primary|main|role|position|employment) )?locations?(?:\(s\))?|place of (?:work|employment)"
    r"|(?:arbeits|dienst|einsatz|stand)orte?|lieu(?: de travail| du poste)?|localisation|ubicación|lugar de trabajo"
    r"|localização|local de trabalho|sede(?: di lavoro)?|luogo di lavoro|standplaats|lokalizacja|miejsce pracy"
    r"|勤務地|工作地[点點]|근무지"
)
_AT_TOP = r"offices?|based(?: in)?|where|countr(?:y|ies)|city|place|ort|büro|bureau|où|plaats|waar"
_LABEL = re.compile(
    rf"{_MARKS}(?:📍|(?:(?P<sure>{_LABELS})|{_AT_TOP})[*_]*[^\S\n]*(?:[:：]|[–—-](?=\s))[*_]*(?:[^\S\n]*\n)?{_MARKS})"
    r"(?P<value>[^\n]{2,200})",
    re.IGNORECASE,
)
_MAY_LABEL = re.compile(r"[:：📍]|\s[–—-]\s")
_LONGEST_LABEL = 40
_VALUE_END = re.compile(r"(?<=[^\W\d_]{3})[.!?](?:\s|$)|\s{3,}|\t|\s[|•]\s|\b(?:with|but|while|occasional\w*|must|you|we)\b")

_BE = (
    r"(?:be )?(?:\w{4,12}ly |already )?(?:located|based|resid(?:e|ing|ents?)|living|live)(?: and (?:work|live|reside)(?:ing)?)?"
)
_IN = r"(?:anywhere )?(?:in|within|across|throughout|from|out of|inside|of|at)(?: or (?:near|around))?"
_JOB = r"(?:role|position|job|opportunity|vacancy|opening|internship|contract)"
_SITE = r"(?:in[- ]person|on-?[ ]?site|in[- ]office|office[- ]based)"
_SOMEWHERE = re.compile(
    rf"\b(?:must|should|(?:will )?needs? to|can|(?:required|expected|have|has) to)"
    rf"(?: (?:currently|already|also|either))? {_BE} {_IN}\b"
    rf"|\b(?:this|the) (?:[\w,-]{{1,20}} ){{0,3}}?{_JOB}(?: is| will be)(?: [\w,%-]{{1,16}}){{0,4}}?"
    rf" (?:based|located) (?:{_SITE} )?{_IN}\b"
    rf"|\b(?:open|available|limited|restricted)(?: only)? to (?:\w+ ){{0,4}}?{_BE} {_IN}\b"
    rf"|\b(?:only|exclusively) (?:\w+ ){{0,5}}?{_BE} {_IN}\b"
    rf"|\b(?:seeking|looking for) (?:[\w-]+ ){{0,4}}?{_BE} in\b"
    rf"|\n[-–—•*·▪●][^\S\n]?(?:based|located|residing|living) {_IN}\b|\bcurrently (?:based|residing|living) {_IN}\b"
    r"|\bwohnsitz in\b|\bbasée? (?:à|en)\b"
)
_MOVE = re.compile(
    r"\b(?:(?:must|should|able|ability|ready|need|required|expected)(?: be)?(?: willing)?(?: to)?"
    r"|willing(?:ness)? to|or) relocate to\b"
    r"|(?:^|[.\n:]\W{0,3})relocation to(?=[^.\n]{2,40} (?:is )?(?:required|necessary|mandatory))"
    r"|\bcommut(?:e|ing|able) distance (?:of|to|from)\b"
)
_ON_SITE = re.compile(
    rf"\b{_SITE},? {_JOB} (?:{_IN})\b|\bwork(?:ing)? {_SITE} {_IN}\b|\bdays?(?: a| per|/) ?week,? (?:{_SITE} )?(?:in|at|from)\b"
    rf"|\bthis {_JOB} is {_SITE}(?: [^\s,.;]{{1,12}}){{0,4}} in\b"
)
_REMOTE = re.compile(
    rf"\bremote(?:ly)?(?: {_JOB})?,?(?: (?:based|located|open))? (?:anywhere )?(?:in|within|from|across|throughout|aus)"
    r"(?: any of)?\b"
    r"|\bremote(?:ly)?[^\S\n]?[,:(–—-][^\S\n]?(?=\S)(?!first|friendly)"
    r"|\bwork(?:ing)? (?:\w+ )?(?:from )?anywhere (?:from )?(?:with)?in\b"
)
_ONLY = re.compile(
    r"(?:^|[(\[|•·–—\n-]|\bthe|\bremote)[^\S\n]*(?P<run>[^\s,;:()|-][^\n,;:()|-]{0,24}?)"
    r"(?: (?:residents|candidates|applicants|based|remote))? only\b"
)
_BASED = re.compile(
    r"(?P<run>(?:[^\s(,;:-]{2,14} ){0,2}[^\s(,;:-]{2,14})[ -]based"
    r"(?= (?:[\w-]{1,12} ){0,2}?(?:role|position|job|candidates?|applicants?|only)\b)"
)
_OFFICE = re.compile(
    r"\b(?:days?|work(?:ing)?|based|on-?site|in[- ]person|hybrid|role|position|job|week|located)\b[^.,;\n]{0,30}?"
    r" (?:from|in|at|out of|into|to) (?:our|the) (?P<run>(?:(?! (?:with|where|who|of|to|for) )[^\n.,;:()]){2,40}?)"
    r"(?: based)? (?:offices?|hq|headquarters|hubs?)\b"
)
_ALLOWED = re.compile(
    r"\b(?:authori[sz]ed|eligible|entitled|permitted|right|rights|permission|permit|authori[sz]ation|eligibility)"
    r"(?: to)?(?: legally)?(?: live and)? work(?: and (?:live|reside))?(?: permanently| lawfully| legally| full[- ]time)?"
    r" (?:in|within)\b"
)
_CITIZEN = re.compile(r"\b(?:must be|are|be) (?:an? )?(?P<run>[^\s.]{2,12}|u\.s\.?a?\.?) (?:citizens?|persons?)\b")
_Phrases = tuple[tuple[str, re.Pattern[str]], ...]
_WHERE: tuple[_Phrases, ...] = (
    (
        *((word, _SOMEWHERE) for word in ("located ", "based ", " resid", " live ", " living ", "wohnsitz", "basé")),
        ("remote", _REMOTE),
        ("anywhere", _REMOTE),
        (" only", _ONLY),
        ("based", _BASED),
        *((word, _MOVE) for word in ("relocat", "commut")),
        *(
            (word, _ON_SITE)
            for word in ("in-person", "in person", "onsite", "on-site", "on site", "in-office", "in office", "week")
        ),
    ),
    tuple((word, _OFFICE) for word in ("office", " hq", "headquarters", " hub")),
    (
        *((word, _ALLOWED) for word in ("to work", "and work", "legally work")),
        *((word, _CITIZEN) for word in ("citizen", "s. person", "us person")),
    ),
)
"""For text in lower case, surest first: words that are quick to find, and the phrases around them that a place follows."""
_NEGATED = re.compile(
    r"\b(?:(?:not|n['’]t|cannot|never|unless|if|whether|for|than|where|when|no|other|outside)\b[^.!?\n]{0,30}"
    r"|our (?:\w+ )?(?:teams?|people|employees|company|staff) (?:\w+ ){0,3})$"
)
"""What makes a phrase about the job one about something else: *if you are based in…*, *our team works remotely across…*."""

_LINKS = parts("the|either|or|and|near|of|de|da|do|del|our|greater|mainland|continental|any|anywhere|in|within|y|und|et|on|la")
_LINK = rf"(?:(?:{'|'.join(_LINKS)})\b)"
_NAME = r"(?:(?:[A-Z]\.){2,4}|(?:St|Ste|Mt|Ft)\.|(?!(?:I|We|You)\b)[^\W\d_a-zà-ÿ][\w'’]*)"
_GAP = r"[^\S\n]{0,3}(?:[,/|&()–-][^\S\n]{0,3})?"
_RUN = re.compile(
    rf"(?:\s|\(|{_LINK})*(?P<run>{_NAME}(?:{_GAP}(?:{_LINK}[^\S\n]{{1,3}}){{0,2}}{_NAME}){{0,12}})(?P<after>[^\n.]{{0,24}})"
)
"""Names in capitals, one after the other, and what follows them."""
_TIME = re.compile(r"\b(?:time ?zones?|hours|hrs|est|cet|pst)\b", re.IGNORECASE)
_HOURS = re.compile(r"\b(?:time ?zones?|hours|hrs)\b", re.IGNORECASE)
_PIECE_END = re.compile(r"[,;(–—-]|\bor\b", re.IGNORECASE)


def places_of_text(text: str) -> PlaceStated | None:
    """The places of the surest statement about where the job is, or None."""
    text = text[:MAX_TEXT]
    lower = lower_case(text)
    return next(_labelled(text), None) or next((said for phrases in _WHERE for said in _sentences(text, lower, phrases)), None)


def _labelled(text: str) -> Iterator[PlaceStated]:
    start, seen = 0, 0
    for line in text.split("\n"):
        head = line[:_LONGEST_LABEL]
        seen += bool(head.strip())
        label = _LABEL.match(text, start) if _MAY_LABEL.search(head) else None
        start += len(line) + 1
        if label and (label["sure"] or seen <= TOP_LINES):
            said = _stated(_without_hours(_VALUE_END.split(label["value"], maxsplit=1)[0]), label.start("value"))
            if said:
                yield said


def _without_hours(value: str) -> str:
    """Without what speaks of working hours: `Berlin or remote within 2 hours of CET` → `Berlin`."""
    hours = _HOURS.search(value)
    if hours is None:
        return value
    return value[: max((end.start() for end in _PIECE_END.finditer(value, 0, hours.start())), default=0)]


def _sentences(text: str, lower: str, phrases: _Phrases) -> Iterator[PlaceStated]:
    """What each phrase says, in the order of the phrases."""
    for word, pattern in phrases:
        start, ends = 0, 0
        for _ in range(_MOST):
            start = lower.find(word, start)
            if start < 0:
                break
            for found in pattern.finditer(lower, max(start - _BEFORE, ends), start + len(word) + _AFTER):
                ends = found.end()
                said = None if _NEGATED.search(lower, max(0, found.start() - 40), found.start()) else _said(text, found)
                if said:
                    yield said
            start += len(word)


def _said(text: str, found: re.Match[str]) -> PlaceStated | None:
    """The places of the names in capitals at or after a phrase."""
    has_run = "run" in found.groupdict()
    run = _RUN.match(text, found.start("run") if has_run else found.end(), found.end("run") if has_run else len(text))
    if run is None or _TIME.search(run["run"] + run["after"]):
        return None
    return _stated(run["run"], run.start("run"))


def _stated(words: str, start: int) -> PlaceStated | None:
    places = read_places([words])
    return PlaceStated(places, start, start + len(words.rstrip())) if places else None
