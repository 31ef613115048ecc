"""The wire form of a mail: its headers, and that nobody else can write one."""

import re
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.notifier.headers import header, one_line
from services.notifier.mail import (
    Mail,
    address_of,
    auto_headers,
    domain_of,
    feedback_header,
    list_headers,
    message_id,
    to_bytes,
)
from shared.errors import UnreadableInput
from shared.mail_ids import mail_name, named_mail

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
SENDER = "Joblark <digest@joblark.example.org>"
LEAVE = "https://joblark.example.org/unsubscribe/" + "x" * 120
EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Feedback-ID",
    "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(**given_: Any) -> Mail:
    values = {"to": "ada@example.net", "sender": SENDER, "subject": "Jobs", "text": "Hello Zoë\n", "html": "<p>Hello Zoë</p>\n"}
    values |= {
        "message_id": message_id("1a-k3w5k3w5k3w5", "digest", 42, "2026-W47", "joblark.example.org"),
        "headers": {
            **list_headers(LEAVE, SENDER),
            **feedback_header("2026-W47", "jobs.example.org", "digest"),
            **auto_headers(),
        },
    }
    return Mail(**(values | given_))


def sent(**given_: Any) -> EmailMessage:
    """The mail as a mail program reads it from the wire."""
    message = message_from_bytes(to_bytes(mail(**given_), NOW), policy=policy.default)
    assert not message.defects
    return message


def test_text_first_and_html_after_it() -> None:
    message = sent()

    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert [part.get_content() for part in message.iter_parts()] == ["Hello Zoë\r\n", "<p>Hello Zoë</p>\r\n"]


def test_headers_let_a_mail_program_offer_to_leave() -> None:
    message = sent()

    assert list(message.keys()) == EXPECTED
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "Job digests <digest.joblark.example.org>"
    assert message["Date"].datetime == NOW


def test_a_long_unsubscribe_link_is_neither_folded_nor_encoded() -> None:
    wire = to_bytes(mail(), NOW).decode()

    assert f"\r\nList-Unsubscribe: <{LEAVE}>\r\n" in wire


def test_the_same_mail_is_the_same_bytes() -> None:
    assert to_bytes(mail(), NOW) == to_bytes(mail(), NOW)


def test_a_confirmation_offers_no_way_to_leave_a_list_one_is_not_on() -> None:
    assert sent(headers=auto_headers())["List-Unsubscribe"] is None
    assert sent(headers=auto_headers())["Auto-Submitted"] == "auto-generated"


def lines(wire: bytes) -> list[bytes]:
    """The lines of a mail; each ends in CRLF, and neither CR nor LF stands anywhere else."""
    assert wire.endswith(b"\r\n")
    assert not {13, 10} & set(wire.replace(b"\r\n", b""))
    return wire.split(b"\r\n")


@pytest.mark.parametrize("html", ["<p>" + "é" * 5_000, "<p>" + "x" * 5_000, "<p>\r\n\tx \ry\n", "\x00\x0b\x85\u2028"])
def test_every_line_can_be_carried_by_any_server(html: str) -> None:
    wire = to_bytes(mail(html=html, text="x" * 5_000), NOW)

    assert wire.isascii()
    assert b"\x00" not in wire
    assert max(map(len, lines(wire))) <= 998


def test_a_page_that_any_server_can_carry_goes_out_as_it_is() -> None:
    page = "<p>\n" + "x" * 997 + "\n\tpay &gt; 100</p>\n"
    parts = [part["Content-Transfer-Encoding"] for part in sent(html=page, text="20 % = 1/5 \n").iter_parts()]

    assert parts == ["quoted-printable", "7bit"]
    assert page.replace("\n", "\r\n").encode() in to_bytes(mail(html=page), NOW)


def test_a_part_that_looks_like_the_end_of_the_mail_does_not_end_it() -> None:
    end = lines(to_bytes(mail(), NOW))[-2].decode()
    forged = f"one\n{end}\nContent-Type: text/html\n\n{end.removesuffix('--')}\ntwo\n"

    parts = list(sent(text=forged, html=forged).iter_parts())

    assert end.startswith("--=_")
    assert [part.get_content() for part in parts] == [forged.replace("\n", "\r\n")] * 2


def test_half_a_character_becomes_a_question_mark() -> None:
    """A board's JSON may hold one; it would stop the mail at every attempt."""
    message = sent(subject="a\ud800b", text="c\ud800d", html="e\udfff")

    assert message["Subject"] == "a b"
    assert [part.get_content() for part in message.iter_parts()] == ["c?d", "e?"]


def wire_lines(text: str) -> str:
    """`text` as it comes out of a mail: every line ends in CRLF, and what is no character is a question mark."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
    return unified.encode("utf-8", "replace").decode()


WORDS = st.text() | st.text(alphabet=st.sampled_from(' \t\r\n.=?_-é→\U0001f426aA<>&"\\,;:()@\x00\x0b\x7f\u2028'), max_size=200)
ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=300) | WORDS | WORDS.map(lambda text: text * 40)


@settings(max_examples=1_000, deadline=None)
@given(subject=ANY, name=ANY, text=ANY, html=ANY)
def test_whatever_is_in_a_mail_arrives_as_it_was(subject: str, name: str, text: str, html: str) -> None:
    sender = one_line(re.sub("[<>@]", "", one_line(name)).strip(' "'))
    wire = to_bytes(mail(subject=subject, sender=f"{sender} <digest@joblark.example.org>", text=text, html=html), NOW)
    message = message_from_bytes(wire, policy=policy.default)

    assert not [defect for part in message.walk() for defect in part.defects]
    assert list(message.keys()) == EXPECTED
    assert [part.get_content() for part in message.iter_parts()] == [wire_lines(text), wire_lines(html)]
    assert read_words(wire, "Subject") == one_line(subject)
    assert read_words(wire, "From") == (f"{sender} <digest@joblark.example.org>" if sender else "digest@joblark.example.org")
    assert message["From"].addresses[0].addr_spec == "digest@joblark.example.org"
    assert all(len(line) <= 998 for line in lines(wire))
    assert all(len(line) <= 76 for line in wire.partition(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line)


@pytest.mark.parametrize(
    ("value", "folded"),
    [
        ("", "Subject:"),
        ("word " * 20, "Subject: " + " ".join(["word"] * 13) + "\r\n " + " ".join(["word"] * 7)),
        ("x" * 900, "Subject: " + "x" * 900),
        ("Go =?utf-8?q?Bcc:?=", "Subject: =?utf-8?q?Go_=3D=3Futf-8=3Fq=3FBcc=3A=3F=3D?="),
        ("Entwickler für Köln", "Subject: =?utf-8?q?Entwickler_f=C3=BCr_K=C3=B6ln?="),
        ("東京のエンジニア", "Subject: =?utf-8?b?5p2x5Lqs44Gu44Ko44Oz44K444OL44Ki?="),
    ],
)
def test_a_header_is_folded_at_blanks_or_encoded(value: str, folded: str) -> None:
    assert header("Subject", value) == folded + "\r\n"


def test_a_word_longer_than_a_line_may_be_is_encoded() -> None:
    lines_ = header("Subject", "x" * 901).split("\r\n")

    assert all(line.lstrip().removeprefix("Subject: ").startswith("=?utf-8?q?") for line in lines_[:-1])
    assert max(map(len, lines_)) <= 76


@pytest.mark.parametrize("name", ["", "Bad Name", "Bad:", "Bad\r\nBcc", "é", "x" * 61])
def test_what_cannot_name_a_header_is_refused(name: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        to_bytes(mail(headers={name: "x"}), NOW)

    assert caught.value.code == "header_invalid"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Joblark", "Joblark"),
        ("Joblark, Singapore", '"Joblark, Singapore"'),
        ('A "B" \\ C', r'"A \"B\" \\ C"'),
        ("Jöblark", "=?utf-8?q?J=C3=B6blark?="),
    ],
)
def test_a_name_is_written_as_simply_as_it_can_be(name: str, shown: str) -> None:
    sender = f"{name} <digest@joblark.example.org>"

    assert f"From: {shown} <digest@joblark.example.org>\r\n".encode() in to_bytes(mail(sender=sender), NOW)
    assert sent(sender=sender)["From"].addresses[0].display_name == name


def test_feedback_is_counted_for_many_mails_and_never_for_one() -> None:
    assert feedback_header("2026-W47", "jobs.example.org", "digest") == {
        "Feedback-ID": "2026-W47:jobs.example.org:digest:joblark"
    }
    assert feedback_header("a:b\r\nBcc: x", "", "ö")["Feedback-ID"] == "a-b-Bcc-x::-:joblark"


def read_words(wire: bytes, name: str) -> str:
    """A header as the older half of the standard library reads it; the newer one loses blanks between encoded words."""
    found = message_from_bytes(wire)[name].replace("\r\n", "")
    phrase, _, address = found.rpartition("<") if name == "From" and "<" in found else (found, "", "")
    text = "".join(
        words if isinstance(words, str) else words.decode(charset or "ascii") for words, charset in decode_header(phrase)
    )
    if text.strip().startswith('"') and name == "From" and "=?" not in phrase:
        text = re.sub(r"\\(.)", r"\1", text.strip()[1:-1]) + " "
    return text + f"<{address}" if address else text


HOSTILE = "Backend Engineer\r\nBcc: eve@example.org\r\n\r\n<script>"


@pytest.mark.parametrize("field", ["subject", "sender", "message_id", "text", "html"])
def test_no_field_can_start_a_header_of_its_own(field: str) -> None:
    value = f"{HOSTILE} <digest@joblark.example.org>" if field == "sender" else HOSTILE
    if field == "sender":
        with pytest.raises(UnreadableInput):
            to_bytes(mail(sender=value), NOW)
        return
    message = sent(**{field: value})

    assert list(message.keys()) == EXPECTED
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@example.net"]


def test_a_hostile_value_of_a_header_stays_that_value() -> None:
    message = sent(headers={"List-Id": "x\r\nBcc: eve@example.org", "X-Reason": "y\nBcc: eve@example.org"})

    assert message["Bcc"] is None
    assert message["X-Reason"] == "y Bcc: eve@example.org"


def test_the_message_id_is_that_of_the_ledger() -> None:
    first = message_id("1a", "digest", 42, "2026-W47", "joblark.example.org")

    assert first == message_id("1a", "digest", 42, "2026-W47", "joblark.example.org")
    others = {
        message_id("1a", *other, "joblark.example.org") for other in [("confirm", 42, "2026-W47"), ("digest", 4, "2026-W47")]
    }
    assert len(others | {first, message_id("1a", "digest", 42, "2026-W48", "joblark.example.org")}) == 4
    assert first.startswith("<1a.")
    assert first.endswith("@joblark.example.org>")


def test_a_message_id_tells_which_mail_it_was_to_us_alone() -> None:
    signed = mail_name(46, "a secret")
    found = message_id(signed, "digest", 42, "2026-W47", "joblark.example.org")

    assert found.startswith(f"<{signed}.")
    assert named_mail(found, "a secret") == 46
    assert named_mail(found, "another secret") is None


@pytest.mark.parametrize(
    "line", ["ada@example.net", "Ada <ada@example.net>", "<ada@example.net>", '"Obi, Ada" <ada@example.net> ']
)
def test_an_address_is_found_in_a_from_line(line: str) -> None:
    assert address_of(line) == "ada@example.net"


def test_an_international_domain_is_written_in_ascii() -> None:
    assert address_of("ada@bücher.example") == "ada@xn--bcher-kva.example"
    assert domain_of("Ada <ada@Example.NET>") == "example.net"


@pytest.mark.parametrize(
    "line",
    ["", "ada", "ada@", "@example.net", "ada@example.net, eve@example.org", "ada@example.net\nBcc: eve@example.org",
     "a b@c.de", "ada@example.net>", "Ada <ada@example.net> x",
     "zoë@example.net", "ada@exa mple.net", "ada@example..net", "a" * 65 + "@example.net", "ada@" + "ü" * 99 + ".example"],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_without_repeating_it(line: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        to_bytes(mail(to=line), NOW)

    assert caught.value.code == "address_invalid"
    assert "example" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["mailto:leave@example.org", "https://a.example/x\r\nBcc: y", "https://a.example/<x>", "", "https://ä.example"]
)
def test_only_a_plain_web_address_can_be_the_way_to_leave(url: str) -> None:
    with pytest.raises(UnreadableInput):
        list_headers(url, SENDER)
