"""Senders are found, not listed; what a server says is fit for a log."""

import pytest
from aiosmtplib import SMTPResponseException

from services.notifier.senders import by_name, sender_kinds
from services.notifier.senders.replies import masked, refused
from services.notifier.senders.smtp import SENDER
from shared.errors import Conflict


def test_a_module_that_declares_a_sender_is_one() -> None:
    assert sender_kinds()["smtp"] is SENDER
    assert sender_kinds().keys() - {"apprise"} == {"smtp"}


def test_two_senders_of_one_name_stop_the_start() -> None:
    with pytest.raises(Conflict, match="'smtp'"):
        by_name([SENDER, SENDER])


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
    assert len(masked("550 " + "no " * 9_000)) <= 300


def test_what_is_no_reply_is_no_refusal() -> None:
    error = refused("message", SMTPResponseException(-1, "Malformed SMTP response line: hello"))

    assert (error.code, error.retry, error.smtp_code) == ("smtp_unreachable", True, None)
