"""Whatever stands where a job's words should, a source answers with clean postings or with `UnreadableInput`.

Bombs and cuts at random are in `test_sources_fuzz.py`; here answers mostly keep their shape and lie within it.
"""

import json
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scraper.sources import source, sources
from services.scraper.sources.base import Parsed
from shared.errors import UnreadableInput
from tests.answers import board_of, detail_answer, keys_of, list_answer, list_file

NAMES = sorted(sources())
OF_JSON, OF_XML = ([name for name in NAMES if list_file(name).suffix == suffix] for suffix in (".json", ".xml"))
OTHERS = {"jsonld": "its jobs are JSON inside a page; test_sources_jsonld.py puts anything into them"}
TRUNCATED = {".json": "truncated JSON at byte", ".xml": "truncated XML at byte"}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
LISTS = ["jobs", "results", "departments", "offices", "content", "data", "offers", "items", "jobPostings", "result", "children"]
WORDS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["", " \n", "0", "-1e999", "null", "<b>", "&amp;lt;", "2026-99-99"]
)


def held(name: str, body: bytes) -> None:
    """The promise: a `Parsed` of clean postings, or `UnreadableInput` on one line that names the source."""
    known, fault = source(name), f"{name}: none"
    try:
        answer = known.parse(body, "acme")
        known.next_request(known.first(board_of(name), keys=keys_of(known)), body)
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
    """The recording, its lists cut to two, so that a change hits something that matters."""
    return cut(json.loads(list_file(name).read_bytes()))


def cut(document: Any, depth: int = 3) -> Any:
    if isinstance(document, list):
        return [cut(inner, depth - 1) for inner in document[:2]] if depth else document
    if isinstance(document, dict) and depth:
        return {key: cut(inner, depth - 1) for key, inner in document.items()}
    return document


def slots(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) in a document."""
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in pairs] + [slot for _, inner in pairs for slot in slots(inner)]


def test_every_source_is_among_them() -> None:
    assert {*OF_JSON, *OF_XML, *OTHERS} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@given(body=st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_any_bytes(name: str, body: bytes) -> None:
    held(name, body)


@pytest.mark.parametrize("name", NAMES)
@given(document=VALUES, key=st.sampled_from(LISTS))
@settings(max_examples=40, deadline=None)
def test_any_json(name: str, document: Any, key: str) -> None:
    held(name, json.dumps(document).encode())
    held(name, json.dumps({key: [document, {"id": 1, "title": document, "children": document}]}).encode())


@pytest.mark.parametrize("name", OF_JSON)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_recording_with_anything_anywhere(name: str, data: st.DataObject) -> None:
    document = few_jobs(name)
    places = slots(document)
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places))
        container[key] = data.draw(VALUES)
    held(name, json.dumps(document).encode())


@pytest.mark.parametrize("name", OF_XML)
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_a_recording_of_xml_with_anything_anywhere(name: str, data: st.DataObject) -> None:
    root = ElementTree.fromstring(list_file(name).read_bytes())
    elements = list(root.iter())
    for _ in range(data.draw(st.integers(1, 4))):
        element, other = data.draw(st.sampled_from(elements)), data.draw(st.sampled_from(elements))
        for change in data.draw(st.sets(st.sampled_from(["text", "tag", "empty", "more"]), min_size=1)):
            changed(element, other, change, data.draw(WORDS))
    held(name, ElementTree.tostring(root, "utf-8"))


def changed(element: ElementTree.Element, other: ElementTree.Element, change: str, text: str) -> None:
    """One lie in a tree: other words, the name of another element, nothing inside, or one more, like another."""
    if change == "text":
        element.text = text
    elif change == "tag":
        element.tag = other.tag
    elif change == "empty":
        element.clear()
    else:
        ElementTree.SubElement(element, other.tag, other.attrib).text = other.text


@pytest.mark.parametrize("name", OF_JSON)
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_a_recording_with_damaged_bytes(name: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(few_jobs(name)).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    held(name, bytes(body))


@pytest.mark.parametrize("name", [*OF_JSON, *OF_XML])
def test_a_recording_cut_anywhere_is_truncated_and_never_a_smaller_board(name: str) -> None:
    body = list_file(name).read_bytes().strip()
    for end in range(1 if name in OF_JSON else 40, len(body), 997):
        with pytest.raises(UnreadableInput, match=f"{name}:acme: {TRUNCATED[list_file(name).suffix]}"):
            source(name).parse(body[:end], "acme")


def test_a_page_cut_anywhere_is_never_a_complete_board() -> None:
    body = list_file("jsonld").read_bytes().strip()
    whole = [end for end in range(1, len(body) - 1, 397) if is_complete(body[:end])]
    assert whole == []


def is_complete(page: bytes) -> bool:
    try:
        return source("jsonld").parse(page, "acme").complete
    except UnreadableInput:
        return False


# -------------------------------------------------------------------------------------------------------------- details


@pytest.mark.parametrize("name", [name for name in NAMES if source(name).detail_request])
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_details_with_damaged_bytes(name: str, data: st.DataObject) -> None:
    listed, body = list_answer(name).postings[0], bytearray(detail_answer(name))
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 40))] = data.draw(
            st.binary(max_size=3) | st.sampled_from([b"null", b"[]", b"{}"])
        )
    fault = f"{name}: none"
    try:
        clean(Parsed((source(name).with_detail(bytes(body), listed),)))
    except UnreadableInput as error:
        fault = str(error)
    assert fault.startswith(name)
    assert "\n" not in fault
