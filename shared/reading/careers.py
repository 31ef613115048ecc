"""The dated blocks of a CV: jobs, studies and projects, found by their date ranges whatever the layout around them.

A range such as `Apr 2024 — Present` anchors a block; its title is the nearest short line that names a job: on the same
line, just above, or just below. A block ends where the next one begins.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from shared.posting import Level, Place, Role
from shared.reading.places import read_places
from shared.reading.roles import read_level, read_role
from shared.reading.tables import parts

LONGEST_HEADER = 120
LONGEST_LINE = 240
LOOK_ABOVE, LOOK_BELOW = 4, 2
MAX_BLOCKS = 100

_MONTHS = {name: n for n, name in enumerate(parts("jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"), 1)}
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?"
    r"|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_YEAR = r"(?:19[6-9]\d|20\d\d)"


def _date_pattern(side: str) -> str:
    return (
        rf"(?:(?:(?P<name{side}>{_MONTH})\.?,?\s{{0,2}})?(?P<year{side}>{_YEAR})(?:[-/.](?P<number{side}>\d{{1,2}})(?!\d)(?:[-/.]\d{{1,2}})?)?"
        rf"|(?P<first{side}>\d{{1,2}})[/.](?P<last{side}>{_YEAR}))"
    )


_RANGE = re.compile(
    rf"(?<!\d){_date_pattern('1')}\s{{0,2}}(?:-|–|—|−|to|until|through)\s{{0,2}}"
    rf"(?:{_date_pattern('2')}|(?P<open>present|now|current(?:ly)?|today|ongoing))(?!\d)",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(?:(\d{1,2})\s?(?:yrs?|years?))?\s?(?:(\d{1,2})\s?(?:mos?|months?))?\s*$", re.IGNORECASE)
_STUDY = re.compile(
    r"\b(?:bachelor|master of|b\.?sc|m\.?sc|b\.?eng|m\.?eng|ph\.?d|degree|diploma|university|universit\w+|college|school"
    r"|institute of|bootcamp|certificat\w+|gpa|education)\b",
    re.IGNORECASE,
)
_SECTION = re.compile(
    r"(?:\d{1,2}\s?[.—–-]\s?\S.{0,40}|[\s#*]*(?:technical |other |personal |side |key |core |my )?"
    r"(?:skills?|projects?|work|education|about(?: me)?|contact|certifications?|certificates|languages|interests|publications"
    r"|awards|references|volunteer(?:ing)?|hobbies|courses|technologies|competencies|summary|profile|talks)[\s:*]*)$",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^[\s•*·–—-]+")


@dataclass(frozen=True, slots=True)
class Block:
    """A dated part of a life. Months are counted from year 0; `end` is None while it lasts.

    `stated_months` is a length written beside the dates. `text` is all of the block, its header included.
    """

    title: str
    start: int
    end: int | None
    text: str
    stated_months: int | None = None
    places: tuple[Place, ...] = ()
    is_study: bool = False

    @property
    def role(self) -> Role | None:
        return None if self.is_study else read_role(self.title)

    @property
    def level(self) -> Level | None:
        return None if self.is_study else read_level(self.title)

    @property
    def is_engineering(self) -> bool:
        return self.role not in (None, Role.OTHER)

    def last_month(self, today: int) -> int:
        """Its end; for one that lasts, as far as it is known to have lasted."""
        if self.end is not None:
            return self.end
        return max(today, self.start + (self.stated_months or 0))


def month_of(day: date) -> int:
    return day.year * 12 + day.month - 1


def read_blocks(text: str) -> tuple[str, list[Block]]:
    """What stands outside the blocks (the introduction first), and the blocks in the order of the document."""
    lines = text.split("\n")
    anchors = [(n, match) for n, line in enumerate(lines) if len(line) <= LONGEST_LINE and (match := _RANGE.search(line))]
    anchors = anchors[:MAX_BLOCKS]
    if not anchors:
        return text, []
    titles = _title_lines(lines, [n for n, _ in anchors])
    starts = [min(title, n) for title, (n, _) in zip(titles, anchors, strict=True)]
    ends = [_end(lines, anchor, stop) for (anchor, _), stop in zip(anchors, [*starts[1:], len(lines)], strict=True)]
    spans = list(zip(starts, ends, strict=True))
    blocks = [_block(lines, title, anchor, span) for title, anchor, span in zip(titles, anchors, spans, strict=True)]
    inside = {n for start, end in spans for n in range(start, end)}
    return "\n".join(line for n, line in enumerate(lines) if n not in inside), blocks


def _end(lines: list[str], anchor: int, stop: int) -> int:
    """A block ends at the next block or at a heading such as *Education*, whichever is first."""
    return next((n for n in range(anchor + 1, stop) if _SECTION.match(lines[n])), stop)


def _title_lines(lines: list[str], anchors: list[int]) -> list[int]:
    """The line that names each dated job. One document has one layout: the side most of its titles are on."""
    around = [_nearby(lines, anchor, floor, ceiling) for floor, anchor, ceiling in _neighbours(anchors, len(lines))]
    votes = Counter(_nearest_side(lines, sides) for sides in around)
    side = max(("same", "above", "below"), key=lambda side: votes[side])
    return [_title_on(lines, sides, side) for sides in around]


def _neighbours(anchors: list[int], count: int) -> Iterator[tuple[int, int, int]]:
    return zip([-1, *anchors[:-1]], anchors, [*anchors[1:], count], strict=True)


def _nearby(lines: list[str], anchor: int, floor: int, ceiling: int) -> dict[str, list[int]]:
    above = [n for n in range(anchor - 1, max(floor, anchor - 3 * LOOK_ABOVE), -1) if lines[n].strip()]
    below = [n for n in range(anchor + 1, min(ceiling, anchor + 3 * LOOK_BELOW)) if lines[n].strip()]
    return {"same": [anchor], "above": above[:LOOK_ABOVE], "below": below[:LOOK_BELOW]}


def _nearest_side(lines: list[str], sides: dict[str, list[int]]) -> str:
    anchor = sides["same"][0]
    found = [(abs(n - anchor), side) for side, near in sides.items() for n in near if _names_job(lines[n])]
    return min(found, default=(0, ""))[1]


def _title_on(lines: list[str], sides: dict[str, list[int]], side: str) -> int:
    """The job named on the date's own line, else on the document's side, else the first short line there."""
    near = [*sides["same"], *(sides[side] if side != "same" else [])]
    named = (n for n in near if _names_job(lines[n]))
    short = (n for n in near[1:2] if len(lines[n]) <= LONGEST_HEADER and not lines[n].endswith("."))
    return next(named, None) or next(short, sides["same"][0])


def _names_job(line: str) -> bool:
    title = clean_title(line)
    return (
        0 < len(title) <= LONGEST_HEADER
        and not line.rstrip().endswith((".", ";"))
        and not _STUDY.search(title)
        and len(title.split()) <= 14
        and read_role(title) not in (None, Role.OTHER)
    )


def clean_title(line: str) -> str:
    """A title line without its dates, bullet and company: `"• Engineer at Acme (2019 - 2020)"` → `"Engineer"`."""
    title = _RANGE.sub("", _LEADING.sub("", line)).replace("()", "")
    return re.split(r"\s(?:at|@|[—–|·●])\s|\s-\s|●", title, maxsplit=1)[0].strip(" ,·-–—|(")


def _block(lines: list[str], title: int, anchor: tuple[int, re.Match[str]], span: tuple[int, int]) -> Block:
    number, dates = anchor
    header = [line for line in lines[span[0] : min(span[1], max(title, number) + 3)] if len(line) <= LONGEST_HEADER]
    start = _month(dates, "1") or 0
    return Block(
        title=clean_title(lines[title]),
        start=start,
        end=None if dates["open"] else _end_month(dates, start),
        text="\n".join(lines[span[0] : span[1]]),
        stated_months=_stated_months(lines[number][dates.end() :]),
        places=_header_places(header),
        is_study=any(_STUDY.search(line) for line in {lines[title], lines[number]}) and not _names_job(lines[title]),
    )


def _header_places(header: list[str]) -> tuple[Place, ...]:
    """The places of the first header line that names any, sentences and bullets apart."""
    for line in header:
        if not line.rstrip().endswith(".") and len(line.split()) <= 12:
            places = tuple(place for place in read_places([_RANGE.sub(" ", line)]) if place.country)
            if places:
                return places
    return ()


def _month(dates: re.Match[str], side: str) -> int | None:
    year = dates[f"year{side}"] or dates[f"last{side}"]
    if not year:
        return None
    name = dates[f"name{side}"]
    number = int(dates[f"number{side}"] or dates[f"first{side}"] or 0)
    month = _MONTHS[name[:3].lower()] if name else number if 1 <= number <= 12 else 1
    return int(year) * 12 + month - 1


def _end_month(dates: re.Match[str], start: int) -> int:
    """The last month; a job dated *2018 – 2018* is taken to have lasted half of that year."""
    end = _month(dates, "2") or start
    return start + 6 if end == start and not dates["name2"] and not dates["number2"] else max(end, start)


def _stated_months(rest: str) -> int | None:
    found = _DURATION.search(rest.strip())
    months = int(found[1] or 0) * 12 + int(found[2] or 0) if found else 0
    return months or None


def months_covered(blocks: list[Block], today: int) -> int:
    """Months in any of the blocks, overlaps counted once."""
    total, covered = 0, 0
    for start, end in sorted((block.start, block.last_month(today)) for block in blocks):
        total += max(0, end - max(start, covered))
        covered = max(covered, end)
    return total
