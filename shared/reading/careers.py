"""The dated blocks of a CV: jobs, studies and projects, found by their date ranges whatever the layout around them.

A range such as `Apr 2024 — Present` anchors a block; its title is the nearest short line that names a job: on the same
line, just above, or just below. A block ends where the next one begins, or at a heading; the chapter it stands in says
whether it is a job. What stands in no block is kept as passages with their chapters.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from shared.posting import Level, Place, Role
from shared.reading.chapters import Chapter, chapter_opened, footer_of
from shared.reading.dates import DateRange, find_range, without_ranges
from shared.reading.places import read_places
from shared.reading.roles import read_level, read_role
from shared.reading.skills import find_skills
from shared.reading.titles import (
    LONGEST_HEADER,
    LONGEST_LINE,
    clean_title,
    company_of,
    names_job,
    names_person,
    names_study,
    title_lines,
)

MAX_BLOCKS = 100


class Kind(StrEnum):
    """What a block is: work, studies, or something done beside them."""

    JOB = "job"
    STUDY = "study"
    PROJECT = "project"


@dataclass(frozen=True, slots=True)
class Block:
    """A dated part of a life. Months are counted from year 0; `end` is None while it lasts.

    `stated_months` is a length written beside the dates; `span` the characters of the whole text it takes, header included;
    `company` those of whom it was for, where they stand apart.
    """

    title: str
    start: int
    end: int | None
    span: tuple[int, int]
    stated_months: int | None = None
    places: tuple[Place, ...] = ()
    kind: Kind = Kind.JOB
    company: tuple[int, int] = (0, 0)

    @property
    def role(self) -> Role | None:
        return read_role(self.title) if self.kind is Kind.JOB else None

    @property
    def level(self) -> Level | None:
        return read_level(self.title) if self.kind is Kind.JOB else None

    @property
    def is_engineering(self) -> bool:
        return self.role not in (None, Role.OTHER)

    def last_month(self, today: int) -> int:
        """Its end; for one that lasts, as far as it is known to have lasted."""
        if self.end is not None:
            return self.end
        return max(today, self.start + (self.stated_months or 0))


class Passage(NamedTuple):
    """A line outside every block: its offsets in the text, and the chapter it stands in."""

    start: int
    end: int
    chapter: Chapter


class Career(NamedTuple):
    """A CV in parts: `text` as a whole, its blocks in the order of the document, and the lines outside them."""

    text: str
    blocks: tuple[Block, ...]
    passages: tuple[Passage, ...]

    def words(self, *chapters: Chapter) -> str:
        """The lines outside every block, of these chapters only where any are given."""
        kept = (passage for passage in self.passages if not chapters or passage.chapter in chapters)
        return "\n".join(self.text[passage.start : passage.end] for passage in kept)


def read_career(text: str) -> Career:
    """The blocks of a CV, and what stands outside them."""
    lines = text.split("\n")
    chapters = _chapters(lines)
    offsets = _offsets(lines)
    spans, blocks = _blocks(lines, offsets, chapters)
    inside = {n for start, end in spans for n in range(start, end)}
    outside = (n for n, line in enumerate(lines) if n not in inside and line.strip())
    passages = tuple(Passage(offsets[n], offsets[n] + len(lines[n]), chapters[n]) for n in outside)
    return Career(text, tuple(blocks), passages)


def _chapters(lines: list[str]) -> list[Chapter]:
    """The chapter of each line; a heading belongs to the chapter it opens."""
    found, current = [], Chapter.OPENING
    footer = footer_of(lines)
    for n, line in enumerate(lines):
        current = Chapter.OTHER if n >= footer else chapter_opened(line) or current
        found.append(current)
    return found


def _offsets(lines: list[str]) -> list[int]:
    offsets, offset = [], 0
    for line in lines:
        offsets.append(offset)
        offset += len(line) + 1
    return offsets


def _blocks(lines: list[str], offsets: list[int], chapters: list[Chapter]) -> tuple[list[tuple[int, int]], list[Block]]:
    """The first and last line of each block, and the blocks."""
    found = ((n, find_range(line)) for n, line in enumerate(lines) if len(line) <= LONGEST_LINE)
    anchors = [(n, dates) for n, dates in found if dates][:MAX_BLOCKS]
    if not anchors:
        return [], []
    titles = title_lines(lines, [n for n, _ in anchors])
    starts = [min(title, n) for title, (n, _) in zip(titles, anchors, strict=True)]
    ends = [_end(lines, anchor, stop) for (anchor, _), stop in zip(anchors, [*starts[1:], footer_of(lines)], strict=True)]
    spans = list(zip(starts, ends, strict=True))
    blocks = [
        _block(lines, offsets, title, anchor, span, chapters[anchor[0]])
        for title, anchor, span in zip(titles, anchors, spans, strict=True)
    ]
    return spans, blocks


def _end(lines: list[str], anchor: int, stop: int) -> int:
    """A block ends at the next block or at a heading such as *Education*, whichever is first."""
    return next((n for n in range(anchor + 1, stop) if chapter_opened(lines[n])), max(stop, anchor + 1))


def _block(
    lines: list[str], offsets: list[int], title: int, anchor: tuple[int, DateRange], span: tuple[int, int], chapter: Chapter
) -> Block:
    number, dates = anchor
    last = span[1] - 1
    header = [line for line in lines[span[0] : min(span[1], max(title, number) + 3)] if len(line) <= LONGEST_HEADER]
    return Block(
        title=clean_title(lines[title]),
        start=dates.start,
        end=dates.end,
        span=(offsets[span[0]], offsets[last] + len(lines[last])),
        stated_months=dates.stated_months,
        places=_header_places(header),
        kind=_kind(lines[title], lines[number], chapter),
        company=_company(lines[title], offsets[title]),
    )


def _company(line: str, offset: int) -> tuple[int, int]:
    """Where the company stands that the title's line names behind it."""
    start, end = company_of(line)
    return (offset + start, offset + end) if end else (0, 0)


def _kind(title: str, dated: str, chapter: Chapter) -> Kind:
    """By the chapter; under no heading we know, or a wrong one, by what the lines say."""
    is_study = names_study(title) or names_study(dated)
    if chapter is Chapter.STUDY:
        return Kind.JOB if names_job(title) and names_person(title) and not is_study else Kind.STUDY
    if chapter is Chapter.PROJECTS:
        return Kind.PROJECT
    return Kind.STUDY if is_study and not names_job(title) else Kind.JOB


def _header_places(header: list[str]) -> tuple[Place, ...]:
    """The places of the first header line that names any, sentences and bullets apart."""
    for line in header:
        is_short = not line.rstrip().endswith(".") and len(line.split()) <= 12
        if is_short and (places := places_in(without_ranges(line))):
            return places
    return ()


def places_in(words: str, line: str = "") -> tuple[Place, ...]:
    """The places of some words of a line, each with its country. Beside Java *Spring* is none, nor is it in *Spring Boot*."""
    found = [place for place in read_places([words]) if place.country]
    hits = [hit.text.casefold() for hit in find_skills(line or words)] if found else []
    named = {name for hit in hits for name in (hit, *hit.split())}
    return tuple(place for place in found if not named & {(place.city or "").casefold(), (place.region or "").casefold()})


def newest_first(career: Career) -> list[Block]:
    return sorted(career.blocks, key=lambda block: block.start, reverse=True)


def months_covered(blocks: list[Block], today: int) -> int:
    """Months in any of the blocks, overlaps counted once."""
    total, covered = 0, 0
    for start, end in sorted((block.start, block.last_month(today)) for block in blocks):
        total += max(0, end - max(start, covered))
        covered = max(covered, end)
    return total
