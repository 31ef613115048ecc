"""What counts as an address, and what must never reach a header."""

import pytest

from services.web.address import masked, parse_email
from shared.errors import UnreadableInput


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ana@example.org", "ana@example.org"),
        ("  Ana.Lim+jobs@Example.ORG \n", "ana.lim+jobs@example.org"),
        ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_read_as_one_mailbox(typed: str, expected: str) -> None:
    assert parse_email(typed) == expected
    assert parse_email(expected) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "ana",
        "@example.org",
        "ana@",
        "ana@localhost",
        "ana@example.org\nBcc: eve@example.org",
        "ana@example.org\r\nSubject: hello",
        "ana\n@example.org",
        "ana@example.org, eve@example.org",
        "Ana <ana@example.org>",
        "ana@@example.org",
        "ana..lim@example.org",
        ".ana@example.org",
        "ana@-example.org",
        "ana@example.org.",
        "ana@exa mple.org",
        "ana@127.0.0.1",
        "ana@[127.0.0.1]",
        '"a b"@example.org',
        "añа@example.org",
        "a" * 65 + "@example.org",
        "ana@" + "a" * 64 + ".org",
        "ana@" + ".".join(["a" * 60] * 5) + ".org",
        "ana@example.org\x00",
        "ana@\ud800.org",
    ],
)
def test_anything_else_is_refused_without_repeating_it(typed: str) -> None:
    with pytest.raises(UnreadableInput) as caught:
        parse_email(typed)
    assert caught.value.code == "email_invalid"
    assert "example.org\n" not in str(caught.value)
    assert "eve" not in str(caught.value)


def test_a_masked_address_keeps_its_first_letter_and_its_domain() -> None:
    assert masked("ana@example.org") == "a•••@example.org"
