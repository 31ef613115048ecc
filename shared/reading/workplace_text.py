"""Remote, hybrid or on site: what the text of a posting says of it in so many words.

Only phrases count that speak of this job, or of how the whole company works. They are looked for around a few words
(`shared.reading.cues`), so that no pattern runs over the whole text. Where phrases disagree, those about the job beat
those about the company, and *remote or hybrid* is remote.
"""

import re
from collections.abc import Iterator

from shared.posting import Workplace
from shared.reading.cues import Cues, cues

_MOST = 100
"""Places of the words of one subject in a text that are looked at."""
_BEFORE, _AFTER = 90, 70
"""Characters around a word that its phrases may take."""

_TAGS = {"remote": Workplace.REMOTE, "hybrid": Workplace.HYBRID, "onsite": Workplace.ONSITE, "on-site": Workplace.ONSITE}
_TAG = re.compile(r"#[a-z]{2}-(remote|hybrid|on-?site)\b")

_THIS = r"(?:this|the) (?:is an?|(?:role|position|job|opportunity) (?:is|will be|can be|requires))(?: [\w,’'-]{1,20}){0,3}"
_WE_ARE = r"\b(?:we are|we['’]re) (?:an? )?(?:fully |globally |100% |completely )?"
_LABEL = (
    r"\b(?:locations?|workplace|work ?place type|work (?:model|type|arrangement|location|setting|style)"
    r"|office (?:policy|location)|working model|(?:location |job )?type|status)\s{0,2}[:–—-][^\n.;]{0,30}?"
)
_SITE = r"(?:on-?site|on site|in[- ]person|in[- ]office)"
_COUNT = r"(?:one|two|three|four|[1-4])(?:\s?(?:-|–|to)\s?[2-5])?\+?"
_A_WEEK = r"(?: ?a| ?per|/| each)? ?(?:week|wk)?"
_FEW_DAYS = rf"\b{_COUNT}(?:x| ?days?| times){_A_WEEK},?"
_ALL_DAYS = rf"\b(?:five|six|[56]) ?days?{_A_WEEK},?"
_OFFICE = r"(?:(?:the|our|an) )?(?:[\w’']{1,20} ){0,3}office"

_REMOTE = re.compile(
    rf"(?P<remote>(?:full|fully|100%|completely|entirely)[ -]?remote\b|{_THIS} remote\b(?![ -]friendly)"
    rf"|\bremote (?:role|position|job|opportunity|contract)\b|{_WE_ARE}remote\b(?![ -]friendly)"
    r"|\b(?:based|hired?|hiring) (?:fully )?remotely\b|\(remote(?!-first)[^)\n]{0,20}\)"
    rf"|\bor (?:fully remote\b|remotely (?:in|from|within|across)\b)|{_LABEL}\bremote\b(?! ?(?:policy|work)))"
    r"|(?P<perhaps>\bremote[ -]first\b|\b(?:open to|consider) (?:hybrid or )?remote\b"
    r"|\bor remote\b(?=[.,;)\n]| in | within | from | candidates| but)|(?:^|[\n|(,;•·-])\s?remote:? (?:is )?(?:ok|okay)\b)"
)
_DISTRIBUTED = re.compile(
    rf"(?P<remote>{_WE_ARE}distributed\b)|(?P<perhaps>(?:fully|completely|remote)[ -]distributed (?:team|company|work|org))"
)
_ANYWHERE = re.compile(
    r"(?P<perhaps>\b(?:work|live|working) (?:and work )?from (?:anywhere|wherever)"
    r"(?![ -]?(?:scheme|policy|program|days|weeks|up to|for)))"
)
_AT_HOME = re.compile(r"(?P<remote>\bwork[ -]from[ -]home (?:position|role|job)\b)")
_HOME_OFFICE = re.compile(
    r"(?P<remote>\b100 ?% home[ -]?office\b|\btélétravail (?:complet|total|intégral|à 100)|フルリモート|完全リモート|完全在宅)"
    r"|(?P<hybrid>\bhome[ -]?office:? (?:\w+ ){0,2}[1-4](?: ?[-–] ?[2-5])? tage?\b"
    r"|\b[1-4](?: ?[-–] ?[2-5])? tage? (?:(?:pro|die|in der) woche )?(?:im )?home[ -]?office\b"
    r"|\b[1-4] jours? (?:par semaine )?(?:de|en) télétravail)"
    r"|(?P<perhaps>リモート(?:ワーク|勤務)?(?:可|ok))"
)
_DAYS = re.compile(
    rf"(?P<onsite>\b(?:in|at|from|out of)[ -]{_OFFICE}[, (]{{1,3}}(?:five|six|[56]) days\b)"
    rf"|(?P<hybrid>\b(?:{_SITE}|in the office):? {_COUNT}x ?(?:/|a |per |each )w(?:ee)?k\b)"
)
_HYBRID = re.compile(
    r"(?P<hybrid>\bhybrid (?:role|position|work|working|schedule|model|environment|set-?up|policy|basis|arrangement|office"
    r"|capacity|format|flexibility)|\(hybrid[^)\n]{0,20}\)|\b(?:is|are|be) (?:a )?hybrid\b(?! (?:of|between|and))"
    rf"|{_LABEL}\bhybrid\b"
    r"|\bhybrid[ ,]{1,2}\(?\d)"
)
_PRESENT = re.compile(
    rf"(?P<onsite>{_ALL_DAYS} (?:in|at|from|out of|{_SITE})\b|{_THIS} {_SITE}\b"
    rf"|\b{_SITE} (?:role|position|job|at our|in our|presence)\b"
    rf"|\b(?:fully|full[- ]time|100%|completely|primarily|mostly|always)[, -]{{1,2}}{_SITE}\b"
    rf"|\b{_SITE}[, ]{{1,2}}(?:full[- ]time|5x?|five|monday|every day)\b"
    r"|\bin[- ]person (?:teams?|culture|company|startup|environment|first|collaboration)\b"
    r"|\bin[- ]office (?:culture|environment|company|team)\b"
    rf"|\b(?:work|working|works|hiring|operate)(?: together| primarily| fully| entirely)?,? {_SITE}"
    r" (?:in|from|at|out|five|5|every|full))"
    rf"|(?P<hybrid>{_FEW_DAYS} ?(?:in|at|from|out of|on-?site)[ -]{_OFFICE}|{_FEW_DAYS} {_SITE}\b"
    rf"|\b(?:in|at|from|into)[ -]{_OFFICE}[, (]{{1,3}}(?:[\w-]{{1,20}} ){{0,3}}{_COUNT} days)"
)
_PHRASES = {
    "remote": _REMOTE,
    "distributed": _DISTRIBUTED,
    "from anywhere": _ANYWHERE,
    "home office": _HOME_OFFICE,
    "days": _DAYS,
    "from home": _AT_HOME,
    "hybrid": _HYBRID,
    "present": _PRESENT,
}
"""For text in lower case: by the subject of `shared.reading.cues`, the phrases around its words that tell."""
_DENIED = re.compile(
    r"(?:\bnot|n[’']t|\bno|\bif|\bprefer|\bexperience|\bwhile|\bworked|\bcomfortable|\bthrive|\bability to|\bin a|\bfor a"
    r"|\bsuccess in|\bsetting|\bdays|\bweeks)\W{1,3}(?:\w{1,20}\W{1,3}){0,3}$"
)
"""What makes a phrase about remote work one about something else: *this is not a…*, *experience in a…*."""


def workplace_of_text(text: str) -> Workplace | None:
    """The work mode that a description states; None where it does not."""
    found = cues(text)
    tag = _TAG.search(found.lower) if "#" in found.lower else None
    if tag:
        return _TAGS[tag[1]]
    said = set(_phrases(found))
    if "remote" in said and ("hybrid" in said or "onsite" not in said):
        return Workplace.REMOTE
    if "hybrid" in said:
        return Workplace.HYBRID
    if "onsite" in said:
        return Workplace.ONSITE
    return Workplace.REMOTE if "perhaps" in said else None


def _phrases(text: Cues) -> Iterator[str]:
    """What each phrase found speaks of: `remote`, `hybrid`, `onsite`, or `perhaps` for a remote company."""
    for subject, phrases in _PHRASES.items():
        ends = 0
        for start in text.of(subject)[:_MOST]:
            for found in phrases.finditer(text.lower, max(start - _BEFORE, ends), start + _AFTER):
                ends = found.end()
                kind = str(found.lastgroup)
                if kind not in ("remote", "perhaps") or not _DENIED.search(
                    text.lower, max(found.start() - 40, 0), found.start()
                ):
                    yield kind
