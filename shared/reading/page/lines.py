"""The lines of a page, each known for what it is: a button, a label with its value, a heading after which nothing belongs.

Which words are which stands in `data/page_words.tsv`.
"""

import re
from functools import cache
from typing import NamedTuple

from shared.reading.page.dates import day_in
from shared.reading.sections import Section, passages
from shared.reading.tables import parts, rows

LONGEST_VALUE, LONGEST_LABEL = 200, 40
_KEPT = {"title": "{}", "pay": "Salary: {}"}
"""Labels whose values are part of the text as well, and as what."""
MAX_LINES = 5_000

_MARKS = " \t-–—•*·●▪◦|>#:_"
_COUNT = re.compile(
    r"(?:over |about )?[\d,.]+\+?[kK]?\s?(?:applicants?|applications|views?|clicks?|followers?|reviews?|employees"
    r"|people|alumni"
    r"|connections|ratings?|stars?|salaries|photos|open jobs)\b.{0,60}|\d\.\d(?: out of 5.{0,20}|★.{0,10})?|[\d\s/]{1,12}",
    re.IGNORECASE,
)
_LOGO = re.compile(r"(?:company )?logo (?:for|of),? (.{2,60}?)\.?|(.{2,60}?)(?:['’]s)?(?: company)? logo\.?", re.IGNORECASE)


class Label(NamedTuple):
    """A fact that the page states after a label, such as `Location:`; `kind` is that of the table."""

    kind: str
    value: str


class Page(NamedTuple):
    """`lines` are what remains of the text, in order; `labels` the first value of each kind of label."""

    lines: list[str]
    labels: dict[str, str]


def read_lines(text: str) -> Page:
    """The lines of a page's text without buttons, navigation, other jobs and what the site adds of its own."""
    lines = text.split("\n")[:MAX_LINES]
    kept: list[str] = []
    labels: dict[str, str] = {}
    dropping, ended, skip = False, False, False
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if skip:
            skip = False
            continue
        bare = _bare(line)
        ended = ended or _ends(bare)
        dropping = (dropping or _opens_aside(bare)) and not resumes(line)
        label = _label(line, following) if bare else None
        if label:
            skip = label.value == following.strip(_MARKS)
            labels.setdefault(label.kind, label.value)
            kept += [_KEPT[label.kind].format(label.value)] if label.kind in _KEPT and not ended else []
        elif not (ended or dropping or _is_chrome(bare)):
            kept.append(line)
    return Page(kept, labels)


def bare_label(text: str) -> str | None:
    """The kind of label that these words are, `Client-provided location(s)` being `location`."""
    return _table()["label"].get(_bare(text.replace("(s)", "")))


def is_board(name: str) -> bool:
    """Whether this is the name of a site with many companies' jobs, and so of no employer that we can tell."""
    return _bare(name) in _table()["board"]


def opens_body(line: str) -> bool:
    """Whether this line is a heading under which the text of a posting begins."""
    bare = _bare(line)
    return bare in _table()["body"] or (
        len(bare) <= 80 and passages(line)[:1] != [] and passages(line)[0].section is not Section.BODY
    )


def is_count(text: str) -> bool:
    """`45 applicants`, `3.9`, `1,024 followers`: what sites count."""
    return _COUNT.fullmatch(text.strip()) is not None


def logo_of(line: str) -> str | None:
    """`Acme logo`, `Company logo for, Acme.` → `Acme`."""
    match = _LOGO.fullmatch(line.strip()) if len(line) <= 90 and "logo" in line.lower() else None
    return (match[1] or match[2]) if match else None


def _label(line: str, following: str) -> Label | None:
    """`Location: Singapore`, `Location` with its value on the next line, `Posted On08 May 2026`, or a logo's description."""
    if logo := logo_of(line):
        return Label("logo", logo)
    name, colon, value = line.strip(_MARKS).partition(":")
    value = value.strip(_MARKS)
    kind = bare_label(name) if len(name) <= LONGEST_LABEL else None
    if kind and colon and value:
        return Label(kind, value) if _is_value(value, kind) else None
    if kind and (colon or _stands_alone(kind)):
        value = following.strip(_MARKS)
        return Label(kind, value) if _may_be_value(value, kind) else None
    return _glued(line) if len(line) <= 60 else None


def _stands_alone(kind: str) -> bool:
    """Kinds whose words are seldom a heading of the posting's own text."""
    return kind not in ("title", "company", "id", "closes")


def _may_be_value(value: str, kind: str) -> bool:
    """Whether a line by itself is the value of the label above it."""
    bare = _bare(value)
    if (
        not value
        or len(value) > 80
        or value.endswith((".", ":", "?", "!"))
        or bare_label(value)
        or _is_chrome(bare)
        or _ends(bare)
    ):
        return False
    return (len(value.split()) <= 8 or kind in ("location", "pay", "other")) and _is_value(value, kind)


def _is_value(value: str, kind: str) -> bool:
    """Whether this can be what the label promises: an id has a digit, a company's name is no sentence."""
    if kind == "id":
        return len(value) <= 60 and any(map(str.isdigit, value)) and len(value.split()) <= 4
    return len(value) <= (60 if kind == "company" else LONGEST_VALUE)


def _glued(line: str) -> Label | None:
    """A date set against its label by looks alone."""
    bare = _bare(line)
    for kind in ("posted", "closes"):
        for word in _glued_words(kind):
            if bare.startswith(word) and day_in(line) and len(bare) <= len(word) + 30:
                return Label(kind, bare.removeprefix(word).strip())
    return None


@cache
def _glued_words(kind: str) -> tuple[str, ...]:
    return tuple(sorted((word for word, of in _table()["label"].items() if of == kind), key=len, reverse=True))


def _is_chrome(bare: str) -> bool:
    if not bare:
        return False
    words = _table()
    return bare in words["chrome"] or bare.startswith(tuple(words["chrome start"])) or _COUNT.fullmatch(bare) is not None


def _ends(bare: str) -> bool:
    words = _table()
    return bare in words["final"] or (len(bare) <= 90 and bare.startswith(tuple(words["final start"])))


def _opens_aside(bare: str) -> bool:
    return bare in _table()["aside"]


def resumes(line: str) -> bool:
    """A heading of a posting's own: what the site put between two of them is over."""
    found = passages(line) if 0 < len(line) <= 80 and not line.lstrip().startswith(("- ", "• ")) else []
    return bool(found) and found[0].section in (Section.REQUIRED, Section.PREFERRED, Section.RESPONSIBILITIES)


def _bare(line: str) -> str:
    return " ".join(line.casefold().replace("’", "'").strip(_MARKS).split()) if len(line) <= 400 else ""


@cache
def _table() -> dict[str, dict[str, str]]:
    """Of each kind its words; those of a label with what it labels."""
    table: dict[str, dict[str, str]] = {}
    for row in rows("page_words"):
        kind, _, of = row["kind"].partition(" ")
        name = row["kind"] if of == "start" else kind
        table.setdefault(name, {}).update(dict.fromkeys((word.replace("’", "'") for word in parts(row["words"])), of))
    return table
