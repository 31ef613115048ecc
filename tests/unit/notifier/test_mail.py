"""The wire form of a mail: its headers, and that nobody else can write one."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifier.mail import Mail, address_of, auto_headers, domain_of, list_headers, message_id, to_message
from shared.errors import UnreadableInput

NOW = datetime(2026, 11, 21, 0, 5, tzinfo=UTC)
SENDER = "Joblark <digest@joblark.example.org>"
LEAVE = "https://joblark.example.org/unsubscribe/" + "x" * 120
EXPECTED = [
    "From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted",
    "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(**given_: Any) -> Mail:
    values = {"to": "ada@example.net", "sender": SENDER, "subject": "Jobs", "text": "Hello Zoë\n", "html": "<p>Hello Zoë</p>\n"}
    values |= {
        "message_id": message_id("digest", 42, "2026-W47", "joblark.example.org"),
        "headers": list_headers(LEAVE, SENDER),
    }
    return Mail(**(values | given_))


def sent(**given_: Any) -> EmailMessage:
    """The mail as a mail program reads it from the wire."""
    message = message_from_bytes(to_message(mail(**given_), NOW).as_bytes(), policy=policy.default)
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
    wire = to_message(mail(), NOW).as_bytes().decode()

    assert f"\r\nList-Unsubscribe: <{LEAVE}>\r\n" in wire


def test_the_same_mail_is_the_same_bytes() -> None:
    assert to_message(mail(), NOW).as_bytes() == to_message(mail(), NOW).as_bytes()


def test_a_confirmation_offers_no_way_to_leave_a_list_one_is_not_on() -> None:
    assert sent(headers=auto_headers())["List-Unsubscribe"] is None
    assert sent(headers=auto_headers())["Auto-Submitted"] == "auto-generated"


def test_every_line_can_be_carried_by_any_server() -> None:
    wire = to_message(mail(html="<p>" + "é" * 5_000, text="x" * 5_000), NOW).as_bytes()

    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) < 998
    assert b"\n" not in wire.replace(b"\r\n", b"")


HOSTILE = "Backend Engineer\r\nBcc: eve@example.org\r\n\r\n<script>"


@pytest.mark.parametrize("field", ["subject", "sender", "message_id", "text", "html"])
def test_no_field_can_start_a_header_of_its_own(field: str) -> None:
    value = f"{HOSTILE} <digest@joblark.example.org>" if field == "sender" else HOSTILE
    if field == "sender":
        with pytest.raises(UnreadableInput):
            to_message(mail(sender=value), NOW)
        return
    message = sent(**{field: value})

    assert list(message.keys()) == EXPECTED
    assert [address.addr_spec for address in message["To"].addresses] == ["ada@example.net"]


def test_a_hostile_value_of_a_header_stays_that_value() -> None:
    message = sent(headers={"List-Id": "x\r\nBcc: eve@example.org", "X-Reason": "y\nBcc: eve@example.org"})

    assert message["Bcc"] is None
    assert message["X-Reason"] == "y Bcc: eve@example.org"


@given(st.text(max_size=300))
def test_any_subject_arrives_as_one_line(subject: str) -> None:
    message = sent(subject=subject)

    assert list(message.keys()) == EXPECTED
    assert "".join(message["Subject"].split()) == "".join("".join(c if c.isprintable() else " " for c in subject).split())


def test_the_message_id_is_that_of_the_ledger() -> None:
    first = message_id("digest", 42, "2026-W47", "joblark.example.org")

    assert first == message_id("digest", 42, "2026-W47", "joblark.example.org")
    others = {message_id(*other, "joblark.example.org") for other in [("confirm", 42, "2026-W47"), ("digest", 4, "2026-W47")]}
    assert len(others | {first, message_id("digest", 42, "2026-W48", "joblark.example.org")}) == 4
    assert first.startswith("<")
    assert first.endswith("@joblark.example.org>")


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
        to_message(mail(to=line), NOW)

    assert caught.value.code == "address_invalid"
    assert "example" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["mailto:leave@example.org", "https://a.example/x\r\nBcc: y", "https://a.example/<x>", "", "https://ä.example"]
)
def test_only_a_plain_web_address_can_be_the_way_to_leave(url: str) -> None:
    with pytest.raises(UnreadableInput):
        list_headers(url, SENDER)
