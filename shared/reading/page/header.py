"""What stands around the title of a pasted job: the title itself, the place, and the pieces that may name the company."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from shared.posting import Role
from shared.reading.page.dates import without_days
from shared.reading.page.lines import is_count, opens_body
from shared.reading.page.markup import Hints
from shared.reading.pay import read_pay
from shared.reading.places import read_places
from shared.reading.roles import read_role
from shared.reading.workplace import read_workplace

LOOK_FOR_TITLE, LOOK_BELOW, LOOK_ABOVE = 30, 10, 6
LONGEST_TITLE, LONGEST_PIECE = 160, 120
LEAST_CELLS = 3
"""Cells of a line such as `Acme | Backend Engineer | Berlin`; in one of two the other may be part of the title."""

_JOB = re.compile(
    r"\b(?:engineer|developer|programmer|architect|scientist|analyst|designer|manager|director|head|lead|officer|consultant"
    r"|specialist|administrator|associate|assistant|intern|internship|trainee|apprentice|executive|representative|recruiter"
    r"|coordinator|technician|accountant|researcher|writer|advocate|strategist|planner|buyer|clerk|nurse|teacher|driver"
    r"|operator|supervisor|counsel|producer|editor|founder|modell?er|statistician|postdoc|tester|cto|ceo|vp|sre|devops|entwickler(?:in)?|ingenieur(?:in)?|ingénieur"
    r"|développeur|desarrollador|ingeniero|coordinador|vendedor|técnico)s?\b",
    re.IGNORECASE,
)
_LONE = re.compile(r"intern|internship|manager|senior|lead|director|executive|associate|engineering|trainee", re.IGNORECASE)
_CODE = re.compile(r"[^a-z]*\d[^a-z]*|\S*\d{4,}\S*")
_PROSE = re.compile(
    r"^(?:we|our|you|are|is|as an?|about|looking|why|what|who|if|in this|this|the role|at|join)\b", re.IGNORECASE
)
_DOTS = re.compile(r"\s*[·•|]\s*|\t+|\s{2,}")
_DASHES = re.compile(r"\s+[–—-]\s+")
_TITLE_END = re.compile(r"\s+[|–—-]\s+|\s+\|\s*|\s·\s")
_AT_COMPANY = re.compile(r"^(.{4,120}?)\s+(?:at|@|bei|chez)\s+([A-Z0-9].{1,60})$")
_EDGE = " \t-–—•*·|,;"


class Header(NamedTuple):
    """`pieces` are short texts beside the title that say no place; `before` the lines above it; `body` where the text starts.

    `pay` is the line of the header, or the part of one, that states the pay.
    `named_first` tells that the first piece stands between the title and the place, where sites put the company.
    """

    title: str
    location: str | None
    pieces: list[str]
    before: list[str]
    body: int
    named_first: bool
    pay: str | None = None


def read_header(lines: list[str], stated: str | None, hints: Hints) -> Header | None:
    """The header of a page, or `None` where nothing in it is the title of a job."""
    title, at = _title(lines, stated, hints)
    if not title:
        return None
    cut, beside = _cell_of_title(title)
    cut, company = _without_company(cut) if not beside else (cut, _first_name(title, beside))
    below = _below(lines, at)
    pieces = [*beside, *(piece for line in lines[at + 1 : below] for piece in _pieces(line))]
    location = _location(pieces, cut)
    rest = [piece for piece in pieces if piece != location and not _says_workplace(piece)]
    return Header(
        title=cut,
        location=_with_workplace(location, pieces),
        pieces=[*([company] if company else []), *rest, *_tails(hints, cut)],
        before=[line.strip(_EDGE) for line in reversed(lines[max(0, at - LOOK_ABOVE) : at]) if line.strip()],
        body=below,
        named_first=company is not None or (location in pieces[1:3] and rest[:1] == pieces[:1]),
        pay=_stated_pay([*beside, *lines[at + 1 : below]]),
    )


def _cell_of_title(title: str) -> tuple[str, list[str]]:
    """`Acme | Backend Engineer | Berlin | Onsite` → the title and the other cells; all of it where no one cell is a title."""
    cells = [cell.strip(_EDGE) for cell in title.split("|")]
    titles = [cell for cell in cells if _JOB.search(cell) and is_title(cell)]
    if len(cells) < LEAST_CELLS or len(titles) != 1:
        return title, []
    return titles[0], [cell for cell in cells if cell and cell != titles[0]]


def _first_name(title: str, cells: list[str]) -> str | None:
    """The first cell, where people put the company, if it stands before the title and says neither place nor way of work."""
    first = cells[0]
    is_first = title.strip(_EDGE).startswith(first) and not placeness(first) and not _says_workplace(first)
    return first if is_first and not is_pay(first) else None


def _stated_pay(lines: list[str]) -> str | None:
    """The first part of a line of the header that states a sum and nothing long besides."""
    cells = (cell.strip(_EDGE) for line in lines if len(line) <= LONGEST_PIECE for cell in _DOTS.split(line))
    return next((cell for cell in cells if is_pay(cell)), None)


def is_pay(words: str) -> bool:
    """Whether a few words state pay."""
    return len(words) <= 60 and any(map(str.isdigit, words)) and read_pay(words) is not None


def _title(lines: list[str], stated: str | None, hints: Hints) -> tuple[str, int]:
    """The title and the line it stands on (-1 where it stands on none): a label's, the page's own, else the first like one."""
    heading = hints.heading if _is_pages_own(hints) else ""
    if heading:
        return heading, _line_of(heading, lines)
    top = list(_top(lines))
    found = next(((line, number) for number, line in top if line == stated or (_JOB.search(line) and is_title(line))), None)
    found = found or next(((line, number) for number, line in top if is_title(line)), None) or _above_place(top)
    if found or stated:
        return found or (stated or "", _line_of(stated or "", lines))
    shared = _TITLE_END.split(hints.shared_as or hints.window)[0].strip()
    return (shared, _line_of(shared, lines)) if hints.shared_as or _JOB.search(shared) else ("", -1)


def _top(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The lines among which a title stands: up to the first heading of the text."""
    for number, line in enumerate(lines[:LOOK_FOR_TITLE]):
        if opens_body(line) and not _JOB.search(line):
            return
        if bare := line.strip(_EDGE):
            yield number, bare


def _is_pages_own(hints: Hints) -> bool:
    """Whether the page's heading is its job's title, and not the name of the site."""
    heading = hints.heading.casefold()
    return bool(heading) and (is_title(hints.heading) or not hints.shared_as or hints.shared_as.casefold().startswith(heading))


def _above_place(top: list[tuple[int, str]]) -> tuple[str, int] | None:
    """A first line that no word tells to be a job, but the line after it is a place, as under a title."""
    if (
        len(top) < 2
        or len(top[0][1]) > 100
        or _PROSE.match(top[0][1])
        or top[0][1].endswith((".", ":"))
        or opens_body(top[0][1])
    ):
        return None
    return (top[0][1], top[0][0]) if any(placeness(piece) > 1 for piece in _pieces(top[1][1])) else None


def is_title(line: str) -> bool:
    """Whether a line reads as the title of a job: short, no sentence, and with the word for one who does a job."""
    words = line.split()
    if not 3 < len(line) <= LONGEST_TITLE or line.endswith((".", "?", "!", ":")) or len(words) > 20 or _PROSE.match(line):
        return False
    if len(words) == 1 and _LONE.fullmatch(line):
        return False
    return _JOB.search(line) is not None or read_role(line) not in (None, Role.OTHER)


def _line_of(title: str, lines: list[str]) -> int:
    wanted = title.casefold()
    return next((n for n, line in enumerate(lines[:200]) if line.strip(_EDGE).casefold() == wanted), -1)


def _below(lines: list[str], at: int) -> int:
    """Where the header ends: at the first heading or sentence, or after a few lines."""
    seen = 0
    for number in range(at + 1, len(lines)):
        line = lines[number].strip()
        if line and (_is_prose(line) or opens_body(line)):
            return number
        seen += bool(line)
        if seen > LOOK_BELOW:
            return number
    return len(lines)


def _is_prose(line: str) -> bool:
    return (
        len(line) > LONGEST_PIECE
        or line.startswith("- ")
        or line.endswith(":")
        or (line.endswith(".") and len(line.split()) > 6)
    )


def _pieces(line: str) -> list[str]:
    """A line cut at its dots and bars, and at its dashes unless those only part a city from its country."""
    found = []
    for part in _DOTS.split(without_days(line)):
        dashed = [piece.strip(_EDGE) for piece in _DASHES.split(part)]
        found += [part.strip(_EDGE)] if len(dashed) > 1 and all(placeness(piece) > 1 for piece in dashed) else dashed
    return [piece for piece in found if piece and not is_count(piece)]


def _location(pieces: list[str], title: str) -> str | None:
    """The piece that is a place and little else, else one with a place in it, else the end of the title."""
    placed = [(piece, placeness(piece)) for piece in pieces]
    best = max(placed, key=lambda pair: pair[1], default=("", 0))
    if best[1]:
        return best[0]
    tail = _pieces(title)[-1].strip("()") if len(_pieces(title)) > 1 else ""
    return tail if placeness(tail) > 1 else None


def placeness(piece: str) -> int:
    """2 for a place as people write one, 1 for words with a place in them, 0 for none."""
    known = [place for place in read_places([piece]) if place.country or place.region]
    if not known or _JOB.search(piece) or ("," not in piece and _CODE.fullmatch(piece)):
        return 0
    names = {name.casefold() for place in known for name in (place.city, place.region) if name}
    first = re.split(r"[,(]", piece.casefold())[0].strip()
    return 2 if first in names or "," in piece or read_workplace([piece]) or len(piece.split()) == 1 else 1


def _says_workplace(piece: str) -> bool:
    return len(piece.split()) <= 3 and read_workplace([piece]) is not None


def _with_workplace(location: str | None, pieces: list[str]) -> str | None:
    """`Singapore` and, elsewhere in the header, `Hybrid` → `Singapore (Hybrid)`."""
    said = next((piece for piece in pieces if piece != location and _says_workplace(piece)), None)
    if location is None or said is None or read_workplace([location]):
        return location or said
    return f"{location} ({said.strip('()')})"


def _without_company(title: str) -> tuple[str, str | None]:
    """`Backend Engineer at Acme` → both."""
    match = _AT_COMPANY.match(title)
    return (match[1], match[2]) if match and _JOB.search(match[1]) and not read_places([match[2]]) else (title, None)


def _tails(hints: Hints, title: str) -> list[str]:
    """What the window's title says after the job's: `Backend Engineer - Acme | Careers`."""
    found = []
    for whole in (hints.shared_as, hints.window):
        if whole.casefold().startswith(title.casefold()):
            found += [piece.strip() for piece in _TITLE_END.split(whole[len(title) :]) if piece.strip(_EDGE)]
            found += [match[2] for match in [_AT_COMPANY.match(whole)] if match]
    return [piece for piece in dict.fromkeys(found) if len(piece) <= 60]
