"""Postings as people write them down: JSON objects, one a line or in a list.

What is meant is taken: "Full-time", a place as a list, a number as an id. A field that says nothing is left out; what
lacks a title or a description is no posting. Both are counted, for whoever asked to be told.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import ValidationError

if TYPE_CHECKING:
    from shared.posting import RawPosting


class Line(NamedTuple):
    """A posting, what its giver calls it (`id`, `external_id` or its number), and all that was said of it."""

    id: Any
    raw: "RawPosting"
    said: dict[str, Any]


class Lines(NamedTuple):
    """`unread` says of each object that is no posting where it stands and why; `dropped` how often which field said nothing."""

    found: list[Line]
    unread: list[str]
    dropped: Counter[str]


def read_lines(body: bytes, board: str) -> Lines:
    """The postings in a file of JSON."""
    lines = Lines([], [], Counter())
    for where, number, said in _objects(body.decode("utf-8-sig", errors="replace")):
        try:
            lines.found.append(_line(said, number, board, lines.dropped))
        except ValueError as error:
            lines.unread.append(f"{where}: {error}")
    return lines


def _objects(text: str) -> Iterator[tuple[str, int, Any]]:
    """Where each value stands, its number and the value: of a list its members, else one of each line."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        whole = None
    if isinstance(whole, list):
        yield from ((f"number {number}", number, said) for number, said in enumerate(whole, 1))
        return
    if isinstance(whole, dict):
        yield "line 1", 1, whole
        return
    for number, line in enumerate(text.split("\n"), 1):  # not by splitlines: JSON may hold other line ends as they are
        if line.strip():
            yield f"line {number}", number, _loaded(line)


def _loaded(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _line(said: Any, number: int, board: str, dropped: Counter[str]) -> Line:
    if not isinstance(said, dict):
        raise ValueError("not a JSON object")
    known = {name: value for name, value in said.items() if value is not None and name not in _AS_GIVEN}
    for name, understand in _UNDERSTOOD.items():
        if name in known:
            known[name] = understand(known[name])
    if isinstance(known.get("location"), list):
        known["locations"] = known.pop("location")
    if not known.get("title"):
        raise ValueError("it has no title")
    if not known.get("description"):
        raise ValueError("it has no description")
    ours = {"source": "file", "board": board, "external_id": _text(said.get("external_id") or said.get("id") or number)}
    return Line(said.get("id", said.get("external_id", number)), _valid(ours | known, dropped), said)


def _valid(fields: dict[str, Any], dropped: Counter[str]) -> "RawPosting":
    """The posting, without the fields that say nothing."""
    from shared.posting import RawPosting

    try:
        return RawPosting.model_validate(fields)
    except ValidationError as error:
        wrong = {str(one["loc"][0]) for one in error.errors()}
        dropped.update(wrong)
        return RawPosting.model_validate({name: value for name, value in fields.items() if name not in wrong})


def _text(value: Any) -> str:
    """What a value says, as text: the parts of a list or of an object one after the other."""
    if isinstance(value, Mapping):
        return ", ".join(filter(None, map(_text, value.values())))
    if isinstance(value, list):
        return "\n".join(filter(None, map(_text, value)))
    return "" if value is None or isinstance(value, bool) else str(value)


def _one_line(value: Any) -> str:
    from shared.posting import MAX_LINE

    return " ".join(_text(value).split())[:MAX_LINE].strip()


def _description(value: Any) -> str:
    from shared.posting import MAX_DESCRIPTION

    return _text(value)[:MAX_DESCRIPTION]


def _places(value: Any) -> Any:
    """One place, or a list of several."""
    return [_one_line(one) for one in value] if isinstance(value, list) else _one_line(value)


def _several(value: Any) -> list[str]:
    return [_one_line(one) for one in (value if isinstance(value, list) else [value])]


def _kind(value: Any) -> str:
    """The name of a workplace or a kind of employment, as ours are written: "On-site" is `onsite`, "Full-time" `full_time`."""
    words = re.findall(r"[a-z]+", _text(value).lower().replace("on-site", "onsite").replace("on site", "onsite"))
    return {"intern": "internship", "contractor": "contract"}.get("_".join(words), "_".join(words))


_AS_GIVEN = {"id", "label", "external_id"}
_UNDERSTOOD: dict[str, Callable[[Any], Any]] = {
    "title": _one_line,
    "description": _description,
    "company": _one_line,
    "location": _places,
    "locations": _several,
    "workplace": _kind,
    "employment": _kind,
}
