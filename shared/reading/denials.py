"""Skills that a CV names only to say that its person does not have them: *I don't know Java*, *no experience with PHP*."""

import re

from shared.reading.skills import SkillHit

_DENIED = re.compile(
    r"(?:\b(?:(?:do|did|have|am|are|can)n[’']?t|(?:do|did|have|am|[I’']m)\snot|cannot|never)"
    r"(?:\s(?:really|actually|yet|ever|even|personally|currently)){0,2}"
    r"\s(?:know|used?|using|want|work(?:ed)?|touch(?:ed)?|learn(?:ed|t)?|write|wrote|written|done|do|familiar|fluent|experienced"
    r"|proficient|speak|programmed|coded|had|have)"
    r"|\b(?:no|without|zero|lack(?:ing)?)\s(?:\w+\s){0,2}?(?:experience|knowledge|background|interest)"
    r"|(?P<bare>(?:^|[.!?;,\n]|\bbut)\s?no))"
    r"(?:\s(?:with|in|of|on|about|any|to|use|work|touch|learn|for|a|the|such|as|like|write|experience|knowledge)){0,5}\s?$",
    re.IGNORECASE,
)
_CUES = re.compile(r"\b(?:no|never|cannot|without|zero|lack|\w+n[’']?t)", re.IGNORECASE)
_REACH = 80
"""Characters before a skill that its denial may take."""
_STILL_KNOWN = re.compile(r"\s(?:since|recently|lately|much|in (?:a while|years)|for (?:a while|some time)|professionally)\b")
_OR = re.compile(r"\s?(?:/|,?\s?\bn?or\b)\s?(?:any\s)?")
_LIST = re.compile(rf"\s?,\s?|{_OR.pattern}")
_CHEER = re.compile(r"\s[A-Z]\w+(?:\s(?:and\s)?[A-Z]\w+){0,2}\s?!")
_STARTS = re.compile(r"(?:^|[(.!?\n“\"])\s?$")


def denied(text: str, hits: list[SkillHit]) -> frozenset[int]:
    """Where the hits start that claim no skill: those that are denied, and *Go* in a cheer. `hits` are in order."""
    found: set[int] = set()
    goes_on: re.Pattern[str] | None = None
    end = 0
    for hit in hits:
        if (goes_on and goes_on.fullmatch(text, end, hit.start)) or (goes_on := _denial(text, hit)) or _is_cheer(text, hit):
            found.add(hit.start)
        end = hit.end
    return frozenset(found)


def _denial(text: str, hit: SkillHit) -> re.Pattern[str] | None:
    """What may stand between a skill that is denied and the next that is, too; None where it is not denied."""
    words = text[max(0, hit.start - _REACH) : hit.start]
    said = _DENIED.search(words) if _CUES.search(words) else None
    if said is None or _STILL_KNOWN.match(text, hit.end):
        return None
    return _OR if said["bare"] else _LIST


def _is_cheer(text: str, hit: SkillHit) -> bool:
    """`(Go Sharks!)`: the verb, at the start of a call."""
    is_call = hit.text == "Go" and _CHEER.match(text, hit.end) is not None
    return is_call and _STARTS.search(text[max(0, hit.start - 2) : hit.start]) is not None
