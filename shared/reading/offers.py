"""Telling a job posting from a CV: what a posting asks for is nobody's skill."""

import re

from shared.reading.careers import Career, Kind
from shared.reading.sections import Section, passages

FEWEST_SIGNS = 3
_PHRASES = (
    r"we(?:[’']re| are) (?:looking for|seeking|hiring)",
    r"you will|you[’']ll|what you[’']ll (?:do|bring|need)|who you are|you (?:have|are|bring)",
    r"about the (?:role|job|position|team)|the role",
    r"apply (?:now|today|for this)|to apply",
    r"join (?:us|our|the team)",
    r"the ideal candidate|(?:successful|qualified|ideal) (?:candidates?|applicants?)|applicants",
    r"equal[ -]opportunity|without regard to",
    r"we offer|our benefits|perks",
    r"our (?:clients?|teams?|mission|customers|company)",
    r"your (?:responsibilities|profile|tasks|background)",
    r"this (?:role|position|job)",
)
_SIGNS = tuple(re.compile(rf"\b(?:{phrase})\b", re.IGNORECASE) for phrase in _PHRASES)
_HEADINGS = frozenset({Section.REQUIRED, Section.PREFERRED, Section.BENEFITS, Section.EQUAL_OPPORTUNITY})


def is_posting(career: Career) -> bool:
    """Whether the text speaks to an applicant: it has the phrases and headings of postings, and no job somebody held."""
    if any(block.kind is Kind.JOB and block.is_engineering for block in career.blocks):
        return False
    phrases = sum(1 for sign in _SIGNS if sign.search(career.text))
    headings = {passage.section for passage in passages(career.text)} & _HEADINGS
    return phrases > 0 and phrases + len(headings) >= FEWEST_SIGNS
