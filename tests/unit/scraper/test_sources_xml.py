"""XML from strangers: read with its oddities, and never expanded, fetched or followed without end."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scraper.sources import source
from services.scraper.sources.base import xml
from services.scraper.sources.base.xml import text_at, texts_at, xml_document
from shared.errors import UnreadableInput

RECORDINGS = Path(__file__).parents[2] / "recordings"


def fault(body: bytes) -> str:
    with pytest.raises(UnreadableInput) as caught:
        xml_document(body)
    return str(caught.value)


def text(body: bytes) -> str:
    return "".join(xml_document(body).itertext())


def test_elements_are_found_by_path_and_namespace() -> None:
    root = xml_document(b'<r xmlns:t="urn:t"><a> one </a><b><a>two</a><a/><a>three</a></b><t:c k="v">four</t:c></r>')
    assert text_at(root, "a") == "one"
    assert text_at(root, "b/nothing") is None
    assert text_at(root, "b") is None
    assert texts_at(root, "b/a") == ["two", "three"]
    assert text_at(root, "{urn:t}c") == "four"
    assert root[2].attrib == {"k": "v"}


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>',
        b'<!DOCTYPE r [<!ENTITY file SYSTEM "file:///etc/hostname">]><r>&file;</r>',
        b'<!DOCTYPE r [<!ENTITY % more SYSTEM "http://127.0.0.1/x.dtd"> %more;]><r/>',
        b'<!DOCTYPE r [<!ATTLIST r much CDATA "many many words">]><r/>',
    ],
)
def test_what_a_document_declares_is_refused(body: bytes) -> None:
    assert "declares its own entities" in fault(body)


def test_a_document_type_elsewhere_is_not_asked_for() -> None:
    assert text(b'<!DOCTYPE r SYSTEM "file:///etc/hostname"><r>a&unknown;b</r>') == "a&unknown;b"


def test_entities_of_html_are_read_as_html_reads_them() -> None:
    assert text(b"<r>R&amp;D&nbsp;&eacute;&mdash;<![CDATA[&nbsp;<b>]]></r>") == "R&D\u00a0é\u2014&nbsp;<b>"


def test_forbidden_characters_cost_only_themselves() -> None:
    assert text(b"<r>a\x0bb\x00c&#11;d&#x1F;e&#0;f&#55357;g&#xD83D;h&#9;i\xffj</r>") == "abcdefgh\ti\ufffdj"


@pytest.mark.parametrize(
    "body",
    [
        '<?xml version="1.0" encoding="ISO-8859-1"?><r>Zürich</r>'.encode("latin-1"),
        "<?xml version='1.0' encoding='windows-1252'?><r>Zürich</r>".encode("cp1252"),
        '<?xml version="1.0" encoding="utf-16"?><r>Zürich</r>'.encode("utf-16"),
        '\ufeff<?xml version="1.0" encoding="utf-8"?><r>Zürich</r>'.encode(),
        '<?xml version="1.0" encoding="punycode"?><r>Zürich</r>'.encode(),
        '<?xml version="1.0" encoding="martian"?><r>Zürich</r>'.encode(),
    ],
)
def test_the_encoding_is_the_declared_one_or_utf_8(body: bytes) -> None:
    assert text(body) == "Zürich"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty body"),
        (b"<!DOCTYPE html><html><body>Welcome", "got an HTML page where XML was expected: no structured data"),
        (b"\n<!-- hello -->\n<HTML>", "got an HTML page"),
        (b'{"jobs": []}', "got JSON where XML was expected"),
        (b"Skip to main content", "got plain text where XML was expected: no structured data"),
        (b"\x1f\x8b\x08\x00", "still gzip-compressed"),
        (b"<r><a>one</a><a>tw", "truncated XML at byte 18"),
        (b"<r><a>one</a><a", "truncated XML at byte 15"),
        (b"<r><![CDATA[<p>", "truncated XML at byte 15"),
        (b"<r>\n<a></b></r>", "broken XML in line 2: mismatched tag"),
        (b"<r>R&D</r>", "broken XML in line 1"),
        (b"<r></r><r></r>", "broken XML in line 1: junk after document element"),
        (b"<r>" * 100_000, "nested too deep"),
        (b"<r>" + b"<a/>" * 400_000, "more than 400,000 elements"),
        (b"<r>" + b"&nbsp;" * 400_000, "more than 400,000 elements"),
        (b"<r " + b"".join(b'a%d="" ' % n for n in range(200_000)) + b"/>", "an XML tag of more than 1,000,000"),
        (b"<r><!--" + b"x" * 1_200_000, "an XML tag of more than 1,000,000"),
        (b'<r xmlns:a="' + b"u" * 5_000 + b'"><a:b/></r>', "namespace with a name of more than 300"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, words: str) -> None:
    assert words in fault(body)


def test_the_size_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_NODES", 3)
    assert xml_document(b'<r><a x="1"/></r>').tag == "r"
    assert "more than 3 elements" in fault(b'<r><a x="1" y="2"/></r>')


@given(st.binary(max_size=200) | st.text(st.sampled_from("<>/!?[]&;#x \"'=arCDATA-"), max_size=60).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_any_bytes(body: bytes) -> None:
    for document in (body, b"<r>" + body, b"<r>" + body + b"</r>"):
        with suppress(UnreadableInput):
            assert xml_document(document).tag


@pytest.mark.parametrize("name", ["personio", "teamtailor"])
def test_a_recording_cut_anywhere_is_truncated_and_never_a_smaller_board(name: str) -> None:
    body = (RECORDINGS / f"{name}.xml").read_bytes().strip()
    for end in range(1, len(body), 397):
        with pytest.raises(UnreadableInput, match=f"{name}:acme: truncated XML at byte"):
            source(name).parse(body[:end], "acme")


@pytest.mark.parametrize("name", ["personio", "teamtailor"])
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_recording_with_damaged_bytes(name: str, data: st.DataObject) -> None:
    body = bytearray((RECORDINGS / f"{name}.xml").read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with suppress(UnreadableInput):
        assert all("\n" not in job.title for job in source(name).parse(bytes(body), "acme").postings)
