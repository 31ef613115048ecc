"""Whether a posting offers to sponsor a work visa: said outright, or ruled out by asking for citizens.

*Must be authorized to work in the US* alone says nothing: whoever was sponsored is authorized. A question on the form
(*Will you require sponsorship?*) says nothing either. Where one sentence offers it and another limits it (*not for every
role*, *only for positions in France*) it is offered.
"""

import re
from collections.abc import Iterator

from shared.reading.cues import Cues, cues

_AROUND = 160
_SENTENCE_END = re.compile(r"[\n|•·.!?*'](?:(?<=[\n|•·])|(?<=[.!?])(?<!\bu.)(?<!u\.s.)(?=\s|$|[a-z]{4,} )|(?<=\*)\*|(?<='), ')")
_NO = r"(?:\b(?:no|not|cannot|unable|without|never|neither|nor|unavailable|ineligible)\b|n['’]t\b)"
_PERMIT = (
    r"\b(?:visas?|immigration|work permits?|work[- ]pass(?:es)?|employment pass|(?:work|employment) authori[sz]ation|h-?1-?bs?"
    r"|green[- ]cards?|employment[- ]based|permanent residence)\b"
)
_ABOUT_WORK = re.compile(
    rf"(?:{_PERMIT}|\bauthori[sz]|\b(?:legally|eligible|able|rights?) to (?:legally )?work\b|\bwork rights\b)"
    rf"[^\n]{{0,90}}\bsponsor"
    rf"|\bsponsor[^\n]{{0,90}}(?:{_PERMIT}|\bauthori[sz])|{_NO}[^\n]{{0,30}}\bsponsor"
    r"|\bsponsorships? (?:is |are |will be )?(?:\w+ )?(?:available|provided|offered|possible)|\b(?:we|will|can|could) sponsor\b"
)
"""Sponsors of projects, events and health plans are the commoner ones."""
_REFUSED = re.compile(
    rf"{_NO}(?:(?!\bbut\b)[^\n]){{0,90}}\bsponsor|\bsponsor\w*\b[^\n]{{0,50}}(?:{_NO}|: ?no\b)"
    rf"|{_NO}[^\n]{{0,60}}\b(?:visa|immigration)(?: and relocation)? (?:support|assistance|transfer)"
    r"|\bno (?:h-?1-?b|visas?|ep|work pass)\b|\bwithout (?:needing |requiring )?(?:a )?visa\b"
    r"|\bneed (?:for|of) (?:\w+ ){0,2}sponsorship|\bonly if visa \w+ is not required"
)
_PARTLY = re.compile(
    r"\bnot (?:\w+ ){0,3}(?:for )?(?:every|all|each)\b|n['’]t (?:\w+ ){0,5}(?:every|all|each)\b"
    r"|\bexcept\b|\boutside\b(?! (?:of )?the u)"
)
_OFFERED = re.compile(
    rf"{_PERMIT}[^\n]{{0,60}}\bsponsor|\bsponsor\w*[^\n]{{0,60}}{_PERMIT}|\bwith or without sponsorship"
    r"|\bsponsorships? (?:is |are |will be )?(?:available|provided|offered|possible)"
    r"|\b(?:will|can|do|happily|gladly) (?:\w+ )?sponsor\b"
    r"|\bvisas? (?:and relocation |& relocation )?(?:support|assistance|help|possible|provided|offered|available)"
    r"|\b(?:support|assist|help)\w*[^\n]{0,40}\b(?:visas?|work permits?)\b"
)
_NATION = r"(?:u\.?s\.?a?\.?|united states|american|singapore|australian|canadian|uk|british|nato|eu)"
_CITIZENS = re.compile(
    rf"\bmust (?:be|hold|have|possess)(?: an?| either)? (?:current )?{_NATION} ?(?:citizen|national)"
    r"(?!\w*,? (?:or|lawful|permanent|national|protected))"
    rf"|\b{_NATION} citizen(?:s|ship)?(?:(?! (?:or|and all|& all))[^\n.]){{0,40}}\b(?:only\b|(?:is |are )?required\b)"
    r"|\b(?:singaporeans?|citizens?|locals?|prs?|residents?\)?)"
    r"(?:(?:,| and| or|/| &|\()? ?(?:singaporeans?|prs?|spr|permanent residents?|green card holders|citizens?|\))\)?){0,3}"
    r" only\b"
    rf"|\bonly (?:open to )?(?:singaporeans?|locals|{_NATION} citizens?)\b"
    r"|\bopen to (?:singaporeans?|singapore citizens?|locals)\b|\(singapore citizens? or permanent residents?\)"
)
_OTHER_SPONSOR = re.compile(
    r"\b(?:executive|project|program|business|clinical|government|corporate|state|event|plan|agency)[- ]sponsor"
    r"|\b(?:company|employer)[- ]sponsored (?!(?:\w+ )?(?:visa|immigration))"
)
_CELL = re.compile(r"[|;]\s*\(?visas?(?: (?:possible|ok|sponsor\w*|available|support))?\)?\s*(?=[|;\n]|$)")


def read_sponsorship(text: str) -> bool | None:
    """True where work visas are sponsored, False where they are not or citizens are asked for, None where nothing is said."""
    found = cues(text)
    if not found.of("sponsorship"):
        return None
    said = {_said(sentence) for sentence in _sentences(found)}
    if True in said or _CELL.search(found.lower, max(0, found.of("sponsorship")[0] - 5)):
        return True
    return False if False in said else None


def _sentences(found: Cues) -> Iterator[str]:
    """The sentence around each cue, at most 160 characters each way; each once."""
    end = 0
    for start in found.of("sponsorship"):
        if start < end:
            continue
        low = max(end, start - _AROUND)
        for stop in _SENTENCE_END.finditer(found.lower, low, start):
            low = stop.end()
        stopped = _SENTENCE_END.search(found.lower, start, start + _AROUND)
        end = stopped.end() if stopped else min(len(found.lower), start + _AROUND)
        yield found.lower[low:end]


def _said(sentence: str) -> bool | None:
    if sentence.rstrip().endswith(("?", ":")):
        return None
    if ("citizen" in sentence or "singaporean" in sentence or "only" in sentence) and _CITIZENS.search(sentence):
        return False
    if "sponsor" in sentence:
        sentence = _OTHER_SPONSOR.sub(" ", sentence)
        if "sponsor" in sentence and not _ABOUT_WORK.search(sentence):
            return None
    elif "visa" not in sentence and "permit" not in sentence and "no " not in sentence:
        return None
    if "with or without" not in sentence and _REFUSED.search(sentence):
        return None if _PARTLY.search(sentence) else False
    return True if _OFFERED.search(sentence) else None
