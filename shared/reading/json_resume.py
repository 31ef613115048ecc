"""JSON Resume (jsonresume.org) and FRESH résumés: a career with its blocks, whatever is missing or of the wrong type.

The parts are written one after the other into one text, with headings, so that skills keep their place in it as they do in
a pasted CV.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from shared.posting import Place
from shared.reading.careers import Block, Career, Kind, Passage
from shared.reading.chapters import Chapter
from shared.reading.html import plain_text
from shared.reading.places import read_places

MAX_ENTRIES = 100
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_PROSE = ("summary", "brief", "description", "highlights", "keywords", "courses", "tech", "technologies", "roles")
_NAMES = ("position", "area", "studyType", "name", "title")
_DATED = {
    "work": Kind.JOB,
    "employment": Kind.JOB,
    "volunteer": Kind.PROJECT,
    "service": Kind.PROJECT,
    "education": Kind.STUDY,
}
_UNDATED = {
    "skills": Chapter.SKILLS,
    "projects": Chapter.PROJECTS,
    "certificates": Chapter.OTHER,
    "publications": Chapter.OTHER,
    "awards": Chapter.OTHER,
    "interests": Chapter.OTHER,
}
_CHAPTERS = {Kind.JOB: Chapter.WORK, Kind.PROJECT: Chapter.PROJECTS, Kind.STUDY: Chapter.STUDY}


class Resume(NamedTuple):
    """The career in a résumé, and where its person is."""

    career: Career
    places: tuple[Place, ...]


class _Writer:
    """Puts the parts of a résumé behind each other."""

    def __init__(self) -> None:
        self.text = ""
        self.passages: list[Passage] = []
        self.blocks: list[Block] = []

    def write(self, words: str) -> tuple[int, int]:
        """Add a part on lines of its own; returns its offsets."""
        words = plain_text(words)
        start = len(self.text)
        self.text += f"{words}\n" if words else ""
        return start, start + len(words)

    def say(self, words: str, chapter: Chapter) -> None:
        start, end = self.write(words)
        position = start
        for line in self.text[start:end].split("\n"):
            if line:
                self.passages.append(Passage(position, position + len(line), chapter))
            position += len(line) + 1


def read_resume(document: dict[str, Any]) -> Resume:
    """The career in a JSON Resume or a FRESH résumé: the introduction, then work, volunteering and studies, then the rest."""
    basics = _dict(document.get("basics")) or _dict(document.get("info"))
    writer = _Writer()
    for name in ("label", "summary", "brief"):
        writer.say(_text(basics.get(name)), Chapter.OPENING)
    writer.say(_text(_dict(document.get("employment")).get("summary")), Chapter.OPENING)
    for name, kind in _DATED.items():
        for entry in _entries(document.get(name)):
            _tell(writer, entry, kind)
    for name, chapter in _UNDATED.items():
        for entry in _entries(document.get(name)):
            writer.say("\n".join(_words(entry)), chapter)
    career = Career(writer.text, tuple(writer.blocks), tuple(writer.passages))
    return Resume(career, _places(_dict(basics.get("location")) or _dict(document.get("location"))))


def _tell(writer: _Writer, entry: dict[str, Any], kind: Kind) -> None:
    """One job or study: a block where it is dated, else a passage of its chapter."""
    words = "\n".join(_words(entry))
    start = _month(entry.get("startDate")) or _month(entry.get("start"))
    if start is None:
        return writer.say(words, _CHAPTERS[kind])
    title = _text(entry.get("position"))[:300]
    end = _month(entry.get("endDate")) or _month(entry.get("end"))
    places = read_places([_text(entry.get("location"))])
    span = writer.write(words)
    name = plain_text(_text(entry.get("name")))
    place = writer.text.find(f"{name}\n", *span) if name else -1
    company = (place, place + len(name)) if place >= 0 else (0, 0)
    writer.blocks.append(Block(title=title, start=start, end=end, span=span, places=places, kind=kind, company=company))
    return None


def _places(location: dict[str, Any]) -> tuple[Place, ...]:
    said = ", ".join(filter(None, (_text(location.get(name)) for name in ("city", "region", "countryCode", "country"))))
    return tuple(place for place in read_places([said or _text(location.get("address"))]) if place.country)[:1]


def _words(entry: dict[str, Any]) -> Iterator[str]:
    """The titles and prose of one entry, lists flattened one level; keywords stay together on a line."""
    for name in (*_NAMES, *_PROSE):
        value = entry.get(name)
        items = [_text(item) for item in value[:MAX_ENTRIES]] if isinstance(value, list) else [_text(value)]
        kept = [item for item in items if item]
        yield from [", ".join(kept)] if name in ("keywords", "technologies", "tech") and kept else kept


def _entries(value: Any) -> list[dict[str, Any]]:
    """The entries of a list; a FRESH résumé keeps its lists one level down, skills in sets."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("history", "sets", "list") if isinstance(value.get(name), list)), None)
    return [_named_skills(entry) for entry in value[:MAX_ENTRIES] if isinstance(entry, dict)] if isinstance(value, list) else []


def _named_skills(entry: dict[str, Any]) -> dict[str, Any]:
    return {**entry, "keywords": entry["skills"]} if isinstance(entry.get("skills"), list) else entry


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _month(value: Any) -> int | None:
    found = _DATE.match(value) if isinstance(value, str) else None
    return int(found[1]) * 12 + min(max(int(found[2] or 1), 1), 12) - 1 if found else None
