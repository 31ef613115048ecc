"""Whether the advertiser hires for somebody else: a recruitment agency, a staffing firm, an executive search.

Told by its name (`data/agencies.tsv`), by a Singapore employment agency licence, which the law puts into every agency's
advertisement, or by words such as *our client is looking for*. A law firm's or a consultancy's *our clients* say nothing,
nor does *no recruitment agencies, please*. Nothing found means unknown: an agency may well keep silent.
"""

import re
from functools import cache, lru_cache
from typing import Literal

from shared.reading.company import company_key
from shared.reading.cues import cues
from shared.reading.tables import parts, rows

_LICENCE = re.compile(
    r"\b(?:ea|eap|eal)\b[^\w\n]{0,3}(?:p(?:ersonnel)?\b ?)?[^\n]{0,30}?\b(?:\d\d[a-z]\d{4}|r\d{7,8})\b"
    r"|\blicen[cs]e (?:no|number|num)?[^\n\d]{0,6}\d\d[cs]\d{4}\b"
)
"""Licences of firms are two digits, a letter and four digits, registrations of consultants an R and seven or eight digits."""
_FOR_CLIENT = re.compile(
    r"(?:^|[\n.:;!?•>]|', ')[\s\-–*']*(?:our|my|the) client(?:,|\s?[–(-]|\s(?:is|are|has|in|based|located|headquartered|seeks"
    r"|needs|requires|wants|offers|who|specialises|operates)\b)"
    r"|\b(?:for|with|at) (?:our|my|one of (?:our|my)) (?:\w+ ){0,2}client(?:s(?<=one of our clients)|s(?<=one of my clients))?"
    r"(?:\s?[–—(]|\s(?:in|based|located|who (?:is|are)|is|as|to join|for (?:a|an|the|their|which))\b)"
    r"|\b(?:for|one of) (?:our|my) clients?,? (?:an?|is|are) "
    r"|\bon behalf of (?:our|my|a|an|one of our) (?:[\w-]+ ){0,4}clients?\b"
    r"|\bthe end[- ]client (?:is|has|are)\b"
    r"|\bpost on behalf of a hiring partner"
    r"|\bunser(?:en)? kunden? (?:ist|sucht|,)"
    r"|\bnotre client[, ](?:est|un|recherche|acteur)|\bnuestro cliente\b|\bnosso cliente\b"
)
_HIRES_FOR = re.compile(
    r"\b(?:hiring|recruiting|looking|seeking|searching|sourcing|recruitment|interviewing|position|role|opening|opportunity|vacancy"
    r"|job|contract|engineer|developer|analyst|scientist|manager|consultant|architect|specialist)\b"
)
_SELF = re.compile(
    r"\b(?:we are|we're|is|as) (?:an?|the|one of the) (?:(?!no\b|not\b)[\w',&-]+ ){0,6}?"
    r"(?:(?:recruitment|recruiting|staffing|employment|search|talent) (?:and \w+ )?"
    r"(?:agency|agencies|firm|firms|consultancy|consultancies|partner|provider|specialists?)"
    r"|executive search|headhunting (?:firm|company))\b"
)


def read_agency(text: str, company: str | None = None) -> Literal[True] | None:
    """True where the company's name or the text shows an agency; None otherwise, never False."""
    if company and _is_agency(company):
        return True
    found = cues(text)
    for start in found.of("agency"):
        low, high = max(0, start - 80), start + 120
        if _LICENCE.search(found.lower, max(0, start - 5), start + 60) or _SELF.search(found.lower, low, high):
            return True
        if _client_wants(found.lower, max(0, start - 25), high):
            return True
    return None


def _client_wants(lower: str, low: int, high: int) -> bool:
    """Whether words here say a client has the job, and not merely that there are clients."""
    client = _FOR_CLIENT.search(lower, low, high)
    return client is not None and _HIRES_FOR.search(lower, max(0, low - 100), high + 80) is not None


@lru_cache(maxsize=4096)
def _is_agency(company: str) -> bool:
    """A firm of the table, also with its country or branch behind a name of two words. Kept for a board's next postings."""
    key = company_key(company)
    first_two = " ".join(key.split()[:2])
    return key in _companies() or (" " in first_two and first_two in _companies()) or _names().search(key) is not None


@cache
def _companies() -> frozenset[str]:
    return frozenset(company_key(name) for row in rows("agencies") if row["kind"] == "company" for name in parts(row["words"]))


@cache
def _names() -> re.Pattern[str]:
    words = [word for row in rows("agencies") if row["kind"] == "name" for word in parts(row["words"])]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b(?! (?:holdings|software|platform|technologies))")
