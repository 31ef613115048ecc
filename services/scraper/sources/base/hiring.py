"""How people write "we are hiring" in a forum: `Company | Role | Place | REMOTE | Full-time | $150k-$180k`, in any order.

The first line is cut at its bars, dashes or slashes and each piece is known by its words. A post whose first line is prose is
a job only when it says that somebody is wanted; questions, quotations and people who look for work themselves are none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.scraper.sources.base.terms import employment, pay
from shared.posting import Employment, Pay, Workplace
from shared.reading.places import read_places

MAX_PIECES = 30
MAX_PIECE = 300
MAX_POST = 20_000


def _words(words: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})\b", flags)


_NOUN = (
    r"(?:eng(?:ineer|r)?|dev(?:eloper)?|designer|scientist|researcher|architect|programmer|analyst|sre|swe|sdet|manager|cto"
    r"|co-?founder|lead|recruiter|writer|advocate|specialist|expert|consultant|intern|director|auditor|technician"
    r"|administrator|accountant|executive|strategist|marketer|hacker|associate|coordinator|generalist|officer|editor|postdoc)s?"
    r"|devops|head of \w{2,20}|vp of \w{2,20}|chief \w{2,20} officer"
)
_KIND_OF = (
    r"senior|sr|staff|principal|lead|junior|mid[- ]level|founding|graduate|full[- ]?stack|front[- ]?end|back[- ]?end|software"
    r"|data|machine learning|ml|ai|product|platform|infrastructure|security|mobile|ios|android|devops|site|reliability|cloud"
    r"|research|applied|forward|deployed|solutions?|support|systems?|embedded|firmware|hardware|mechanical|electrical"
    r"|robotics|qa|test|growth|sales|customer|success|account|marketing|design|ux|ui|web|game|network|python|java|javascript"
    r"|typescript|golang|go|rust|ruby|rails|react|node|php|elixir|kotlin|swift|scala|blockchain|quantitative|technical"
)
_ANY_ROLES = r"(?:multiple|various|several|many|all|open|different) (?:\w{2,20} )?(?:roles?|positions?)"
_ROLE = _words(
    rf"{_NOUN}|{_ANY_ROLES}|roles|engineering|growth|strategy|full[- ]?stack|front[- ]?end|back[- ]?end|gtm|go-to-market"
)
_ROLE_IN_PROSE = _words(rf"(?:(?:{_KIND_OF})\.?[ /&,+-]{{1,3}}){{1,6}}(?:{_NOUN})")
_REMOTE = _words(r"remote(?:ly)?|work from home|wfh|anywhere")
_PARTLY = _words(
    r"(?:part|partial|partially|partly|some|limited)[ -]remote|hybrid[ /-]+remote|remote[ /(-]+hybrid|remote days?"
)
_NOT_REMOTE = _words(r"(?:no|not|non)[ -](?:\w{2,12} )?remote")
_HYBRID = _words("hybrid")
_ONSITE = _words("on[ -]?site|in[ -](?:person|office)|office")
_KIND = _words(r"full[- ]?time|part[- ]?time|contract(?:or)?|permanent|freelance|ft")
_VISA = _words(r"visas?|sponsor\w{0,8}|citizen\w{0,8}")
_MONEY_RAISED = _words(r"series|seed|raised|funding|valuation|arr|revenue|backed")
_WEB = re.compile(
    r"https?://\S*|\b(?:[\w-]{1,40}\.){1,3}(?:com|io|ai|co|dev|org|net|tech|app|de|uk|se|so)\b(?:/\S*)?", re.IGNORECASE
)
_AMOUNT = r"(\d{1,3}(?:[.,]\d{3})+|\d{2,6})\s?(k\b)?\+?"
_PAY = re.compile(
    rf"(up to )?([$€£])?\s?{_AMOUNT}(?:\s?(?:-|–|—|to)\s?[$€£]?\s?{_AMOUNT})?(?:\s?(USD|EUR|GBP|CAD|AUD|SGD|CHF)\b)?"
    r"(?:\s?(?:/|per|an?)\s?(hour|hr|day|month|year|yr)\b)?",
    re.IGNORECASE,
)
_MONEY = re.compile(r"[$€£]\s?\d|\d\s?k\b", re.IGNORECASE)
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP"}
_WANTED = re.compile(
    r"\bwe(?:['’]re| are)(?: \w{1,20}){0,2} (?:hiring|looking for|searching|seeking|growing|expanding|recruiting)\b"
    r"|\bis(?: \w{1,20}){0,2} (?:hiring|growing|looking for|seeking)\b|\A(?:\S{1,20} ){0,6}hiring\b"
    r"|\bopen (?:roles|positions)\b"
    r"|\bapply (?:here|now|at|via|on|directly)\b|\bview our (?:open )?(?:roles|jobs)\b|\bget in contact\b|\bwork remote\b"
    rf"|\bjoin (?:us|our team)\b|\A(?:{_KIND_OF}) ",
    re.IGNORECASE,
)
_TALK = re.compile(r"\A(?:>|@\w|\[(?:flagged|dead)\]|seeking )|\bwilling to relocate:|\A[^\n]{0,300}\?\s*\Z", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[\w)]) (?:We|Our|At|You|It|[A-Z]\w{1,20} is)\b.*")
_NAME = re.compile(
    r"(?:Hi HN! |At )?([A-Z][\w.&-]{1,40}(?: [A-Z][\w.&-]{0,40}){0,3})(?: ?\([^()]{0,60}\))?(?:, we | is | helps |:|[’']s )"
)
_SHORT_NAME = re.compile(r"([A-Z][\w.&-]{1,40}(?: [A-Z][\w.&-]{0,40}){0,3})")
_NOT_NAME = re.compile(r"\([^()]*\)?|https?://\S*|\bhiring:?|,? YC [A-Z]\d\d", re.IGNORECASE)
_AT_START = re.compile(r"\A(?:hiring\b:?|\d{1,2}[.)])\s+(?!coordinator|manager|lead)", re.IGNORECASE)
_COPIED = re.compile(r"\A\d{1,4} points? by .*\n")
_START_OF_FACT = r"(?i:remote|on-?site|hybrid|full[- ]?time)"
_NO_PLACES = {"AI", "ML", "IT", "BI", "QA"}
_EDGE = " \t*|-–—:,;/"


@dataclass(frozen=True)
class Wanted:
    """What a post says first. `places` are its own words, such as `Remote (US)`."""

    company: str | None
    title: str
    places: tuple[str, ...] = ()
    workplace: Workplace | None = None
    employment: Employment | None = None
    pay: Pay | None = None


def read_post(text: str) -> Wanted | None:
    """The job that a post offers, or `None` when it offers none. `text` is plain, a line per paragraph."""
    lines = _lines(text)
    if not lines or _TALK.search(text):
        return None
    head = _pieces(lines[0])
    company = _company(lines[0], head)
    facts = [_AT_START.sub("", piece) for piece in head if piece != company] if len(head) > 1 else []
    facts += [aside for aside in re.findall(r"\(([^()]*)\)", company or "") if _place(aside)]
    facts = facts if any(map(_telling, facts)) else facts + _later_pieces(lines)
    if not any(map(_telling, facts)) and not _WANTED.search(text):
        return None
    return Wanted(
        company=_NOT_NAME.sub("", company).strip(_EDGE) or None if company else None,
        title=_title(facts, lines[0], text),
        places=tuple(place for piece in facts if (place := _place(piece))),
        workplace=_workplace(facts or lines[:1]),
        employment=_employment(facts),
        pay=next(filter(None, map(_pay, facts)), None),
    )


def _lines(text: str) -> list[str]:
    """The lines of a post, a first one that goes on behind its last bar put together again."""
    lines = [line.strip() for line in _COPIED.sub("", text[:MAX_POST]).splitlines() if line.strip()]
    for _ in range(5):
        if len(lines) > 1 and "|" in lines[0] and (lines[0].endswith("|") or lines[1].startswith("|")):
            lines[:2] = [f"{lines[0]} {lines[1]}"]
    return lines


def _pieces(line: str) -> list[str]:
    """The line in its pieces, none empty; one piece when it is prose. Dashes and slashes count where there are no bars."""
    if "|" in line:
        first, _, rest = line.partition("|")
        cut = [*re.split(r"\s+[—–-]\s+", first, maxsplit=1), *rest.split("|")]
    else:
        ways = (re.split(way, line) for way in (r"\s+[—–-]\s+", r"\s+/\s+", rf"(?<=\w|\)):\s+(?={_START_OF_FACT})"))
        cut = next((found for found in ways if len(found) > 1), [line])
    pieces = [_SENTENCE.sub("", piece.strip()[:MAX_PIECE]).strip(_EDGE) for piece in cut[:MAX_PIECES]]
    return [piece for piece in pieces if piece]


def _later_pieces(lines: list[str]) -> list[str]:
    return next((_pieces(line) for line in lines[1:8] if line.count("|") > 1), [])


def _telling(piece: str) -> bool:
    return len(piece) < 150 and bool(_KIND.search(piece) or _ROLE.search(piece) or _place(piece))


def _company(line: str, head: list[str]) -> str | None:
    """The first piece, unless that is the only one to name a role, or a place and not set apart by a bar."""
    if len(head) < 2:
        named = _NAME.match(line) or _SHORT_NAME.fullmatch(line)
        return named[1] if named else None
    first, others = head[0], head[1:]
    role_first = _ROLE.search(first) and (_AT_START.match(first) or not any(map(_ROLE.search, others)))
    return None if role_first or ("|" not in line and read_places([_NOT_NAME.sub("", first)])) else first


def _title(facts: list[str], line: str, text: str) -> str:
    """The roles named first, else those named in the text, else the first line as it stands."""
    bare = [_WEB.sub("", piece).strip(_EDGE) for piece in facts if not _VISA.search(piece) and not _MONEY.search(piece)]
    named = [piece for piece in bare if len(piece) < 200 and _ROLE.search(_KIND.sub("", piece))]
    return ", ".join(named or list(_roles_in(text))[:3]) or _SENTENCE.sub("", line)


def _roles_in(text: str) -> Iterator[str]:
    seen: set[str] = set()
    for found in _ROLE_IN_PROSE.finditer(_WEB.sub(" ", text[:5000])):
        name = " ".join(found[0].split())
        key = name.lower().rstrip("s")
        if not any(key in longer for longer in seen):
            seen.add(key)
            yield name


def _place(piece: str) -> str | None:
    """The piece where it tells of a place or of remote work, without links and kinds of employment."""
    if _VISA.search(piece) or _MONEY.search(piece) or piece.upper() in _NO_PLACES:
        return None
    bare = _KIND.sub("", _WEB.sub("", piece)).strip(_EDGE)
    says_where = _REMOTE.search(bare) or _HYBRID.search(bare) or _ONSITE.search(bare)
    return bare if bare and (says_where or (not _ROLE.search(bare) and read_places([bare]))) else None


def _workplace(facts: list[str]) -> Workplace | None:
    """Remote where it is one of the ways: who wants to may stay at home."""
    said = " | ".join(facts)
    if _PARTLY.search(said):
        return Workplace.HYBRID
    if _REMOTE.search(_NOT_REMOTE.sub("", said)):
        return Workplace.REMOTE
    if _HYBRID.search(said):
        return Workplace.HYBRID
    return Workplace.ONSITE if _ONSITE.search(said) else None


def _employment(facts: list[str]) -> Employment | None:
    """`None` for "full-time or contract", which leaves it open."""
    said = {word.replace("ft", "full-time") for piece in facts for word in map(str.lower, _KIND.findall(piece))}
    kinds = {kind for word in said if (kind := employment(word))}
    return kinds.pop() if len(kinds) == 1 else None


def _pay(piece: str) -> Pay | None:
    for most, sign, low, low_k, high, high_k, code, period in _PAY.findall(piece):
        if (sign or code) and not _MONEY_RAISED.search(piece):
            first, second = _amount(low, low_k or high_k), _amount(high, high_k or low_k)
            times = {"hr": "hour", "yr": "year"}.get(period.lower(), period) or ("year" if (first or 0) >= 10_000 else "")
            if found := pay(None if most else first, first if most else second, code or _SIGNS[sign], times):
                return found
    return None


def _amount(digits: str, thousands: str) -> float | None:
    if not digits:
        return None
    number = float(re.sub("[.,]", "", digits))
    return number * 1000 if thousands and number < 1000 else number


def names_role(text: str) -> bool:
    """Whether the words name a role, such as *Staff Engineer* or *Head of Data*."""
    return _ROLE.search(text) is not None
