"""The table of skills: names, spellings, parents. Grows by rows in `data/skills.tsv`, not by code.

Columns: `skill` (as written; its lower-case form is the canonical name), `aliases`, `parents`, `kind`, `note`, `ubiquity`.
Spellings match in any case unless an alias starts with `=` (exactly as written, or in capitals), `!` (as written, and only
near other words of programming) or `~` (as written, and only in a list of technologies). `note` says the same of the skill's
own name: `case`, `context`, `list`, or `aliases` when the bare name says nothing at all (*performance*). What is written
without its capitals (`flask`, `s3`) is read in such a list too. Kind `phrase` is no skill: it hides the skill inside it
(*go to market*).
"""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from shared.reading.tables import parts, rows

_MARKS = {"case": "=", "context": "!", "list": "~"}
_LONG_ENOUGH_FOR_CAPITALS = 3

_PLATFORMS = frozenset({"language", "cloud"})
"""Kinds that very different things are built on."""

UNSEEN_FREQUENCY = 0.0005
"""Assumed for a skill that no measured posting named: rarer than one in two thousand."""


class Skill(NamedTuple):
    """One row of the table; `name` is how it is written, `skill` how it is called everywhere else."""

    skill: str
    name: str
    parents: tuple[str, ...]
    kind: str
    ubiquitous: bool


class Spelling(NamedTuple):
    """One way to write a skill. `skill` is None for a phrase that only looks like one."""

    text: str
    skill: str | None
    exact: bool = False
    context: bool = False
    listed: bool = False
    unsure: bool = False
    """Whether the words alone do not tell: `context` or `listed`, a field of its own as it is asked of every name found."""


@cache
def skills() -> dict[str, Skill]:
    """Every skill by its canonical name."""
    return {row["skill"].lower(): _skill(row) for row in rows("skills") if row["kind"] != "phrase"}


def _skill(row: dict[str, str]) -> Skill:
    parents = tuple(parent.lower() for parent in parts(row["parents"]))
    return Skill(row["skill"].lower(), row["skill"], parents, row["kind"], bool(row["ubiquity"]))


@cache
def spellings() -> tuple[Spelling, ...]:
    """Every spelling of every skill, and the phrases that are none."""
    return tuple(spelling for row in rows("skills") for spelling in _spellings(row))


def _spellings(row: dict[str, str]) -> list[Spelling]:
    name = row["skill"]
    if row["kind"] == "phrase":
        return [Spelling(name, None)]
    own = _MARKS.get(row["note"], "") + name
    written = [*parts(row["aliases"]), *([own] if row["note"] != "aliases" else [])]
    return [spelling for text in written for spelling in _cases(text, name.lower())]


def _cases(text: str, skill: str) -> Iterator[Spelling]:
    """One spelling as the table gives it, and the other cases it is read in."""
    mark, text = (text[0], text[1:]) if text[0] in "=!~" else ("", text)
    yield Spelling(text, skill, exact=bool(mark), context=mark == "!", listed=mark == "~", unsure=mark in ("!", "~"))
    if mark in ("=", "!") and text.lower() != text and len(text) > 1:
        yield Spelling(text.lower(), skill, exact=True, listed=True, unsure=True)
    if mark == "=" and text.upper() != text and len(text) >= _LONG_ENOUGH_FOR_CAPITALS:
        yield Spelling(text.upper(), skill, exact=True)


def display_name(skill: str) -> str:
    """How a person writes it: `"postgresql"` → `"PostgreSQL"`. An unknown skill is returned as it is."""
    known = skills().get(skill)
    return known.name if known else skill


def parents(skill: str) -> tuple[str, ...]:
    """The wider skills that knowing this one is evidence of, nearest first."""
    known = skills().get(skill)
    return known.parents if known else ()


def related(skill: str) -> frozenset[str]:
    """Parents, children, and skills of the same kind under the same parent; never the skill itself. It goes both ways.

    Sharing a language or a cloud makes no relatives: Django and NumPy have no more in common than Python.
    """
    return _relatives().get(skill, frozenset())


@cache
def _relatives() -> dict[str, frozenset[str]]:
    table = skills()
    children: dict[str, set[str]] = {}
    for entry in table.values():
        for parent in entry.parents:
            children.setdefault(parent, set()).add(entry.skill)
    return {skill: _relatives_of(entry, table, children) for skill, entry in table.items()}


def _relatives_of(entry: Skill, table: dict[str, Skill], children: dict[str, set[str]]) -> frozenset[str]:
    fields = [parent for parent in entry.parents if table[parent].kind not in _PLATFORMS]
    siblings = {child for parent in fields for child in children[parent] if table[child].kind == entry.kind}
    return frozenset((siblings | children.get(entry.skill, set()) | set(entry.parents)) - {entry.skill})


def is_ubiquitous(skill: str) -> bool:
    """Whether so many postings name it that it tells nothing: git, agile, communication."""
    known = skills().get(skill)
    return known.ubiquitous if known else False


def frequency(skill: str) -> float:
    """The share of engineering postings that name the skill, 0–1, measured by `shared.reading.measure`."""
    return _frequencies().get(skill, UNSEEN_FREQUENCY)


@cache
def _frequencies() -> dict[str, float]:
    return {row["skill"]: float(row["frequency"]) for row in rows("skill_frequencies")}
