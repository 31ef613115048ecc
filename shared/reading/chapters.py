"""The chapters of a CV, by its headings (`data/chapters.tsv`): `WORK`, `01 — Experience`, `Technical skills:`."""

import re
from enum import StrEnum
from functools import cache

from shared.reading.tables import parts, rows

LONGEST_HEADING = 60
_NUMBERED = re.compile(r"\s*\d{1,2}\s?[.—–)-]\s?(?=\S)")
_BARE = re.compile(r"^[\s#*_=>~–—•|:-]+|[\s#*_=~–—•|:.-]+$")
_FOOTER = re.compile(
    r"(?:©|\(c\)\s|copyright\b|all rights reserved\b|back to top\b|last updated\b|view (?:the )?source\b)"
    r"|(?:proudly |this (?:web)?(?:site|page) (?:is|was) )?(?:designed|developed|coded|made|built|crafted|powered|hosted)"
    r"\b.{0,100}(?:\b(?:vercel|netlify|(?:github|cloudflare) pages|jekyll|hugo|gatsby|astro|framer|webflow|wix|love|coffee)\b"
    r"|[❤♥☕])",
    re.IGNORECASE,
)
LONGEST_FOOTER, FOOTER_LINES = 160, 4
_AND = re.compile(r"\s(?:and|und|et|y|e|en|&|/|,)\s")


class Chapter(StrEnum):
    """`OPENING` is what stands before the first heading."""

    OPENING = "opening"
    WORK = "work"
    STUDY = "study"
    SKILLS = "skills"
    SUMMARY = "summary"
    PROJECTS = "projects"
    OTHER = "other"


def chapter_opened(line: str) -> Chapter | None:
    """The chapter a line opens, or None where it is no heading we know. A numbered heading of its own words is `OTHER`."""
    if not 0 < len(line) <= LONGEST_HEADING:
        return None
    numbered = _NUMBERED.match(line)
    words = _BARE.sub("", line[numbered.end() :] if numbered else line).lower().replace("’", "'")
    known = _known(words) or _known(words.removeprefix("my ").removeprefix("other ").removeprefix("additional "))
    return known or (Chapter.OTHER if numbered and _is_title(line) else None)


def footer_of(lines: list[str]) -> int:
    """The line that a web page's footer begins at (*Built with Next.js, hosted on Vercel*); the number of lines without one.

    Only the last line of all can begin it, and those right above that are of its kind: a project may be built with Go, too.
    """
    first = len(lines)
    filled = [n for n in range(len(lines) - 1, -1, -1) if lines[n].strip()][:FOOTER_LINES]
    for n in filled:
        if len(lines[n]) > LONGEST_FOOTER or not _FOOTER.match(lines[n]):
            break
        first = n
    return first


def _known(words: str) -> Chapter | None:
    """A heading of two joined ones (*Experience and projects*) is its first."""
    return headings().get(words) or headings().get(_AND.split(words, maxsplit=1)[0])


def _is_title(line: str) -> bool:
    return "—" in line[:6] and len(line) <= 45 and not line.rstrip().endswith((".", ","))


@cache
def headings() -> dict[str, Chapter]:
    """Every heading, in small letters, and the chapter it opens."""
    return {heading: Chapter(row["chapter"]) for row in rows("chapters") for heading in parts(row["headings"])}
