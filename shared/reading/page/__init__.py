"""A posting from a web page that somebody saved, or from its text that somebody copied.

Sites surround a job with buttons, perks, other jobs and a footer; `lines` knows them. What remains is a header (`header`:
title, place, company) and the posting's own text. What the page does not say stays unknown; a page without a title or
without the text of a job is refused.
"""

import re
from datetime import UTC, date, datetime, time

from shared.errors import UnreadableInput
from shared.posting import MAX_DESCRIPTION, Employment, RawPosting, digest_of
from shared.reading.encodings import decoded
from shared.reading.html import plain_text
from shared.reading.page.dates import day_ago, day_in
from shared.reading.page.employer import employer, owner
from shared.reading.page.header import Header, is_title, placeness, read_header
from shared.reading.page.lines import Page, opens_body, read_lines, resumes
from shared.reading.page.markup import MAX_PAGE, Hints, body_text, hints, is_markup
from shared.reading.workplace import read_workplace

LEAST_TEXT = 150
"""Characters of sentences and list items that make a posting; less is a card of a list of jobs."""
LEAST_BELOW = 80
"""The same of what stands below a heading such as *Requirements*, which no card has."""
LEAST_WORDS = 5
"""Words of a line that counts wherever it stands."""
MOST_TITLES = 3
"""Other titles that the text of one job may name on lines of their own, if it says little else."""

MAX_BYTES = 4 * MAX_PAGE + 1

_FORMATS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word or zip file",
    b"\xd0\xcf\x11\xe0": "a Word file",
    b"{\\rtf": "an RTF file",
    b"\x1f\x8b": "compressed",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")
_AGE = re.compile(r"\bago\b|\bposted\b|^\s*(?:today|yesterday)\s*$", re.IGNORECASE)
_EMPLOYMENTS = (
    (Employment.INTERNSHIP, re.compile(r"\bintern(?:ship)?s?\b|\bco-?op\b|\btrainee\b|\bprácticas\b|\bpraktik", re.IGNORECASE)),
    (Employment.TEMPORARY, re.compile(r"\btemp(?:orary|oral)?\b|\bseasonal\b|\bcasual\b", re.IGNORECASE)),
    (Employment.CONTRACT, re.compile(r"\bcontract(?:or)?\b|\bfreelance\b|\bfixed.term\b", re.IGNORECASE)),
    (Employment.PART_TIME, re.compile(r"\bpart.?time\b|\bteilzeit\b", re.IGNORECASE)),
    (Employment.FULL_TIME, re.compile(r"\bfull.?time\b|\bpermanent\b|\bvollzeit\b|\bjornada completa\b", re.IGNORECASE)),
)


def read_page_file(name: str, body: bytes, *, today: date) -> RawPosting:
    """The posting in a file: HTML or text, decoded by `shared.reading.encodings`.

    Raises as `read_page` does, naming the file, and `posting_format` for PDF, Word and other formats.
    """
    try:
        return read_page(_decoded(body), today=today)
    except UnreadableInput as error:
        raise UnreadableInput(f"{name}: {error}", code=error.code) from error


def _decoded(body: bytes) -> str:
    for magic, kind in _FORMATS.items():
        if body.startswith(magic):
            raise UnreadableInput(f"this is {kind}; paste its text, or save the page as HTML", code="posting_format")
    return decoded(body[:MAX_BYTES])


def read_page(text: str, *, today: date) -> RawPosting:
    """The posting on a page, given as HTML or as copied text; `today` dates *3 days ago*.

    Raises `UnreadableInput`: `posting_empty`, `posting_too_long`, `posting_binary`, `posting_without_title`,
    `posting_without_text`.
    """
    _check(text)
    said = hints(text) if is_markup(text) else Hints()
    page = read_lines(_words_of(text))
    header = read_header(page.lines, page.labels.get("title"), said)
    if header is None:
        raise UnreadableInput("no job title found; put the title on a line of its own at the top", code="posting_without_title")
    shown = [name for name in (page.labels.get("logo"), said.site, owner(text)) if name]
    return _posting(header, page, shown, today)


def _check(text: str) -> None:
    if not text.strip():
        raise UnreadableInput("there is no text; paste the text of a job or save its page", code="posting_empty")
    if len(text) > MAX_PAGE:
        message = f"{len(text):,} characters, more than {MAX_PAGE:,}; paste only the text of the job"
        raise UnreadableInput(message, code="posting_too_long")
    if len(_CONTROL.findall(text)) * 100 > len(text):
        raise UnreadableInput("this is not text; paste the text of a job or save its page as HTML", code="posting_binary")


def _words_of(text: str) -> str:
    """The page's own words; all of them where the markup hides which those are (a page that is one form)."""
    if not is_markup(text):
        return plain_text(text)
    inner = body_text(text)
    return inner if len(inner) >= LEAST_TEXT else plain_text(text)


def _posting(header: Header, page: Page, shown: list[str], today: date) -> RawPosting:
    labels = page.labels
    description = _description(page.lines[header.body :])
    whole = "\n".join([*page.lines, *labels.values()])
    company = labels.get("company") or employer(header, shown, "\n".join([description, *labels.values()]))
    stated = _unwrapped(labels.get("location", ""))
    location = header.location if not stated or (header.location and placeness(header.location) > 1) else stated
    number = labels.get("id")
    text = header.pay and f"Salary: {header.pay}"
    if text and text not in description:
        description = f"{text}\n\n{description}"[:MAX_DESCRIPTION]
    workplace = read_workplace([labels[name] for name in ("workplace",) if name in labels])
    return RawPosting(
        source="file",
        board="page",
        external_id=number or digest_of(header.title, company or "", description),
        title=header.title[:500],
        company=company,
        location=location,
        locations=_offices(location),
        description=description,
        posted_at=_posted(labels.get("posted"), whole, today),
        valid_through=day_in(labels.get("closes", "")),
        department=labels.get("department"),
        requisition_id=number,
        workplace=workplace,
        employment=_employment(labels.get("employment")) or _employment_in(header.pieces),
    )


def _description(lines: list[str]) -> str:
    """The posting's own text. Raises `UnreadableInput` where there is too little of it."""
    said = _length(lines, LEAST_WORDS)
    is_told = said >= LEAST_TEXT or _length(_below_heading(lines), 1) >= LEAST_BELOW
    titles = sum(map(is_title, set(lines)))
    if not is_told or (titles > MOST_TITLES and said < titles * LEAST_TEXT):
        kind = "a list of jobs" if titles > MOST_TITLES else "no text of a job"
        raise UnreadableInput(
            f"{kind}; open the job itself, select all of its page and paste that", code="posting_without_text"
        )
    text = "\n".join(_without_last_headings(lines))
    return re.sub(r"\n{3,}", "\n\n", text).strip()[:MAX_DESCRIPTION].rstrip()


def _length(lines: list[str], least_words: int) -> int:
    """Characters of the lines of so many words that are no title of a job and no row of chips."""
    return sum(len(line) for line in lines if len(line.split()) >= least_words and line.count("•") < 2 and not is_title(line))


def _below_heading(lines: list[str]) -> list[str]:
    """The lines under the first heading of a posting's own, such as *Requirements*: there items may be of one word."""
    start = next((number for number, line in enumerate(lines) if resumes(line)), len(lines))
    return [line for line in lines[start:] if not opens_body(line)]


def _without_last_headings(lines: list[str]) -> list[str]:
    """Without the headings at the end whose text was the site's."""
    ends = range(len(lines), 0, -1)
    return lines[: next((end for end in ends if lines[end - 1].strip() and not opens_body(lines[end - 1])), 0)]


def _unwrapped(value: str) -> str:
    return value[1:-1].strip() if value.startswith("(") and value.endswith(")") else value


def _offices(location: str | None) -> tuple[str, ...]:
    """`Singapore; Berlin, Germany` → one string each."""
    return tuple(part.strip() for part in re.split(r"[;|•]", location) if part.strip()) if location else ()


def _posted(stated: str | None, whole: str, today: date) -> datetime | None:
    """The day after the label *Posted*, else how long ago the page says; none in the future."""
    short = "\n".join(line for line in whole.split("\n")[:60] if len(line) <= 120)
    day = day_in(stated or "") or day_ago(stated or "", today) or day_ago(_ages(short), today)
    return datetime.combine(day, time(), UTC) if day and day <= today else None


def _ages(text: str) -> str:
    """The lines that tell an age, but not such as *founded 3 years ago* or *today we are…* of the text."""
    return "\n".join(line for line in text.split("\n") if _AGE.search(line))


def _employment_in(pieces: list[str]) -> Employment | None:
    """The kind that a chip beside the title names and nothing else: `Full-time`."""
    return next((kind for piece in pieces for kind, words in _EMPLOYMENTS if words.fullmatch(piece)), None)


def _employment(stated: str | None) -> Employment | None:
    """One kind; the rarer says more, but *full-time or part-time* leaves it open."""
    kinds = [kind for kind, words in _EMPLOYMENTS if words.search(stated or "")]
    return None if kinds == [Employment.PART_TIME, Employment.FULL_TIME] else next(iter(kinds), None)
