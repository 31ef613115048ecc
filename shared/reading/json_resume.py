"""The parts of a JSON Resume, whatever is missing or of the wrong type."""

import re
from collections.abc import Iterator
from typing import Any

from shared.posting import Place
from shared.reading.careers import Block
from shared.reading.html import plain_text
from shared.reading.places import read_places

MAX_ENTRIES = 100
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?")
_PROSE = ("summary", "description", "highlights", "keywords", "courses", "tech", "technologies", "roles")


def resume_parts(document: dict[str, Any]) -> tuple[str, tuple[Place, ...], list[Block]]:
    """The introduction, where the person is, and the dated blocks, newest work first as the document has them."""
    basics = _dict(document.get("basics"))
    intro = [_text(basics.get(name)) for name in ("label", "summary")]
    for section in ("skills", "projects", "certificates", "publications", "awards"):
        intro += [" ".join(_words(entry)) for entry in _entries(document.get(section))]
    jobs = [_job(entry) for section in ("work", "volunteer") for entry in _entries(document.get(section))]
    studies = [_study(entry) for entry in _entries(document.get("education"))]
    blocks = [block for block in (*jobs, *studies) if block]
    intro += [" ".join(_words(entry)) for entry in _entries(document.get("work")) if not _month(entry.get("startDate"))]
    return plain_text("\n".join(filter(None, intro))), _places(_dict(basics.get("location"))), blocks


def _job(entry: dict[str, Any]) -> Block | None:
    start = _month(entry.get("startDate"))
    if start is None:
        return None
    return Block(
        title=_text(entry.get("position"))[:300],
        start=start,
        end=_month(entry.get("endDate")),
        text=plain_text("\n".join(_words(entry))),
        places=read_places([_text(entry.get("location"))]),
    )


def _study(entry: dict[str, Any]) -> Block | None:
    start = _month(entry.get("startDate"))
    text = " ".join([_text(entry.get("area")), *_words(entry)])
    return Block(title="", start=start, end=_month(entry.get("endDate")), text=text, is_study=True) if start else None


def _places(location: dict[str, Any]) -> tuple[Place, ...]:
    said = ", ".join(filter(None, (_text(location.get(name)) for name in ("city", "region", "countryCode"))))
    return tuple(place for place in read_places([said or _text(location.get("address"))]) if place.country)[:1]


def _words(entry: dict[str, Any]) -> Iterator[str]:
    """The titles and prose of one entry, lists flattened one level."""
    for name in ("position", "name", "title", *_PROSE):
        value = entry.get(name)
        yield from (_text(item) for item in value[:MAX_ENTRIES]) if isinstance(value, list) else (_text(value),)


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value[:MAX_ENTRIES] if isinstance(entry, dict)] if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _month(value: Any) -> int | None:
    found = _DATE.match(value) if isinstance(value, str) else None
    return int(found[1]) * 12 + min(max(int(found[2] or 1), 1), 12) - 1 if found else None
