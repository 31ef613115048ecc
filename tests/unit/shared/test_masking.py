"""What a server says is fit for a log: one short line, and nobody's address in it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.masking import LONGEST, masked


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("550 <ada.obi@example.net>: no such user", "550 <[address]>: no such user"),
        ("550 User ADA.OBI unknown", "550 User [address] unknown"),
        ("450 greylisted\nsee eve@example.org", "450 greylisted see [address]"),
        ("250 2.0.0 Ok: queued as 7A1F", "250 2.0.0 Ok: queued as 7A1F"),
        ("550 \udcff\x07bell", "550 \ufffd bell"),
    ],
)
def test_a_reply_is_one_line_without_addresses(reply: str, kept: str) -> None:
    assert masked(reply, "ada.obi@example.net") == kept


def test_a_reply_is_bounded() -> None:
    assert len(masked("550 " + "no " * 9_000)) == LONGEST


def test_who_is_named_by_no_address_changes_nothing() -> None:
    assert masked("550 (no such user).", "", "not an address") == "550 (no such user)."


@given(st.text(max_size=4_000), st.emails())
def test_masked_is_one_short_line_without_addresses(text: str, address: str) -> None:
    line = masked(f"{text} <{address}> {text}", address)
    assert len(line) <= LONGEST
    assert line.isprintable()
    assert not re.search(r"[a-z0-9]@[a-z0-9]", line, re.IGNORECASE)
