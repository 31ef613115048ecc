"""Whatever bytes come, a source answers with postings or with `UnreadableInput`, and never with anything else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scraper.sources import source, sources
from services.scraper.sources.base import Parsed
from shared.errors import UnreadableInput

RECORDINGS = Path(__file__).parents[2] / "recordings"
NAMES = sorted(sources())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def held(name: str, body: bytes) -> None:
    """The promise: a `Parsed` of clean postings, or `UnreadableInput` on one line that names the source."""
    known, fault = source(name), f"{name}: none"
    try:
        answer = known.parse(body, "acme")
        known.next_request(known.first("acme"), body)
    except UnreadableInput as error:
        fault = str(error)
    else:
        clean(answer)
    assert fault.startswith(name)
    assert "\n" not in fault


def clean(answer: Parsed) -> None:
    for posting in answer.postings:
        assert not any(sign in posting.title for sign in "\r\n\x00")
        written = posting.model_dump_json()
        assert "\\u0000" not in written
        json.loads(written, parse_constant=pytest.fail)


def few_jobs(name: str) -> Any:
    """The recording, cut to two jobs, so that a change hits something that matters."""
    document = json.loads((RECORDINGS / f"{name}.json").read_bytes())
    if isinstance(document, list):
        return document[:2]
    return {key: value[:2] if isinstance(value, list) else value for key, value in document.items()}


def slots(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in pairs] + [slot for _, inner in pairs for slot in slots(inner)]


@pytest.mark.parametrize("name", NAMES)
@given(body=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_bytes(name: str, body: bytes) -> None:
    held(name, body)


@pytest.mark.parametrize("name", NAMES)
@given(document=VALUES, key=st.sampled_from(["jobs", "results", "departments", "offices"]))
@settings(max_examples=60, deadline=None)
def test_any_json(name: str, document: Any, key: str) -> None:
    held(name, json.dumps(document).encode())
    held(name, json.dumps({key: [document, {"id": 1, "title": document, "children": document}]}).encode())


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_a_recording_with_anything_anywhere(name: str, data: st.DataObject) -> None:
    document = few_jobs(name)
    places = slots(document)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places))
        container[key] = data.draw(VALUES)
    held(name, json.dumps(document).encode())


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_recording_with_damaged_bytes(name: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(few_jobs(name)).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    held(name, bytes(body))


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_cut_anywhere_is_truncated_and_never_a_smaller_board(name: str) -> None:
    body = (RECORDINGS / f"{name}.json").read_bytes().strip()
    for end in range(1, len(body), 997):
        with pytest.raises(UnreadableInput, match=f"{name}:acme: truncated JSON at byte"):
            source(name).parse(body[:end], "acme")
