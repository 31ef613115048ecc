"""Mails from strangers: whatever comes, a reading or `UnreadableInput`, and soon. Work is counted, not timed."""

import base64
import json
import quopri
import re
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import UnreadableInput
from shared.mail_ids import mail_name
from shared.returns import hook_formats, mime, read_hook, read_mail
from tests.returned import MAIL, NOW, RECORDINGS, SECRET, bounce

MAILS = [path.read_bytes() for path in sorted(RECORDINGS.glob("*.eml"))]
HOOKS = {path.stem: path.read_bytes() for path in sorted(RECORDINGS.glob("*.json"))}
WORDS = [
    b"--b",
    b"--b--",
    b"Content-Type: multipart/report; boundary=b",
    b"Content-Type: message/delivery-status",
    b"Content-Type: message/feedback-report",
    b"Content-Transfer-Encoding: base64",
    b"Content-Transfer-Encoding: quoted-printable",
    b"Final-Recipient: rfc822; a@b",
    b"Action: failed",
    b"Status: 5.1.1",
    b"Status: 5.\xb2.1",
    b"Feedback-Type: abuse",
    b"Hi. This is the",
    b"<a@b>:",
    b"- ",
    b"X-Failed-Recipients: a@b",
    b"This message was created automatically by mail delivery software",
    b"permanent error",
    b"Date: Mon, 16 Nov 2026 00:04:13 +0000",
    mail_name(MAIL, SECRET).encode(),
    b"",
    b" ",
    b"=\xff",
]


def read(raw: bytes) -> None:
    """Any outcome will do, and so will `UnreadableInput`."""
    with suppress(UnreadableInput):
        reading = read_mail(raw, SECRET, NOW)
        assert (reading.outcome == "returned") == (reading.returned is not None)


@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    read(raw)


@settings(max_examples=300)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.binary(max_size=30)), max_size=60), st.sampled_from([b"\n", b"\r\n"]))
def test_the_words_of_reports_in_any_order(lines: list[bytes], end: bytes) -> None:
    read(end.join(lines))


@settings(max_examples=300)
@given(st.sampled_from(MAILS), st.data())
def test_a_report_with_bytes_changed(raw: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(raw)))
    end = data.draw(st.integers(start, min(len(raw), start + 200)))
    read(raw[:start] + data.draw(st.binary(max_size=200)) + raw[end:])


@settings(max_examples=300)
@given(st.sampled_from(sorted(HOOKS)), st.data())
def test_a_call_with_values_changed(name: str, data: st.DataObject) -> None:
    body = HOOKS[name]
    values = list(re.finditer(rb'(?<=: )("[^"]*"|[0-9.]+|true|false|null)', body))
    one = data.draw(st.sampled_from(values))
    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
    changed = body[: one.start()] + json.dumps(data.draw(anything)).encode() + body[one.end() :]
    with suppress(UnreadableInput):
        read_hook(name.partition("-")[0], changed, SECRET, NOW)


@given(st.sampled_from(sorted(hook_formats())), st.binary(max_size=500))
def test_any_bytes_as_a_call(provider: str, body: bytes) -> None:
    with suppress(UnreadableInput):
        read_hook(provider, body, SECRET, NOW)


# ---------------------------------------------------------------------------------------------------------- the limits


def test_a_mail_that_is_too_large() -> None:
    assert read_mail(bounce() + b" " * (mime.MAX_BYTES - len(bounce())), SECRET, NOW).outcome == "returned"
    with pytest.raises(UnreadableInput) as refused:
        read_mail(bounce() + b" " * mime.MAX_BYTES, SECRET, NOW)
    assert refused.value.code == "mail_too_large"


def nested(depth: int) -> bytes:
    mail = b"\n\ntext"
    for level in range(depth):
        mail = f"Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n".encode() + mail
    return mail


@pytest.mark.parametrize("raw", [nested(7), nested(5_000)], ids=["a-bit", "very"])
def test_a_mail_that_is_too_deep(raw: bytes) -> None:
    with pytest.raises(UnreadableInput) as refused:
        read_mail(raw, SECRET, NOW)
    assert refused.value.code == "mail_too_complex"


def test_a_mail_of_too_many_parts() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n\n" * 100_000
    with pytest.raises(UnreadableInput) as refused:
        read_mail(raw, SECRET, NOW)
    assert refused.value.code == "mail_too_complex"


def test_a_header_that_is_too_long() -> None:
    with pytest.raises(UnreadableInput) as refused:
        read_mail(b"X: " + b"y" * 100_000 + b"\n\n", SECRET, NOW)
    assert refused.value.code == "mail_too_complex"


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed" + b'; a="b' * 9_000 + b"\n\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b" + b"\t" * 900_000 + b"x",
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"\n--b \t" * 150_000 + b"x",
        b"To: x\n\n" + b"-" * 900_000,
        b"To: x\n\n" + b"\n- This is a copy of " * 40_000,
        b"To: x\n\nHi. This is the" + b"\n\n<" * 200_000,
        bounce(diagnostic="a@" * 100_000),
        bounce(diagnostic="5.1." * 100_000),
        bounce(more="\n \n" * 250_000),
        bounce(more="X\n\n" * 200_000),
        b"X-MS-Exchange-Message-Is-Ndr:\n\n" + b"#550 5.1" * 100_000,
    ],
)
def test_what_is_made_to_take_long_ends(raw: bytes) -> None:
    """Each of these takes minutes where a pattern backtracks or a list is walked for each line; the suite would stop here."""
    read(raw)


# ---------------------------------------------------------------------------------------------------------- the parser


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["text/plain", "message/delivery-status", "text/rfc822-headers"]),
            st.text(
                st.characters(codec="utf-8", exclude_characters="\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), max_size=80
            ).filter(lambda text: "--=_b" not in text),
            st.sampled_from(["", "base64", "quoted-printable"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_what_the_standard_library_wrote_is_read(parts: list[tuple[str, str, str]]) -> None:
    lines = [b'Content-Type: multipart/report;\n\tboundary="=_b"\n\nPreamble']
    for kind, text, encoding in parts:
        body = text.encode()
        body = base64.encodebytes(body) if encoding == "base64" else quopri.encodestring(body) if encoding else body
        lines.append(b"--=_b\nContent-Type: %s\nContent-Transfer-Encoding: %s\n\n%s" % (kind.encode(), encoding.encode(), body))
    message = mime.parse(b"\n".join([*lines, b"--=_b--", b"epilogue"]))
    assert [(part.kind, part.text().rstrip("\n")) for part in message.parts] == [
        (kind, text.rstrip("\n")) for kind, text, _ in parts
    ]
