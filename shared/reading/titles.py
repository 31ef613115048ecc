"""The lines of a CV that name jobs: which line is the title of a date range, and the title without what stands around it."""

import re
from collections import Counter
from collections.abc import Iterator

from shared.posting import Role
from shared.reading.chapters import chapter_opened
from shared.reading.dates import without_ranges
from shared.reading.roles import read_role
from shared.reading.skills import find_skills

LONGEST_HEADER = 120
LONGEST_LINE = 240
LOOK_ABOVE, LOOK_BELOW = 4, 2

_STUDY = re.compile(
    r"\b(?:bachelor|master of|master[’']s|b\.?sc|m\.?sc|b\.?eng|m\.?eng|ph\.?d|degree|diploma|universi\w+|college|school|schule"
    r"|institute of|bootcamp|certificat\w+|gpa|education)\b",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"(?:applied |theoretical )?(?:computer|computing|data|information) (?:sciences?|systems|technology)", re.IGNORECASE
)
"""What one studies, and no job by itself."""
_JOB_NOUN = re.compile(
    r"(?i:engineer|developer|programmer|architect|manager|analyst|scientist|consultant|specialist|administrator|lead|head"
    r"|director|founder|intern|internship|contractor|freelancer?|entwickler|développeur|ingénieur|desarrollador|ingeniero)\b"
)
_LEADING = re.compile(r"^[\s•*·–—-]+")
_TITLE_END = re.compile(r"\s(?:at|@|bei|chez|[—–|·●])\s|\s-\s|●|\s{3,}")


def title_lines(lines: list[str], anchors: list[int]) -> list[int]:
    """The line that names each dated job. One document has one layout: the side most titles are on; of two the nearer."""
    around = [_nearby(lines, anchor, floor, ceiling) for floor, anchor, ceiling in _neighbours(anchors, len(lines))]
    nearest = [_nearest(lines, sides) for sides in around]
    votes, away = Counter(side for _, side in nearest), Counter[str]()
    for distance, side in nearest:
        away[side] += distance
    side = max(("same", "above", "below"), key=lambda side: (votes[side], -away[side]))
    return [_title_on(lines, sides, side) for sides in around]


def _neighbours(anchors: list[int], count: int) -> Iterator[tuple[int, int, int]]:
    return zip([-1, *anchors[:-1]], anchors, [*anchors[1:], count], strict=True)


def _nearby(lines: list[str], anchor: int, floor: int, ceiling: int) -> dict[str, list[int]]:
    above = [n for n in range(anchor - 1, max(floor, anchor - 3 * LOOK_ABOVE), -1) if lines[n].strip()]
    below = [n for n in range(anchor + 1, min(ceiling, anchor + 3 * LOOK_BELOW)) if lines[n].strip()]
    return {"same": [anchor], "above": _to_heading(lines, above[:LOOK_ABOVE]), "below": _to_heading(lines, below[:LOOK_BELOW])}


def _to_heading(lines: list[str], near: list[int]) -> list[int]:
    """No title stands beyond a heading or a sentence."""
    stop = next((place for place, n in enumerate(near) if chapter_opened(lines[n]) or _is_sentence(lines[n])), len(near))
    return near[:stop]


def _is_sentence(line: str) -> bool:
    return len(line.split()) > 4 and line.rstrip().endswith(".")


def _nearest(lines: list[str], sides: dict[str, list[int]]) -> tuple[int, str]:
    """How many lines away the nearest title is, and on which side; no side where there is none."""
    anchor = sides["same"][0]
    found = [(abs(n - anchor), side) for side, near in sides.items() for n in near if names_job(lines[n])]
    return min(found, default=(0, ""))


def _title_on(lines: list[str], sides: dict[str, list[int]], side: str) -> int:
    """The job named on the date's own line, else on the document's side, else the first short line there."""
    if side == "same":
        side = _nearest(lines, sides)[1] or side
    near = [*sides["same"], *(sides[side] if side != "same" else [])]
    named = (n for n in near if names_job(lines[n]))
    short = (n for n in near[1:2] if len(lines[n]) <= LONGEST_HEADER and not lines[n].endswith("."))
    return next(named, None) or next(short, sides["same"][0])


def names_job(line: str) -> bool:
    """Whether a short line, no sentence, names an engineering job."""
    if line.rstrip().endswith((".", ";")) or len(line) > LONGEST_LINE:
        return False
    title = clean_title(line)
    return 0 < len(title) <= LONGEST_HEADER and len(title.split()) <= 14 and not _STUDY.search(title) and is_title(title)


def is_title(title: str) -> bool:
    """Whether it names an engineering job, and not only what one studies or a list of technologies."""
    if read_role(title) in (None, Role.OTHER) or _FIELD.fullmatch(title):
        return False
    return _JOB_NOUN.search(title) is not None or not _is_list(title)


def _is_list(words: str) -> bool:
    """Whether little but skills stands there, two at least: `docker, jenkins`."""
    hits = find_skills(words)
    inside = sum(hit.end - hit.start for hit in hits)
    return len(hits) > 1 and inside >= 0.8 * sum(map(str.isalnum, words))


def clean_title(line: str) -> str:
    """A title line without its dates, bullet and company: `"• Engineer at Acme (2019 - 2020)"` → `"Engineer"`.

    Of several parts the one that names an engineer: `"Acme — Senior Engineer"` → `"Senior Engineer"`.
    """
    title = without_ranges(_LEADING.sub("", line)).replace("()", "")
    found = [part.strip(" ,·-–—|(") for part in _TITLE_END.split(title) if part.strip(" ,·-–—|(")]
    named = (part for part in found if _JOB_NOUN.search(part) and read_role(part) not in (None, Role.OTHER))
    return next(named, found[0] if found else "")


def company_of(line: str) -> tuple[int, int]:
    """Where what stands behind the title on its line begins and ends, the company as a rule; (0, 0) where nothing does."""
    title = clean_title(line)
    place = line.find(title)
    found = _TITLE_END.search(line, place + len(title)) if title and place >= 0 else None
    return (found.end(), len(line)) if found else (0, 0)


def names_study(line: str) -> bool:
    return _STUDY.search(line) is not None


def names_person(line: str) -> bool:
    """Whether a line says what somebody is (*engineer*), not only the field (*software engineering*)."""
    return _JOB_NOUN.search(line) is not None
