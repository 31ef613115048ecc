"""A CV that was pasted as one line, with its line ends where they were: before headings, bullets and dated jobs.

Only blanks become line ends, so that every character keeps its place. A text whose lines are of ordinary length stays as it
is, and so does a paragraph about somebody, in which no heading and no dates stand.
"""

import re
from collections.abc import Iterator
from functools import cache

from shared.reading.chapters import headings
from shared.reading.dates import DateRange, find_range
from shared.reading.places import read_places
from shared.reading.written_titles import WrittenTitle, written_titles

LEAST_TEXT, LONG_LINES, LONGEST_LINE = 200, 250, 160
"""Characters: of a text worth the trouble, of its lines on average, and of a line that is left whole."""
MOST_RANGES = 100
WINDOW, LONGEST_RANGE = 1_000, 100
"""Characters in which one range is looked for at a time."""
HEADER = 150
"""Characters before its dates in which a job is named."""
_BULLETS = "•●▪◦‣∙○■□➢➤✓✔❖►▶-–*"
_BULLET = re.compile(rf"(?<=\s)[{_BULLETS[:-3]}](?=\s?\S)|(?<=[.;:!?)\]]\s)[-–*](?=\s?[A-Z])")
_SENTENCE = re.compile(r"(?<=[a-zà-ÿ\d)%\"”’]{2}[.!?])\s(?=[A-Z\"“(\[À-Þ])")
_ABBREVIATION = re.compile(r"\b(?:inc|ltd|corp|dept|univ|prof|approx|vs|etc|sr|jr|st|no|pte)\.$", re.IGNORECASE)
_RANGE_ENDS = re.compile(
    r"\s?[)\]]?(?:\s?[·(|,]?\s?(?:\d{1,2}\s?(?:years?|yrs?)\.?)?\s?(?:\d{1,2}\s?(?:months?|mos?)\.?)?(?<=[a-z.])\)?)?(?=\s|$)"
)
_RANGE_OPENS = re.compile(r"[\s(\[|,·–—-]*$")
_COMPANY_FIRST = re.compile(r"(?:(?<=\s)|^)(?:[A-Z][\w.&'’-]*\s){1,5}(?:[—–|·-]\s)$")
_SHOUTED = re.compile(r"(?:\s(?:[A-Z\d][A-Z\d&.'’-]*,?|[·/|,—–@●-]))+\s(?=(?:[A-Z][a-z]|[AI]\s))")
_NEXT_LINE = re.compile(r"\s(?=[A-Z\d\[(+À-Þ])")
_AT_COMPANY = re.compile(r"\s(?:@|at)\s[A-Z][^\s,|]*")
_PLACE_AT_END = re.compile(
    r"\s(?=(?:[A-ZÀ-Þ][\w’'.-]{1,30}\s){0,2}[A-ZÀ-Þ][\w’'.-]{1,30},\s[A-Z][\w.]{1,30}(?:,?\s[A-Z][\w.]{1,30}){0,2}\s?$)"
)
_PLAIN = (
    "Experience|Education|Skills|Summary|Projects|Interests|Certifications|Employment|Qualifications|Publications|Internships"
    "|Berufserfahrung|Werdegang|Ausbildung|Kenntnisse|Expériences?|Compétences|Formation|Experiencia|Educación|Formación"
    "|Habilidades|Esperienza|Istruzione|Formazione|Competenze"
)
"""Headings of one word that are believed where another capital follows, unless the word before belongs to them."""
_BEFORE_PLAIN = re.compile(
    r"(?:^|\b(?:user|customer|employee|candidate|digital|special|higher|executive|of|in|the|and|for|with|to|a|an|my|our|your"
    r"|from|on|at|by)|[—–&/,-])\s$",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\s((?:[A-ZÀ-Þ][\w’'.-]*,?\s){1,6})(?=[A-ZÀ-Þ])")
_NAME = 60


def with_line_ends(text: str) -> str:
    """`text` of the same length; its blanks are line ends where those were lost."""
    filled = sum(1 for line in text.split("\n") if line)
    if len(text) < LEAST_TEXT or len(text) < LONG_LINES * filled:
        return text
    return "\n".join(_broken(line) if len(line) > LONGEST_LINE else line for line in text.split("\n"))


def _broken(line: str) -> str:
    chapters = sorted(_headings(line))
    ranges = list(_ranges(line))
    if not ranges and len(chapters) < 4:
        return line
    marks = {*chapters, *(bullet.start() - 1 for bullet in _BULLET.finditer(line))}
    marks |= {
        end.start() for end in _SENTENCE.finditer(line) if not _ABBREVIATION.search(line, max(0, end.start() - 8), end.start())
    }
    marks |= set(_jobs(line, ranges, sorted(marks)))
    first = min([*chapters, *(dates.span[0] for dates in ranges), len(line)])
    marks |= {*_opening(line, min(first, 3 * _NAME)), *_place(line, first)}
    letters = list(line)
    for mark in sorted(marks):
        if 0 < mark < len(line) and line[mark] == " " and not (line[mark - 1] in _BULLETS and mark - 2 in marks):
            letters[mark] = "\n"
    return "".join(letters)


def _headings(line: str) -> Iterator[int]:
    """The blanks before and after each heading."""
    ends = set[int]()
    for heading in _heading().finditer(line):
        ends.add(heading.end())
        yield from (heading.start() - 1, heading.end())
    for heading in _plain().finditer(line):
        belongs = _BEFORE_PLAIN.search(line, max(0, heading.start() - 12), heading.start())
        if not belongs and ends.isdisjoint((heading.end(), heading.end() + 1)):
            yield from (heading.start() - 1, heading.end())


@cache
def _plain() -> re.Pattern[str]:
    return re.compile(rf"(?<=\s)(?:{_PLAIN})(?=\s[^(a-z&/|—–-])")


@cache
def _heading() -> re.Pattern[str]:
    """Headings in capitals anywhere; as titles where they have two words or a number; else where a sentence has ended."""
    known = sorted(headings(), key=len, reverse=True)
    shouted = "|".join(re.escape(name.upper()) for name in known if name != "now")
    several = "|".join(_as_title(name) for name in known if " " in name)
    single = "|".join(_as_title(name) for name in known if " " not in name)
    numbered = rf"(?<=\d\s[—–-]\s)(?:{several}|{single})(?=:?\s[^(a-z])"
    return re.compile(
        rf"(?:(?<=\s)|^)(?:\d{{1,2}}\s?[.—–)-]\s?)?(?:(?:{shouted})(?:\s(?:&|AND|/)\s[A-Z]{{3,20}})?|{numbered}"
        rf"|(?<![—–,&-]\s)(?:{several})(?=:?\s[^(a-z])|(?<=[.!?)\d]\s)(?:{single})(?=:?\s[^(a-z])"
        r"|(?:Experience|Education|Skills)(?=\s[•●▪-]|:\s)|About(?=\s(?:I|My|Hi)\b)):?(?=\s)"
    )


def _as_title(name: str) -> str:
    """`work experience` as it stands in a CV: `Work Experience` or `Work experience`."""
    first, *others = name.split(" ")
    return " ".join(
        [re.escape(first.capitalize()), *(f"[{word[0].upper()}{re.escape(word[0])}]{re.escape(word[1:])}" for word in others)]
    )


def _ranges(line: str) -> Iterator[DateRange]:
    """Every range of dates with its place in the line, the brackets around it and the length behind it included."""
    at = count = 0
    while at < len(line) and count < MOST_RANGES:
        found = find_range(line[at : at + WINDOW])
        if found is None:
            at += WINDOW - LONGEST_RANGE
            continue
        start, end = (at + place for place in found.span)
        opens, ends = _RANGE_OPENS.search(line, max(at, start - 10), start), _RANGE_ENDS.match(line, end)
        yield found._replace(span=(opens.start() if opens else start, ends.end() if ends else end))
        at, count = end, count + 1


def _jobs(line: str, ranges: list[DateRange], marks: list[int]) -> Iterator[int]:
    """The blanks around the header of each dated job. One document has one layout: titles before their dates, or behind."""
    before = [_title_before(line, low, dates.span[0]) for low, dates in zip(_floors(ranges, marks), ranges, strict=True)]
    behind = [_title_behind(line, dates.span[1]) for dates in ranges]
    dates_first = sum(title is not None for title in behind) > sum(title is not None for title in before)
    for dates, above, below in zip(ranges, before, behind, strict=True):
        if dates_first and below:
            company = _SHOUTED.match(line, below.end)
            yield from (dates.span[0], below.end, company.end() - 1 if company else below.end)
        elif above and not dates_first:
            yield from (above.start - 1, dates.span[1], *_place_behind(line, dates.span[1]))
        else:
            yield dates.span[0] if dates_first else dates.span[1]


def _place_behind(line: str, dates: int) -> Iterator[int]:
    """The blank behind the place of a job that follows its dates: `2020 - Present Lisbon, Portugal Built the…`."""
    capitals = _CAPITALS.match(line, dates)
    words = list(re.finditer(r"\S+", capitals[1])) if capitals else []
    for word in words:
        if capitals and not word[0].endswith(",") and read_places([capitals[1][: word.end()]]):
            yield capitals.start(1) + word.end()
            return


def _floors(ranges: list[DateRange], marks: list[int]) -> Iterator[int]:
    """For each range where the text before it begins that may be its header."""
    ends = [0, *(dates.span[1] for dates in ranges)]
    for dates, end in zip(ranges, ends, strict=False):
        near = [mark + 1 for mark in marks if end <= mark < dates.span[0]]
        yield max(end, dates.span[0] - HEADER, *near[-1:])


def _title_before(line: str, low: int, dates: int) -> WrittenTitle | None:
    """The last title before the dates, with the company before it; none behind a full stop: those dates begin a job."""
    if line[dates - 1 : dates] in tuple(".!?") and not _ABBREVIATION.search(line, max(0, dates - 8), dates):
        return None
    found = list(written_titles(line, low, dates))
    title = next((one for one in reversed(found) if one.is_ours), found[-1] if found else None)
    company = _COMPANY_FIRST.search(line, max(low, title.start - 60), title.start) if title else None
    return title._replace(start=company.start()) if title and company else title


def _title_behind(line: str, dates: int) -> WrittenTitle | None:
    return next((title for title in written_titles(line, dates, dates + HEADER // 2) if title.start - dates <= 3), None)


def _opening(line: str, stop: int) -> Iterator[int]:
    """The blanks around the title at the very top, behind a name perhaps: `Mei Tan Backend Engineer I build…`."""
    title = next((one for one in written_titles(line, 0, stop) if one.is_ours), None)
    if title and title.start <= _NAME:
        yield title.start - 1
        company = _AT_COMPANY.match(line, title.end)
        end = company.end() if company else title.end
        if _NEXT_LINE.match(line, end):
            yield end


def _place(line: str, end: int) -> Iterator[int]:
    """The blank before a place that stands right before the first heading."""
    found = _PLACE_AT_END.search(line, max(0, end - 2 * _NAME), end)
    if found:
        yield found.start()
