"""What of a description is about the job itself: the same in every city, and what tells one team's job from another's."""

from bisect import bisect_left
from functools import cache

from ahocorasick_rs import AhoCorasick

from shared.reading.cues import cues
from shared.reading.sections import SILENT, Section, passages
from shared.reading.tables import parts

_ASIDE = parts(
    # what it pays and what else there is
    "salary|compensation|base pay|pay range|pay transparency|hourly rate|per hour|$|£|€|equity|stock option|rsu|401(k)|401k"
    "|pension|paid time off|pto|vacation|holiday|parental leave|sick leave|sick time|stipend|wellness|fertility|commuter|perks"
    "|benefits|medical, dental|dental and vision|dental, vision|dental & vision|health insurance|life insurance"
    "|medical insurance|dental insurance|team building activities|spending account|savings account|final offer|offer amount"
    "|early detection|cell phone"
    # what the law asks for
    "|equal opportunity|equal-opportunity|equal employment|without regard|gender identity|sexual orientation|accommodation"
    "|veteran|criminal histor|fair chance|arrest and conviction|background check|privacy notice|privacy policy|e-verify"
    "|discriminat"
    # where one works, and who may
    "|based in|hybrid|in-office|in office|in-person|in person|onsite|on-site|remote|relocat|offices in|time zone|timezone"
    "|days a week|days per week|days/week|flexible hours|visa|sponsorship|work authorization|authorized to work|right to work"
    "|eligible to work|able to hire|#li-"
)
"""Phrases of sentences that differ from country to country, though the job is one."""
MOST_ASIDE = 5
"""Where less than one part in so many is left, the whole text is taken for what it is."""


def about_the_job(description: str) -> str:
    """The description in lower case, without praise of the company, benefits, legal notices, pay, and places of work."""
    text = cues(description).lower  # the readers have looked for cues before, and the text is at hand
    asides = [start for _, start, _ in _automaton().find_matches_as_indexes(text)]
    told: list[str] = []
    kept, section = True, Section.BODY
    for start, end, here in passages(description):
        if here is not section:
            kept, section = here not in SILENT or (here is Section.COMPANY and "team" in text[start:end]), here
        if kept:
            told += _sentences(text, start, end, asides)
    found = "\n".join(told)
    return found if len(found) * MOST_ASIDE > len(text) else text


def _sentences(text: str, start: int, end: int, asides: list[int]) -> list[str]:
    """What is left of one line when the sentences are taken out in which an aside begins."""
    index = bisect_left(asides, start)
    if index == len(asides) or asides[index] >= end:
        return [text[start:end]]
    left = []
    while index < len(asides) and asides[index] < end:
        left.append(text[start : max(start, text.rfind(". ", start, asides[index]) + 1)])
        stop = text.find(". ", asides[index], end)
        start = end if stop < 0 else stop + 1
        index = bisect_left(asides, start, index)
    return [*left, text[start:end]]


@cache
def _automaton() -> AhoCorasick:
    return AhoCorasick(_ASIDE)
