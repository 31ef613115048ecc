"""LinkedIn's *Save to PDF*, put in the order a person reads it.

Such a file has a narrow column (Contact, Top Skills, Languages, Certifications), whose text comes first, and a wide one:
name, headline, place, Summary, Experience, Education. Contact addresses are dropped, the headline's lines joined, and each
job gets its company behind its title.
"""

import re
from itertools import takewhile

from shared.reading.dates import DateRange, find_range, stated_months
from shared.reading.places import read_places

_PAGE = re.compile(r"Page \d{1,3} of \d{1,3}$")
_PROFILE = re.compile(r"linkedin\.com/in/([\w%-]{1,100})", re.IGNORECASE)
_SIDE = ("Contact", "Top Skills", "Languages", "Certifications", "Honors-Awards", "Publications", "Patents")
_MAIN = ("Summary", "Experience", "Education")
_LENGTH = re.compile(r"(?:\d{1,2} years?)?\s?(?:\d{1,2} months?)?$")
_DATED = re.compile(r"(?:[A-Z][a-z]+ )?(?:19|20)\d\d - (?:Present|(?:[A-Z][a-z]+ )?(?:19|20)\d\d)(?: \([\w ]{1,30}\))?$")
MAX_HEAD = 12
"""Lines between the name and the first heading: name, headline, place."""


def arranged(text: str) -> str | None:
    """The text of such a file in reading order; None for any other text."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    pages = [n for n, line in enumerate(lines) if _PAGE.match(line)]
    slug = _PROFILE.search("".join(lines[:40]))
    if not pages or not slug or not {"Experience", "Education"}.intersection(lines):
        return None
    lines = [line for line in lines if not _PAGE.match(line)]
    opening = next((n for n, line in enumerate(lines) if line in _MAIN), None)
    if opening is None:
        return None
    name = _name(lines[:opening], slug[1])
    head = [line for line in lines[name:opening] if line]
    side = [line for line in lines[:name] if line]
    return "\n".join([*_head(head), "", *_jobs([line for line in lines[opening:] if line]), "", *_side(side)])


def _name(lines: list[str], slug: str) -> int:
    """Which line is the name: the last that the address is made of, else the first after a gap, else the third from the end."""
    filled = [n for n, line in enumerate(lines) if line]
    contact = _contact(lines)
    named = (n for n in reversed(filled) if n not in contact and _is_named_by(slug.lower(), lines[n]))
    if (name := next(named, None)) is not None:
        return name
    gaps = [n for n in filled if n and not lines[n - 1] and len(lines) - n <= MAX_HEAD]
    return gaps[0] if gaps else filled[-3:][0] if filled else 0


def _is_named_by(slug: str, line: str) -> bool:
    """Whether most words of the line are in the address: `mei-tan-8a12` is Mei Tan."""
    words = re.findall(r"[^\W\d_]+", line.lower())
    found = sum(word in slug for word in words if len(word) > 1)
    return len(words) <= 6 and found * 2 > len(words)


def _contact(lines: list[str]) -> set[int]:
    """The lines of the contact column, in which the address may be broken in two."""
    start = next((n for n, line in enumerate(lines) if line == "Contact"), None)
    if start is None:
        return set()
    others = (n for n in range(start + 1, len(lines)) if lines[n] in _SIDE or not lines[n] or "(LinkedIn)" in lines[n])
    return set(range(start, next(others, start) + 1))


def _head(head: list[str]) -> list[str]:
    """Name, headline on one line, place."""
    name, rest = head[:1], head[1:]
    placed = bool(rest) and len(rest[-1].split()) <= 7 and any(read_places(rest[-1:]))
    headline = rest[:-1] if placed else rest
    return [*name, " ".join(headline), *(rest[-1:] if placed else [])]


def _jobs(lines: list[str]) -> list[str]:
    """The wide column with each company behind the title of its jobs."""
    found: list[str] = []
    company, left, in_jobs = "", 0, False
    for n, line in enumerate(lines):
        in_jobs = line == "Experience" or (in_jobs and line not in _MAIN)
        dates = _dated(lines[n + 1]) if in_jobs and n + 1 < len(lines) else None
        if line in _MAIN:
            found += ["", line]
        elif dates:
            if left <= 1:
                company, left = _company(found)
            left -= dates.stated_months or 0
            found += ["", f"{line} — {company}" if company else line]
        else:
            found.append(line)
    return found


def _dated(line: str) -> DateRange | None:
    return find_range(line) if _DATED.match(line) else None


def _company(found: list[str]) -> tuple[str, int]:
    """Takes the company's line off the end of what was found; with it the months of all jobs there, where several follow.

    They are over when their lengths add up to those months: `Company / 3 years 2 months / Title / dates / Title / dates`.
    """
    months = stated_months(found[-1]) if _LENGTH.match(found[-1]) else None
    if months:
        found.pop()
    return (found.pop(), months or 0) if _may_be_company(found) else ("", 0)


def _may_be_company(found: list[str]) -> bool:
    """A short line that is no sentence, no bullet, no date and not the place of the job before it."""
    line = found[-1]
    if line in ("", *_MAIN) or len(line) > 70 or line.endswith((".", ",", ";", ":")) or line[0] in "-•*·●▪" or _dated(line):
        return False
    is_place = len(found) > 1 and _dated(found[-2]) is not None and any(place.country for place in read_places([line]))
    return not is_place and (line[0].isupper() or line[0].isdigit())


def _is_item(line: str) -> bool:
    return line not in _SIDE


def _side(lines: list[str]) -> list[str]:
    """The narrow column without its contacts."""
    found: list[str] = []
    for n, line in enumerate(lines):
        if line in _SIDE:
            items = [item.removesuffix(" (Programming Language)") for item in takewhile(_is_item, lines[n + 1 :])]
            found += ["", line, *items] if line != "Contact" else []
    return found
