"""Remote, hybrid or on site: from the board's strings first, from the text where they are silent."""

import re
from collections.abc import Iterable

from shared.posting import Workplace
from shared.reading.tables import parts

MAX_TEXT = 100_000

_STRING_WORDS = (
    (Workplace.HYBRID, re.compile(r"\bhybrid|\bhíbrido|\bteilremote", re.IGNORECASE)),
    (
        Workplace.ONSITE,
        re.compile(r"\b(?:on[ -]?site|in[ -](?:the )?office|in[ -]person|office[ -]based|presencial)\b", re.IGNORECASE),
    ),
    (
        Workplace.REMOTE,
        re.compile(
            r"\b(?:remote|remoto|remotely|anywhere|home[ -]based|work from home|wfh|virtual|distributed)\b", re.IGNORECASE
        ),
    ),
)
_BOTH = re.compile(
    r"\bremote\b.{0,20}\b(?:or|/)\b.{0,20}\b(?:hybrid|on[ -]?site|office)|\boffice\b.{0,20}\bor remote", re.IGNORECASE
)
_TAGS = {"remote": Workplace.REMOTE, "hybrid": Workplace.HYBRID, "onsite": Workplace.ONSITE, "on-site": Workplace.ONSITE}
_TAG = re.compile(r"#li-(remote|hybrid|on-?site)\b")
_DAYS = r"(?:one|two|three|four|[1-4])(?:\s?(?:-|–|to)\s?[2-5])?\+? days?"
_A_WEEK = r"(?: a| per|/| each)? ?(?:week )?"
_HYBRID = (
    rf"hybrid (?:role|position|work|working|schedule|model|environment|setup|policy|team|basis|arrangement)"
    rf"|{_DAYS}{_A_WEEK}(?:in|at|from) (?:the|our|an) (?:\w{{1,20}} ){{0,2}}office"
    rf"|in[ -](?:the )?office (?:\w{{1,20}} ){{0,3}}{_DAYS}"
)
_REMOTE = (
    r"fully[ -]remote|100% remote|remote[ -]first|this (?:is a|role is|position is)(?: \w{1,20}){0,2} remote"
    r"|remote (?:role|position|job|opportunity)|work(?:ing)? (?:fully )?(?:remotely )?from anywhere"
)
_ONSITE = (
    r"this (?:is an?|role is|position is)(?: \w{1,20}){0,2} (?:on[ -]?site|in[ -]person|in[ -]office)"
    rf"|on[ -]site (?:role|position|job)|(?:five|5) days?{_A_WEEK}(?:in|at|from) (?:the|our)"
    r"|in[ -](?:office|person) (?:role|position)"
)
_TEXT_WORDS = (
    (Workplace.HYBRID, parts("hybrid|office"), re.compile(rf"\b(?:{_HYBRID})\b")),
    (Workplace.REMOTE, parts("remote|anywhere"), re.compile(rf"\b(?:{_REMOTE})\b")),
    (
        Workplace.ONSITE,
        parts("onsite|on-site|on site|in-person|in person|in-office|in office|five day|5 day"),
        re.compile(rf"\b(?:{_ONSITE})\b"),
    ),
)
"""For text in lower case; a pattern is tried only where one of the words before it is, which is fifty times faster to see."""


def read_workplace(strings: Iterable[str], text: str = "") -> Workplace | None:
    """What the location strings say of the work mode, else what the text says in so many words, else None.

    *Remote or hybrid* is remote: who wants to may stay at home.
    """
    joined = " ; ".join(strings)[:5_000]
    if _BOTH.search(joined):
        return Workplace.REMOTE
    stated = next((workplace for workplace, words in _STRING_WORDS if words.search(joined)), None)
    return stated or _workplace_of_text(text[:MAX_TEXT])


def _workplace_of_text(text: str) -> Workplace | None:
    text = text.lower()
    tag = _TAG.search(text)
    if tag:
        return _TAGS[tag[1]]
    found = (workplace for workplace, needed, words in _TEXT_WORDS if _has_any(text, needed) and words.search(text))
    return next(found, None)


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(word in text for word in words)
